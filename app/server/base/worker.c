/* SPDX-License-Identifier: MIT */
/* Under one mutex: the jobs that wait for their turn, and a list of those that are done. A worker takes from the first
 * and puts to the second; the first job put there rings the bell, and the reactor takes the whole list at once. */
#include "app/server/base/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/server/base/errno_advice.h"
#include "app/server/base/fair_queue.h"
#include "app/server/base/notify.h"

#define REMEMBERED 8192 /* addresses whose past counts; a place is some 200 bytes */
#define NICE 5          /* a third of the loop's share, where both want the same processor */

struct worker_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work; /* a job waits, or stopping is set */
    pthread_cond_t up;   /* a thread has started */
    size_t threads_up;
    struct fair_queue *waiting;
    struct job_list done;
    bool stopping;
    size_t in_flight; /* the reactor's alone */
    struct notify wake;
    size_t threads;
    pthread_t thread[];
};

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void run(struct job *const jobs[], size_t n, struct rng *rng)
{
    if (n == 1)
        jobs[0]->run(jobs[0], rng);
    else
        jobs[0]->run_many(jobs, n, rng);
}

/* Members who talk must not wait for strangers' handshakes: when the loop's thread wakes up it goes first. On Linux
 * niceness belongs to a thread; elsewhere to the process, where this would gain nothing. */
static void lower_priority(void)
{
#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)
    if (nice(NICE) == -1)
        return; /* then it is slower, not wrong */
#endif
}

static void *work(void *arg)
{
    struct worker_pool *pool = arg;
    struct rng rng;
    lower_priority();
    rng_init(&rng);
    pthread_mutex_lock(&pool->mutex);
    pool->threads_up++;
    pthread_cond_signal(&pool->up);
    for (;;) {
        struct job *jobs[JOB_MANY_MAX];
        uint64_t began = now_us();
        size_t n = fair_queue_take(pool->waiting, jobs, began);
        if (n > 0) {
            pthread_mutex_unlock(&pool->mutex);
            run(jobs, n, &rng);
            pthread_mutex_lock(&pool->mutex);
            uint64_t ended = now_us();
            fair_queue_done(pool->waiting, jobs, n, ended - began, ended);
            int ring = pool->done.first == NULL;
            for (size_t i = 0; i < n; i++)
                job_list_append(&pool->done, jobs[i]);
            if (ring)
                notify_ring(&pool->wake);
        } else if (pool->stopping) {
            break;
        } else {
            pthread_cond_wait(&pool->work, &pool->mutex);
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    rng_wipe(&rng);
    return NULL;
}

size_t worker_default_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : (size_t)n;
}

/* Signals are for the loop's thread: workers start with all of them blocked. Returns when all are running: what they
 * do at their start may be forbidden a moment later (sandbox_seal). */
static int start_threads(struct worker_pool *pool, size_t threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = 0;
    while (pool->threads < threads && error == 0) {
        error = pthread_create(&pool->thread[pool->threads], NULL, work, pool);
        if (error == 0)
            pool->threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_mutex_lock(&pool->mutex);
    while (pool->threads_up < pool->threads)
        pthread_cond_wait(&pool->up, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    return error;
}

static uint64_t random_seed(void)
{
    struct rng rng;
    uint64_t seed;
    rng_init(&rng);
    rng_fill(&rng, (uint8_t *)&seed, sizeof seed);
    rng_wipe(&rng);
    return seed;
}

struct worker_pool *worker_start(size_t threads)
{
    assert(threads > 0);
    struct worker_pool *pool = calloc(1, sizeof *pool + threads * sizeof pool->thread[0]);
    if (pool == NULL)
        return NULL;
    pool->waiting = fair_queue_new(REMEMBERED, random_seed());
    if (pool->waiting == NULL || notify_open(&pool->wake) != 0) {
        int error = errno;
        if (pool->waiting != NULL)
            fair_queue_free(pool->waiting);
        free(pool);
        errno = error;
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->up, NULL);
    job_list_clear(&pool->done);
    int error = start_threads(pool, threads);
    if (error != 0) {
        worker_stop(pool);
        errno = error;
        return NULL;
    }
    return pool;
}

void worker_why(char why[static WHY_LEN], int error)
{
    char cause[ERRNO_ADVICE_LEN];
    errno_advice_print(cause, error);
    why_say(why, "cannot start threads: %s", cause);
}

int worker_fd(const struct worker_pool *pool)
{
    return pool->wake.read_fd;
}

void worker_submit(struct worker_pool *pool, struct job *job)
{
    pool->in_flight++;
    pthread_mutex_lock(&pool->mutex);
    fair_queue_put(pool->waiting, job, now_us());
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
}

bool worker_withdraw(struct worker_pool *pool, struct job *job)
{
    pthread_mutex_lock(&pool->mutex);
    bool withdrawn = fair_queue_withdraw(job);
    pthread_mutex_unlock(&pool->mutex);
    if (!withdrawn)
        return false;
    pool->in_flight--;
    job->finish(job);
    return true;
}

size_t worker_in_flight(const struct worker_pool *pool)
{
    return pool->in_flight;
}

size_t worker_slow_of(struct worker_pool *pool, const uint8_t address[static SOCK_KEY_LEN])
{
    pthread_mutex_lock(&pool->mutex);
    size_t slow = fair_queue_slow_of(pool->waiting, address);
    pthread_mutex_unlock(&pool->mutex);
    return slow;
}

void worker_finish(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    notify_clear(&pool->wake); /* under the mutex, or a job done in between would ring for a list that was taken */
    struct job *job = pool->done.first;
    job_list_clear(&pool->done);
    pthread_mutex_unlock(&pool->mutex);
    while (job != NULL) {
        struct job *next = job->next; /* finish may free the job */
        pool->in_flight--;
        job->finish(job);
        job = next;
    }
}

void worker_stop(struct worker_pool *pool)
{
    while (pool->in_flight > 0) {
        struct pollfd bell = {.fd = pool->wake.read_fd, .events = POLLIN};
        poll(&bell, 1, -1);
        worker_finish(pool);
    }
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->threads; i++)
        pthread_join(pool->thread[i], NULL);
    notify_close(&pool->wake);
    fair_queue_free(pool->waiting);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->up);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
