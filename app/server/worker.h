/* The workers: threads that do what takes longer than a millisecond, so that the reactor never waits.
 *
 * A job has two halves: run, on a worker thread, touches nothing but the job; finish, on the reactor's thread, hands
 * the result to whoever it was for, or frees it where they have left meanwhile.
 *
 *      reactor:  worker_submit(job) --> queue --> worker: job->run(job, rng) --> done list, bell
 *      reactor:  hears worker_fd    --> worker_finish: job->finish(job), in the order in which they were done
 *
 * Use it:      struct derive { struct job job; ... };       job first, so that run can cast back
 * Read next:   app/server/worker.c; app/server/accounts.h, whose writes are jobs.
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rng.h"

#define WORKER_MANY_MAX 16
#define WORKER_QUICK_FIRST 16 /* so many quick jobs overtake a slow one: about as long as it takes itself */

struct job {
    void (*run)(struct job *job, struct rng *rng); /* on a worker, with that worker's own generator */
    void (*finish)(struct job *job); /* on the thread that calls worker_finish; may submit and may free job */

    /* Or NULL. Runs n jobs at once, 2 to WORKER_MANY_MAX, all with this run_many: a job whose turn it is takes others
     * along that wait, when with itself they are at least many_least. They may so overtake jobs of other kinds. */
    void (*run_many)(struct job *const jobs[], size_t n, struct rng *rng);
    size_t many_least; /* at least 2 */

    bool slow; /* takes far longer than others, which then go first: see WORKER_QUICK_FIRST */

    struct job *next; /* the pool's */
};

struct worker_pool;

/* Starts threads workers (at least 1). NULL with errno set where the system refuses. */
struct worker_pool *worker_start(size_t threads);

/* How many processors there are: a sensible number of workers. */
size_t worker_default_count(void);

/* Readable while there are jobs to finish. */
int worker_fd(const struct worker_pool *pool);

/* Queues a job; the memory stays the caller's and must live until finish. The queue is a list through the jobs, so it
 * can't be full: whoever submits for strangers bounds how many of them are in flight (worker_in_flight). */
void worker_submit(struct worker_pool *pool, struct job *job);

/* Jobs submitted and not yet finished. */
size_t worker_in_flight(const struct worker_pool *pool);

/* Calls finish for every job that is done. */
void worker_finish(struct worker_pool *pool);

/* Waits until every job is done, those that a finish submits included, finishing them all; then joins the threads and
 * frees the pool. */
void worker_stop(struct worker_pool *pool);

#endif
