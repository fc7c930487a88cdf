/* SPDX-License-Identifier: MIT */
/* This user's own identity while the program runs: it is made, written, opened and sealed by jobs, one at a time. What
 * a job does takes long, and is for another thread; what is to be told of it, and when, is for whoever asked.
 *
 * Standard:    docs/protocol.md section 8.1.
 * Use it:      own_identity_make(&own, &secret);           or another of those that begin a job
 *              own_identity_work(&own, &rng);              on any thread, while nobody else touches it
 *              (void)own_identity_worked(&own);            own.job says what came of it
 * Timing:      as app/peer/identity.h. The password that seals it is kept until its job is done.
 * Read next:   app/peer/identity.h, its files; direct.c, which tells what came of it, and has calls with it.
 */
#ifndef APP_CLIENT_OWN_IDENTITY_H
#define APP_CLIENT_OWN_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/client/secret.h"
#include "app/peer/identity.h"

enum own_identity_task {
    OWN_IDENTITY_NO_TASK,
    OWN_IDENTITY_MAKE,    /* next: a key that is kept here already, or a new one */
    OWN_IDENTITY_WRITE,   /* the identity, of a new account */
    OWN_IDENTITY_REPLACE, /* ... in the place of another */
    OWN_IDENTITY_OPEN,
    OWN_IDENTITY_SEAL /* a second copy, under another password */
};

/* The last job: what it has to do, and what came of it. Nothing of it outlives it: the next one begins with zeros. */
struct own_identity_job {
    enum own_identity_task task;
    struct secret secret; /* what the identity is sealed under, or is to be; wiped once it is done */
    bool typed;           /* OPEN: secret is another password than the account's, and counts even beside password */
    bool may_be_kept;     /* MAKE: what is kept here is taken */

    enum identity_result result; /* of all tasks: IDENTITY_OK, or it has failed */
    char why[WHY_LEN];
    bool kept;      /* MAKE: there is a key here, which is taken if it opens */
    bool unsettled; /* OPEN: a copy under another password is there still, and why */
};

struct own_identity {
    struct identity_files files;
    struct identity identity;
    struct identity next;        /* that the server is asked to take; where it does not, the caller's to drop */
    struct secret password;      /* of --identity-password-file; empty: the account's */
    enum identity_result result; /* IDENTITY_OK: it is open; else why it is not */
    bool busy;                   /* the job waits, or is being done */
    struct own_identity_job job;
};

/* Before anything else. */
void own_identity_init(struct own_identity *o);

/* Where it is kept, before the first job; as identity_files_init. What is known already stays. */
void own_identity_locate(struct own_identity *o, const char *home, const char *server, const char *user);

/* --- What begins a job: none may be under way (asserted) --- */

/* For an account that is to be registered under that password: next is a key that is kept here already, of an account
 * of that name that the server has lost, say; or a new one. */
void own_identity_make(struct own_identity *o, const struct secret *account);

/* For an account that has one: next is a new one. */
void own_identity_make_another(struct own_identity *o);

/* The server has the account with what own_identity_make made: it is the identity from now on, and is written. False:
 * it was kept here already, and is open; there is nothing to do. */
MUST_USE bool own_identity_register(struct own_identity *o, const struct secret *account);

/* The server has taken next in the place of the identity: it is the identity from now on, and is written. */
void own_identity_replace(struct own_identity *o, const struct secret *account);

/* Opens it. False: no key is kept here, as the job says; there is nothing to do. */
MUST_USE bool own_identity_open(struct own_identity *o, const struct secret *account);

/* Opens it under another password than the account's. */
void own_identity_unlock(struct own_identity *o, const struct secret *typed);

/* Writes a second copy under the account's next password. Only where own_identity_follows_account. */
void own_identity_seal(struct own_identity *o, const uint8_t *password, size_t password_len);

/* --- The job --- */

/* Does it. Nothing of o may be changed meanwhile; others may read the identity. */
void own_identity_work(struct own_identity *o, struct rng *rng);

/* It was done: takes what came of it. True: the identity was to be open after it, and result says whether it is; false:
 * it was MAKE or SEAL, before the server is asked for something. */
bool own_identity_worked(struct own_identity *o);

/* --- At any other time --- */

bool own_identity_is_open(const struct own_identity *o);

/* Whether it is kept here under another password, so that own_identity_unlock may open it. */
bool own_identity_is_locked(const struct own_identity *o);

/* Its public key, and the fingerprint of that. False, and there is none: it is not open. */
MUST_USE bool own_identity_public(const struct own_identity *o, struct rsa_public *key);
MUST_USE bool own_identity_fingerprint(const struct own_identity *o,
                                       uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* The certificate of next, of *len bytes: valid until next is the identity, or dropped; which is what is done where the
 * server has not taken it. */
const uint8_t *own_identity_next_certificate(const struct own_identity *o, size_t *len);
void own_identity_drop_next(struct own_identity *o);

/* Whether it is open, and sealed under the account's password. */
bool own_identity_follows_account(const struct own_identity *o);

/* After own_identity_seal, if there was one: the account has that password, or has not. -1 with why: both copies may be
 * there still. */
MUST_USE int own_identity_settle(struct own_identity *o, bool changed, char why[static WHY_LEN]);

/* It is not open any more. Nobody may point to it (the calls do). */
void own_identity_close(struct own_identity *o);

/* Wipes all, and lets go of the files. */
void own_identity_end(struct own_identity *o);

#endif
