/* SPDX-License-Identifier: MIT */
/* One thread for what computes for long, so that nothing that is shown or typed waits for it: one job at a time.
 *
 * Standard:    POSIX threads; a pipe, so that poll wakes when a job is done.
 * Use it:      struct background b;
 *              background_init(&b);
 *              if (background_begin(&b, run, arg) != 0) ... there is no thread to be had
 *              poll on background_fd(&b) (-1: not yet one);   if (background_done(&b)) ... the job is over
 *              background_end(&b);
 * Timing:      nothing of its own.
 * Read next:   direct.c, which has one for own_identity.h and calls; dial.c, one for each try to reach the server.
 */
#ifndef APP_CLIENT_BACKGROUND_H
#define APP_CLIENT_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>

#include "crypto/bytes.h"
#include "crypto/rng.h"

/* What a job does, on the other thread, with that thread's random numbers. Nobody else touches arg meanwhile. */
typedef void background_run(void *arg, struct rng *rng);

struct background {
    bool started, busy; /* the caller's alone: there is a thread; a job was begun and not taken back */
    pthread_t thread;
    int pipe[2]; /* a byte for each job that is done */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    background_run *run; /* under the lock: the job that is to be done; NULL: none */
    void *arg;
    bool stop;
};

void background_init(struct background *b);

/* Begins a job; none may be under way (asserted). The thread is made with the first one. -1: the system has no thread
 * for it, and nothing is done. */
MUST_USE int background_begin(struct background *b, background_run *run, void *arg);

/* Readable when a job is done; -1 before the first one. */
int background_fd(const struct background *b);

/* True once for each job that is done. Waits for nothing. */
bool background_done(struct background *b);

/* Waits for the job that is under way, if there is one; it is done then. */
void background_wait(struct background *b);

/* The same, and ends the thread. */
void background_end(struct background *b);

#endif
