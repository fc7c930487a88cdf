/* SPDX-License-Identifier: MIT */
/* Direct messages: this user's identity, the peers whose keys are known, and the calls, between the server and the
 * screen.
 *
 *      OFF --login--> OPENING --the key is open--> ASKING --ready is answered by ok--> ON
 *                        |                            |
 *                        +--- no key, no calls here --+--> NONE, with why
 *
 * Standard:    docs/protocol.md section 8.
 * Use it:      direct_begin(&d, &secret);                  after login
 *              direct_say(&d, "bob", text, len);
 *              direct_go_on(&d);                           in each turn of the loop: what was computed, what is due
 *              direct_end(&d);
 * Timing:      as app/peer/calls.h. The password that seals the identity is kept until it has been opened.
 * Read next:   direct_commands.h, what is typed; app/peer/calls.h; background.h.
 */
#ifndef APP_CLIENT_DIRECT_H
#define APP_CLIENT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/client/arguments.h"
#include "app/client/background.h"
#include "app/client/screen.h"
#include "app/client/secret.h"
#include "app/peer/calls.h"
#include "app/peer/identity.h"
#include "app/peer/peers.h"

enum direct_state { DIRECT_OFF, DIRECT_OPENING, DIRECT_ASKING, DIRECT_ON, DIRECT_NONE };

struct direct {
    struct screen *screen;
    const char *user, *server;         /* the conversation's, known at direct_begin */
    const struct arguments *arguments; /* set before direct_begin */
    /* Whether there is room for another request; and to make one: false where the connection is over. */
    bool (*may_ask)(void *arg);
    bool (*ask)(void *arg, struct message *m);
    void *arg;
    enum direct_state state;
    char why[WHY_LEN]; /* NONE: why there are no calls */
    /* What the identity's job has to do, and what came of it; its own while it runs. */
    struct identity_files files;
    struct identity identity;
    bool has_identity; /* it is open */
    bool is_new;       /* ... and not written yet */
    bool replaces;     /* ... in the place of another */
    enum identity_result result;
    char identity_why[WHY_LEN];
    struct identity next;   /* that the server is asked to take */
    struct secret secret;   /* what it is sealed under */
    struct secret own;      /* of --identity-password-file; empty: the account's password */
    struct call *computing; /* in the background; NULL: the identity's job, or none */

    struct peers peers;
    struct rsa_public user_ca;
    bool has_user_ca;
    struct calls calls;
    char with[NAME_MAX_LEN + 1]; /* to whom what is typed goes; empty: to the room */
    bool receipts;
    char trust_name[NAME_MAX_LEN + 1]; /* of /trust: whose key was shown, and which */
    uint8_t trust_shown[CERTIFICATE_FINGERPRINT_LEN];
    struct background background;
    int64_t (*now)(void); /* milliseconds of a clock that never goes back; a test may put its own here */
};

/* Before anything else. What is pointed to stays the caller's. */
void direct_init(struct direct *d, struct screen *screen, const char *user, const char *server,
                 bool (*may_ask)(void *arg), bool (*ask)(void *arg, struct message *m), void *arg);

/* After login, under the password that was good: opens the identity, or writes the one that was made for this new
 * account. */
void direct_begin(struct direct *d, const struct secret *own);

/* A new identity, before the server is asked for the account, or to take it in the place of another: it stands in
 * next. -1: it can't be made, and why was said. */
MUST_USE int direct_make_identity(struct direct *d);

/* The server has taken it. Of an account that logs in now; or in the place of another, and then all calls end and it is
 * written, sealed under that password. */
void direct_take_identity(struct direct *d);
void direct_replace_identity(struct direct *d, const struct secret *own);

/* Opens the key under another password than the account's. */
void direct_unlock(struct direct *d, const struct secret *own);

/* What the server sends: a push relayed; the answer to a relay, or to ready. */
void direct_relayed(struct direct *d, const struct message *m);
void direct_answered(struct direct *d, enum message_type request, const struct message *answer);

/* Whether relayed may come. */
bool direct_may_hear(const struct direct *d);

/* Says a valid text to that peer, a valid name and not one's own; and what was said there is nothing to say it with. */
void direct_say(struct direct *d, const char *peer, const char *text, size_t len);

/* /leave: what is typed goes to the room again, and the call gets its Close. */
void direct_leave(struct direct *d);

/* True where calls can be made; else says why not. */
bool direct_is_on(struct direct *d);

/* Whether the next line may be read: not while the identity is being opened, nor while much waits to be said. */
bool direct_takes_line(const struct direct *d);

/* Deals with what was computed and what is due; sends what waits, and begins what is to be computed next. */
void direct_go_on(struct direct *d);

/* How long the loop may wait, at most otherwise. */
int direct_wait(const struct direct *d, int otherwise);

/* True while texts wait to be said or acknowledged. */
bool direct_waits(const struct direct *d);

/* Says good-bye to all peers. */
void direct_leave_all(struct direct *d);

/* The connection is over: what was not acknowledged is told. */
void direct_cut(struct direct *d);

/* A password is about to be changed; and was, or was not. -1: the identity can't be written, and why was said. */
MUST_USE int direct_before_password(struct direct *d, const uint8_t *password, size_t password_len);
void direct_after_password(struct direct *d, bool changed);

/* Wipes and frees all. */
void direct_end(struct direct *d);

#endif
