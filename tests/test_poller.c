/* SPDX-License-Identifier: MIT */
/* The poller over pipes and socket pairs; built with PORTABLE=1, the same tests run its twin. */
#include "net/poller.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

#define PAIRS 40

struct pair {
    int here, there;
    struct poller_watch watch;
};

static void open_pair(struct pair *p)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    p->here = fds[0];
    p->there = fds[1];
}

static void close_pair(struct pair *p)
{
    close(p->here);
    close(p->there);
}

static unsigned ready_of(struct poller *p, const struct pair *pair)
{
    struct poller_event events[8];
    size_t n = poller_wait(p, events, 8, 0);
    for (size_t i = 0; i < n; i++)
        if (events[i].watch->owner == pair)
            return events[i].ready;
    return 0;
}

static void test_reports_what_is_wanted(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct pair a;
    open_pair(&a);
    assert_int_equal(poller_add(p, &a.watch, a.here, POLLER_READ, &a), 0);
    assert_int_equal(ready_of(p, &a), 0);
    assert_int_equal(write(a.there, "x", 1), 1);
    assert_int_equal(ready_of(p, &a), POLLER_READ);
    assert_int_equal(ready_of(p, &a), POLLER_READ); /* a state, not a change */
    assert_int_equal(poller_want(p, &a.watch, POLLER_READ | POLLER_WRITE), 0);
    assert_int_equal(ready_of(p, &a), POLLER_READ | POLLER_WRITE);
    assert_int_equal(poller_want(p, &a.watch, POLLER_WRITE), 0);
    assert_int_equal(ready_of(p, &a), POLLER_WRITE);
    poller_remove(p, &a.watch);
    assert_int_equal(ready_of(p, &a), 0);
    close_pair(&a);
    poller_free(p);
}

static void test_hang_up(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct pair a;
    open_pair(&a);
    assert_int_equal(poller_add(p, &a.watch, a.here, 0, &a), 0);
    close(a.there);
    assert_int_equal(ready_of(p, &a), 0); /* nothing was asked for, so nobody spins */
    assert_int_equal(poller_want(p, &a.watch, POLLER_READ), 0);
    assert_int_equal(ready_of(p, &a) & POLLER_READ, POLLER_READ);
    assert_int_equal(poller_want(p, &a.watch, 0), 0);
    assert_int_equal(ready_of(p, &a), 0);
    poller_remove(p, &a.watch);
    close(a.here);
    poller_free(p);
}

/* More are ready than fit one batch: within a few waits each was reported. */
static void test_nobody_starves(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct pair pairs[PAIRS];
    bool told[PAIRS] = {false};
    for (size_t i = 0; i < PAIRS; i++) {
        open_pair(&pairs[i]);
        assert_int_equal(poller_add(p, &pairs[i].watch, pairs[i].here, POLLER_WRITE, &pairs[i]), 0);
    }
    for (size_t round = 0; round < PAIRS; round++) {
        struct poller_event events[3];
        size_t n = poller_wait(p, events, 3, 0);
        assert_int_equal(n, 3);
        for (size_t i = 0; i < n; i++)
            told[(struct pair *)events[i].watch->owner - pairs] = true;
    }
    for (size_t i = 0; i < PAIRS; i++) {
        assert_true(told[i]);
        close_pair(&pairs[i]);
    }
    poller_free(p);
}

/* Taking some out leaves the others watched, whichever they are. */
static void test_remove_in_the_middle(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct pair pairs[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        open_pair(&pairs[i]);
        assert_int_equal(poller_add(p, &pairs[i].watch, pairs[i].here, POLLER_READ, &pairs[i]), 0);
        assert_int_equal(write(pairs[i].there, "x", 1), 1);
    }
    for (size_t i = 0; i < PAIRS; i += 3)
        poller_remove(p, &pairs[i].watch);
    struct poller_event events[PAIRS];
    bool told[PAIRS] = {false};
    size_t n = poller_wait(p, events, PAIRS, 0);
    assert_int_equal(n, PAIRS - (PAIRS + 2) / 3);
    for (size_t i = 0; i < n; i++)
        told[(struct pair *)events[i].watch->owner - pairs] = true;
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_equal(told[i], i % 3 != 0);
        close_pair(&pairs[i]);
    }
    poller_free(p);
}

/* Asking again for what is watched already is allowed; and a descriptor that can't be watched is refused or reported,
 * but nothing is left of it. */
static void test_odd_uses(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct pair a;
    struct poller_watch bad;
    open_pair(&a);
    assert_int_equal(poller_add(p, &a.watch, a.here, POLLER_WRITE, &a), 0);
    assert_int_equal(poller_want(p, &a.watch, POLLER_WRITE), 0);
    assert_int_equal(ready_of(p, &a), POLLER_WRITE);
    int closed = dup(a.here);
    close(closed);
    if (poller_add(p, &bad, closed, POLLER_READ, NULL) == 0)
        poller_remove(p, &bad);
    assert_int_equal(ready_of(p, &a), POLLER_WRITE);
    poller_remove(p, &a.watch);
    close_pair(&a);
    poller_free(p);
}

static void test_time_passes(void **state)
{
    (void)state;
    struct poller *p = poller_new();
    struct poller_event event;
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(poller_wait(p, &event, 1, 20), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec >= 19000000);
    poller_free(p);
    poller_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports_what_is_wanted),
        cmocka_unit_test(test_hang_up),
        cmocka_unit_test(test_nobody_starves),
        cmocka_unit_test(test_remove_in_the_middle),
        cmocka_unit_test(test_time_passes),
        cmocka_unit_test(test_odd_uses),
    };
    return RUN(tests);
}
