/* SPDX-License-Identifier: MIT */
/* DATA/delays: what ratelimit.h remembers, on disk, so that a restart is no way out of a delay. Those changes of
 * login_failures.h that nobody waits for are written at the same times.
 *
 * Use it:      ratelimit_file_load(&file) at the start;
 *              ratelimit_file_end_turn(&file) at the end of each turn, ratelimit_file_wait(&file, otherwise) before the
 *              next; ratelimit_file_save(&file, &rng) at the end, when no worker runs any more
 * Timing:      the file has the secret under which names and addresses are hashed: mode 0600, and wiped in memory.
 * Read next:   ratelimit.h, the text; datadir.h, how it is written.
 *
 * A change is written within RATELIMIT_FILE_SECONDS, on a worker: somebody who can make the server crash gains that
 * much and no more. A write that fails is tried again at that interval, and logged once. A file that can't be read is
 * logged, and then nothing is remembered: that strangers have to wait is no reason to keep everybody out.
 */
#ifndef APP_SERVER_STORE_RATELIMIT_FILE_H
#define APP_SERVER_STORE_RATELIMIT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/server/base/ratelimit.h"
#include "app/server/base/worker.h"
#include "app/server/store/datadir.h"
#include "net/why.h"

#define RATELIMIT_FILE_SECONDS 5

struct accounts;
struct login_failures;
struct worker_pool;

struct ratelimit_file {
    struct job job; /* first, so that run can cast back */

    /* The caller's to set before ratelimit_file_load; all of it must outlive this. */
    const struct datadir *dir;
    struct ratelimit *ratelimit;
    struct accounts *accounts;
    struct login_failures *login_failures;
    struct worker_pool *workers;
    const int64_t *now;       /* milliseconds of the loop's clock */
    uint32_t max_wrong_codes; /* --max-wrong-codes */

    struct ratelimit *copy; /* the worker's; NULL: none is being written */
    int64_t copied;         /* when that was */
    bool failed;            /* to write it */
    bool told;              /* that it failed, in the log */
    char why[WHY_LEN];
    uint64_t written; /* the ratelimit's changes that are on disk */
    int64_t due;      /* when what has changed since is written; 0: nothing has */
};

void ratelimit_file_load(struct ratelimit_file *d);
void ratelimit_file_end_turn(struct ratelimit_file *d);

/* On the only thread that is left. */
void ratelimit_file_save(struct ratelimit_file *d, struct rng *rng);

/* Milliseconds until ratelimit_file_end_turn has something to do: as deadline_wait. */
int64_t ratelimit_file_wait(const struct ratelimit_file *d, int64_t otherwise);

#endif
