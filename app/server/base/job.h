/* SPDX-License-Identifier: MIT */
/* What a worker is given to do, and for whom.
 *
 * Use it:      struct derive { struct job job; ... };       job first, so that run can cast back
 *              job_list_append(&list, &d->job);                  job_list_remove(&list, &d->job);
 * Read next:   worker.h, the threads that run them; fair_queue.h, the order in which they do.
 */
#ifndef APP_SERVER_BASE_JOB_H
#define APP_SERVER_BASE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/rng.h"

#define JOB_MANY_MAX 16

struct job {
    void (*run)(struct job *job, struct rng *rng); /* on a worker, with that worker's own generator */
    void (*finish)(struct job *job); /* on the thread that calls worker_finish, or worker_withdraw; may submit and may
                                      * free job */

    /* Or NULL. Runs n jobs at once, 2 to JOB_MANY_MAX, all with this run_many and of one address: a job whose turn it
     * is takes along others that wait, when together they are at least many_least. So they may overtake jobs of other
     * kinds. */
    void (*run_many)(struct job *const jobs[], size_t n, struct rng *rng);
    size_t many_least; /* at least 2 */

    bool slow; /* takes far longer than others, which then go first: see FAIR_QUEUE_QUICK_FIRST */

    /* For whom: a key of sock.h, which must stay valid until the job is submitted. NULL: for ourselves (a write to the
     * disk, say), and then nobody's turn comes before it. */
    const uint8_t *address;

    /* The queue's. */
    struct job *next, **link; /* link: what points to it in its list */
    struct fair_queue_place *place;
    bool waiting;   /* put, and neither taken nor withdrawn */
    bool withdrawn; /* then run was never called */
    uint64_t charged;
};

/* In the order in which they came. A job is in one list at a time. Must not be moved. */
struct job_list {
    struct job *first, **end; /* end points to where the next job's address is to be written */
};

void job_list_clear(struct job_list *list); /* before anything else */
void job_list_append(struct job_list *list, struct job *job);

/* A job that is in the list; however long that is, this takes the same time. */
void job_list_remove(struct job_list *list, struct job *job);

/* Takes out the first; NULL: there is none. */
struct job *job_list_take(struct job_list *list);

#endif
