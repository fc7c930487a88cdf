/* Lists under one mutex: jobs that wait, quick and slow ones, and jobs that are done. A worker takes from the first two
 * and puts to the third; the first job put there rings the bell, and the reactor takes the whole list at once. */
#include "app/server/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/server/wake.h"

#define NICE 5 /* a third of the loop's share, where both want the same processor */

struct list {
    struct job *first, **end; /* end points to where the next job's address is to be written */
};

struct worker_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work; /* a job waits, or stopping is set */
    pthread_cond_t up;   /* a thread has started */
    size_t threads_up;
    struct list quick, slow, done; /* the first two wait */
    size_t quick_taken;            /* past a slow one that waits */
    int stopping;
    size_t in_flight; /* the reactor's alone */
    struct wake wake;
    size_t threads;
    pthread_t thread[];
};

static void list_clear(struct list *list)
{
    list->first = NULL;
    list->end = &list->first;
}

static void list_append(struct list *list, struct job *job)
{
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

static struct job *list_take(struct list *list)
{
    struct job *job = list->first;
    if (job != NULL && (list->first = job->next) == NULL)
        list->end = &list->first;
    return job;
}

/* How many of a list could run together with this job; counts no further than it matters. */
static size_t count_alike(const struct list *list, const struct job *job)
{
    size_t n = 0;
    for (const struct job *j = list->first; j != NULL && n < job->many_least; j = j->next)
        n += j->run_many == job->run_many;
    return n;
}

/* Takes the first job of a list and, where that is worth it, those that can run with it. Returns how many. */
static size_t list_take_many(struct list *list, struct job *jobs[WORKER_MANY_MAX])
{
    struct job *first = jobs[0] = list_take(list);
    if (first == NULL)
        return 0;
    if (first->run_many == NULL || 1 + count_alike(list, first) < first->many_least)
        return 1;
    size_t n = 1;
    struct job **at = &list->first;
    while (*at != NULL)
        if (n < WORKER_MANY_MAX && (*at)->run_many == first->run_many) {
            jobs[n++] = *at;
            *at = (*at)->next;
        } else {
            at = &(*at)->next;
        }
    list->end = at;
    return n;
}

/* A hundred passwords to be hashed must not keep those waiting who only want to shake hands, and many handshakes no
 * password for ever. */
static size_t take_next(struct worker_pool *pool, struct job *jobs[WORKER_MANY_MAX])
{
    if (pool->slow.first == NULL || (pool->quick.first != NULL && pool->quick_taken < WORKER_QUICK_FIRST)) {
        pool->quick_taken += pool->slow.first != NULL;
        return list_take_many(&pool->quick, jobs);
    }
    pool->quick_taken = 0;
    return list_take_many(&pool->slow, jobs);
}

static void run(struct job *const jobs[], size_t n, struct rng *rng)
{
    if (n == 1)
        jobs[0]->run(jobs[0], rng);
    else
        jobs[0]->run_many(jobs, n, rng);
}

/* Who talks must not wait for the strangers' handshakes: when the loop's thread wakes up it goes first. On Linux this
 * is of one thread; elsewhere it would be of the process, and gain nothing. */
static void step_back(void)
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
    step_back();
    rng_init(&rng);
    pthread_mutex_lock(&pool->mutex);
    pool->threads_up++;
    pthread_cond_signal(&pool->up);
    for (;;) {
        struct job *jobs[WORKER_MANY_MAX];
        size_t n = take_next(pool, jobs);
        if (n > 0) {
            pthread_mutex_unlock(&pool->mutex);
            run(jobs, n, &rng);
            pthread_mutex_lock(&pool->mutex);
            int ring = pool->done.first == NULL;
            for (size_t i = 0; i < n; i++)
                list_append(&pool->done, jobs[i]);
            if (ring)
                wake_ring(&pool->wake);
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

/* Signals are for the reactor's thread: workers start with all of them blocked. Returns when all are up: what they do
 * at their start may be forbidden to them a moment later (sandbox_seal). */
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

struct worker_pool *worker_start(size_t threads)
{
    assert(threads > 0);
    struct worker_pool *pool = calloc(1, sizeof *pool + threads * sizeof pool->thread[0]);
    if (pool == NULL)
        return NULL;
    if (wake_open(&pool->wake) != 0) {
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->up, NULL);
    list_clear(&pool->quick);
    list_clear(&pool->slow);
    list_clear(&pool->done);
    int error = start_threads(pool, threads);
    if (error != 0) {
        worker_stop(pool);
        errno = error;
        return NULL;
    }
    return pool;
}

int worker_fd(const struct worker_pool *pool)
{
    return pool->wake.read_fd;
}

void worker_submit(struct worker_pool *pool, struct job *job)
{
    pool->in_flight++;
    pthread_mutex_lock(&pool->mutex);
    list_append(job->slow ? &pool->slow : &pool->quick, job);
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
}

size_t worker_in_flight(const struct worker_pool *pool)
{
    return pool->in_flight;
}

void worker_finish(struct worker_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    wake_clear(&pool->wake); /* in here, as a job that is done in between would ring for a list that is taken */
    struct job *job = pool->done.first;
    list_clear(&pool->done);
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
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->threads; i++)
        pthread_join(pool->thread[i], NULL);
    wake_close(&pool->wake);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->up);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}
