/* SPDX-License-Identifier: MIT */
/* One call: a session between two users, the texts that wait to be said in it, and those that are not acknowledged.
 *
 *      HALF-OPEN --the handshake, step 0--> OPEN --call_close, or the peer's Close--> OVER
 *          |                                  |
 *          +------- any failure --------------+------------------------------------> OVER
 *
 *      u8 1 text: <u16> text                                   what is inside its Application Records
 *      u8 2 ack:  u64 sequence of the Record with the text
 *      u8 3 sender key, u8 4 list, u8 5 leave                  of sealed rooms: sender_key.h, room_list.h
 *
 * Standard:    docs/protocol.md sections 8.3 to 8.6.
 * Use it:      c = call_new(&setup);                           NULL: no memory
 *              call_take(c, frame, len)                        what was relayed: a whole frame
 *              call_say(c, text, len, now), call_give(c, payload, len, now)
 *              while ((event = call_next(c, &rng, now, &out, &got)) != CALL_QUIET)
 *                  relay the frames in out, and empty it; switch (event) ...
 *              call_free(c);
 * Timing:      keys: as net/session.h. What was said: whoever watches the processor sees its length and its kind, and
 *              more as app/message/text.h says.
 * Read next:   calls.h, which of these there are, and who computes; net/ratchet.h.
 *
 * Bytes in, bytes out: no socket, no clock (now is in milliseconds of one that never goes back), no screen. What takes
 * long is call_work, which any thread may do; meanwhile call_take and call_say may be called, and nothing else.
 */
#ifndef APP_PEER_CALL_H
#define APP_PEER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/peer/peers.h"
#include "crypto/bytes.h"
#include "net/session.h"

#define CALL_OPEN_MS INT64_C(15000)    /* from the ClientHello until it is open */
#define CALL_CONFIRM_MS INT64_C(15000) /* for a text: to be sealed; and then, to be acknowledged */
#define CALL_CLOSE_MS INT64_C(3000)    /* for the peer's Close after ours */
#define CALL_WAITING_MAX 262144        /* bytes that came and wait for a computation */
#define CALL_TEXTS_MAX 1024            /* not acknowledged: beyond, it is no use going on */
#define CALL_GIVEN_MAX 4096            /* bytes of a payload inside a call */

/* What is inside an Application Record, its first byte says. Everything but texts and acks is given: it is some sealed
 * room's, which knows its layout. */
enum call_inside {
    CALL_INSIDE_TEXT = 1,
    CALL_INSIDE_ACK = 2,
    CALL_INSIDE_SENDER_KEY = 3,
    CALL_INSIDE_LIST = 4,
    CALL_INSIDE_LEAVE = 5
};

enum call_phase { CALL_HALF_OPEN, CALL_IS_OPEN, CALL_IS_OVER };

enum call_event {
    CALL_QUIET,     /* nothing more for now */
    CALL_SENT,      /* there are frames in out, and maybe more to come */
    CALL_WORK,      /* call_work, on any thread, then call_worked; until then call_next says CALL_QUIET */
    CALL_PEER,      /* decide on call_certificate: call_accept or call_refuse */
    CALL_OPENED,    /* from now on texts are said */
    CALL_TEXT,      /* got->text was said: show it now, for at the next call_next it is acknowledged */
    CALL_GIVEN,     /* the same of a payload, with its first byte; what has not its layout ends the call: call_fail */
    CALL_TAKEN,     /* the peer has the oldest of what was given */
    CALL_CONFIRMED, /* the peer has it: got->text is ours, until the next call_next */
    CALL_CLOSED,    /* both sides have said good-bye */
    CALL_FAILED     /* call_why; nothing more is sent */
};

/* A text that is to be said, or was and is not acknowledged; or a payload that is given, of which nobody is told what
 * became of it. */
struct call_text {
    struct call_text *next;
    int64_t since;     /* when it was given; once it is sealed, when that was */
    uint64_t sequence; /* of its Record */
    uint64_t step;     /* under which that was sealed */
    bool given;        /* it is a payload */
    bool told;         /* that it is not confirmed */
    size_t len;        /* 0 once it was told, or given: it is gone then */
    uint8_t text[];
};

struct call_texts {
    struct call_text *first, **end;
    size_t len;
};

struct call_frame;

struct call;

/* CAUTION: as net/trace.h. Called from whatever thread call_work is on. */
typedef void call_trace(void *arg, const struct call *call, const char *name, const uint8_t *data, size_t len);

struct call {
    struct call *next; /* for calls.c */
    char peer[NAME_MAX_LEN + 1];
    uint8_t id[MESSAGE_CALL_LEN];
    bool caller;
    enum call_phase phase;
    enum net_err why;
    uint8_t retry_group; /* of an Alert: session_retry_group */
    int64_t began, used; /* when; when something was said last */
    bool working;        /* call_work is to be done, or is being done */
    bool handed;         /* for calls.c: somebody is in call_work */
    bool dead;           /* for calls.c: it is freed when that is over */
    bool second_try;     /* after an Alert */
    bool was_open;
    uint64_t number; /* for calls.c: its own, which nobody else chooses */
    uint64_t turn;   /* for calls.c: of its last look at the time */
    uint64_t due;    /* for calls.c: its place among those that have something to compute */
    bool closes;     /* when nothing waits to be said any more */
    bool wanted;     /* for calls.c: the user has asked for it */
    bool for_room;   /* for calls.c: a sealed room wants it */
    size_t unsent;   /* for calls.c: of its frames, those not relayed yet */
    uint64_t sent;   /* for calls.c: its place among those of which something was relayed */
    enum peer_state state;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN]; /* of the peer's key, from CALL_PEER on */
    uint8_t certificate[CERTIFICATE_MAX_LEN];         /* the same: the peer's */
    size_t certificate_len;

    call_trace *told; /* of struct call_setup; or NULL */
    void *told_arg;
    struct trace trace;
    struct session session;
    struct ratchet ratchet;
    struct call_handshake *handshake; /* until it is open */
    enum session_event event;         /* of the session, that has to be dealt with */
    struct call_frame *in, **in_end;  /* that came and wait */
    size_t in_bytes;
    struct call_frame *current;  /* got->text points into it */
    struct call_text *confirmed; /* the same */
    bool ack_due;
    uint64_t ack; /* what is to be acknowledged */
    struct call_texts waiting, unconfirmed;
};

/* What a call begins with. What the pointers to identity, lists and trace_arg lead to must stay until it is over. */
struct call_setup {
    const char *me, *peer;
    const struct identity *identity;
    const uint8_t *suites, *groups; /* as struct handshake_config */
    size_t suites_len, groups_len;
    uint8_t group;     /* of the second try; else 0 */
    call_trace *trace; /* what net/trace.h reports, with whose it is; NULL: not */
    void *trace_arg;
    bool caller;
    const uint8_t *id; /* MESSAGE_CALL_LEN bytes */
};

struct call_got {
    const uint8_t *text;
    size_t len;
};

/* NULL: no memory. A callee's first frame is the ClientHello. */
struct call *call_new(const struct call_setup *setup, int64_t now);

/* Wipes and frees it, and all its texts. Not while somebody is in call_work (asserted). */
void call_free(struct call *c);

/* One frame that was relayed. -1: it is none, too much waits, or there is no memory: the call must end. */
MUST_USE int call_take(struct call *c, const uint8_t *frame, size_t len);

/* A text (valid: app/message/text.h) that is said when its turn has come. -1: no memory, and nothing is said. */
MUST_USE int call_say(struct call *c, const uint8_t *text, size_t len, int64_t now);

/* A payload of a sealed room (at most CALL_GIVEN_MAX bytes), its first byte one of those of enum call_inside; it is
 * given when its turn has come, and wiped then. -1: no memory. */
MUST_USE int call_give(struct call *c, const uint8_t *payload, size_t len, int64_t now);

/* True while one of those is sealed, and not acknowledged. */
bool call_is_unanswered(const struct call *c);

/* The same for CALL_CONFIRM_MS, or longer. */
bool call_is_late(const struct call *c, int64_t now);

/* True while one of those waits; and drops them, as what they say may be too old by now. */
bool call_gives(const struct call *c);
void call_take_back(struct call *c);

/* Says good-bye when all that waits was said, and is acknowledged or told as not confirmed. */
void call_close(struct call *c);

/* Ends it from outside. Not while somebody is in call_work. */
void call_fail(struct call *c, enum net_err why);

/* The next thing that happens. out is empty (asserted), with room for SESSION_OUT_MAX; it gets whole frames, whatever
 * the event is. */
enum call_event call_next(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out,
                          struct call_got *got);

/* The computation, with the rng of the thread that does it. */
void call_work(struct call *c, struct rng *rng);

/* After it, on the thread of all other calls, with another rng: out, with room for SESSION_OUT_MAX, gets whole frames;
 * call_next tells what came of it. */
void call_worked(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out);

/* After CALL_PEER. */
const struct certificate *call_certificate(const struct call *c);
void call_accept(struct call *c, enum peer_state state);
void call_refuse(struct call *c);

/* The next text whose time is over, and is told as not confirmed: in the order in which they were said; NULL: none. It
 * is the caller's to show until call_told. all: however long it has waited, as the call is over. */
struct call_text *call_unconfirmed(struct call *c, int64_t now, bool all);
void call_told(struct call_text *t);

/* The first of the texts that wait to be said whose time is over, or NULL; and takes it out. */
struct call_text *call_late(struct call *c, int64_t now);
void call_drop(struct call *c, struct call_text *t);

/* Milliseconds until a text's time, or the call's, is over: at most otherwise. */
int64_t call_wait(const struct call *c, int64_t now, int64_t otherwise);

/* The texts that wait to be said in one go over to another, which is of the same peer, and before what waits there.
 * CAUTION: what waits to be given is dropped: it was meant for whoever has the key of that call, and this one may have
 * another; tests/test_call_given.c: test_what_is_given_stays_with_its_key. */
void call_move_texts(struct call *to, struct call *from);

#endif
