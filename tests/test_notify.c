/* SPDX-License-Identifier: MIT */
/* The bell: many rings are one, none is lost. */
#include "app/server/base/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>

#include "tests/test.h"

static int rings(const struct notify *w, int wait_ms)
{
    struct pollfd bell = {.fd = w->read_fd, .events = POLLIN};
    return poll(&bell, 1, wait_ms) == 1;
}

static void test_it_rings_until_it_is_cleared(void **state)
{
    (void)state;
    struct notify w;
    assert_int_equal(notify_open(&w), 0);
    assert_false(rings(&w, 0));
    notify_clear(&w); /* does not wait */
    notify_ring(&w);
    assert_true(rings(&w, 0));
    assert_true(rings(&w, 0));
    notify_ring(&w);
    notify_clear(&w);
    assert_false(rings(&w, 0));
    notify_ring(&w);
    assert_true(rings(&w, 0));
    notify_close(&w);
}

/* More rings than a pipe has room for: the ringer does not wait, and one clear is enough. */
static void test_many_rings_are_one(void **state)
{
    (void)state;
    struct notify w;
    assert_int_equal(notify_open(&w), 0);
    for (int i = 0; i < 100000; i++)
        notify_ring(&w);
    assert_true(rings(&w, 0));
    notify_clear(&w);
    assert_false(rings(&w, 0));
    notify_close(&w);
}

static void *ring_once(void *arg)
{
    notify_ring(arg);
    return NULL;
}

static void test_another_thread_rings(void **state)
{
    (void)state;
    struct notify w;
    pthread_t thread;
    assert_int_equal(notify_open(&w), 0);
    assert_int_equal(pthread_create(&thread, NULL, ring_once, &w), 0);
    assert_true(rings(&w, 5000));
    pthread_join(thread, NULL);
    notify_close(&w);
}

static void test_a_program_started_by_the_server_does_not_get_it(void **state)
{
    (void)state;
    struct notify w;
    assert_int_equal(notify_open(&w), 0);
    assert_true(fcntl(w.read_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(w.write_fd, F_GETFD) & FD_CLOEXEC);
    notify_close(&w);
}

static void test_no_descriptor_is_left(void **state)
{
    (void)state;
    struct notify w;
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int result = notify_open(&w);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(result, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_rings_until_it_is_cleared),
        cmocka_unit_test(test_many_rings_are_one),
        cmocka_unit_test(test_another_thread_rings),
        cmocka_unit_test(test_a_program_started_by_the_server_does_not_get_it),
        cmocka_unit_test(test_no_descriptor_is_left),
    };
    return RUN(tests);
}
