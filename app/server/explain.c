/* SPDX-License-Identifier: MIT */
/* A narrator for each connection, and a number, so that what several clients do can be told apart. A step's lines are
 * held together by a lock: it is taken at the first and given back after the last. (The log goes by it, and may come
 * between two lines.) A slow reader is given a second; for one that has stopped reading nobody waits, as in log.c:
 * lines are left out, and counted, until there is room again. */
#include "app/server/explain.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/dissect/narrator.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

struct explain {
    struct narrator narrator;
    struct handshake_config config;
    unsigned long number;
    bool locked;
};

/* The loop's thread alone changes them. */
static unsigned long came;
static unsigned told_now;

/* --- To stderr, waiting for nobody long --------------------------------------------------------------------------- */

#define PATIENCE_MS 1000

static pthread_mutex_t telling = PTHREAD_MUTEX_INITIALIZER; /* for these two, and for what is written */
static unsigned left_out;                                   /* lines since the last that was written */
static bool torn;                                           /* of that one only a part was */

/* Part of a line, or all of it: only commands that --explain-full shows are longer, and the log can come in between.
 * A pipe that is reported as writable takes PIPE_BUF bytes without waiting. */
struct piece {
    bool refused;
    size_t len;
    char bytes[PIPE_BUF];
};

static void write_piece(struct piece *p)
{
    struct pollfd to = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (p->refused || p->len == 0)
        return;
    ssize_t n = poll(&to, 1, left_out > 0 ? 0 : PATIENCE_MS) == 1 && (to.revents & POLLOUT) != 0
                    ? write(to.fd, p->bytes, p->len)
                    : 0;
    if (n > 0)
        torn = p->bytes[n - 1] != '\n';
    p->refused = n != (ssize_t)p->len;
    p->len = 0;
}

static void to_piece(void *arg, const char *bytes, size_t len)
{
    struct piece *p = arg;
    if (p->len + len > sizeof p->bytes)
        write_piece(p);
    memcpy(p->bytes + p->len, bytes, len);
    p->len += len;
}

/* A whole line, or false. */
static bool put_line(const char *text, size_t len)
{
    struct piece piece;
    struct line_wrap wrap = display_of(STDERR_FILENO);
    piece.refused = false;
    piece.len = 0;
    if (torn)
        to_piece(&piece, "\n", 1);
    wrap.put = to_piece;
    wrap.arg = &piece;
    line_wrap_print(&wrap, text, len);
    write_piece(&piece);
    ct_wipe(piece.bytes, sizeof piece.bytes);
    return !piece.refused;
}

/* With the lock held. */
static __attribute__((format(printf, 1, 2))) void tell(const char *format, ...)
{
    static char text[NARRATOR_LINE_MAX + 64]; /* under the lock */
    va_list values;
    va_start(values, format);
    int len = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    char missing[80];
    int missing_len = snprintf(missing, sizeof missing, "explain: %u lines were left out here: nobody read them",
                               left_out);
    bool caught_up = left_out == 0 || put_line(missing, (size_t)missing_len);
    if (caught_up)
        left_out = 0;
    if (!caught_up || len < 0 || !put_line(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1))
        left_out++;
    ct_wipe(text, sizeof text);
}

static void line(void *arg, const char *text)
{
    struct explain *e = arg;
    if (!e->locked)
        pthread_mutex_lock(&telling);
    e->locked = true;
    tell(text[0] == '\0' ? "explain %lu:%s" : "explain %lu: %s", e->number, text);
}

static void end(void *arg)
{
    struct explain *e = arg;
    if (e->locked)
        pthread_mutex_unlock(&telling);
    e->locked = false;
}

static void announce(unsigned long number, const char *what, const char *peer, const char *more)
{
    pthread_mutex_lock(&telling);
    tell("explain %lu: %s%s%s", number, what, peer, more);
    pthread_mutex_unlock(&telling);
}

/* --- A connection ------------------------------------------------------------------------------------------------- */

struct explain *explain_open(const struct handshake_config *standard, const char *peer, bool full)
{
    unsigned long number = ++came;
    bool room = told_now < EXPLAIN_CONNECTIONS_MAX;
    struct explain *e = room ? malloc(sizeof *e) : NULL;
    if (e == NULL) {
        announce(number, "a client came from ", peer,
                 room ? ", and is not told: there is no memory" : ", and is not told: there are too many");
        return NULL;
    }
    told_now++;
    e->number = number;
    e->locked = false;
    e->config = *standard;
    e->config.trace = &e->narrator.trace;
    announce(number, "a client came from ", peer, "");
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
    announce(e->number, "the connection is over", "", "");
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
