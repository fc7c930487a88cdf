/* SPDX-License-Identifier: MIT */
/* Each step appends to one end's wire and carries that to the other end, whose last event must be the step's. */
#include "app/workbench/played_session.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "net/certificate.h"

#define NOW 0 /* of the clock of the sessions: no key gets old here */

static void report(void *arg, const char *name, const uint8_t *data, size_t len)
{
    const struct played_end *end = arg;
    end->plan->event(end->plan->arg, end->role, name, data, len);
}

static void seed_rng(struct rng *rng, const struct played_session_plan *plan, const char *what)
{
    char text[RNG_FIXED_SEED_MAX];
    rng_fixed_init(rng, text, (size_t)snprintf(text, sizeof text, "%s%s", plan->seeds, what));
}

static void begin_end(struct played_session *p, enum handshake_role role, const struct played_session_plan *plan)
{
    struct played_end *end = &p->end[role];
    bool client = role == HANDSHAKE_CLIENT;
    end->plan = plan;
    end->role = role;
    end->trace = (struct trace){.event = report, .arg = end};
    end->out = (struct session_buffer){.data = end->wire, .cap = sizeof end->wire};
    handshake_config_default(&end->config, role);
    end->config.trace = &end->trace;
    end->config.identity = client ? NULL : &p->identity;
    seed_rng(&end->work_rng, plan, client ? "client" : "server");
    seed_rng(&end->rng, plan, client ? "client iv" : "server iv");
    session_init(&end->session, &end->hs, &end->config);
}

/* The server's key and its certificate, signed by itself. */
static int make_identity(struct identity *identity, const struct played_session_plan *plan)
{
    struct rng rng;
    struct certificate c = {.role = CERTIFICATE_SERVER, .not_before = plan->not_before, .not_after = plan->not_after};
    snprintf(c.name, sizeof c.name, "%s", plan->name);
    seed_rng(&rng, plan, plan->key);
    rsa_generate(&identity->key, &rng);
    if (certificate_sign_self(&c, &identity->key, &rng) != NET_OK)
        return -1;
    identity->certificate_len = certificate_encode(identity->certificate, &c);
    return 0;
}

/* Does what an event asks for, and returns the first that asks for nothing. */
static enum session_event go_on(struct played_end *end, enum session_event event)
{
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_WORK) {
            session_work(&end->session, &end->work_rng);
            event = session_step(&end->session, &end->rng, NOW, &end->out);
        } else {
            event = session_accept(&end->session);
        }
    }
    return event;
}

/* Lets the other end take all that `sender` has sent; -1 unless that leads to the event, at its end. */
static int carry(struct played_session *p, enum handshake_role sender, enum session_event expected)
{
    struct played_end *from = &p->end[sender], *to = &p->end[1 - sender];
    enum session_event event = SESSION_MORE;
    for (size_t at = 0, used; at < from->out.len; at += used) {
        event = go_on(to, session_feed(&to->session, &to->rng, NOW, from->wire + at, from->out.len - at, &used,
                                       &to->out, &p->heard));
        if (event == SESSION_FAILED)
            return -1;
    }
    from->out.len = 0;
    return event == expected ? 0 : -1;
}

static int shake_hands(struct played_session *p)
{
    struct played_end *client = &p->end[HANDSHAKE_CLIENT], *server = &p->end[HANDSHAKE_SERVER];
    if (go_on(client, session_start(&client->session)) != SESSION_MORE ||
        session_start(&server->session) != SESSION_MORE)
        return -1;
    if (carry(p, HANDSHAKE_CLIENT, SESSION_MORE) != 0 || carry(p, HANDSHAKE_SERVER, SESSION_ESTABLISHED) != 0)
        return -1;
    return carry(p, HANDSHAKE_CLIENT, SESSION_ESTABLISHED);
}

int played_session_begin(struct played_session *p, const struct played_session_plan *plan)
{
    memset(p, 0, sizeof *p);
    begin_end(p, HANDSHAKE_CLIENT, plan);
    begin_end(p, HANDSHAKE_SERVER, plan);
    return make_identity(&p->identity, plan) == 0 ? shake_hands(p) : -1;
}

int played_session_say(struct played_session *p, enum handshake_role from, const void *payload, size_t len)
{
    struct played_end *end = &p->end[from];
    if (session_send(&end->session, &end->rng, NOW, &end->out, payload, len) != NET_OK ||
        carry(p, from, SESSION_MESSAGE) != 0)
        return -1;
    return p->heard.len == len && memcmp(p->heard.payload, payload, len) == 0 ? 0 : -1;
}

int played_session_update(struct played_session *p, enum handshake_role from)
{
    struct played_end *end = &p->end[from];
    if (session_update(&end->session, &end->rng, NOW, &end->out) != NET_OK)
        return -1;
    return carry(p, from, SESSION_MORE);
}

int played_session_close(struct played_session *p, enum handshake_role from)
{
    struct played_end *end = &p->end[from];
    return session_close(&end->session, &end->rng, &end->out) == NET_OK ? carry(p, from, SESSION_CLOSED) : -1;
}

void played_session_end(struct played_session *p)
{
    session_wipe(&p->end[HANDSHAKE_CLIENT].session);
    session_wipe(&p->end[HANDSHAKE_SERVER].session);
    rsa_wipe(&p->identity.key);
}
