/* SPDX-License-Identifier: MIT */
/* All calls of one user against all of another's: which there may be, and what the users are told. */
#include "app/peer/calls.h"

#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

static struct users t;

static int begin(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    users_begin(&t, scratch_path(state));
    return 0;
}

static int end(void **state)
{
    users_end(&t);
    return scratch_remove(state);
}

static void test_two_talk(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
    user_say(&t.bob, "alice", "hello yourself");
    users_run(&t);
    user_expect(&t.alice, "text bob: hello yourself", NULL);
    user_expect(&t.bob, "confirmed alice: hello yourself", NULL);
    user_expect(&t.carol, NULL);
    assert_false(calls_wait_for_texts(&t.alice.calls));
}

static void test_good_bye(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
    assert_null(t.alice.calls.list);
    assert_null(t.bob.calls.list);
    user_say(&t.bob, "alice", "wait");
    users_run(&t);
    user_expect(&t.bob, "opened alice", "confirmed alice: wait", NULL);
    user_expect(&t.alice, "opened bob", "text bob: wait", NULL);
}

static void test_somebody_who_is_not_here(void **state)
{
    (void)state;
    t.bob.here = false;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_expect(&t.alice, "unsaid bob: hello (not here)", NULL);
    assert_null(t.alice.calls.list);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_talk),
        TEST(test_good_bye),
        TEST(test_somebody_who_is_not_here),
    };
    return RUN(tests);
}
