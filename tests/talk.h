/* SPDX-License-Identifier: MIT */
/* Two sessions and the wire between them, all in memory: what the tests of handshake and session drive and disturb.
 *
 * Use it:      struct talk t;
 *              talk_init(&t, HANDSHAKE_USER_SERVER);          change t.client.config and t.server.config here
 *              talk_establish(&t);
 *              talk_send(&t.client, "hello");                 what it sends is in t.client.out
 *              event = talk_take(&t.server, t.client.wire, t.client.out.len);
 *              talk_end(&t);
 */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include <stdbool.h>

#include "net/session.h"
#include "tests/keys.h"

#define TALK_EVENTS_MAX 512
#define TALK_ANSWER_MAX (2 * SESSION_OUT_MAX) /* bytes of all that a side sends at a time */

/* One traced value. */
struct talk_value {
    char name[24];
    uint8_t *data;
    size_t len;
};

struct talk_side {
    struct session session;
    struct handshake hs;
    struct ratchet ratchet;
    struct handshake_config config;
    struct rng work_rng; /* for session_work, as a worker thread has its own */
    struct rng rng;      /* for everything else: IVs alone */
    uint64_t now;
    bool refuse;           /* what to do in PEER */
    unsigned works, peers; /* how often WORK and PEER came */
    char peer_name[CERTIFICATE_NAME_MAX + 1];

    uint8_t wire[TALK_ANSWER_MAX]; /* what this side has sent and nobody has taken yet: out.data */
    struct session_buffer out;
    uint8_t in[2 * FRAME_MAX_LEN];
    size_t used;                /* of in, by the last talk_take */
    struct session_message msg; /* of the last SESSION_MESSAGE */

    struct trace trace; /* always on; the values traced, in order */
    struct talk_value values[TALK_EVENTS_MAX];
    size_t values_len;
};

struct talk {
    struct talk_side client, server;
};

/* Kind 1: the client and "server". Kind 2: alice calls bob. Group ffdhe2048 alone, because it is the fastest; suite 1.
 * The seeds are "client" and "server". */
void talk_init(struct talk *t, enum handshake_kind kind);

/* The same, and nothing is traced, so that a side can be copied and put back. */
void talk_init_untraced(struct talk *t, enum handshake_kind kind);

/* Restarts both fixed sources of a side: the one for work from seed, the one for IVs from seed and " iv", so that the
 * IVs don't depend on how much a signature's blinding draws. */
void talk_seed(struct talk_side *side, const char *seed);
void talk_seed_work(struct talk_side *side, const char *seed); /* the first of the two alone */

/* Calls session_init on both sides, with their configs as they are now; the client's ClientHello is in its wire. */
void talk_start(struct talk *t);

/* A handshake of that kind as far as the server's answer, its ServerHello and its Finished, which is copied to answer
 * too; returns its length. Nothing is traced. */
size_t talk_until_answer(struct talk *t, enum handshake_kind kind, uint8_t answer[static TALK_ANSWER_MAX]);

/* Puts a side back to where it was. Its wires stay, because copying them would take most of the time. */
void talk_put_back(struct talk_side *side, const struct talk_side *before);

/* The length of the frame that begins there, header included. */
size_t talk_frame_len(const uint8_t *frame);

/* Carries everything to and fro until both are established (asserted); both wires are empty then. */
void talk_establish(struct talk *t);

/* Does the work and the decisions that an event asks for, and returns the first event that is something else. */
enum session_event talk_go(struct talk_side *side, enum session_event event);

/* Copies bytes into the side's input and feeds it until there is an event other than work, a decision or MORE, or
 * nothing is left to feed. */
enum session_event talk_take(struct talk_side *side, const uint8_t *bytes, size_t len);

/* Lets `to` take all that `from` has sent, and empties from's wire. */
enum session_event talk_carry(struct talk_side *from, struct talk_side *to);

/* Kind 2: a step, into its wire; one must be due (asserted). */
void talk_step(struct talk_side *side);

/* The text, and before it the step that is due. */
void talk_send(struct talk_side *side, const char *text);

enum net_err talk_close(struct talk_side *side);

/* Seals any Record with a side's own keys, whatever its session's rules say, into its wire. */
void talk_forge(struct talk_side *side, enum content_type type, const uint8_t *payload, size_t len);

/* Fails the test unless the side's session failed with err, and no key and no secret is left in it or its handshake. */
void talk_expect_failed(const struct talk_side *side, enum net_err err);

/* The same, whatever the error was, if the event is SESSION_FAILED. */
void talk_expect_refused(const struct talk_side *side, enum session_event event);

/* Lets `to` take all that `from` has sent; it must fail with err. */
void talk_expect_failure(struct talk_side *from, struct talk_side *to, enum net_err err);

/* The nth (from 0) value traced under that name; fails the test where there is none. */
const struct talk_value *talk_value(const struct talk_side *side, const char *name, size_t nth);

void talk_end(struct talk *t);

#endif
