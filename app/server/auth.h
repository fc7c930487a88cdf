/* SPDX-License-Identifier: MIT */
/* A try to be somebody: a name and a password, and a code where the account has a second factor. Logging in is one, and
 * so is whatever asks for the password once more. account_change.h draws its life; of it,
 *
 *      auth_new     refuses whoever has to wait
 *      auth_start   a worker hashes the password. Is it right, and the code? What is to change? (kind->change)
 *                   once that is on disk, the client is answered (kind->done)
 *
 * Standard:    docs/protocol.md section 10; NIST SP 800-63B sections 5.1.1 and 5.2.2.
 * Use it:      struct auth *a = auth_new(c, m->request, name, password, code, &kind);
 *              if (a != NULL) { fill in new_password or certificate; auth_start(a); }        else it was answered
 * Timing:      an unknown name is checked against a hash that fits no password, on a worker as all are, so it takes the
 *              same time as a wrong password and gets the same answer; the time is that of the costliest hash there is,
 *              the default's or one from when that was higher. The password is copied once, into the job, and
 *              wiped when the worker is done with it.
 * Read next:   login.c and account_requests.c, the kinds there are; ratelimit.h and ratelimit_sources.h, the waits;
 *              verifier.h; account_change.h.
 *
 * A try counts as failed from its beginning until it turns out well, so that many at once gain nothing. The first few
 * of an account from an address are free, then each failure doubles the wait; nobody elsewhere is locked out by that.
 * An address has more for free, since a school can share one, and so have the networks around it (ratelimit_sources.h).
 */
#ifndef APP_SERVER_AUTH_H
#define APP_SERVER_AUTH_H

#include <stdbool.h>

#include "app/message/message.h"
#include "app/server/account_change.h"
#include "app/server/base/ratelimit.h"
#include "app/server/client.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/totp_seal.h"
#include "app/server/store/verifier.h"
#include "net/certificate.h"

struct auth;

/* What it is about. */
struct auth_kind {
    const char *well, *failed; /* the events in the log; well: NULL where nothing is to change */

    /* Changes a->change.account and sets a->change.to_be_stored, or refuses. NULL: there is nothing to change. */
    enum message_error (*change)(struct auth *a);

    /* It went well, and what was changed is on disk: says so to the client. */
    enum message_error (*done)(struct auth *a);
};

struct auth {
    struct account_change change;
    const struct auth_kind *kind;
    uint32_t iterations; /* of a new hash */
    uint32_t even;       /* iterations that each try takes, whatever the account's hash took */
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    char code[MESSAGE_CODE_LEN + 1];
    uint64_t asked_at;     /* Unix seconds: a code is judged as of then, however long the password waits for a worker */
    struct verifier tried; /* the account's, or nobody's */
    bool known, right;     /* there is such an account, and it is not locked; that was its password */
    bool code_good;        /* of this account's secret, and not used before; or there is neither */
    bool code_unseen;      /* codes were locked, so that it was not looked at */
    bool inside;           /* asked for by a client that is logged in */
    uint8_t mark[TOTP_SEAL_MARK_LEN];    /* of the address that it comes from */
    struct login_failures_waiter waiter; /* while a failure is written, with its answer: */
    enum message_error error;
    uint64_t step; /* the code's; 0: there is none */
    struct ratelimit_key by_account;

    uint8_t new_password[PASSWORD_MAX_LEN]; /* length 0: none */
    size_t new_password_len;
    struct verifier made; /* of the new password, or of the same one where its hash was older than the default */
    bool remade;

    uint8_t certificate[CERTIFICATE_MAX_LEN]; /* that change.certificate is, where one came */
    bool ends_sessions;                       /* of the same account, but for the client's own */
};

/* NULL where it was answered already: try later. */
struct auth *auth_new(struct client *c, uint32_t request, const char *name, struct message_bytes password,
                      const char *code, const struct auth_kind *kind);

/* a may be gone when this returns. */
void auth_start(struct auth *a);

/* Whether as many logins and registrations of the client's address wait as may; try_later is to be said then. */
bool auth_waiting_is_full(struct client *c);

/* Another client that is here under that name hears that the account is another now, and goes: one that logged in while
 * the change was being written may not be able to do so any more. */
void auth_end_others(const struct client *c, const char *name);

/* The operator has changed this account: the session of that name, if there is one, is told, and goes. */
void auth_end_session(struct server *s, const char *name);

/* Refuses, and shows the client out where it has used up all tries of the connection. TRY_LATER: nothing was looked at,
 * and the try is given back. */
void auth_fail(struct client *c, uint32_t request, enum message_error error);
void auth_fail_with(struct client *c, uint32_t request, enum message_error error, const char *text);

#endif
