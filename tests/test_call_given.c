/* SPDX-License-Identifier: MIT */
/* What sealed rooms give inside calls: it arrives whole and in its place among the texts, nobody is told what became of
 * it, it stays with the key that it was meant for, and nothing of it stays behind. */
#include "app/peer/calls.h"

#include "tests/callers.h"
#include "tests/fill.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

static struct callers t;
static struct users all;
static const uint8_t a_key[] = "\3a sender key, as far as a call knows";

static int open_both(void **state)
{
    (void)state;
    callers_open(&t);
    return 0;
}

static int end_both(void **state)
{
    (void)state;
    callers_end(&t);
    return 0;
}

static void give(struct caller *side, const uint8_t *payload, size_t len)
{
    assert_int_equal(call_give(side->call, payload, len, t.now), 0);
    caller_go(side);
}

/* --- One call ----------------------------------------------------------------------------------------------------- */

static void test_each_kind_arrives_in_its_place(void **state)
{
    (void)state;
    caller_say(&t.alice, "before");
    for (uint8_t kind = CALL_INSIDE_SENDER_KEY; kind <= CALL_INSIDE_LEAVE; kind++)
        give(&t.alice, (uint8_t[]){kind, 'x', kind}, 3);
    caller_say(&t.alice, "after");
    callers_run(&t);
    assert_int_equal(t.bob.given_len, 3);
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t kind = (uint8_t)(CALL_INSIDE_SENDER_KEY + i);
        assert_int_equal(t.bob.given[i].len, 3);
        assert_memory_equal(t.bob.given[i].text, ((uint8_t[]){kind, 'x', kind}), 3);
    }
    caller_expect_shown(&t.bob, 1, "after");
    assert_int_equal(t.alice.confirmed_len, 2); /* the texts */
    assert_int_equal(t.alice.call->unconfirmed.len, 0);
    assert_int_equal(t.alice.failed + t.bob.failed, 0);
}

static void test_the_longest(void **state)
{
    static uint8_t longest[CALL_GIVEN_MAX] = {CALL_INSIDE_LIST};
    (void)state;
    give(&t.alice, longest, sizeof longest);
    callers_run(&t);
    assert_int_equal(t.bob.given_len, 1);
    assert_int_equal(t.bob.given[0].len, CALL_GIVEN_MAX);
}

static void test_other_kinds_end_the_call(void **state)
{
    static const uint8_t kinds[] = {0, CALL_INSIDE_LEAVE + 1, 0x80, 0xff};
    for (size_t i = 0; i < sizeof kinds; i++) {
        caller_say(&t.bob, "step 1");
        callers_run(&t);
        caller_forge(&t.bob, CONTENT_APPLICATION, &kinds[i], 1);
        callers_run(&t);
        assert_int_equal(t.alice.failed, 1);
        assert_int_equal(t.alice.given_len, 0);
        end_both(state);
        open_both(state);
    }
}

/* Nothing of it is waited for, nor told: not by whoever reads the user's next line, and not at the end. */
static void test_nobody_is_told(void **state)
{
    (void)state;
    give(&t.alice, a_key, sizeof a_key);
    while (callers_drop(&t.alice))
        continue;
    assert_int_equal(t.alice.call->unconfirmed.len, 1);
    assert_null(call_unconfirmed(t.alice.call, t.now + 2 * CALL_CONFIRM_MS, true));
    assert_int_equal(call_wait(t.alice.call, t.now, 60000), 60000);
    t.alice.slow = true;
    caller_say(&t.bob, "now it is alice's turn to step");
    callers_run(&t);
    give(&t.alice, a_key, sizeof a_key); /* waits for the step */
    assert_true(call_gives(t.alice.call));
    assert_null(call_late(t.alice.call, t.now + 2 * CALL_CONFIRM_MS));
    assert_int_equal(call_say(t.alice.call, (const uint8_t *)"late", 4, t.now), 0);
    struct call_text *late = call_late(t.alice.call, t.now + CALL_CONFIRM_MS);
    assert_non_null(late);
    assert_memory_equal(late->text, "late", 4); /* though something that is given stands before it */
    call_drop(t.alice.call, late);
    assert_int_equal(t.alice.call->waiting.len, 1);
    t.alice.slow = false;
    (void)caller_work(&t.alice);
}

static bool has(const void *memory, size_t len, const void *word, size_t word_len)
{
    for (size_t at = 0; at + word_len <= len; at++)
        if (memcmp((const uint8_t *)memory + at, word, word_len) == 0)
            return true;
    return false;
}

static void test_what_was_given_is_wiped(void **state)
{
    (void)state;
    give(&t.alice, a_key, sizeof a_key);
    const struct call_text *given = t.alice.call->unconfirmed.first;
    assert_true(given != NULL && given->given);
    assert_int_equal(given->len, 0);
    assert_false(has(given->text, sizeof a_key, a_key + 1, sizeof a_key - 1));
}

static void test_what_is_given_stays_with_its_key(void **state)
{
    struct callers other;
    (void)state;
    t.alice.slow = true;
    caller_say(&t.bob, "alice is to step");
    callers_run(&t);
    assert_int_equal(call_say(t.alice.call, (const uint8_t *)"one", 3, t.now), 0);
    give(&t.alice, a_key, sizeof a_key);
    assert_int_equal(call_say(t.alice.call, (const uint8_t *)"two", 3, t.now), 0);
    assert_int_equal(t.alice.call->waiting.len, 3);
    callers_init(&other);
    callers_start(&other);
    call_move_texts(other.alice.call, t.alice.call);
    assert_int_equal(other.alice.call->waiting.len, 2);
    assert_int_equal(t.alice.call->waiting.len, 0);
    callers_run(&other);
    assert_int_equal(other.bob.shown_len, 2);
    assert_int_equal(other.bob.given_len, 0);
    callers_end(&other);
    t.alice.slow = false;
    (void)caller_work(&t.alice);
}

/* --- Among all calls ---------------------------------------------------------------------------------------------- */

static char given_to[3][8][160]; /* what alice, bob and carol were given */
static size_t given_len[3];
static bool given_is_good, others_are_members;

static size_t index_of(const struct user *u)
{
    return u == &all.alice ? 0 : u == &all.bob ? 1 : 2;
}

static bool on_given(void *arg, const struct call *call, const uint8_t *payload, size_t len)
{
    size_t i = index_of(arg);
    if (given_len[i] < 8)
        snprintf(given_to[i][given_len[i]++], sizeof given_to[i][0], "%d %.*s from %s", payload[0],
                 len > 100 ? 99 : (int)len - 1, (const char *)payload + 1, call->peer);
    return given_is_good;
}

static bool is_member(void *arg, const char *peer)
{
    (void)arg;
    (void)peer;
    return others_are_members;
}

static char unreached[200];

static void on_unreached(void *arg, const char *peer, const char *why)
{
    const struct user *u = arg;
    snprintf(unreached, sizeof unreached, "%s %s (%s)", u->name, peer, why);
}

static int begin_all(void **state)
{
    assert_int_equal(scratch_make(state), 0);
    users_begin(&all, scratch_path(state));
    memset(given_len, 0, sizeof given_len);
    given_is_good = others_are_members = true;
    unreached[0] = '\0';
    for (size_t i = 0; all.each[i] != NULL; i++) {
        all.each[i]->calls.hooks.given = on_given;
        all.each[i]->calls.hooks.is_member = is_member;
        all.each[i]->calls.hooks.unreached = on_unreached;
    }
    return 0;
}

static int end_all(void **state)
{
    users_end(&all);
    return scratch_remove(state);
}

static void reach_bob(void)
{
    calls_reach(&all.alice.calls, all.now, "bob");
    assert_true(calls_is_making(&all.alice.calls, "bob"));
    assert_null(calls_live(&all.alice.calls, "bob"));
    users_run(&all);
    assert_non_null(calls_live(&all.alice.calls, "bob"));
}

static void test_rooms_reach_and_give(void **state)
{
    (void)state;
    reach_bob();
    assert_int_equal(calls_give(&all.alice.calls, all.now, "bob", (const uint8_t *)"\4list", 5), 0);
    assert_true(calls_is_giving(&all.alice.calls, "bob"));
    users_run(&all);
    assert_false(calls_is_giving(&all.alice.calls, "bob"));
    assert_int_equal(given_len[1], 1);
    assert_string_equal(given_to[1][0], "4 list from alice");
    assert_false(calls_wait_for_texts(&all.alice.calls));
    user_expect(&all.alice, "opened bob (first)", NULL);
    user_expect(&all.bob, "opened alice (first)", NULL);
}

static void test_what_is_not_sealed_can_be_taken_back(void **state)
{
    (void)state;
    reach_bob();
    user_say(&all.bob, "alice", "alice is to step");
    all.alice.slow = true;
    users_run(&all);
    assert_int_equal(calls_give(&all.alice.calls, all.now, "bob", (const uint8_t *)"\4list", 5), 0);
    calls_take_back(&all.alice.calls, "bob");
    all.alice.slow = false;
    users_run(&all);
    assert_int_equal(given_len[1], 0);
}

static void check_refused(bool hooked)
{
    reach_bob();
    given_is_good = false;
    all.bob.calls.hooks.given = hooked ? on_given : NULL;
    assert_int_equal(calls_give(&all.alice.calls, all.now, "bob", (const uint8_t *)"\4list", 5), 0);
    users_run(&all);
    assert_int_equal(given_len[1], hooked);
    assert_null(calls_live(&all.bob.calls, "alice"));
}

static void test_a_payload_without_its_layout_ends_the_call(void **state)
{
    (void)state;
    check_refused(true);
}

static void test_a_payload_that_nobody_takes_ends_the_call(void **state)
{
    (void)state;
    check_refused(false);
}

static void test_leaving_a_call_that_a_room_wants(void **state)
{
    (void)state;
    reach_bob();
    calls_call(&all.alice.calls, all.now, "bob");
    calls_leave(&all.alice.calls, all.now, "bob");
    users_run(&all);
    assert_non_null(calls_live(&all.alice.calls, "bob"));
    calls_leave_all(&all.alice.calls, all.now);
    users_run(&all);
    assert_null(calls_live(&all.alice.calls, "bob"));
    assert_null(calls_live(&all.bob.calls, "alice"));
}

static void test_who_is_not_reached_is_told_to_the_rooms(void **state)
{
    (void)state;
    all.bob.here = false;
    calls_reach(&all.alice.calls, all.now, "bob");
    users_run(&all);
    assert_string_equal(unreached, "alice bob (not here)");
    user_expect(&all.alice, NULL); /* not to the user */
    unreached[0] = '\0';
    calls_call(&all.alice.calls, all.now, "bob");
    users_run(&all);
    assert_string_equal(unreached, "");
    user_expect(&all.alice, "cut bob (not here)", NULL);
}

/* The calls of members are not among those that strangers can have, whoever of the two begins. */
static void test_members_are_no_strangers(void **state)
{
    (void)state;
    reach_bob();
    assert_true(calls_live(&all.bob.calls, "alice")->for_room);
    calls_unreach(&all.bob.calls, "alice");
    assert_false(calls_live(&all.bob.calls, "alice")->for_room);
}

/* Behind one that the user wants, and before one that nobody does. */
static void test_rooms_come_second(void **state)
{
    (void)state;
    others_are_members = false;
    all.alice.slow = true;
    user_say(&all.carol, "alice", "nobody asked for this"); /* alice has to compute for it */
    users_run(&all);
    calls_reach(&all.alice.calls, all.now, "bob");
    struct call *first = calls_next_work(&all.alice.calls);
    assert_non_null(first);
    assert_string_equal(first->peer, "bob");
    call_work(first, &all.alice.work_rng);
    calls_worked(&all.alice.calls, first, all.now);
    all.alice.slow = false;
    users_run(&all);
    user_expect(&all.alice, "opened bob (first)", "opened carol (first)", "text carol: nobody asked for this", NULL);
}

#define CALL(test) cmocka_unit_test_setup_teardown(test, open_both, end_both)
#define ALL(test) cmocka_unit_test_setup_teardown(test, begin_all, end_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL(test_each_kind_arrives_in_its_place),
        CALL(test_the_longest),
        CALL(test_other_kinds_end_the_call),
        CALL(test_nobody_is_told),
        CALL(test_what_was_given_is_wiped),
        CALL(test_what_is_given_stays_with_its_key),
        ALL(test_rooms_reach_and_give),
        ALL(test_what_is_not_sealed_can_be_taken_back),
        ALL(test_a_payload_without_its_layout_ends_the_call),
        ALL(test_a_payload_that_nobody_takes_ends_the_call),
        ALL(test_leaving_a_call_that_a_room_wants),
        ALL(test_who_is_not_reached_is_told_to_the_rooms),
        ALL(test_members_are_no_strangers),
        ALL(test_rooms_come_second),
    };
    return RUN(tests);
}
