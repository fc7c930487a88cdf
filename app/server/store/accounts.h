/* SPDX-License-Identifier: MIT */
/* The accounts: in memory for the reactor, on disk as DATA/accounts, one line a change, acknowledged once it is safe.
 *
 *      glasschat accounts 1
 *      alice <tab> email=a@example.org <tab> created=1795246990 <tab> pbkdf2=600000:<salt>:<hash> <tab> #1a2b3c4d
 *
 * The last line for a name wins. Each line ends in its own checksum, the first 8 hex digits of the SHA-256 of all
 * before the '#': it finds damage, not attackers (whoever can write the file can write checksums). A line deleted=1
 * keeps the name from ever being given out again. When more than half of the lines or bytes are dead, replaced by later
 * ones, the file is written anew without them, by a worker; changes wait meanwhile.
 *
 * Use it:      a = accounts_open(dir_fd, pool, limit, &torn_bytes, why);
 *              if (!accounts_taken(a, name)) accounts_put(a, &account, done, arg);      done(arg, ...) is called later
 *              const struct account *found = accounts_find(a, name);
 * Threads:     all calls from the loop's thread; the writing is a job of the workers. One write is under way at a
 *              time, and all changes that came meanwhile go together in the next, so that many acknowledgements share
 *              one fdatasync.
 * Read next:   app/server/store/journal.h, the file; app/server/store/account.h, a line.
 */
#ifndef APP_SERVER_STORE_ACCOUNTS_H
#define APP_SERVER_STORE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/worker.h"
#include "app/server/store/account.h"
#include "net/why.h"

enum accounts_result {
    ACCOUNTS_DONE,   /* on disk */
    ACCOUNTS_FAILED, /* not on disk: the disk is full, say; the next may succeed */
    ACCOUNTS_CLOSED, /* a sync failed before, so what is on disk is unknown: no more changes until a restart */
    ACCOUNTS_FULL    /* as many accounts as may be, or twice as many names with those of deleted ones */
};

/* How a change ended; arg is the caller's. */
typedef void accounts_done(void *arg, enum accounts_result result);

struct accounts;

/* Loads DATA/accounts, making it (mode 0600) where there is none. At most limit accounts. dir_fd must stay open; pool
 * may be NULL where nothing is to be put. A last line that was cut is removed and *torn_bytes set to its length (0
 * otherwise), to be logged as a warning. NULL with one line in why for damage anywhere else, starting with the file's
 * name and the line's number in it; the file is then left as it is. */
struct accounts *accounts_open(int dir_fd, struct worker_pool *pool, size_t limit, size_t *torn_bytes,
                               char why[static WHY_LEN]);

/* The account, or NULL: unknown, deleted, or not yet on disk. Valid until the next worker_finish. */
const struct account *accounts_find(const struct accounts *a, const char *name);

/* True where the name exists, was deleted, or is being registered at this moment. */
bool accounts_taken(const struct accounts *a, const char *name);

/* True while a put of that name is under way. */
bool accounts_changing(const struct accounts *a, const char *name);

/* How many there are, deleted ones not counted. */
size_t accounts_count(const struct accounts *a);

/* Whether there was an account of that name, which was deleted. In the form that login_failures_remove_all calls. */
bool accounts_deleted(const void *accounts, const char *name);

/* How many of them have a second factor, whose secret is sealed. */
size_t accounts_sealed(const struct accounts *a);

/* Those of the costliest password hash that there has been since the start. */
uint32_t accounts_iterations(const struct accounts *a);

/* How many more accounts there may be. */
size_t accounts_room(const struct accounts *a);

/* All accounts, by name; *len is how many. The array is the caller's to free. What it points to changes with the
 * account (it may be deleted by now) and stays until accounts_close. NULL where there is no memory. */
const struct account **accounts_list(const struct accounts *a, size_t *len);

/* Writes a new account, or the new state of one; a copy is taken. The name must not be in another put that is under way
 * (accounts_changing), nor have been deleted (accounts_taken for a new one); both asserted. done is called from
 * worker_finish, or at once where nothing was tried (FULL, CLOSED, or FAILED for lack of memory); only after
 * ACCOUNTS_DONE is it visible to accounts_find. What went wrong on disk is logged here, once a write. */
void accounts_put(struct accounts *a, const struct account *account, accounts_done *done, void *arg);

/* errno of the last that did not get ACCOUNTS_DONE, or that ended all writing; in done. */
int accounts_why(const struct accounts *a);

/* After worker_stop, so that nothing is under way. */
void accounts_close(struct accounts *a);

#endif
