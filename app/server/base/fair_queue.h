/* SPDX-License-Identifier: MIT */
/* In which order jobs are run: the next is one of the address that had the least of the workers' time lately.
 *
 *      account   each address has one: the microseconds that its jobs took, which fade: half in 44 seconds
 *      turn      the address whose account is the smallest; one after the other where they are the same, or where each
 *                has what 16 slow jobs take: or a school whose class has come in would wait for a flood that has just
 *                begun
 *      network   the networks around an address have accounts too (address.h), and the turn is given from the widest
 *                down: first the network with the smallest account, then that one inside it, then the address
 *
 * So a flood from one address, or from thousands of a network, delays nobody that did little in a network that did
 * little: a newcomer waits for what is under way when it comes, and for no more. A job is charged when its turn comes,
 * by what such jobs took lately, and put right when it is done.
 *
 * Inside an address quick jobs go before slow ones (FAIR_QUEUE_QUICK_FIRST), each kind in the order in which they came.
 * Jobs that can run together do, which is quicker for all of them but slower for each: only those of an address that is
 * not new, since then nobody that is new waits. New is an address that had less lately than half of what a slow job
 * takes.
 *
 * What is remembered is bounded: where more addresses have an account than that, and nothing to do, the smaller
 * accounts are dropped, and from then on an address that has none begins with as much as the largest that was dropped:
 * nobody's past can be washed out by flooding the table. Where memory is short addresses share one account.
 *
 * Standard:    start-time fair queueing gives turns in the same spirit (Goyal, Vin, Cheng, SIGCOMM 1996); here a
 *              newcomer goes first, not level with those that have been waiting.
 * Use it:      fair_queue_put(f, &job, now);   n = fair_queue_take(f, jobs, now);   run them;   fair_queue_done(f,
 *              jobs, n, took, now); fair_queue_withdraw(&job)      the client that it was for has left
 * Threads:     none of its own: worker.c calls it under its mutex.
 * Timing:      nothing secret: a password's check takes the same whatever comes of it, and so does the turn.
 * Read next:   fair_queue.c; worker.h.
 *
 * now is in microseconds of a clock that never goes back.
 */
#ifndef APP_SERVER_BASE_FAIR_QUEUE_H
#define APP_SERVER_BASE_FAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/job.h"
#include "net/sock.h"

#define FAIR_QUEUE_QUICK_FIRST 16 /* so many quick jobs overtake a slow one: about as long as it takes itself */

struct fair_queue;

/* Of so many addresses that have no jobs, and of as many networks of each kind, the accounts are remembered. seed:
 * random, so that nobody can choose addresses that are slow to be found. NULL: no memory. */
struct fair_queue *fair_queue_new(size_t remembered, uint64_t seed);

/* Nothing may wait. */
void fair_queue_free(struct fair_queue *f);

/* The memory stays the caller's, and must live until fair_queue_done or fair_queue_withdraw. */
void fair_queue_put(struct fair_queue *f, struct job *job, uint64_t now);

/* Takes out a job of an address that nobody needs any more; nothing is charged for it. However many wait, this takes
 * the same time. False: it is not there, as its turn has come, or it was never put. */
bool fair_queue_withdraw(struct job *job);

/* Takes the jobs whose turn it is. Returns how many: more than 1 are to be run together; 0: none waits. */
size_t fair_queue_take(struct fair_queue *f, struct job *jobs[JOB_MANY_MAX], uint64_t now);

/* What fair_queue_take gave has been run, and took so many microseconds in all. */
void fair_queue_done(struct fair_queue *f, struct job *const jobs[], size_t n, uint64_t took, uint64_t now);

/* Slow jobs of this address that were put and are not done. */
size_t fair_queue_slow_of(struct fair_queue *f, const uint8_t address[static SOCK_KEY_LEN]);

#endif
