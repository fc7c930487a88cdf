/* SPDX-License-Identifier: MIT */
/* Direct messages: the calls between the server and the screen, with this user's identity, and the peers whose keys are
 * known; and the sealed rooms, whose keys go through the calls.
 *
 *                                          +--------------------- /identity new ----------------------+
 *                                          v                                                          |
 *      OFF --registration, or login--> OPENING --after login, if it is open--> ASKING --an ok--> ON --+
 *       |                               |  ^                                      |
 *       |                        if not |  | /identity new, unlock                | a refusal
 *       |                               v  |                                      |
 *       +--login, and no key is here--> NONE, with why <--------------------------+
 *
 * Standard:    docs/protocol.md section 8.
 * Use it:      direct_make(&d, &secret, made);             before the account is asked for; then
 *              direct_registered(&d, &secret);             once the server has it
 *              direct_begin(&d, &secret);                  after login
 *              direct_say(&d, "bob", text, len);
 *              direct_go_on(&d);                           in each turn of the loop: what was computed, what is due
 *              direct_end(&d);
 * Timing:      as app/peer/calls.h and own_identity.h.
 * Read next:   direct_commands.h, what is typed; own_identity.h; app/peer/calls.h; background.h; room_talk.h.
 */
#ifndef APP_CLIENT_DIRECT_H
#define APP_CLIENT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/client/arguments.h"
#include "app/client/background.h"
#include "app/client/own_identity.h"
#include "app/client/room_talk.h"
#include "app/client/screen.h"
#include "app/client/secret.h"
#include "app/peer/calls.h"
#include "app/peer/peers.h"

/* OPENING: the key is being opened, or written. ASKING: the server was asked for calls, by ready. */
enum direct_state { DIRECT_OFF, DIRECT_OPENING, DIRECT_ASKING, DIRECT_ON, DIRECT_NONE };

/* For whom the background works: another kind of job is a case of run_job and of take_back, and begins in
 * direct_go_on. */
enum direct_job { DIRECT_NO_JOB, DIRECT_JOB_IDENTITY, DIRECT_JOB_CALL };

/* What was asked for is done, and stands in own; or it has failed, and why was said. */
typedef void direct_done(void *arg, bool ok);

struct direct {
    struct screen *screen;
    const char *user, *server;         /* the conversation's, known at direct_begin */
    const struct arguments *arguments; /* set before direct_begin */
    /* Whether there is room for another request; and to make one: false where the connection is over. */
    bool (*may_ask)(void *arg);
    bool (*ask)(void *arg, struct message *m);
    void *arg;
    enum direct_state state;
    char why[WHY_LEN];      /* NONE: why there are no calls */
    bool begun;             /* it is after login */
    enum direct_job job;    /* under way */
    struct call *computing; /* DIRECT_JOB_CALL: which */
    direct_done *done;      /* of the identity's job that somebody waits for */
    struct own_identity own;
    struct peers peers;
    bool has_peers; /* they could be read: else there are no calls */
    struct rsa_public user_ca;
    bool has_user_ca;
    struct calls calls;
    struct room_talk rooms;      /* as long as there are calls */
    bool is_cut;                 /* the connection is over */
    bool resumed;                /* it is not the first one: what is known is not told again */
    bool has_calls;              /* they have begun, and not ended */
    bool hears;                  /* the server was asked for calls: so relayed may come */
    size_t forgotten;            /* relays that are not answered, of calls that have ended with the identity before */
    char with[NAME_MAX_LEN + 1]; /* to whom what is typed goes; empty: to the room */
    bool receipts;
    char trust_name[NAME_MAX_LEN + 1]; /* of /trust: whose key was shown, and which */
    uint8_t trust_shown[CERTIFICATE_FINGERPRINT_LEN];
    struct background background;
    struct rng rng;       /* where there is no thread */
    int64_t (*now)(void); /* milliseconds of a clock that never goes back; a test may put its own here */
};

/* Before anything else. What is pointed to stays the caller's. */
void direct_init(struct direct *d, struct screen *screen, const char *user, const char *server,
                 bool (*may_ask)(void *arg), bool (*ask)(void *arg, struct message *m), void *arg);

/* An identity for an account that is to be registered, with that password: it stands in own.next when done is called.
 * It is a new one, or one that is kept here already. */
void direct_make(struct direct *d, const struct secret *account, direct_done *done);

/* The server has the account: what stands in own.next is its identity, and is written. */
void direct_registered(struct direct *d, const struct secret *account);

/* After login, under the password that was good: opens the identity, unless the account is new. */
void direct_begin(struct direct *d, const struct secret *account);

/* A new identity, which the server is to be asked to take in the place of another; as direct_make. */
void direct_make_another(struct direct *d, direct_done *done);

/* The server has taken it: all calls end, and it is written, sealed under that password. */
void direct_replace_identity(struct direct *d, const struct secret *account);

/* The identity's certificate is that one from now on. -1: it is not, and why. */
MUST_USE int direct_set_certificate(struct direct *d, const struct certificate *c, char why[static WHY_LEN]);

/* Opens the key under another password than the account's. */
void direct_unlock(struct direct *d, const struct secret *typed);

/* What the server sends: a push relayed; the answer to a relay, or to ready. */
void direct_relayed(struct direct *d, const struct message *m);
void direct_answered(struct direct *d, enum message_type request, const struct message *answer);

/* Whether relayed may come. */
bool direct_may_hear(const struct direct *d);

/* Says a valid text to that peer, a valid name and not one's own. If there are no direct messages, it says why. */
void direct_say(struct direct *d, const char *peer, const char *text, size_t len);

/* /leave: what is typed goes to the room again, and the call gets its Close. */
void direct_leave(struct direct *d);

/* True where calls can be made; else says why not. */
bool direct_is_on(struct direct *d);

/* Whether the next line may be read: not while the identity is being made or opened, nor while much waits to be said;
 * of a script not while a call is being made either, as what follows may be about its key. */
bool direct_takes_line(const struct direct *d);

/* Deals with what was computed and what is due; sends what waits, and begins what is to be computed next. */
void direct_go_on(struct direct *d);

/* How long the loop may wait, at most otherwise. */
int direct_wait(const struct direct *d, int otherwise);

/* True while texts wait to be said or acknowledged, in a call or a room. */
bool direct_waits(const struct direct *d);

/* Says good-bye to all peers; and whether that is not all sent yet. */
void direct_leave_all(struct direct *d);
bool direct_is_leaving(const struct direct *d);

/* The connection is over: what was not acknowledged is told. */
void direct_cut(struct direct *d);

/* There is another connection, and one is logged in: the server is asked for calls, if there were any. */
void direct_resume(struct direct *d);

/* Whether the server is still to answer that, or the key to be opened before. */
bool direct_is_beginning(const struct direct *d);

/* A password is about to be changed: done is called when the key is written under it, too, where it is sealed under the
 * account's. And it was changed, or was not. */
void direct_before_password(struct direct *d, const uint8_t *password, size_t password_len, direct_done *done);
void direct_after_password(struct direct *d, bool changed);

/* Wipes and frees all. */
void direct_end(struct direct *d);

#endif
