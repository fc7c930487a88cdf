/* SPDX-License-Identifier: MIT */
/* What both sides of a played session trace is kept, in order. */
#include "app/workbench/figures/example.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/played_session.h"

#define VALUES_MAX 64    /* of each side */
#define BEGIN 1735689600 /* 2025-01-01T00:00:00Z */
#define YEAR 31536000

struct example {
    struct example_value values[2][VALUES_MAX]; /* by enum handshake_role */
    size_t count[2];
};

static void *memory(size_t len)
{
    void *p = calloc(1, len);
    if (p == NULL)
        args_fail("no memory for an example of a conversation");
    return p;
}

static void note(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    struct example *e = arg;
    assert(e->count[side] < VALUES_MAX);
    struct example_value *v = &e->values[side][e->count[side]++];
    snprintf(v->name, sizeof v->name, "%s", name);
    v->data = memory(len + 1);
    memcpy(v->data, data, len);
    v->len = len;
}

static int play(struct played_session *p, const struct played_session_plan *plan)
{
    if (played_session_begin(p, plan) != 0 || played_session_say(p, HANDSHAKE_CLIENT, "hello", 5) != 0)
        return -1;
    if (played_session_update(p, HANDSHAKE_CLIENT) != 0 || played_session_say(p, HANDSHAKE_CLIENT, "hello", 5) != 0)
        return -1;
    return played_session_say(p, HANDSHAKE_SERVER, "welcome", 7);
}

struct example *example_new(void)
{
    struct example *e = memory(sizeof *e);
    const struct played_session_plan plan = {.seeds = "",
                                             .key = "the server of the pictures",
                                             .name = "localhost",
                                             .not_before = BEGIN,
                                             .not_after = BEGIN + 10LL * YEAR,
                                             .event = note,
                                             .arg = e};
    struct played_session p;
    int played = play(&p, &plan);
    assert(played == 0);
    (void)played;
    played_session_end(&p);
    return e;
}

const struct example_value *example_value(const struct example *e, enum handshake_role role, const char *name,
                                          size_t nth)
{
    const struct example_value *v = e->values[role], *end = v + e->count[role];
    while (v < end && (strcmp(v->name, name) != 0 || nth-- > 0))
        v++;
    assert(v < end);
    return v;
}

void example_free(struct example *e)
{
    for (int role = 0; role < 2; role++)
        for (size_t i = 0; i < e->count[role]; i++)
            free(e->values[role][i].data);
    free(e);
}
