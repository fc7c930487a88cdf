/* SPDX-License-Identifier: MIT */
/* What time does to texts and calls, and how a user leaves. */
#include "app/peer/calls.h"

#include "crypto/bytes.h"
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

static const uint8_t two_groups[] = {DH_FFDHE2048, DH_FFDHE3072}, second_group[] = {DH_FFDHE3072};

static void groups(struct user *u, const uint8_t *list, size_t len)
{
    u->config.groups = list;
    u->config.groups_len = len;
    user_restart(u);
}

static size_t passed; /* how many frames the server still passes on */

static bool pass_some(struct users *all, struct users_frame *f)
{
    (void)all;
    (void)f;
    return passed > 0 && passed-- > 0;
}

/* --- Texts and time ----------------------------------------------------------------------------------------------- */

static void test_a_text_that_is_not_confirmed(void **state)
{
    (void)state;
    users_talk(&t);
    user_say(&t.alice, "bob", "hello");
    assert_true(calls_wait_for_texts(&t.alice.calls));
    users_run(&t);
    user_expect(&t.bob, "text alice: hello", NULL);
    user_expect(&t.alice, "confirmed bob: hello", NULL);
    t.meddle = pass_some;
    passed = 2; /* step and text */
    user_say(&t.alice, "bob", "again");
    users_run(&t);
    users_wait(&t, CALL_CONFIRM_MS - 1);
    user_expect(&t.alice, NULL);
    users_wait(&t, 1);
    user_expect(&t.alice, "unconfirmed bob: again", NULL);
    users_wait(&t, CALL_CONFIRM_MS);
    user_expect(&t.alice, NULL);
    assert_false(calls_wait_for_texts(&t.alice.calls));
    assert_int_equal(user_calls(&t.alice, CALL_IS_OPEN), 1);
}

/* The 15 s begin when it is sealed, however long it waited before. */
static void test_a_text_that_waited_and_is_not_confirmed(void **state)
{
    (void)state;
    t.bob.slow = true;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    users_wait(&t, CALL_CONFIRM_MS - 1);
    t.bob.slow = false;
    while (user_calls(&t.bob, CALL_IS_OPEN) == 0)
        assert_true(users_turn(&t));
    t.meddle = pass_some;
    passed = 1;
    users_run(&t);
    users_wait(&t, CALL_CONFIRM_MS - 1);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
    user_expect(&t.alice, "opened bob (first)", NULL);
    users_wait(&t, 1);
    user_expect(&t.alice, "unconfirmed bob: hello", NULL);
}

static struct users_frame *late[8];
static size_t late_len;

static bool hold_back(struct users *all, struct users_frame *f)
{
    (void)all;
    if (f->from != &t.bob)
        return true;
    assert_true(late_len < 8);
    late[late_len] = malloc(sizeof *f);
    assert_non_null(late[late_len]);
    *late[late_len] = *f;
    late[late_len]->frame = malloc(f->len);
    memcpy(late[late_len++]->frame, f->frame, f->len);
    return false;
}

static void test_an_ack_that_comes_late(void **state)
{
    (void)state;
    users_talk(&t);
    t.meddle = hold_back;
    late_len = 0;
    user_say(&t.alice, "bob", "one");
    user_say(&t.alice, "bob", "two");
    users_run(&t);
    users_wait(&t, CALL_CONFIRM_MS);
    user_expect(&t.bob, "text alice: one", "text alice: two", NULL);
    user_expect(&t.alice, "unconfirmed bob: one", "unconfirmed bob: two", NULL);
    t.meddle = NULL;
    for (size_t i = 0; i < late_len; i++) {
        users_relay(&t, late[i]);
        users_free_frame(late[i]);
    }
    user_say(&t.alice, "bob", "three");
    users_run(&t);
    user_expect(&t.alice, "confirmed bob: three", NULL);
    assert_int_equal(user_calls(&t.alice, CALL_IS_OPEN), 1);
}

/* bob answers a call that does not open: what he wants to say waits, then he calls himself. */
static void test_what_waits_for_the_other_one_s_call(void **state)
{
    (void)state;
    t.meddle = pass_some;
    passed = 1;
    user_say(&t.alice, "bob", "lost");
    users_run(&t);
    t.now += 1000;
    user_say(&t.bob, "alice", "hello");
    users_run(&t);
    user_restart(&t.alice);
    t.meddle = NULL;
    users_wait(&t, CALL_OPEN_MS - 1000);
    user_expect(&t.bob, "opened alice (first)", "confirmed alice: hello", NULL);
    user_expect(&t.alice, "opened bob (first)", "text bob: hello", NULL);
}

/* ... and where nobody is there any more, it is told 15 s after it was given. */
static void test_what_could_not_be_said_in_time(void **state)
{
    (void)state;
    t.meddle = pass_some;
    passed = 1;
    user_say(&t.alice, "bob", "lost");
    users_run(&t);
    user_say(&t.bob, "alice", "one");
    t.now += 1000;
    user_say(&t.bob, "alice", "two");
    users_run(&t);
    users_wait(&t, CALL_OPEN_MS - 1001);
    user_expect(&t.bob, NULL);
    users_wait(&t, 1);
    user_expect(&t.bob, "unsaid alice: one (", NULL);
    users_wait(&t, 999);
    user_expect(&t.bob, NULL);
    users_wait(&t, 1);
    user_expect(&t.bob, "unsaid alice: two (", NULL);
}

/* The peer has not answered our Close: the call is over after a while. */
static void test_a_close_that_is_not_answered(void **state)
{
    (void)state;
    users_talk(&t);
    t.meddle = pass_some;
    passed = 0;
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    users_wait(&t, CALL_CLOSE_MS - 1);
    assert_non_null(t.alice.calls.list);
    users_wait(&t, 1);
    assert_null(t.alice.calls.list);
    user_expect(&t.alice, NULL);
}

/* Then another is begun, and left in its turn. */
static void test_a_call_after_one_that_is_being_left(void **state)
{
    (void)state;
    users_talk(&t);
    t.meddle = pass_some;
    passed = 0;
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    t.meddle = NULL;
    user_say(&t.alice, "bob", "wait");
    assert_int_equal(user_calls(&t.alice, CALL_IS_OPEN), 1);
    assert_int_equal(user_calls(&t.alice, CALL_HALF_OPEN), 1);
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    assert_int_equal(user_told(&t.alice, "confirmed bob: wait"), 1);
    assert_int_equal(user_told(&t.bob, "text alice: wait"), 1);
    assert_null(t.alice.calls.list);
}

static bool pass_bob_s(struct users *all, struct users_frame *f)
{
    return f->from == &all->bob;
}

/* Whatever the peer still says is shown, and keeps the call for no longer. */
static void test_a_peer_who_goes_on_after_our_close(void **state)
{
    (void)state;
    users_talk(&t);
    t.meddle = pass_bob_s;
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    users_wait(&t, CALL_CLOSE_MS - 1);
    user_say(&t.bob, "alice", "and another thing");
    users_run(&t);
    user_expect(&t.alice, "text bob: and another thing", NULL);
    assert_non_null(t.alice.calls.list);
    users_wait(&t, 1);
    assert_null(t.alice.calls.list);
}

/* Nobody wants to know what becomes of a call that was left. */
static void test_a_call_that_was_left_is_cut(void **state)
{
    (void)state;
    users_talk(&t);
    t.meddle = pass_some;
    passed = 0;
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    user_relayed(&t.alice, "bob", t.alice.calls.list->id, NULL, 0);
    assert_null(t.alice.calls.list);
    user_expect(&t.alice, NULL);
}

/* Who leaves waits for the last text's acknowledgement as long as for any. */
static void test_the_last_text_before_a_good_bye(void **state)
{
    (void)state;
    users_talk(&t);
    user_say(&t.alice, "bob", "step");
    users_run(&t);
    t.bob.slow = true;
    user_say(&t.alice, "bob", "last");
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    users_wait(&t, 3 * CALL_CLOSE_MS);
    t.bob.slow = false;
    users_run(&t);
    user_expect(&t.alice, "confirmed bob: step", "confirmed bob: last", NULL);
    assert_null(t.alice.calls.list);
}

static void test_all_are_left(void **state)
{
    (void)state;
    users_talk(&t);
    user_say(&t.carol, "alice", "hello");
    users_run(&t);
    user_say(&t.alice, "bob", "one more");
    t.bob.slow = true;
    calls_leave_all(&t.alice.calls, t.now);
    assert_true(calls_wait_for_texts(&t.alice.calls));
    t.bob.slow = false;
    users_run(&t);
    assert_null(t.alice.calls.list);
    assert_int_equal(user_told(&t.alice, "confirmed bob: one more"), 1);
    calls_call(&t.alice.calls, t.now, "bob");
    calls_leave_all(&t.alice.calls, t.now);
    assert_null(t.alice.calls.list);
}

/* What is left while it is not open yet is left in the call that takes its place, too. */
static void test_a_call_that_is_left_and_replaced(void **state)
{
    (void)state;
    groups(&t.alice, two_groups, 2);
    groups(&t.bob, second_group, 1);
    user_say(&t.alice, "bob", "hello");
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    assert_null(t.alice.calls.list);
    groups(&t.bob, two_groups, 2);
    user_say(&t.bob, "alice", "one");
    calls_leave(&t.bob.calls, t.now, "alice");
    user_say(&t.alice, "bob", "two");
    users_run(&t);
    assert_int_equal(user_told(&t.bob, "confirmed alice: one"), 1);
    assert_null(t.bob.calls.list);
}

/* A hostile peer gives a new call the number of one whose last frame has not left yet. */
static void test_a_number_that_is_used_again(void **state)
{
    (void)state;
    users_talk(&t);
    uint8_t id[MESSAGE_CALL_LEN];
    memcpy(id, t.bob.calls.list->id, sizeof id);
    calls_leave(&t.alice.calls, t.now, "bob");
    t.bob.unanswered = true;
    (void)user_go(&t.alice);
    struct users_frame *close = users_take(&t);
    users_relay(&t, close); /* his Close waits to be relayed */
    users_free_frame(close);
    assert_null(t.bob.calls.list);
    user_restart(&t.alice);
    user_say(&t.alice, "bob", "hello");
    memcpy(t.alice.calls.list->id, id, sizeof id);
    (void)user_go(&t.alice);
    (void)user_go(&t.alice);
    struct users_frame *hello = users_take(&t);
    users_relay(&t, hello);
    users_free_frame(hello);
    assert_int_equal(t.bob.calls.list->unsent, 0);
    t.bob.unanswered = false;
    (void)user_go(&t.bob);
    users_free_frame(users_take(&t)); /* his Close */
    users_run(&t);
    assert_int_equal(user_told(&t.bob, "text alice: hello"), 2);
}

/* bob wants to talk with alice. Whatever the server does with her hello, he hears within the time of one call that she
 * can't be had. */
static void test_hellos_that_follow_each_other(void **state)
{
    (void)state;
    uint8_t id[MESSAGE_CALL_LEN] = {0};
    t.meddle = pass_some;
    passed = 0;
    user_say(&t.alice, "bob", "hello");
    struct users_frame *hello;
    while ((hello = users_take(&t)) == NULL)
        assert_true(user_go(&t.alice));
    calls_call(&t.bob.calls, t.now, "alice");
    for (int64_t waited = 0; waited < CALL_OPEN_MS; waited += 5000) {
        id[0]++;
        user_relayed(&t.bob, "alice", id, hello->frame, hello->len);
        users_run(&t);
        assert_int_equal(user_told(&t.bob, "cut alice ("), 0);
        users_wait(&t, 5000);
    }
    user_expect(&t.bob, "cut alice (", NULL);
    users_free_frame(hello);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_text_that_is_not_confirmed),
        TEST(test_a_text_that_waited_and_is_not_confirmed),
        TEST(test_an_ack_that_comes_late),
        TEST(test_what_waits_for_the_other_one_s_call),
        TEST(test_what_could_not_be_said_in_time),
        TEST(test_a_close_that_is_not_answered),
        TEST(test_a_call_after_one_that_is_being_left),
        TEST(test_a_peer_who_goes_on_after_our_close),
        TEST(test_a_call_that_was_left_is_cut),
        TEST(test_the_last_text_before_a_good_bye),
        TEST(test_all_are_left),
        TEST(test_a_call_that_is_left_and_replaced),
        TEST(test_a_number_that_is_used_again),
        TEST(test_hellos_that_follow_each_other),
    };
    return RUN(tests);
}
