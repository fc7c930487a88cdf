/* SPDX-License-Identifier: MIT */
/* The admin: does to the accounts what the operator asks for, one line of text a request, and answers in lines.
 *
 *      request                             answer; its last line is ok, more or error
 *      add <an account's text>             none until:
 *      commit                              ok <how many> | error <the first that failed, from 1> <how many were added>
 *                                          <why>, all on one line. Nothing is added where one of them can't be
 *      list                                <name> <e-mail> <created> <locked|-> <totp|-> <wrong codes since the last
 *                                          right one> <Unix seconds: codes are locked until then|->, tabs between, for
 *                                          some of them, by name, then more; ok when there are no more
 *      next                                the next ones; ok where there are none, or no list
 *      lock <name>                         ok | error <why>, as all that follow
 *      unlock <name>                       ends what wrong codes have locked, too
 *      reset <name> <a verifier's text>    ok | ok totp: its second factor was ended with it
 *      remove <name>
 *      status                              a line for each thing that the server tells of itself (status_row.h), what
 *                                          is unusual first; then ok. error where no server runs
 *
 * Passwords never come here, only what verifier_encode makes of them.
 *
 * Use it:      admin_init(&a, accounts, &calls, arg);
 *              admin_request(&a, line);  then while a.busy the pool's jobs are to be finished;  a.out is the answer
 *              admin_free(&a);           not while it is busy
 * Threads:     the reactor's, as all of accounts.h.
 * Read next:   admin_client.h, which asks; admin_socket.h, between the two while the server runs; account.h.
 */
#ifndef APP_SERVER_OPERATOR_ADMIN_H
#define APP_SERVER_OPERATOR_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "net/why.h"

#define ADMIN_OUT_MAX 32768
#define ADMIN_LINE_MAX (ACCOUNT_LINE_MAX + 100) /* of a request, with a NUL */

struct admin_entry;

struct admin_calls {
    /* Ends the session of this user, if there is one. NULL where there are no sessions. */
    void (*end_session)(void *arg, const char *name);

    /* Calls tell for each line of the status. NULL where there is no server. */
    void (*status)(void *arg, void (*tell)(void *admin, const char *line), void *admin);

    /* Called when a request that admin_request left busy is answered. NULL: the caller looks at busy. */
    void (*answered)(void *arg);
};

struct admin {
    struct accounts *accounts;
    struct login_failures *login_failures; /* NULL after admin_init: then it knows of none */
    int64_t now; /* on the clock of login_failures.h; the caller's to set before each request */
    const struct admin_calls *calls;
    void *arg;
    bool busy, in_request;
    char out[ADMIN_OUT_MAX]; /* whole lines; the caller sets out_len to 0 when it has taken them */
    size_t out_len;

    char name[NAME_MAX_LEN + 1]; /* whose account is being changed, */
    const char *event;           /* what the log says of it, */
    bool ends_session, had_totp; /* and what else comes of it */
    void (*forget)(struct login_failures *c, const char *name);
    struct login_failures_waiter waiter; /* waits until that is on disk */

    struct admin_entry *entries, **entries_end, *next_entry; /* what add gave; the first not yet put */
    size_t entries_len, pending, added;
    size_t failed; /* which one, from 1; 0: none */
    char why[WHY_LEN];

    const struct account **listed;
    size_t listed_len, listed_at;
};

void admin_init(struct admin *a, struct accounts *accounts, const struct admin_calls *calls, void *arg);

/* Only when it is not busy, and its last answer has been taken. line has no line end; it may be anything. */
void admin_request(struct admin *a, const char *line);

void admin_free(struct admin *a);

#endif
