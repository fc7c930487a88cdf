/* SPDX-License-Identifier: MIT */
/* The one life of all that makes an account, changes it, or asks for its password: from the request to its answer.
 *
 *      account_change_new                                                                  the loop's thread
 *      account_change_check      a certificate that came along is checked, if one did      a worker
 *                                kind->admit: may it go on?                                the loop's thread
 *      account_change_work       a password is hashed, say: job.run                        a worker
 *                                kind->decide: still wanted? what is to be stored?         the loop's thread
 *      account_change_decided    the account is written, where something is to be stored   a worker
 *                                kind->ended: counts, and tells others                     the loop's thread
 *                                kind->answer, where the client is still there             the loop's thread
 *
 * Whatever a worker or the disk takes, the client is not read from until it is answered. It may die meanwhile, and the
 * account may change: so nothing that was known before the worker is believed after it.
 *
 * Use it:      struct registration { struct account_change change; ... };                 change first: hooks cast back
 *              struct registration *r = account_change_new(c, m->request, name, &kind);      NULL: no memory
 *              account_change_check(&r->change);                                 or, where no certificate can come,
 *              account_change_work(&r->change, job);
 * Timing:      what must take the same time for all is the hooks' matter: auth.h.
 * Read next:   auth.c, login.c and account_requests.c, the kinds there are; accounts.h.
 */
#ifndef APP_SERVER_ACCOUNT_CHANGE_H
#define APP_SERVER_ACCOUNT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/server/base/job.h"
#include "app/server/client.h"
#include "app/server/store/account.h"

struct account_change;

struct account_change_kind {
    size_t size; /* of the struct that begins with the account_change; all of it is wiped at the end */

    /* After account_change_check: goes on with account_change_work, or refuses and calls account_change_free. */
    void (*admit)(struct account_change *ch);

    /* The worker is done. Sets account and to_be_stored where it is to be stored; calls account_change_decided, now or
     * later. Not called where the server is being stopped, or the work was withdrawn as the client had left. */
    void (*decide)(struct account_change *ch);

    /* How it ended: NONE where it went well, and is on disk if it was to be stored and could not wait. The
     * client may be dead. */
    void (*ended)(struct account_change *ch, enum message_error error);
    void (*answer)(struct account_change *ch, enum message_error error); /* it is not */
};

struct account_change {
    struct job job; /* first, so that a job's run can cast back */
    const struct account_change_kind *kind;
    struct client *client; /* there until answer returns, dead or not */
    uint32_t request;
    char name[NAME_MAX_LEN + 1];
    const char *event; /* in the log, where something was stored; NULL: none */

    const uint8_t *certificate; /* to be checked; stays its owner's. Length 0: none */
    size_t certificate_len;
    bool certificate_good; /* in admit; true where there is none */

    struct account account; /* as it is to be; wiped at the end */
    bool to_be_stored;
    bool can_wait; /* what is to be stored: where that fails, or another change is under way, all is well without it */
};

/* The kind's struct, zeroed but for its account_change. NULL: no memory. */
void *account_change_new(struct client *c, uint32_t request, const char *name, const struct account_change_kind *kind);

/* Before account_change_work, in admit or instead of it: wipes and frees. The caller has answered. */
void account_change_free(struct account_change *ch);

/* Checks the certificate, if there is one, and calls admit: ch may be gone when this returns. */
void account_change_check(struct account_change *ch);

/* Of job the caller sets what is to be run, and whether it is slow. */
void account_change_work(struct account_change *ch, struct job job);

/* Stores the account where error is NONE and to_be_stored is set; else ends the change with error. ch may be gone when
 * this returns. */
void account_change_decided(struct account_change *ch, enum message_error error);

#endif
