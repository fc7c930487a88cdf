/* SPDX-License-Identifier: MIT */
/* An open call without the handshake before it, which would be too slow for a fuzzer; and its peer's session, with the
 * right keys. The keys are the same in every run.
 *
 * Use it:      open_call(&c, &peer, now, "me", "peer", id, caller);
 *              open_call_read(&peer, &out);                           what c has sent
 */
#ifndef TESTS_FUZZ_OPEN_CALL_H
#define TESTS_FUZZ_OPEN_CALL_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/peer/call.h"
#include "app/workbench/rng_fixed.h"

struct open_peer {
    struct session session;
    struct ratchet ratchet;
    struct rng rng;
    bool ack_due; /* for whoever drives it: the sequence number of a text that it has read */
    uint64_t ack;
};

/* The state after step 0 of one side; made once. */
static inline const struct ratchet *open_call_ratchet(bool caller)
{
    static struct ratchet made[2];
    static const uint8_t root[HKDF_PRK_LEN] = {3};
    uint8_t payload[RATCHET_STEP_MAX];
    struct rng rng;
    if (made[1].begun)
        return &made[caller];
    rng_fixed_init(&rng, "step 0", 6);
    ratchet_init(&made[1], dh_group(DH_FFDHE2048), true, root, NULL);
    ratchet_init(&made[0], dh_group(DH_FFDHE2048), false, root, NULL);
    ratchet_make(&made[1]);
    ratchet_work(&made[1], &rng);
    int failed = ratchet_take(&made[0], payload, ratchet_payload(&made[1], payload));
    assert(failed == 0);
    ratchet_work(&made[0], &rng);
    ratchet_done(&made[0]);
    ratchet_done(&made[1]);
    return &made[caller];
}

static inline void open_call_session(struct session *s, struct ratchet *r, bool caller)
{
    static const uint8_t callers[RECORD_SECRET_LEN] = {1}, callees[RECORD_SECRET_LEN] = {2};
    memset(s, 0, sizeof *s);
    *r = *open_call_ratchet(caller);
    s->state = SESSION_STATE_OPEN;
    s->role = caller ? HANDSHAKE_CLIENT : HANDSHAKE_SERVER;
    s->suite = SUITE_AES128;
    s->group = DH_FFDHE2048;
    s->ratchet = r;
    record_init(&s->send, SUITE_AES128, caller ? callers : callees, NULL);
    record_init(&s->receive, SUITE_AES128, caller ? callees : callers, NULL);
    s->send.steps = s->receive.steps = true;
    s->send.sequence = s->receive.sequence = 2; /* behind Finished and a step */
}

static inline struct call *open_call(struct open_peer *peer, int64_t now, const char *me, const char *name,
                                     const uint8_t *id, bool caller)
{
    static const uint8_t groups[] = {DH_FFDHE2048}, suites[] = {SUITE_AES128};
    static struct identity nobody;
    const struct call_setup setup = {.me = me,
                                     .peer = name,
                                     .identity = &nobody,
                                     .suites = suites,
                                     .suites_len = 1,
                                     .groups = groups,
                                     .groups_len = 1,
                                     .caller = caller,
                                     .id = id};
    struct call *c = call_new(&setup, now);
    if (c == NULL)
        return NULL;
    free(c->handshake);
    c->handshake = NULL;
    open_call_session(&c->session, &c->ratchet, caller);
    open_call_session(&peer->session, &peer->ratchet, !caller);
    rng_fixed_init(&peer->rng, "peer", 4);
    peer->ack_due = false;
    c->phase = CALL_IS_OPEN;
    c->was_open = true;
    c->event = SESSION_MORE;
    return c;
}

/* The peer's session goes on until it waits for more. */
static inline enum session_event open_call_go(struct open_peer *peer, enum session_event event,
                                              struct session_buffer *out)
{
    while (event == SESSION_WORK) {
        session_work(&peer->session, &peer->rng);
        event = session_step(&peer->session, &peer->rng, 0, out);
    }
    return event;
}

/* What was sent to the peer is in order: it opens, Record by Record. */
static inline void open_call_read(struct open_peer *peer, const struct session_buffer *sent)
{
    uint8_t bytes[SESSION_OUT_MAX];
    struct session_buffer none = {.data = NULL};
    struct session_message msg;
    size_t at = 0, used;
    memcpy(bytes, sent->data, sent->len);
    while (at < sent->len) {
        enum session_event event = session_feed(&peer->session, &peer->rng, 0, bytes + at, sent->len - at, &used, &none,
                                                &msg);
        event = open_call_go(peer, event, &none);
        assert(event != SESSION_FAILED && used > 0);
        at += used;
    }
}

#endif
