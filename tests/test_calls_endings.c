/* SPDX-License-Identifier: MIT */
/* How calls end, whom a user is told about, and what the server is answered. */
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

/* --- Empty frames ------------------------------------------------------------------------------------------------- */

static const uint8_t unknown[MESSAGE_CALL_LEN] = "no such call";
static const uint8_t record[] = {FRAME_RECORD, 1, 0, 2, 0, 0};

/* How many empty frames bob sends for one frame of an unknown call. */
static size_t empties_for(const char *peer, const uint8_t *frame, size_t len)
{
    struct message m;
    size_t n = 0;
    user_relayed(&t.bob, peer, unknown, frame, len);
    while (calls_next_relay(&t.bob.calls, &m)) {
        assert_int_equal(m.relay.frame.len, 0);
        assert_string_equal(m.relay.name, peer);
        assert_memory_equal(m.relay.call, unknown, sizeof unknown);
        calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
        n++;
    }
    return n;
}

static void test_an_empty_frame_a_second_for_each_peer(void **state)
{
    static const uint8_t server_hello[] = {FRAME_SERVER_HELLO, 1, 0, 0}, alert[] = {FRAME_ALERT, 1, 0, 0};
    (void)state;
    assert_int_equal(empties_for("alice", record, sizeof record), 1);
    assert_int_equal(empties_for("alice", record, sizeof record), 0);
    assert_int_equal(empties_for("carol", server_hello, sizeof server_hello), 1);
    t.now += CALLS_EMPTY_MS - 1;
    assert_int_equal(empties_for("alice", record, sizeof record), 0);
    t.now += 1;
    assert_int_equal(empties_for("alice", alert, sizeof alert), 1);
    assert_int_equal(empties_for("carol", record, sizeof record), 1);
}

static void test_what_no_empty_frame_answers(void **state)
{
    static const uint8_t hello[] = {FRAME_CLIENT_HELLO, 1, 0, 0};
    (void)state;
    assert_int_equal(empties_for("alice", NULL, 0), 0);
    user_relayed(&t.bob, "alice", unknown, hello, sizeof hello);
    struct message m;
    assert_true(calls_next_relay(&t.bob.calls, &m)); /* it gets its Alert, and no more */
    assert_int_equal(m.relay.frame.data[0], FRAME_ALERT);
    calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
    assert_int_equal(empties_for("bob", record, sizeof record), 0);
    assert_null(t.bob.calls.list);
}

/* However many names the server makes up, none of them gets two in a second. */
static void test_empty_frames_to_a_crowd(void **state)
{
    size_t n = 0;
    (void)state;
    for (int round = 0; round < 3; round++)
        for (unsigned i = 0; i < 3 * CALLS_TOLD_MAX; i++) {
            char name[NAME_MAX_LEN + 1];
            snprintf(name, sizeof name, "p%03u", i);
            n += empties_for(name, record, sizeof record);
        }
    assert_int_equal(n, CALLS_TOLD_MAX);
    t.now += CALLS_EMPTY_MS;
    assert_int_equal(empties_for("alice", record, sizeof record), 1);
}

static void test_an_empty_frame_ends_its_call(void **state)
{
    (void)state;
    users_talk(&t);
    user_relayed(&t.bob, "alice", unknown, NULL, 0); /* of another */
    user_relayed(&t.bob, "carol", t.bob.calls.list->id, NULL, 0);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    user_relayed(&t.bob, "alice", t.bob.calls.list->id, NULL, 0);
    assert_null(t.bob.calls.list);
    user_expect(&t.bob, "cut alice (", NULL);
    user_say(&t.bob, "alice", "again");
    users_run(&t);
    user_expect(&t.bob, "opened alice", "confirmed alice: again", NULL);
    user_expect(&t.alice, "opened bob", "text bob: again", NULL);
}

/* While its computation is under way, too. */
static void test_an_empty_frame_at_each_moment(void **state)
{
    (void)state;
    for (size_t turns = 0; turns < 12; turns++) {
        end(state);
        begin(state);
        t.alice.slow = true;
        user_say(&t.alice, "bob", "hello");
        for (size_t i = 0; i < turns; i++) {
            (void)users_turn(&t);
            if (i + 1 < turns && user_work_begin(&t.alice))
                (void)user_work_end(&t.alice);
        }
        (void)user_work_begin(&t.alice);
        if (t.alice.calls.list != NULL)
            user_relayed(&t.alice, "bob", t.alice.calls.list->id, NULL, 0);
        (void)user_work_end(&t.alice);
        assert_null(t.alice.calls.list);
        assert_int_equal(user_told(&t.alice, "unsaid bob: hello (") + user_told(&t.alice, "unconfirmed bob: hello") +
                             user_told(&t.alice, "confirmed bob: hello"),
                         1);
    }
}

/* --- What the server answers -------------------------------------------------------------------------------------- */

static void test_each_answer_but_ok_ends_a_call(void **state)
{
    static const enum message_error errors[] = {MESSAGE_E_MALFORMED, MESSAGE_E_BAD_NAME,  MESSAGE_E_NO_SUCH_USER,
                                                MESSAGE_E_NOT_HERE,  MESSAGE_E_TRY_LATER, (enum message_error)999};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        end(state);
        begin(state);
        t.alice.error = errors[i];
        user_say(&t.alice, "bob", "one");
        users_run(&t);
        user_expect(&t.alice, "unsaid bob: one (the server says no)", NULL);
        t.alice.error = MESSAGE_E_NONE;
        users_talk(&t);
        t.alice.error = errors[i];
        user_say(&t.alice, "bob", "two");
        (void)user_go(&t.alice);
        (void)user_go(&t.alice);
        user_expect(&t.alice, "unconfirmed bob: two", "cut bob (the server says no)", NULL);
        assert_null(t.alice.calls.list);
        calls_call(&t.alice.calls, t.now, "bob");
        (void)user_go(&t.alice);
        (void)user_go(&t.alice);
        user_expect(&t.alice, "cut bob (the server says no)", NULL);
        assert_null(t.alice.calls.list);
    }
}

static void test_no_more_than_so_many_relays_are_under_way(void **state)
{
    struct message m;
    size_t n = 0, texts;
    (void)state;
    users_talk(&t);
    t.alice.unanswered = true;
    for (texts = 0; calls_take_more(&t.alice.calls); texts++) {
        user_say(&t.alice, "bob", "hello");
        users_run(&t);
    }
    assert_in_range(texts, CALLS_TEXTS_MAX, CALLS_TEXTS_MAX + RELAYS_UNANSWERED_MAX);
    assert_false(calls_next_relay(&t.alice.calls, &m));
    assert_int_equal(t.alice.calls.relays.unanswered_len, RELAYS_UNANSWERED_MAX);
    while (t.alice.calls.relays.unanswered_len > 0) {
        calls_answered(&t.alice.calls, t.now, MESSAGE_E_NONE, NULL);
        users_run(&t);
        n++;
    }
    assert_true(n > CALLS_TEXTS_MAX);
    assert_int_equal(user_told(&t.alice, "confirmed bob: hello"), 1 + texts);
    assert_true(calls_take_more(&t.alice.calls));
}

/* Frames of a call that waits for the server wait in it, and it is gone on with when there is room. */
static void test_a_server_that_is_slow_to_answer(void **state)
{
    char text[20];
    (void)state;
    users_talk(&t);
    t.alice.unanswered = true;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "%u", i);
        user_say(&t.alice, "bob", text);
    }
    assert_int_equal(t.alice.calls.list->unsent, CALLS_UNSENT_MAX);
    do
        users_run(&t);
    while (t.alice.calls.relays.unanswered_len > 0 &&
           (calls_answered(&t.alice.calls, t.now, MESSAGE_E_NONE, NULL), true));
    for (unsigned i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "text alice: %u", i);
        assert_int_equal(user_told(&t.bob, text), 1);
    }
    assert_int_equal(t.alice.log_len - t.alice.log_read, 100);
}

static void test_the_server_is_gone(void **state)
{
    struct message m;
    (void)state;
    users_talk(&t);
    user_say(&t.alice, "bob", "under way");
    (void)user_go(&t.alice);
    t.alice.unanswered = true;
    user_say(&t.alice, "carol", "waits");
    (void)user_go(&t.alice);
    (void)user_go(&t.alice);
    calls_cut(&t.alice.calls, t.now);
    user_expect(&t.alice, "unconfirmed bob: under way", "cut bob (", "unsaid carol: waits (", NULL);
    assert_null(t.alice.calls.list);
    assert_false(calls_next_relay(&t.alice.calls, &m));
    assert_int_equal(t.alice.calls.relays.unanswered_len, 0);
    user_say(&t.alice, "bob", "again"); /* over another connection */
    t.alice.unanswered = false;
    users_run(&t);
    user_expect(&t.alice, "opened bob", "confirmed bob: again", NULL);
}

static void test_the_server_is_gone_with_texts_in_two_calls(void **state)
{
    (void)state;
    users_talk(&t);
    t.bob.slow = true;
    user_say(&t.alice, "bob", "step");
    users_run(&t);
    user_say(&t.bob, "alice", "one");
    calls_leave(&t.bob.calls, t.now, "alice");
    user_say(&t.bob, "alice", "two");
    assert_true(user_work_begin(&t.bob));
    calls_cut(&t.bob.calls, t.now);
    assert_null(t.bob.calls.list);
    assert_true(user_work_end(&t.bob));
    user_expect(&t.bob, "text alice: step", "unsaid alice: one (", "unsaid alice: two (", NULL);
}

/* The server takes nothing, and sends hellos that are none: each is to get its Alert, and these are bounded. */
static size_t to_mallory;

static bool count_to_mallory(struct users *all, struct users_frame *f)
{
    (void)all;
    to_mallory += strcmp(f->to_name, "mallory") == 0;
    return true;
}

static void test_a_flood_of_wrong_hellos(void **state)
{
    static const uint8_t hello[] = {FRAME_CLIENT_HELLO, 1, 0, 0};
    (void)state;
    users_talk(&t);
    for (unsigned i = 0; i < 2 * RELAYS_UNSENT_MAX; i++) {
        uint8_t id[MESSAGE_CALL_LEN] = {0};
        bytes_store_be32(id, i);
        user_relayed(&t.bob, "mallory", id, hello, sizeof hello);
    }
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
    user_say(&t.bob, "alice", "still here");
    user_say(&t.bob, "carol", "and here");
    to_mallory = 0;
    t.meddle = count_to_mallory;
    users_run(&t);
    assert_int_equal(to_mallory, CALLS_ALERTS_MAX);
    assert_int_equal(user_told(&t.alice, "text bob: still here"), 1);
    assert_int_equal(user_told(&t.carol, "text bob: and here"), 1);
}

/* --- The handshake ------------------------------------------------------------------------------------------------ */

static const uint8_t two_groups[] = {DH_FFDHE2048, DH_FFDHE3072}, second_group[] = {DH_FFDHE3072};

static void groups(struct user *u, const uint8_t *list, size_t len)
{
    u->config.groups = list;
    u->config.groups_len = len;
    user_restart(u);
}

static void test_the_second_try(void **state)
{
    (void)state;
    groups(&t.alice, two_groups, 2);
    groups(&t.bob, second_group, 1);
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
}

static void test_no_group_in_common(void **state)
{
    static const uint8_t first_group[] = {DH_FFDHE2048};
    (void)state;
    groups(&t.alice, first_group, 1);
    groups(&t.bob, second_group, 1);
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_expect(&t.alice,
                "unsaid bob: hello (their program and this one have no group or suite in common: try without "
                "--group and --suite)",
                NULL);
    user_expect(&t.bob, NULL);
    assert_null(t.bob.calls.list);
    assert_null(t.alice.calls.list);
}

/* The server answers each hello itself, with an Alert that asks for the other group. */
static bool forge_alert(struct users *all, struct users_frame *f)
{
    struct hello_alert a = {.code = ALERT_GROUP_NOT_ALLOWED, .data = second_group, .data_len = 1};
    uint8_t frame[HELLO_ALERT_MAX];
    if (all->relayed > 1)
        a.data = two_groups; /* the one that was tried first is the other one now */
    size_t len = hello_encode_alert(frame, &a);
    if (f->from == &t.alice && f->len > 0 && f->frame[0] == FRAME_CLIENT_HELLO)
        user_relayed(&t.alice, "bob", f->call, frame, len);
    return false;
}

static void test_one_second_try_and_no_third(void **state)
{
    (void)state;
    groups(&t.alice, two_groups, 2);
    t.meddle = forge_alert;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    user_expect(&t.alice, "unsaid bob: hello (", NULL);
    assert_int_equal(t.relayed, 2);
}

/* Nobody but a callee sends one. */
static void test_an_alert_in_an_open_call(void **state)
{
    static const uint8_t alert[] = {FRAME_ALERT, 1, 0, 2, 1, 0};
    (void)state;
    for (int bob = 0; bob < 2; bob++) {
        struct user *u = bob ? &t.bob : &t.alice;
        users_talk(&t);
        user_relayed(u, bob ? "alice" : "bob", u->calls.list->id, alert, sizeof alert);
        assert_null(u->calls.list);
        users_run(&t);
    }
}

static size_t passed; /* how many frames the server still passes on */

static bool pass_some(struct users *all, struct users_frame *f)
{
    (void)all;
    (void)f;
    return passed > 0 && passed-- > 0;
}

/* Whichever frame of the handshake the server keeps: both are done with it after 15 s, and the one who wanted to say
 * something is told. */
static void test_a_call_that_is_not_open_in_time(void **state)
{
    for (size_t i = 0; i < 4; i++) { /* hello, hello, Finished, Finished */
        end(state);
        begin(state);
        passed = i;
        t.meddle = pass_some;
        user_say(&t.alice, "bob", "hello");
        users_run(&t);
        assert_int_equal(calls_wait(&t.alice.calls, t.now, 1000000), CALL_OPEN_MS);
        users_wait(&t, CALL_OPEN_MS - 1);
        assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), i > 0);
        assert_int_equal(calls_wait(&t.alice.calls, t.now, 1000000), 1);
        users_wait(&t, 1);
        assert_null(t.alice.calls.list == NULL ? NULL : i < 3 ? t.alice.calls.list : NULL);
        assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
        if (i < 3)
            user_expect(&t.alice, "unsaid bob: hello (their program did not answer in time)", NULL);
        else
            user_expect(&t.alice, "opened bob (first)", "unconfirmed bob: hello", NULL);
        user_expect(&t.bob, NULL);
        assert_null(peers_find(&t.bob.peers, "alice"));
    }
}

static void test_a_call_that_times_out_while_it_computes(void **state)
{
    (void)state;
    t.bob.slow = true;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    assert_true(user_work_begin(&t.bob));
    assert_null(calls_next_work(&t.bob.calls));
    users_wait(&t, CALL_OPEN_MS);
    assert_null(t.bob.calls.list);
    assert_true(user_work_end(&t.bob));
    assert_null(t.bob.calls.relays.unsent);
    users_run(&t);
    user_expect(&t.alice, "unsaid bob: hello (their program did not answer in time)", NULL);
    user_expect(&t.bob, NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_frame_a_second_for_each_peer),
        TEST(test_what_no_empty_frame_answers),
        TEST(test_empty_frames_to_a_crowd),
        TEST(test_an_empty_frame_ends_its_call),
        TEST(test_an_empty_frame_at_each_moment),
        TEST(test_each_answer_but_ok_ends_a_call),
        TEST(test_no_more_than_so_many_relays_are_under_way),
        TEST(test_a_server_that_is_slow_to_answer),
        TEST(test_the_server_is_gone),
        TEST(test_a_flood_of_wrong_hellos),
        TEST(test_the_server_is_gone_with_texts_in_two_calls),
        TEST(test_the_second_try),
        TEST(test_no_group_in_common),
        TEST(test_one_second_try_and_no_third),
        TEST(test_an_alert_in_an_open_call),
        TEST(test_a_call_that_is_not_open_in_time),
        TEST(test_a_call_that_times_out_while_it_computes),
    };
    return RUN(tests);
}
