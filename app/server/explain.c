/* SPDX-License-Identifier: MIT */
/* A narrator for each connection, and a number, so that what several clients do can be told apart. A step's lines are
 * held together by stderr's own lock: it is taken at the first and given back after the last. (The log goes by it, and
 * may come between two lines.) */
#include "app/server/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/dissect/narrator.h"
#include "app/terminal/display.h"

struct explain {
    struct narrator narrator;
    struct handshake_config config;
    unsigned long number;
    bool locked;
};

/* The loop's thread alone changes them. */
static unsigned long came;
static unsigned told_now;

static void line(void *arg, const char *text)
{
    struct explain *e = arg;
    if (!e->locked)
        flockfile(stderr);
    e->locked = true;
    if (text[0] == '\0')
        (void)display_line(stderr, "explain %lu:", e->number);
    else
        (void)display_line(stderr, "explain %lu: %s", e->number, text);
}

static void end(void *arg)
{
    struct explain *e = arg;
    if (e->locked)
        funlockfile(stderr);
    e->locked = false;
}

struct explain *explain_open(const struct handshake_config *standard, const char *peer, bool full)
{
    unsigned long number = ++came;
    bool room = told_now < EXPLAIN_CONNECTIONS_MAX;
    struct explain *e = room ? malloc(sizeof *e) : NULL;
    if (e == NULL) {
        (void)display_line(stderr, "explain %lu: a client came from %s, and is not told: there %s", number, peer,
                           room ? "is no memory" : "are too many");
        return NULL;
    }
    told_now++;
    e->number = number;
    e->locked = false;
    e->config = *standard;
    e->config.trace = &e->narrator.trace;
    (void)display_line(stderr, "explain %lu: a client came from %s", number, peer);
    narrator_init(&e->narrator, &(struct narrator_config){.role = HANDSHAKE_SERVER,
                                                          .full = full,
                                                          .full_option = "--explain-full",
                                                          .masked = true,
                                                          .line = line,
                                                          .end = end,
                                                          .arg = e});
    return e;
}

const struct handshake_config *explain_config(const struct explain *e, const struct handshake_config *standard)
{
    return e != NULL ? &e->config : standard;
}

void explain_close(struct explain *e)
{
    if (e == NULL)
        return;
    narrator_wipe(&e->narrator);
    (void)display_line(stderr, "explain %lu: the connection is over", e->number);
    free(e);
    told_now--;
}

void explain_warn(void)
{
    (void)display_line(stderr, "explain: WARNING: what follows has the keys of every connection: whoever sees it and "
                               "what crossed the wire reads all");
    (void)display_line(stderr, "explain: that is said, passwords too. For a server to be looked at, never for one that "
                               "people use.");
    (void)display_line(stderr, "explain: " NARRATOR_REFERENCES);
}
