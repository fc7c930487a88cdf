/* SPDX-License-Identifier: MIT */
/* Two sessions in memory (tests/talk.h), both ends watched at once: private exponents, Z, prk, the two secrets, the
 * keys made of them, the long-term keys and the messages are secret, and between users all that the ratchet has. What
 * crosses the wire is published as it crosses, and the copies of it that a handshake keeps to hash: its frames, and T,
 * which is their hash. */
#include <stdint.h>
#include <string.h>

#include "tests/ct/check.h"
#include "tests/ct/secret.h"
#include "tests/talk.h"

static struct talk t; /* large */

static void secret_identity(const char *who)
{
    struct identity *identity = (struct identity *)(uintptr_t)keys_identity(who); /* this process's own copy */
    secret_mark(&identity->key, sizeof identity->key);
    secret_publish(identity->key.n, sizeof identity->key.n);
}

static void publish_wire(struct talk_side *side)
{
    secret_publish(side->wire, side->out.len);
    secret_publish(side->hs.client_frame, sizeof side->hs.client_frame);
    secret_publish(side->hs.server_frame, sizeof side->hs.server_frame);
    secret_publish(side->hs.transcript, sizeof side->hs.transcript);
}

static enum session_event carry(struct talk_side *from, struct talk_side *to)
{
    publish_wire(from);
    return talk_carry(from, to);
}

static void traced_nth(const struct talk_side *side, const char *name, size_t nth)
{
    const struct talk_value *v = talk_value(side, name, nth);
    check_output(v->data, v->len);
}

static void traced(const struct talk_side *side, const char *name)
{
    traced_nth(side, name, 0);
}

/* Between users after a step, where one is due. */
static void say(struct talk_side *from, struct talk_side *to)
{
    uint8_t text[50];
    check_secret(text, sizeof text);
    if (session_step_due(&from->session))
        talk_step(from);
    check_that(session_send(&from->session, &from->rng, from->now, &from->out, text, sizeof text) == NET_OK,
               "nothing was sent");
    check_that(carry(from, to) == SESSION_MESSAGE && to->msg.len == sizeof text, "no message came");
    check_output(to->msg.payload, to->msg.len);
}

static void establish(void)
{
    talk_start(&t);
    check_that(carry(&t.client, &t.server) == SESSION_MORE, "the ClientHello was not answered");
    check_that(carry(&t.server, &t.client) == SESSION_ESTABLISHED, "the client is not established");
    check_that(carry(&t.client, &t.server) == SESSION_ESTABLISHED, "the server is not established");
}

/* A KeyUpdate, with a user's server. */
static void update(void)
{
    check_that(session_update(&t.client.session, &t.client.rng, t.client.now, &t.client.out) == NET_OK, "no update");
    say(&t.client, &t.server);
}

/* The ratchet of a call: steps of both, and what each of them has come to. Its root is traced as it is at first, and
 * after each step. */
static void steps(void)
{
    for (int i = 0; i < 2; i++) {
        say(&t.client, &t.server);
        say(&t.server, &t.client);
    }
    check_that(t.client.ratchet.n == 5 && t.server.ratchet.n == 5, "steps are missing");
    for (int i = 0; i < 2; i++) {
        const struct talk_side *side = i == 0 ? &t.client : &t.server;
        for (size_t n = 0; n < 5; n++) {
            traced_nth(side, "step_Z", n);
            traced_nth(side, "step_t", n);
            traced_nth(side, "root", n);
        }
        traced_nth(side, "step_private", 0);
        traced_nth(side, "step_private", 1);
    }
    check_output(t.server.ratchet.latest.x, t.server.ratchet.latest.group->x_len);
    check_output(t.server.session.send.secret, sizeof t.server.session.send.secret);
    check_output(t.server.session.receive.secret, sizeof t.server.session.receive.secret);
}

static void handshake(const void *arg)
{
    enum handshake_kind kind = *(const enum handshake_kind *)arg;
    talk_init(&t, kind);
    check_rng(&t.client.rng);
    check_rng(&t.client.work_rng);
    check_rng(&t.server.rng);
    check_rng(&t.server.work_rng);
    secret_identity("server");
    secret_identity("alice");
    secret_identity("bob");
    establish();
    say(&t.client, &t.server);
    say(&t.server, &t.client);
    if (kind == HANDSHAKE_USER_SERVER)
        update();
    for (int i = 0; i < 2; i++) {
        const struct talk_side *side = i == 0 ? &t.client : &t.server;
        traced(side, i == 0 ? "client_private" : "server_private");
        traced(side, "Z");
        traced(side, "prk");
        traced(side, "c_secret");
        traced(side, "s_secret");
        traced(side, "enc_key");
        traced(side, "mac_key");
    }
    if (kind == HANDSHAKE_USER_USER)
        steps();
    check_that(session_close(&t.client.session, &t.client.rng, &t.client.out) == NET_OK, "no Close");
    check_that(carry(&t.client, &t.server) == SESSION_CLOSED, "no Close came");
    talk_end(&t);
}

void check_handshake(void)
{
    static const enum handshake_kind kinds[] = {HANDSHAKE_USER_SERVER, HANDSHAKE_USER_USER};
    keys_identity("server");
    keys_identity("alice");
    keys_identity("bob");
    check_run(CHECK_CODE, "session", "user and server", handshake, &kinds[0]);
    check_run(CHECK_CODE, "session", "user and user", handshake, &kinds[1]);
}
