/* SPDX-License-Identifier: MIT */
/* The client's second thread: jobs one after the other, each told once, whatever the moment at which it ends. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "app/client/background.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/sanitized.h"
#include "tests/test.h"

struct job {
    pthread_t thread;
    int held[2]; /* it waits for a byte, where the pipe is there */
    int done;
    uint8_t drawn[16];
    bool hears_signals;
};

static void run(void *arg, struct rng *rng)
{
    struct job *job = arg;
    sigset_t blocked;
    char byte;
    if (job->held[0] != 0)
        assert_int_equal(read(job->held[0], &byte, 1), 1);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    job->hears_signals = !sigismember(&blocked, SIGINT) || !sigismember(&blocked, SIGTERM);
    job->thread = pthread_self();
    rng_fill(rng, job->drawn, sizeof job->drawn);
    job->done++;
}

static void hold(struct job *job)
{
    assert_int_equal(pipe(job->held), 0);
}

static void let_go(struct job *job)
{
    assert_int_equal(write(job->held[1], "", 1), 1);
}

static void wait_readable(const struct background *b)
{
    struct pollfd fd = {.fd = background_fd(b), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 10000), 1);
}

static void test_a_job_is_done_elsewhere_and_told_once(void **state)
{
    struct background b;
    struct job job = {.done = 0};
    (void)state;
    background_init(&b);
    assert_int_equal(background_fd(&b), -1);
    assert_false(background_done(&b));
    for (int i = 1; i <= 100; i++) {
        uint8_t before[sizeof job.drawn];
        memcpy(before, job.drawn, sizeof before);
        assert_int_equal(background_begin(&b, run, &job), 0);
        wait_readable(&b);
        assert_true(background_done(&b));
        assert_false(background_done(&b));
        assert_int_equal(job.done, i);
        assert_memory_not_equal(job.drawn, before, sizeof before);
        assert_false(pthread_equal(job.thread, pthread_self()));
        assert_false(job.hears_signals);
    }
    background_end(&b);
    assert_int_equal(background_fd(&b), -1);
}

static void test_nothing_waits_for_it(void **state)
{
    struct background b;
    struct job job = {.done = 0};
    struct pollfd fd = {.events = POLLIN};
    (void)state;
    hold(&job);
    background_init(&b);
    assert_int_equal(background_begin(&b, run, &job), 0);
    fd.fd = background_fd(&b);
    for (int i = 0; i < 100; i++) {
        assert_false(background_done(&b));
        assert_int_equal(poll(&fd, 1, 0), 0);
    }
    let_go(&job);
    background_wait(&b);
    assert_int_equal(job.done, 1);
    background_wait(&b); /* there is none */
    background_end(&b);
}

/* What it has to free is its own until then. */
static void test_the_end_waits_for_the_job(void **state)
{
    struct background b;
    struct job job = {.done = 0};
    (void)state;
    hold(&job);
    background_init(&b);
    assert_int_equal(background_begin(&b, run, &job), 0);
    let_go(&job);
    background_end(&b);
    assert_int_equal(job.done, 1);
    background_end(&b);
    assert_int_equal(background_begin(&b, run, &(struct job){.done = 0}), 0); /* and it can begin anew */
    background_end(&b);
}

static void test_no_thread_where_there_was_no_job(void **state)
{
    struct background b;
    (void)state;
    background_init(&b);
    background_wait(&b);
    background_end(&b);
}

/* As where a process may have no more files; then it is the caller's to do. */
static void test_no_pipe_to_be_had(void **state)
{
    struct background b;
    struct job job = {.done = 0};
    struct rlimit before, none = {.rlim_cur = 3};
    (void)state;
    background_init(&b);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(background_begin(&b, run, &job), -1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(background_fd(&b), -1);
    assert_int_equal(background_begin(&b, run, &job), 0);
    background_end(&b);
    assert_int_equal(job.done, 1);
}

/* --- What can't be had -------------------------------------------------------------------------------------------- */

static struct {
    bool no_lock, no_wake, no_thread;
    int locks, wakes; /* that were made and are not destroyed */
} have;

#if !SANITIZED
int pthread_mutex_init(pthread_mutex_t *lock, const pthread_mutexattr_t *attr)
{
    (void)attr;
    if (have.no_lock)
        return ENOMEM;
    have.locks++;
    *lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *lock)
{
    (void)lock;
    have.locks--;
    return 0;
}

int pthread_cond_init(pthread_cond_t *wake, const pthread_condattr_t *attr)
{
    (void)attr;
    if (have.no_wake)
        return EAGAIN;
    have.wakes++;
    *wake = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *wake)
{
    (void)wake;
    have.wakes--;
    return 0;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*begin)(void *), void *arg)
{
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    return have.no_thread ? EAGAIN : create(thread, attr, begin, arg);
}
#endif

/* What was made before is given back, as it is made again the next time. */
static void test_no_thread_to_be_had(void **state)
{
    struct background b;
    struct job job = {.done = 0};
    bool *const missing[] = {&have.no_lock, &have.no_wake, &have.no_thread};
    (void)state;
    if (SANITIZED)
        skip();
    background_init(&b);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        *missing[i] = true;
        assert_int_equal(background_begin(&b, run, &job), -1);
        *missing[i] = false;
        assert_int_equal(background_fd(&b), -1);
        assert_int_equal(have.locks, 0);
        assert_int_equal(have.wakes, 0);
    }
    assert_int_equal(background_begin(&b, run, &job), 0);
    assert_int_equal(have.locks, 1);
    assert_int_equal(have.wakes, 1);
    background_end(&b);
    assert_int_equal(job.done, 1);
    assert_int_equal(have.locks, 0);
    assert_int_equal(have.wakes, 0);
}

static void take_a_while(void *arg, struct rng *rng)
{
    const struct timespec a_while = {.tv_nsec = 50000000};
    (void)rng;
    nanosleep(&a_while, NULL);
    *(bool *)arg = true;
}

/* Where poll fails: here for more files than a process may have. */
static void test_it_is_waited_for_whatever_fails(void **state)
{
    struct background b;
    bool done = false;
    struct rlimit before, none = {.rlim_cur = 0};
    (void)state;
    background_init(&b);
    assert_int_equal(background_begin(&b, take_a_while, &done), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    background_wait(&b);
    bool was_done = done;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(was_done);
    background_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_job_is_done_elsewhere_and_told_once),
        cmocka_unit_test(test_nothing_waits_for_it),
        cmocka_unit_test(test_the_end_waits_for_the_job),
        cmocka_unit_test(test_no_thread_where_there_was_no_job),
        cmocka_unit_test(test_no_pipe_to_be_had),
        cmocka_unit_test(test_no_thread_to_be_had),
        cmocka_unit_test(test_it_is_waited_for_whatever_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
