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

/* Another call would take the place of the first one at bob's, and what is on its way in that be lost. */
static void test_what_was_left_is_gone_on_with(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_say(&t.alice, "bob", "on its way");
    calls_leave(&t.alice.calls, t.now, "bob");
    calls_call(&t.alice.calls, t.now, "bob");
    user_say(&t.alice, "bob", "and another");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", "confirmed bob: on its way",
                "confirmed bob: and another", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "text alice: on its way",
                "text alice: and another", NULL);
    assert_non_null(user_open_call(&t.alice, "bob"));
}

/* A program that ends waits for that: else the peer would be told that the text may not have arrived. */
static void test_what_came_is_acknowledged_before_the_good_bye(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    t.bob.slow = true;
    while (user_told(&t.bob, "text alice: hello") == 0) {
        if (!users_turn(&t))
            assert_true(user_work_begin(&t.bob) && user_work_end(&t.bob));
    }
    calls_leave_all(&t.bob.calls, t.now);
    assert_true(calls_are_leaving(&t.bob.calls));
    while (calls_are_leaving(&t.bob.calls))
        if (!users_turn(&t))
            assert_true(user_work_begin(&t.bob) && user_work_end(&t.bob));
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    assert_null(t.alice.calls.list);
}

/* It may have been read, but the reason for the end is told as well. */
static void test_why_a_text_is_not_confirmed(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_say(&t.alice, "bob", "are you there?");
    t.alice.error = MESSAGE_E_NOT_HERE;
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", "unconfirmed bob: are you there?", "cut bob (",
                NULL);
}

static void test_a_call_that_is_being_made(void **state)
{
    (void)state;
    assert_false(calls_is_calling(&t.alice.calls));
    calls_call(&t.alice.calls, t.now, "bob");
    assert_true(calls_is_calling(&t.alice.calls));
    users_run(&t);
    assert_false(calls_is_calling(&t.alice.calls));
    assert_false(calls_is_calling(&t.bob.calls));
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

/* --- Two that cross ----------------------------------------------------------------------------------------------- */

static void both_say(void)
{
    user_say(&t.alice, "bob", "from alice");
    user_say(&t.bob, "alice", "from bob");
    (void)user_go(&t.alice);
    (void)user_go(&t.bob);
}

static void expect_one_call(void)
{
    assert_int_equal(user_calls(&t.alice, CALL_IS_OPEN), 1);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    assert_int_equal(user_calls(&t.alice, CALL_HALF_OPEN), 0);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
    assert_memory_equal(t.alice.calls.list->id, t.bob.calls.list->id, MESSAGE_CALL_LEN);
}

static void expect_both_said(void)
{
    assert_int_equal(user_told(&t.alice, "text bob: from bob"), 1);
    assert_int_equal(user_told(&t.alice, "confirmed bob: from alice"), 1);
    assert_int_equal(user_told(&t.bob, "text alice: from alice"), 1);
    assert_int_equal(user_told(&t.bob, "confirmed alice: from bob"), 1);
    assert_int_equal(t.alice.log_len + t.bob.log_len, 6);
}

static void test_calls_that_cross_become_one(void **state)
{
    (void)state;
    both_say();
    users_run(&t);
    expect_one_call();
    assert_true(t.alice.calls.list->caller); /* the lower name's stands */
    expect_both_said();
}

/* The server passes on the second first. */
static void test_calls_that_cross_in_the_other_order(void **state)
{
    (void)state;
    both_say();
    (void)user_go(&t.alice); /* her hello is computed, and leaves */
    (void)user_go(&t.bob);
    struct users_frame *hers = users_take(&t), *his = users_take(&t);
    assert_true(hers->from == &t.alice && his->from == &t.bob);
    users_relay(&t, his);
    users_relay(&t, hers);
    users_free_frame(his);
    users_free_frame(hers);
    users_run(&t);
    expect_one_call();
    expect_both_said();
}

static struct user *withheld_of; /* whose ClientHellos the server drops */

static bool withhold_hellos(struct users *all, struct users_frame *f)
{
    (void)all;
    return f->from != withheld_of || f->len == 0 || f->frame[0] != FRAME_CLIENT_HELLO;
}

static void test_calls_that_cross_with_the_higher_withheld(void **state)
{
    (void)state;
    withheld_of = &t.bob;
    t.meddle = withhold_hellos;
    both_say();
    users_run(&t);
    expect_one_call();
    expect_both_said();
}

/* alice waits for an answer to hers, and bob for one to his; so both are told, when the time is over. */
static void test_calls_that_cross_with_the_lower_withheld(void **state)
{
    (void)state;
    withheld_of = &t.alice;
    t.meddle = withhold_hellos;
    both_say();
    users_run(&t);
    users_wait(&t, CALL_OPEN_MS - 1);
    user_expect(&t.alice, NULL);
    user_expect(&t.bob, NULL);
    users_wait(&t, 1);
    user_expect(&t.alice, "unsaid bob: from alice (", NULL);
    user_expect(&t.bob, "unsaid alice: from bob (", NULL);
    t.meddle = NULL;
    user_say(&t.bob, "alice", "again");
    users_run(&t);
    user_expect(&t.bob, "opened alice (first)", "confirmed alice: again", NULL);
}

/* --- What takes the place of what --------------------------------------------------------------------------------- */

static void test_a_newer_hello_takes_the_place(void **state)
{
    (void)state;
    t.bob.slow = true;
    user_say(&t.alice, "bob", "lost");
    users_run(&t);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 1);
    assert_true(user_work_begin(&t.bob));
    user_restart(&t.alice);
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 1);
    assert_true(user_work_end(&t.bob));
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 1);
    t.bob.slow = false;
    users_run(&t);
    expect_one_call();
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
}

/* Who is answering makes no call; what waits goes over to the newer one. */
static void test_who_answers_makes_no_call(void **state)
{
    (void)state;
    t.bob.slow = true;
    user_say(&t.alice, "bob", "lost");
    users_run(&t);
    user_say(&t.bob, "alice", "one");
    user_restart(&t.alice);
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_say(&t.bob, "alice", "two");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 1);
    t.bob.slow = false;
    users_run(&t);
    expect_one_call();
    assert_true(t.alice.calls.list->caller);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "confirmed alice: one", "confirmed alice: two",
                NULL);
}

/* A frame that the server keeps, to send it again. */
static struct users_frame kept;

static bool keep_hello(struct users *all, struct users_frame *f)
{
    (void)all;
    if (f->len > 0 && f->frame[0] == FRAME_CLIENT_HELLO && kept.frame == NULL) {
        kept = *f;
        kept.frame = malloc(f->len);
        assert_non_null(kept.frame);
        memcpy(kept.frame, f->frame, f->len);
    }
    return true;
}

static void begin_to_keep(void)
{
    free(kept.frame);
    kept.frame = NULL;
    t.meddle = keep_hello;
}

static void forget_kept(void)
{
    free(kept.frame);
    kept.frame = NULL;
}

static void test_a_hello_of_a_number_in_use(void **state)
{
    (void)state;
    begin_to_keep();
    t.bob.slow = true;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    const struct call *call = t.bob.calls.list;
    users_relay(&t, &kept);
    assert_ptr_equal(t.bob.calls.list, call);
    assert_null(call->next);
    t.bob.slow = false;
    users_run(&t);
    size_t relayed = t.relayed;
    users_relay(&t, &kept);
    users_run(&t);
    assert_int_equal(t.relayed, relayed);
    user_say(&t.bob, "alice", "still there");
    users_run(&t);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "confirmed alice: still there", NULL);
    forget_kept();
}

/* The same hello under a new number is answered, and nobody can go on with it. */
static void test_a_call_that_never_opens_takes_no_place(void **state)
{
    static const uint8_t other[MESSAGE_CALL_LEN] = "another number";
    (void)state;
    begin_to_keep();
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_relayed(&t.bob, "alice", other, kept.frame, kept.len);
    users_run(&t); /* alice says that she knows no such call, or nothing: the server may drop that */
    for (int i = 0; i < 2; i++) {
        user_say(&t.bob, "alice", "still there");
        users_run(&t);
        user_say(&t.alice, "bob", "still here");
        users_run(&t);
        users_wait(&t, CALL_OPEN_MS);
    }
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "confirmed alice: still there",
                "text alice: still here", "confirmed alice: still there", "text alice: still here", NULL);
    forget_kept();
}

/* A stranger's hello, shown by the server: no key is kept before the stranger has shown that it is its own. */
static void test_a_key_is_kept_when_the_call_is_open(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    while (t.bob.calls.list == NULL || t.bob.calls.list->phase == CALL_HALF_OPEN) {
        assert_null(peers_find(&t.bob.peers, "alice"));
        assert_true(users_turn(&t));
    }
    assert_non_null(peers_find(&t.bob.peers, "alice"));
}

/* After a new beginning of one side. At each moment the other has one live call, and answers at most one more. */
static void test_a_live_call_is_replaced_when_the_new_one_is_open(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    const struct call *old = user_open_call(&t.bob, "alice");
    user_restart(&t.alice);
    user_say(&t.alice, "bob", "hello again");
    size_t seen = 0;
    while (users_turn(&t))
        if (user_open_call(&t.bob, "alice") == old && user_calls(&t.bob, CALL_HALF_OPEN) == 1)
            seen++;
    assert_true(seen > 2);
    expect_one_call();
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "opened alice", "text alice: hello again", NULL);
}

static void test_a_restart_of_the_one_who_is_spoken_to(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_restart(&t.bob);
    user_say(&t.alice, "bob", "lost");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", "unconfirmed bob: lost", "cut bob (", NULL);
    user_say(&t.alice, "bob", "again");
    users_run(&t);
    user_expect(&t.alice, "opened bob", "confirmed bob: again", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "opened alice", "text alice: again", NULL);
}

/* What waits in a call that is being left was said before what waits in the next. */
static void test_the_order_of_what_waits_when_a_call_is_cut(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.slow = true;
    user_say(&t.alice, "bob", "again");
    users_run(&t);
    user_say(&t.bob, "alice", "one"); /* waits for a step */
    user_say(&t.bob, "alice", "two");
    calls_leave(&t.bob.calls, t.now, "alice");
    user_say(&t.bob, "alice", "three"); /* so it is not left after all */
    const struct call *open = user_open_call(&t.bob, "alice");
    assert_true(open == t.bob.calls.list && open->next == NULL && !open->closes);
    user_relayed(&t.bob, "alice", open->id, NULL, 0);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "unsaid alice: one (", "unsaid alice: two (",
                "unsaid alice: three (", NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_talk),
        TEST(test_good_bye),
        TEST(test_what_was_left_is_gone_on_with),
        TEST(test_what_came_is_acknowledged_before_the_good_bye),
        TEST(test_why_a_text_is_not_confirmed),
        TEST(test_a_call_that_is_being_made),
        TEST(test_somebody_who_is_not_here),
        TEST(test_calls_that_cross_become_one),
        TEST(test_calls_that_cross_in_the_other_order),
        TEST(test_calls_that_cross_with_the_higher_withheld),
        TEST(test_calls_that_cross_with_the_lower_withheld),
        TEST(test_a_newer_hello_takes_the_place),
        TEST(test_who_answers_makes_no_call),
        TEST(test_a_hello_of_a_number_in_use),
        TEST(test_a_call_that_never_opens_takes_no_place),
        TEST(test_a_key_is_kept_when_the_call_is_open),
        TEST(test_a_live_call_is_replaced_when_the_new_one_is_open),
        TEST(test_a_restart_of_the_one_who_is_spoken_to),
        TEST(test_the_order_of_what_waits_when_a_call_is_cut),
    };
    return RUN(tests);
}
