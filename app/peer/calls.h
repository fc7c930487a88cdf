/* SPDX-License-Identifier: MIT */
/* All calls of one user at one server: which there may be, what crosses, and whom the user hears of it.
 *
 * Standard:    docs/protocol.md sections 8.2, 8.7, 8.8 and 8.9.
 * Use it:      calls_init(&c, &config, &hooks);
 *              calls_say(&c, now, "bob", text, len)                       makes a call where there is none
 *              calls_reach(&c, now, "bob"), calls_give(&c, now, "bob", payload, len)      for sealed rooms
 *              calls_relayed(&c, now, &m)                                 the push of that name
 *              while (calls_next_relay(&c, &m)) send it as a request      and its answer: calls_answered(&c, now, code)
 *              while ((call = calls_next_work(&c)) != NULL)
 *                  call_work(call, &rng) on any thread; then calls_worked(&c, call, now)
 *              calls_tick(&c, now)                                        when calls_wait has passed
 *              calls_free(&c);
 * Timing:      as call.h.
 * Read next:   call.h, one call; relays.h, the queue; peers.h, whom to believe; app/client/direct.c, which shows it.
 *
 * Bytes in, bytes out, as call.h: now is in milliseconds of a clock that never goes back. Everything may be called from
 * one thread alone, but for call_work. What happens is told by the hooks, from inside these functions: a hook calls
 * none of them.
 */
#ifndef APP_PEER_CALLS_H
#define APP_PEER_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/peer/call.h"
#include "app/peer/peers.h"
#include "app/peer/relays.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"

#define CALLS_STRANGERS_MAX 16       /* half-open, of peers of whom no key is kept */
#define CALLS_ANSWERING_MAX 256      /* half-open, begun by others */
#define CALLS_UNWANTED_MAX 256       /* open, that one's user has not asked for */
#define CALLS_ALERTS_MAX 64          /* frames of all calls that wait: then no Alert joins them */
#define CALLS_UNSENT_MAX 64          /* frames of one call that wait to be relayed: then it is not gone on with */
#define CALLS_TEXTS_MAX 32           /* to one peer, to be said or acknowledged: then calls_take_more says no */
#define CALLS_TOLD_MAX 32            /* peers of whom it is remembered when something was said about them */
#define CALLS_EMPTY_MS INT64_C(1000) /* between two empty frames to one peer */
#define CALLS_WARN_MS INT64_C(60000) /* between two lines about one peer's being refused */

/* What is told. peer is a name; all of it is valid during the call only. */
struct calls_hooks {
    void *arg;
    void (*opened)(void *arg, const struct call *call, bool first); /* first: no key of that peer was kept before */
    void (*text)(void *arg, const struct call *call, const uint8_t *text, size_t len);
    void (*confirmed)(void *arg, const struct call *call, const uint8_t *text, size_t len);
    /* A text may have been read or not: no acknowledgement has come. */
    void (*unconfirmed)(void *arg, const char *peer, const uint8_t *text, size_t len);
    /* A text was not said, and won't be. */
    void (*unsaid)(void *arg, const char *peer, const uint8_t *text, size_t len, const char *why);
    /* A call that the user has asked for ended in another way than by a Close. */
    void (*cut)(void *arg, const char *peer, const char *why);
    /* Somebody's certificate was refused: the line says whose and why. */
    void (*refused)(void *arg, const char *line);
    /* Of sealed rooms: a payload, with its first byte, which came in that call. False: it has not its layout, and ends
     * the call. Where this is NULL, all have not. */
    bool (*given)(void *arg, const struct call *call, const uint8_t *payload, size_t len);
    /* Of sealed rooms: the peer has acknowledged the oldest of what was given in that call. NULL: nobody asks. */
    void (*taken)(void *arg, const struct call *call);
    /* Of sealed rooms: whether peer is among those with whom one wants calls. NULL: nobody is. */
    bool (*is_member)(void *arg, const char *peer);
    /* A call that a room wanted, and the user did not, could not be made, or ended in another way than by a Close. May
     * be NULL. */
    void (*unreached)(void *arg, const char *peer, const char *why);
};

/* Borrowed for the life of the calls. */
struct calls_config {
    const char *me;
    const struct identity *identity;
    struct peers *peers;
    const struct rsa_public *user_ca; /* or NULL */
    const uint8_t *suites, *groups;   /* preferred first */
    size_t suites_len, groups_len;
    uint64_t (*unix_time)(void); /* for user_ca alone */
    call_trace *trace;           /* or NULL */
    void *trace_arg;
};

/* When something was said last to a peer, or about it. */
struct calls_told {
    char name[NAME_MAX_LEN + 1]; /* empty: of nobody */
    int64_t when;
};

struct calls {
    struct calls_config config;
    struct calls_hooks hooks;
    struct rng rng; /* IVs and the numbers of calls */
    struct call *list;
    struct relays relays; /* of all calls, also of those that are over */
    struct calls_told empty[CALLS_TOLD_MAX], refused[CALLS_TOLD_MAX];
    uint64_t begun, turn, due, sent;
    uint8_t out[SESSION_OUT_MAX];
};

void calls_init(struct calls *c, const struct calls_config *config, const struct calls_hooks *hooks);

/* Everything is forgotten, without a word. No call may be at work. */
void calls_free(struct calls *c);

/* Says a text (valid) to that peer (a valid name, and not one's own). */
void calls_say(struct calls *c, int64_t now, const char *peer, const uint8_t *text, size_t len);

/* False: so many texts to a peer wait already that no further line should be read yet. */
bool calls_take_more(const struct calls *c);

/* True while a call that the user has asked for is being made. */
bool calls_is_calling(const struct calls *c);

/* True while a text waits to be said, or may still be acknowledged. */
bool calls_wait_for_texts(const struct calls *c);

/* Wants a call with that peer: it is made now, if there is none. */
void calls_call(struct calls *c, int64_t now, const char *peer);

/* Says good-bye to that peer when all was said, and is acknowledged or told as not confirmed. */
void calls_leave(struct calls *c, int64_t now, const char *peer);

/* The same to all. */
void calls_leave_all(struct calls *c, int64_t now);

/* True while a good-bye is not sent: what came before it is acknowledged first, which may have to be computed. */
bool calls_are_leaving(const struct calls *c);

/* A room wants a call with that peer: it is made now, if there is none. */
void calls_reach(struct calls *c, int64_t now, const char *peer);

/* The same, and another one beside the live call, in whose place it comes when it is open. */
void calls_renew(struct calls *c, int64_t now, const char *peer);

/* No room does any more. Nothing ends by that. */
void calls_unreach(struct calls *c, const char *peer);

/* The live call with that peer, in which something may be given; or NULL. Whom it is with, its fingerprint says. */
const struct call *calls_live(const struct calls *c, const char *peer);

/* True while a call with that peer is being made or answered. */
bool calls_is_making(const struct calls *c, const char *peer);

/* Gives a payload (call_give) in the live call with that peer: there is one (asserted). -1: no memory. */
MUST_USE int calls_give(struct calls *c, int64_t now, const char *peer, const uint8_t *payload, size_t len);

/* True while something that was given to that peer is not with the server yet: what is sent after it comes after it. */
bool calls_is_giving(const struct calls *c, const char *peer);

/* True while something that was given in the live call with that peer is sealed, and not acknowledged. */
bool calls_is_unanswered(const struct calls *c, const char *peer);

/* Drops what was given to that peer and is not sealed yet. */
void calls_take_back(struct calls *c, const char *peer);

/* The user has compared that key: so it is shown from now on. */
void calls_compared(struct calls *c, const char *peer, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* The user believes that key from now on: a live call with another one is over, and nothing more is said in it. */
void calls_trusted(struct calls *c, int64_t now, const char *peer,
                   const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* A push of type MESSAGE_RELAYED. */
void calls_relayed(struct calls *c, int64_t now, const struct message *m);

/* The next relay to be sent, as a message without its number: of a call that the user asked for, or else of any; it
 * points to what stays until the next of these. False where there is none, or enough are not answered. */
bool calls_next_relay(struct calls *c, struct message *m);

/* The answer to the oldest of them: MESSAGE_E_NONE is ok. words: those of the error. */
void calls_answered(struct calls *c, int64_t now, enum message_error code, const char *words);

/* A call that somebody must call_work for, or NULL; those that the user asked for come first, then those that a room
 * wants, and else who has waited for longest. Each is handed out once. */
struct call *calls_next_work(struct calls *c);

/* It was done: call is one that calls_next_work gave, and may be gone afterwards. */
void calls_worked(struct calls *c, struct call *call, int64_t now);

/* The connection to the server is gone, and all calls with it. */
void calls_cut(struct calls *c, int64_t now);

/* Deals with what is over by now; and milliseconds until there is something, at most otherwise. */
void calls_tick(struct calls *c, int64_t now);
int64_t calls_wait(const struct calls *c, int64_t now, int64_t otherwise);

#endif
