/* SPDX-License-Identifier: MIT */
/* The workers: threads that do what takes longer than a millisecond, so that the reactor never waits.
 *
 * A job has two halves: run, on a worker thread, touches nothing but the job; finish, on the loop's thread, hands
 * the result to the client that it was for, or frees it where that has left meanwhile.
 *
 *      reactor:  worker_submit(job) --> turns --> worker: job->run(job, rng) --> done list, bell
 *      reactor:  hears worker_fd    --> worker_finish: job->finish(job), in the order in which they were done
 *
 * Use it:      struct derive { struct job job; ... };
 *              d->job = (struct job){.run = ..., .finish = ..., .slow = true, .address = client->address};
 *              worker_submit(pool, &d->job);
 * Read next:   job.h; fair_queue.h, whose turn it is; worker.c; accounts.h, whose writes are jobs.
 */
#ifndef APP_SERVER_BASE_WORKER_H
#define APP_SERVER_BASE_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/job.h"
#include "net/sock.h"
#include "net/why.h"

struct worker_pool;

/* Starts threads workers (at least 1). NULL with errno set where the system refuses. */
struct worker_pool *worker_start(size_t threads);

/* For then: "cannot start threads", the cause, and what to do. */
void worker_why(char why[static WHY_LEN], int error);

/* How many processors there are: a sensible number of workers. */
size_t worker_default_count(void);

/* Readable while there are jobs to finish. */
int worker_fd(const struct worker_pool *pool);

/* Queues a job; the memory stays the caller's and must live until finish. The queue is a list through the jobs, so it
 * can't be full: code that submits jobs for strangers bounds how many of them are in flight (worker_slow_of). */
void worker_submit(struct worker_pool *pool, struct job *job);

/* The client that it was for has left: a job that no worker has begun is taken back and finished at once, withdrawn,
 * without having been run. False: too late, or it was never submitted, or it is a job without an address. */
bool worker_withdraw(struct worker_pool *pool, struct job *job);

/* Jobs submitted and not yet finished. */
size_t worker_in_flight(const struct worker_pool *pool);

/* Slow ones of this address that are waiting or being run. */
size_t worker_slow_of(struct worker_pool *pool, const uint8_t address[static SOCK_KEY_LEN]);

/* Calls finish for every job that is done. */
void worker_finish(struct worker_pool *pool);

/* Waits until every job is done, those that a finish submits included, finishing them all; then joins the threads and
 * frees the pool. */
void worker_stop(struct worker_pool *pool);

#endif
