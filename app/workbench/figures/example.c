/* SPDX-License-Identifier: MIT */
/* What one side appends to its wire, the other is fed. The work that a server would give to a thread is done at once,
 * and the client believes the server's key unseen: who it is does not matter to a picture. */
#include "app/workbench/figures/example.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/rng_fixed.h"
#include "net/session.h"

#define VALUES_MAX 64
#define BEGIN 1735689600 /* 2025-01-01T00:00:00Z */
#define YEAR 31536000

struct side {
    struct session session;
    struct handshake hs;
    struct handshake_config config;
    struct rng work_rng, rng; /* apart, so that no IV depends on how much a signature draws */
    struct trace trace;
    struct example_value values[VALUES_MAX];
    size_t count;
    uint8_t wire[2 * SESSION_OUT_MAX];
    struct session_buffer out;
};

struct example {
    struct side side[2]; /* by enum handshake_role */
    struct identity identity;
    uint8_t in[2 * SESSION_OUT_MAX];
};

static void *memory(size_t len)
{
    void *p = calloc(1, len);
    if (p == NULL)
        args_fail("no memory for an example of a conversation");
    return p;
}

static void note(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct side *s = arg;
    assert(s->count < VALUES_MAX);
    struct example_value *v = &s->values[s->count++];
    snprintf(v->name, sizeof v->name, "%s", name);
    v->data = memory(len + 1);
    memcpy(v->data, data, len);
    v->len = len;
}

static void make_identity(struct identity *identity)
{
    static const char seed[] = "the server of the pictures";
    struct certificate c = {
        .role = CERTIFICATE_SERVER, .name = "localhost", .not_before = BEGIN, .not_after = BEGIN + 10LL * YEAR};
    struct rng rng;
    rng_fixed_init(&rng, seed, sizeof seed - 1);
    rsa_generate(&identity->key, &rng);
    enum net_err err = certificate_sign_self(&c, &identity->key, &rng);
    assert(err == NET_OK);
    (void)err;
    identity->certificate_len = certificate_encode(identity->certificate, &c);
}

static void init_side(struct example *e, enum handshake_role role)
{
    struct side *s = &e->side[role];
    const char *seed = role == HANDSHAKE_CLIENT ? "client" : "server";
    rng_fixed_init(&s->work_rng, seed, strlen(seed));
    rng_fixed_init(&s->rng, role == HANDSHAKE_CLIENT ? "client iv" : "server iv", 9);
    s->out = (struct session_buffer){.data = s->wire, .cap = sizeof s->wire};
    s->trace = (struct trace){.event = note, .arg = s};
    handshake_config_default(&s->config, role);
    s->config.trace = &s->trace;
    s->config.identity = role == HANDSHAKE_SERVER ? &e->identity : NULL;
    session_init(&s->session, &s->hs, &s->config);
}

/* Goes on until it needs bytes. */
static enum session_event go(struct side *s, enum session_event event)
{
    while (event == SESSION_WORK || event == SESSION_PEER)
        if (event == SESSION_WORK) {
            session_work(&s->session, &s->work_rng);
            event = session_step(&s->session, &s->rng, 0, &s->out);
        } else {
            event = session_accept(&s->session);
        }
    return event;
}

/* All that `from` has sent. */
static void carry(struct example *e, enum handshake_role from)
{
    struct side *sender = &e->side[from], *s = &e->side[1 - from];
    size_t at = 0, len = sender->out.len, used;
    struct session_message msg;
    memcpy(e->in, sender->wire, len);
    sender->out.len = 0;
    while (at < len) {
        enum session_event event = session_feed(&s->session, &s->rng, 0, e->in + at, len - at, &used, &s->out, &msg);
        event = go(s, event);
        at += used;
        assert(event != SESSION_FAILED && (used > 0 || event != SESSION_MORE));
    }
}

static void say(struct example *e, enum handshake_role from, const char *text)
{
    struct side *s = &e->side[from];
    enum net_err err = session_send(&s->session, &s->rng, 0, &s->out, (const uint8_t *)text, strlen(text));
    assert(err == NET_OK);
    (void)err;
    carry(e, from);
}

struct example *example_new(void)
{
    struct example *e = memory(sizeof *e);
    struct side *client = &e->side[HANDSHAKE_CLIENT], *server = &e->side[HANDSHAKE_SERVER];
    make_identity(&e->identity);
    init_side(e, HANDSHAKE_CLIENT);
    init_side(e, HANDSHAKE_SERVER);
    (void)go(server, session_start(&server->session));
    (void)go(client, session_start(&client->session));
    carry(e, HANDSHAKE_CLIENT);
    carry(e, HANDSHAKE_SERVER);
    carry(e, HANDSHAKE_CLIENT);
    say(e, HANDSHAKE_CLIENT, "hello");
    enum net_err err = session_update(&client->session, &client->rng, 0, &client->out);
    assert(err == NET_OK);
    (void)err;
    say(e, HANDSHAKE_CLIENT, "hello");
    say(e, HANDSHAKE_SERVER, "welcome");
    return e;
}

const struct example_value *example_value(const struct example *e, enum handshake_role role, const char *name,
                                          size_t nth)
{
    const struct side *s = &e->side[role];
    size_t i = 0;
    while (i < s->count && (strcmp(s->values[i].name, name) != 0 || nth-- > 0))
        i++;
    assert(i < s->count);
    return &s->values[i];
}

void example_free(struct example *e)
{
    for (int role = 0; role < 2; role++) {
        session_wipe(&e->side[role].session);
        for (size_t i = 0; i < e->side[role].count; i++)
            free(e->side[role].values[i].data);
    }
    rsa_wipe(&e->identity.key);
    free(e);
}
