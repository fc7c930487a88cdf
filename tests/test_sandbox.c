/* SPDX-License-Identifier: MIT */
/* The sandbox: what the server can still do once it has entered, even in threads that run already, and whether what it
 * says of itself is true. What is forbidden: test_sandbox_refusals.c. */
#include "app/server/base/sandbox.h"

#include <pthread.h>
#include <stdatomic.h>

#include "app/server/base/log.h"
#include "app/server/base/notify.h"
#include "app/server/base/worker.h"
#include "tests/sandboxed.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)
#include <sys/prctl.h>
#include <sys/syscall.h>

/* --- Threads that run already ------------------------------------------------------------------------------------- */

static atomic_int go;

static void *open_and_connect(void *arg)
{
    struct inside *in = arg;
    while (atomic_load(&go) == 0)
        sched_yield();
    int socket_refused = !has(in, "seccomp") || refused(socket(AF_INET, SOCK_STREAM, 0)) == AS_IT_SHOULD;
    int file_refused = !has(in, "landlock") || refused(open("/etc/passwd", O_RDONLY)) == AS_IT_SHOULD;
    return socket_refused && file_refused ? in : NULL;
}

/* As in the server: drop, then start threads, then seal. */
static int threads_too(struct inside *in)
{
    pthread_t thread;
    void *result;
    sandbox_drop(&in->box, in->data, NULL, in, sizeof *in);
    if (pthread_create(&thread, NULL, open_and_connect, in) != 0)
        return OTHERWISE;
    seal_unless_sanitized(&in->box);
    atomic_store(&go, 1);
    pthread_join(thread, &result);
    return result == in ? AS_IT_SHOULD : OTHERWISE;
}

static void test_threads_that_run_already(void **state)
{
    assert_int_equal(run_child(state, threads_too, false), AS_IT_SHOULD);
}

/* --- What it says ------------------------------------------------------------------------------------------------- */

static int is_as_it_says(struct inside *in)
{
    struct {
        uint32_t version;
        int pid;
    } header = {.version = 0x20080522};
    uint32_t capabilities[6] = {0};
    bool dropped = false;
    sandbox_drop(&in->box, in->data, NULL, in, sizeof *in);
    if (syscall(SYS_capget, &header, capabilities) == 0)
        dropped = capabilities[0] == 0 && capabilities[1] == 0 && capabilities[3] == 0 && capabilities[4] == 0;
    return has(in, "no-new-privs") == (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) &&
                   has(in, "not-dumpable") == (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0) &&
                   (!has(in, "no-capabilities") || dropped)
               ? AS_IT_SHOULD
               : OTHERWISE;
}

static void test_says_what_holds(void **state)
{
    assert_int_equal(run_child(state, is_as_it_says, false), AS_IT_SHOULD);
}

static int abort_inside(struct inside *in)
{
    (void)in;
    abort();
}

static void test_abort_still_ends_it(void **state)
{
    assert_int_equal(run_child(state, abort_inside, true), 256 + SIGABRT);
}

#endif

/* --- What goes on working, everywhere ----------------------------------------------------------------------------- */

static int use_files(struct inside *in)
{
    char byte = 'y';
    int fd = openat(in->data_fd, "new", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int ok = fd >= 0 && pwrite(fd, &byte, 1, 0) == 1 && pread(fd, &byte, 1, 0) == 1 && fdatasync(fd) == 0;
    ok = ok && ftruncate(fd, 0) == 0 && fsync(fd) == 0 && close(fd) == 0;
    ok = ok && renameat(in->data_fd, "new", in->data_fd, "file") == 0 && fsync(in->data_fd) == 0;
    fd = openat(in->data_fd, "file", O_WRONLY | O_TRUNC | O_NOFOLLOW);
    ok = ok && fd >= 0 && close(fd) == 0 && unlinkat(in->data_fd, "file", 0) == 0;
    return ok ? AS_IT_SHOULD : OTHERWISE;
}

static int use_the_log(struct inside *in)
{
    char log[400], aside[400];
    (void)in;
    snprintf(log, sizeof log, "%s/logs/log", in->outside);
    snprintf(aside, sizeof aside, "%s/logs/log.1", in->outside);
    log_set_level(LOG_INFO);
    /* logrotate, which is outside, has renamed the old one: the new one is made by us */
    int ok = log_open(log) == 0;
    log_event(LOG_INFO, "event", "number", "1", NULL);
    ok = ok && log_reopen(log) == 0;
    log_event(LOG_INFO, "event", NULL);
    return ok ? AS_IT_SHOULD : OTHERWISE;
}

static int accept_one(struct inside *in)
{
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    char byte = 'z';
    int fd = accept(in->listener, (struct sockaddr *)&from, &len), on = 1;
    int ok = fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
    (void)setsockopt(fd, 6, 1, &on, sizeof on);
    ok = ok && send(fd, &byte, 1, 0) == 1 && shutdown(fd, SHUT_WR) == 0 && recv(fd, &byte, 1, 0) == 0;
    return ok && close(fd) == 0 ? AS_IT_SHOULD : OTHERWISE;
}

static void run_job(struct job *job, struct rng *rng)
{
    uint8_t bytes[300];
    (void)job;
    rng_fill(rng, bytes, sizeof bytes);
    void *big = malloc(3000000);
    if (big != NULL)
        memset(big, 1, 3000000);
    free(big);
}

static int jobs_done;

static void finish_job(struct job *job)
{
    (void)job;
    jobs_done++;
}

/* Workers that were started before: they sleep, wake, draw randomness, take memory, and end. */
static int use_workers(struct inside *in)
{
    static struct job jobs[20];
    sandbox_drop(&in->box, in->data, NULL, jobs, sizeof jobs);
    struct worker_pool *pool = worker_start(2);
    if (pool == NULL)
        return OTHERWISE;
    seal_unless_sanitized(&in->box);
    for (size_t i = 0; i < 20; i++) {
        jobs[i] = (struct job){.run = run_job, .finish = finish_job};
        worker_submit(pool, &jobs[i]);
    }
    worker_stop(pool);
    return jobs_done == 20 ? AS_IT_SHOULD : OTHERWISE;
}

static void test_what_goes_on_working(void **state)
{
    assert_int_equal(run_child(state, use_files, true), AS_IT_SHOULD);
    assert_int_equal(run_child(state, use_the_log, true), AS_IT_SHOULD);
    assert_int_equal(run_child(state, use_workers, false), AS_IT_SHOULD);
}

/* The backlog keeps a connection until it is taken. */
static int connect_and_enter(struct inside *in)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    at.sin_port = htons((uint16_t)in->port);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr *)&at, sizeof at) != 0 || shutdown(peer, SHUT_WR) != 0)
        return OTHERWISE;
    enter(in);
    return accept_one(in);
}

static void test_connections_are_taken(void **state)
{
    assert_int_equal(run_child(state, connect_and_enter, false), AS_IT_SHOULD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)
        WITH_FOLDER(test_threads_that_run_already),
        WITH_FOLDER(test_says_what_holds),
        WITH_FOLDER(test_abort_still_ends_it),
#endif
        WITH_FOLDER(test_what_goes_on_working),
        WITH_FOLDER(test_connections_are_taken),
    };
    return RUN(tests);
}
