/* SPDX-License-Identifier: MIT */
/* The pool: every job is run once on a worker and finished once here; nothing is lost when it stops. */
#include "app/server/base/worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "app/server/base/fair_queue.h"
#include "tests/test.h"

struct count_job {
    struct job job;
    struct worker_pool *pool;
    int runs, finishes, again; /* again: how many more times finish submits it */
    size_t order;              /* which of all the finishes the last one was */
    pthread_t ran_on;
    uint8_t random[16];
    sigset_t blocked;
};

static pthread_t reactor;
static size_t finished; /* in all, to see the order */

static void count_run(struct job *job, struct rng *rng)
{
    struct count_job *c = (struct count_job *)job;
    c->runs++;
    c->ran_on = pthread_self();
    rng_fill(rng, c->random, sizeof c->random);
    pthread_sigmask(SIG_BLOCK, NULL, &c->blocked);
}

static void count_finish(struct job *job)
{
    struct count_job *c = (struct count_job *)job;
    assert_true(pthread_equal(pthread_self(), reactor));
    c->finishes++;
    c->order = finished++;
    if (c->again-- > 0)
        worker_submit(c->pool, job);
}

static struct count_job *new_jobs(struct worker_pool *pool, size_t n)
{
    struct count_job *jobs = calloc(n, sizeof *jobs);
    assert_non_null(jobs);
    for (size_t i = 0; i < n; i++) {
        jobs[i].job = (struct job){.run = count_run, .finish = count_finish};
        jobs[i].pool = pool;
    }
    finished = 0;
    reactor = pthread_self();
    return jobs;
}

static void wait_for_all(struct worker_pool *pool)
{
    while (worker_in_flight(pool) > 0) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        assert_int_equal(poll(&bell, 1, 5000), 1);
        worker_finish(pool);
    }
}

static int bell_rings(struct worker_pool *pool)
{
    struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
    return poll(&bell, 1, 0) == 1;
}

static void test_every_job_runs_and_finishes_once(void **state)
{
    (void)state;
    struct worker_pool *pool = worker_start(3);
    struct count_job *jobs = new_jobs(pool, 2000);
    assert_int_equal(worker_in_flight(pool), 0);
    for (size_t i = 0; i < 2000; i++) {
        worker_submit(pool, &jobs[i].job);
        if (i % 100 == 99)
            worker_finish(pool); /* in between, while they work */
    }
    wait_for_all(pool);
    assert_false(bell_rings(pool));
    for (size_t i = 0; i < 2000; i++) {
        assert_true(jobs[i].runs == 1 && jobs[i].finishes == 1);
        assert_false(pthread_equal(jobs[i].ran_on, reactor));
    }
    worker_stop(pool);
    free(jobs);
}

static void test_one_worker_keeps_the_order(void **state)
{
    (void)state;
    struct worker_pool *pool = worker_start(1);
    struct count_job *jobs = new_jobs(pool, 100);
    for (size_t i = 0; i < 100; i++)
        worker_submit(pool, &jobs[i].job);
    wait_for_all(pool);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(jobs[i].order, i);
    worker_stop(pool);
    free(jobs);
}

static void test_finish_may_submit_again(void **state)
{
    (void)state;
    struct worker_pool *pool = worker_start(2);
    struct count_job *jobs = new_jobs(pool, 3);
    for (size_t i = 0; i < 3; i++) {
        jobs[i].again = 50;
        worker_submit(pool, &jobs[i].job);
    }
    wait_for_all(pool);
    for (size_t i = 0; i < 3; i++)
        assert_true(jobs[i].runs == 51 && jobs[i].finishes == 51);
    worker_stop(pool);
    free(jobs);
}

/* Stopping loses no change that was promised: what waits is run and finished, and so is what that submits. */
static void test_stopping_finishes_everything(void **state)
{
    (void)state;
    struct worker_pool *pool = worker_start(2);
    struct count_job *jobs = new_jobs(pool, 200);
    for (size_t i = 0; i < 200; i++) {
        jobs[i].again = 1;
        worker_submit(pool, &jobs[i].job);
    }
    worker_stop(pool);
    for (size_t i = 0; i < 200; i++)
        assert_true(jobs[i].runs == 2 && jobs[i].finishes == 2);
    free(jobs);
}

static void free_finish(struct job *job)
{
    free(job);
    finished++;
}

static void nothing_run(struct job *job, struct rng *rng)
{
    (void)job;
    (void)rng;
}

static void test_finish_may_free_the_job(void **state)
{
    (void)state;
    finished = 0;
    struct worker_pool *pool = worker_start(2);
    for (size_t i = 0; i < 200; i++) {
        struct job *job = calloc(1, sizeof *job);
        assert_non_null(job);
        *job = (struct job){.run = nothing_run, .finish = free_finish};
        worker_submit(pool, job);
    }
    worker_stop(pool);
    assert_int_equal(finished, 200);
}

/* --- Several at once ---------------------------------------------------------------------------------------------- */

#define LEAST 4

struct many_job {
    struct job job;
    size_t kind, batch, order; /* batch: how many ran together with it */
    int runs;
};

static atomic_int gate; /* opened: the worker goes on */
static size_t many_runs;

static void gate_run(struct job *job, struct rng *rng)
{
    (void)job;
    (void)rng;
    while (atomic_load(&gate) == 0)
        usleep(1000);
}

static void many_run(struct job *job, struct rng *rng)
{
    (void)rng;
    ((struct many_job *)job)->runs++;
    ((struct many_job *)job)->batch = 1;
}

static void run_batch(struct job *const jobs[], size_t n, size_t kind)
{
    assert_true(n >= LEAST && n <= JOB_MANY_MAX);
    many_runs++;
    for (size_t i = 0; i < n; i++) {
        struct many_job *m = (struct many_job *)jobs[i];
        assert_int_equal(m->kind, kind);
        m->runs++;
        m->batch = n;
    }
}

static void run_kind_0(struct job *const jobs[], size_t n, struct rng *rng)
{
    (void)rng;
    run_batch(jobs, n, 0);
}

static void run_kind_1(struct job *const jobs[], size_t n, struct rng *rng)
{
    (void)rng;
    run_batch(jobs, n, 1);
}

static void many_finish(struct job *job)
{
    ((struct many_job *)job)->order = finished++;
}

static void gate_finish(struct job *job)
{
    (void)job;
}

/* One worker, kept busy until all jobs wait. kinds: a letter for each job. 0 and 1 run with their like, - and s never;
 * s is slow. */
static struct many_job *run_queue(const char *kinds)
{
    size_t n = strlen(kinds);
    struct many_job *jobs = calloc(n + 1, sizeof *jobs);
    struct job first = {.run = gate_run, .finish = gate_finish};
    assert_non_null(jobs);
    struct worker_pool *pool = worker_start(1);
    finished = many_runs = 0;
    atomic_store(&gate, 0);
    worker_submit(pool, &first);
    for (size_t i = 0; i < n; i++) {
        jobs[i].job = (struct job){.run = many_run, .finish = many_finish, .many_least = LEAST};
        jobs[i].job.run_many = kinds[i] == '0' ? run_kind_0 : kinds[i] == '1' ? run_kind_1 : NULL;
        jobs[i].kind = kinds[i] == '1';
        jobs[i].job.slow = kinds[i] == 's';
        worker_submit(pool, &jobs[i].job);
    }
    atomic_store(&gate, 1);
    worker_stop(pool);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(jobs[i].runs, 1);
    assert_int_equal(finished, n);
    return jobs;
}

/* For each job: how many ran with it, and its place in the order of finishing. */
static void expect_queue(const char *kinds, const size_t *batches, const size_t *order)
{
    struct many_job *jobs = run_queue(kinds);
    for (size_t i = 0; kinds[i] != '\0'; i++) {
        assert_int_equal(jobs[i].batch, batches[i]);
        assert_int_equal(jobs[i].order, order[i]);
    }
    free(jobs);
}

static void test_like_jobs_run_together(void **state)
{
    (void)state;
    expect_queue("000", (size_t[]){1, 1, 1}, (size_t[]){0, 1, 2}); /* too few */
    expect_queue("0000", (size_t[]){4, 4, 4, 4}, (size_t[]){0, 1, 2, 3});
    expect_queue("----", (size_t[]){1, 1, 1, 1}, (size_t[]){0, 1, 2, 3});
    expect_queue("-0-0100", (size_t[]){1, 4, 1, 4, 1, 4, 4}, (size_t[]){0, 1, 5, 2, 6, 3, 4});
    expect_queue("01010101", (size_t[]){4, 4, 4, 4, 4, 4, 4, 4}, (size_t[]){0, 4, 1, 5, 2, 6, 3, 7});
    expect_queue("1000", (size_t[]){1, 1, 1, 1}, (size_t[]){0, 1, 2, 3});
}

/* Quick jobs overtake slow ones, but not for ever. */
static void test_quick_jobs_go_first(void **state)
{
    (void)state;
    char kinds[2 * FAIR_QUEUE_QUICK_FIRST + 3] = {0};
    expect_queue("ss--s-", (size_t[]){1, 1, 1, 1, 1, 1}, (size_t[]){3, 4, 0, 1, 5, 2});
    expect_queue("s0000s", (size_t[]){1, 4, 4, 4, 4, 1}, (size_t[]){4, 0, 1, 2, 3, 5});
    kinds[0] = kinds[1] = 's';
    memset(kinds + 2, '-', 2 * FAIR_QUEUE_QUICK_FIRST);
    struct many_job *jobs = run_queue(kinds);
    assert_in_range(jobs[0].order, FAIR_QUEUE_QUICK_FIRST - 1,
                    FAIR_QUEUE_QUICK_FIRST); /* the first job may count, too */
    assert_int_equal(jobs[1].order, jobs[0].order + FAIR_QUEUE_QUICK_FIRST + 1);
    free(jobs);
}

/* A batch that took all that waited leaves a queue that can be added to. */
static void test_jobs_after_a_batch(void **state)
{
    (void)state;
    struct job first = {.run = gate_run, .finish = gate_finish};
    struct many_job jobs[LEAST + 2] = {0};
    struct worker_pool *pool = worker_start(1);
    finished = many_runs = 0;
    atomic_store(&gate, 0);
    worker_submit(pool, &first);
    for (size_t i = 0; i < LEAST + 2; i++) {
        jobs[i].job = (struct job){.run = many_run, .run_many = run_kind_0, .finish = many_finish, .many_least = LEAST};
        if (i == LEAST + 1) {
            atomic_store(&gate, 1);
            wait_for_all(pool);
        }
        worker_submit(pool, &jobs[i].job);
    }
    wait_for_all(pool);
    assert_int_equal(many_runs, 1);
    assert_int_equal(finished, LEAST + 2);
    worker_stop(pool);
}

/* No more than JOB_MANY_MAX at once; the rest run in another batch, or alone. */
static void test_full_batches(void **state)
{
    (void)state;
    char kinds[41] = {0};
    for (size_t n = 1; n <= 40; n++) {
        kinds[n - 1] = '0';
        struct many_job *jobs = run_queue(kinds);
        for (size_t i = 0; i < n; i++) {
            size_t left = n - i / JOB_MANY_MAX * JOB_MANY_MAX;
            assert_int_equal(jobs[i].batch, left >= JOB_MANY_MAX ? JOB_MANY_MAX : left >= LEAST ? left : 1);
            assert_int_equal(jobs[i].order, i);
        }
        free(jobs);
    }
}

/* A job that waits for another one: both must run at the same time. */
struct meeting {
    struct job job;
    atomic_int *there;
    int met;
};

static void meet_run(struct job *job, struct rng *rng)
{
    struct meeting *m = (struct meeting *)job;
    (void)rng;
    atomic_fetch_add(m->there, 1);
    for (int i = 0; i < 5000 && atomic_load(m->there) < 2; i++)
        usleep(1000);
    m->met = atomic_load(m->there) == 2;
}

static void meet_finish(struct job *job)
{
    (void)job;
}

static void test_workers_work_at_once(void **state)
{
    (void)state;
    atomic_int there = 0;
    struct worker_pool *pool = worker_start(2);
    struct meeting m[2];
    for (int i = 0; i < 2; i++) {
        m[i] = (struct meeting){.job = {.run = meet_run, .finish = meet_finish}, .there = &there};
        worker_submit(pool, &m[i].job);
    }
    worker_stop(pool);
    assert_true(m[0].met && m[1].met);
}

/* A job that is no longer needed is finished at once and never run, and no other is. */
static void test_what_waits_can_be_withdrawn(void **state)
{
    (void)state;
    const uint8_t address[SOCK_KEY_LEN] = {1};
    struct worker_pool *pool = worker_start(1);
    struct count_job *jobs = new_jobs(pool, 3);
    struct job first = {.run = gate_run, .finish = gate_finish, .address = address};
    atomic_store(&gate, 0);
    worker_submit(pool, &first);
    for (size_t i = 0; i < 3; i++) {
        jobs[i].job.address = address;
        if (i < 2)
            worker_submit(pool, &jobs[i].job);
    }
    assert_true(worker_withdraw(pool, &jobs[0].job));
    assert_true(jobs[0].runs == 0 && jobs[0].finishes == 1 && jobs[0].job.withdrawn);
    assert_int_equal(worker_in_flight(pool), 2);
    assert_false(worker_withdraw(pool, &jobs[0].job)); /* not twice */
    assert_false(worker_withdraw(pool, &jobs[2].job)); /* never submitted */
    atomic_store(&gate, 1);
    struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
    assert_int_equal(poll(&bell, 1, 5000), 1);
    assert_false(worker_withdraw(pool, &first)); /* done already */
    wait_for_all(pool);
    assert_true(jobs[0].runs == 0 && jobs[0].finishes == 1);
    assert_true(jobs[1].runs == 1 && jobs[1].finishes == 1 && !jobs[1].job.withdrawn);
    worker_stop(pool);
    free(jobs);
}

static void test_each_worker_draws_other_bytes(void **state)
{
    (void)state;
    struct worker_pool *pool = worker_start(2);
    struct count_job *jobs = new_jobs(pool, 50);
    for (size_t i = 0; i < 50; i++)
        worker_submit(pool, &jobs[i].job);
    wait_for_all(pool);
    for (size_t i = 0; i < 50; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(jobs[i].random, jobs[j].random, sizeof jobs[i].random);
    worker_stop(pool);
    free(jobs);
}

static void test_signals_are_left_to_the_reactor(void **state)
{
    (void)state;
    sigset_t blocked;
    struct worker_pool *pool = worker_start(1);
    struct count_job *jobs = new_jobs(pool, 1);
    worker_submit(pool, &jobs[0].job);
    wait_for_all(pool);
    assert_true(sigismember(&jobs[0].blocked, SIGTERM) && sigismember(&jobs[0].blocked, SIGINT));
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM));
    worker_stop(pool);
    free(jobs);
}

/* One for each processor: with fewer, some would idle while passwords wait. */
static void test_default_count(void **state)
{
    (void)state;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    assert_int_equal(worker_default_count(), processors > 1 ? processors : 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_job_runs_and_finishes_once),
        cmocka_unit_test(test_one_worker_keeps_the_order),
        cmocka_unit_test(test_finish_may_submit_again),
        cmocka_unit_test(test_stopping_finishes_everything),
        cmocka_unit_test(test_finish_may_free_the_job),
        cmocka_unit_test(test_workers_work_at_once),
        cmocka_unit_test(test_what_waits_can_be_withdrawn),
        cmocka_unit_test(test_each_worker_draws_other_bytes),
        cmocka_unit_test(test_signals_are_left_to_the_reactor),
        cmocka_unit_test(test_default_count),
        cmocka_unit_test(test_like_jobs_run_together),
        cmocka_unit_test(test_quick_jobs_go_first),
        cmocka_unit_test(test_jobs_after_a_batch),
        cmocka_unit_test(test_full_batches),
    };
    return RUN(tests);
}
