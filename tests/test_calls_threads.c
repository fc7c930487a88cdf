/* SPDX-License-Identifier: MIT */
/* Computations on another thread, while everything else goes on here. Whether that is a race is seen by the thread
 * sanitizer: `make tsan`. */
#include <pthread.h>

#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

static struct users t;

static int begin(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    users_begin(&t, scratch_path(state));
    t.alice.slow = t.bob.slow = true;
    return 0;
}

static int end(void **state)
{
    users_end(&t);
    return scratch_remove(state);
}

static size_t said;

static void *work(void *arg)
{
    struct user *u = arg;
    call_work(u->at_work, &u->work_rng);
    return NULL;
}

/* All that may be done to a user's calls while one of them is computed. */
static void meanwhile(struct user *u, const char *peer)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {0};
    if (said < 10) {
        user_say(u, peer, "hello");
        said++;
    }
    (void)user_go(&t.alice);
    (void)user_go(&t.bob);
    struct users_frame *f = users_take(&t);
    if (f != NULL) {
        users_relay(&t, f);
        users_free_frame(f);
    }
    calls_tick(&u->calls, t.now);
    (void)calls_wait(&u->calls, t.now, 1000);
    (void)calls_take_more(&u->calls);
    (void)calls_wait_for_texts(&u->calls);
    calls_compared(&u->calls, peer, fingerprint);
    if (said == 10)
        calls_leave(&u->calls, t.now, peer);
}

/* False: there is nothing to compute. */
static bool work_elsewhere(struct user *u, const char *peer)
{
    pthread_t thread;
    if ((u->at_work = calls_next_work(&u->calls)) == NULL)
        return false;
    assert_int_equal(pthread_create(&thread, NULL, work, u), 0);
    meanwhile(u, peer);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return user_work_end(u);
}

static void test_a_conversation(void **state)
{
    (void)state;
    said = 2;
    user_say(&t.alice, "bob", "hello");
    user_say(&t.bob, "alice", "hello");
    while (users_turn(&t) || work_elsewhere(&t.alice, "bob") || work_elsewhere(&t.bob, "alice"))
        continue;
    assert_int_equal(said, 10);
    assert_int_equal(user_told(&t.alice, "confirmed bob: hello") + user_told(&t.bob, "confirmed alice: hello"), 10);
    assert_null(t.alice.calls.list);
    assert_null(t.bob.calls.list);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_conversation),
    };
    return RUN(tests);
}
