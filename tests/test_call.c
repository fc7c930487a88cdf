/* SPDX-License-Identifier: MIT */
/* One call against another: what is said in it, what is acknowledged, and how it ends. */
#include "app/peer/call.h"

#include "app/message/text.h"
#include "crypto/bytes.h"
#include "tests/callers.h"
#include "tests/fill.h"
#include "tests/test.h"

static struct callers t;

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

static void again(void **state)
{
    end_both(state);
    open_both(state);
}

/* --- What is said ------------------------------------------------------------------------------------------------- */

static void test_two_talk(void **state)
{
    (void)state;
    assert_int_equal(t.alice.peers, 1);
    assert_int_equal(t.bob.peers, 1);
    assert_string_equal(t.bob.call->peer, "alice");
    assert_true(t.alice.call->was_open && t.bob.call->was_open);
    for (size_t i = 0; i < 3; i++) {
        caller_say(&t.alice, "hello");
        callers_run(&t);
        caller_say(&t.bob, "hello yourself");
        callers_run(&t);
        caller_expect_shown(&t.bob, i, "hello");
        caller_expect_confirmed(&t.alice, i, "hello");
        caller_expect_shown(&t.alice, i, "hello yourself");
        caller_expect_confirmed(&t.bob, i, "hello yourself");
    }
    assert_int_equal(t.alice.shown_len, 3);
    assert_int_equal(t.alice.confirmed_len, 3);
    assert_null(call_unconfirmed(t.alice.call, t.now, true));
    assert_null(call_unconfirmed(t.bob.call, t.now, true));
}

static void test_fingerprints(void **state)
{
    struct certificate c;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    const struct identity *bob = keys_identity("bob");
    (void)state;
    assert_int_equal(certificate_decode(&c, bob->certificate, bob->certificate_len), NET_OK);
    certificate_fingerprint(fingerprint, c.modulus);
    assert_memory_equal(t.alice.call->fingerprint, fingerprint, sizeof fingerprint);
}

static void test_what_is_said_before_it_is_open_is_said_then(void **state)
{
    end_both(state);
    callers_init(&t);
    callers_start(&t);
    caller_say(&t.alice, "one");
    caller_say(&t.bob, "two");
    caller_say(&t.alice, "three");
    callers_run(&t);
    caller_expect_shown(&t.bob, 0, "one");
    caller_expect_shown(&t.bob, 1, "three");
    caller_expect_shown(&t.alice, 0, "two");
    assert_int_equal(t.alice.confirmed_len, 2);
    assert_int_equal(t.bob.confirmed_len, 1);
}

/* Each side says something before it has seen what the other says. */
static void test_texts_that_cross(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        caller_say(&t.alice, "from alice");
        caller_say(&t.bob, "from bob");
        callers_run(&t);
        caller_expect_shown(&t.bob, i, "from alice");
        caller_expect_shown(&t.alice, i, "from bob");
    }
    assert_int_equal(t.alice.confirmed_len, 3);
    assert_int_equal(t.bob.confirmed_len, 3);
}

static void test_the_shortest_and_the_longest_text(void **state)
{
    static char longest[TEXT_MAX_LEN + 1];
    (void)state;
    memset(longest, 'x', TEXT_MAX_LEN);
    caller_say(&t.alice, "1");
    caller_say(&t.alice, longest);
    callers_run(&t);
    assert_int_equal(t.bob.shown[0].len, 1);
    assert_int_equal(t.bob.shown[1].len, TEXT_MAX_LEN);
    assert_int_equal(t.alice.confirmed_len, 2);
}

/* --- What is acknowledged ----------------------------------------------------------------------------------------- */

/* Forges an acknowledgement of bob's. */
static void ack(uint64_t sequence)
{
    uint8_t payload[9] = {2};
    bytes_store_be64(payload + 1, sequence);
    caller_forge(&t.bob, CONTENT_APPLICATION, payload, sizeof payload);
}

/* Two texts of alice's, which nobody has got; and bob may seal what he likes. */
static void say_two(void)
{
    caller_say(&t.bob, "step 1");
    callers_run(&t);
    caller_say(&t.alice, "one");
    caller_say(&t.alice, "two");
    while (callers_drop(&t.alice))
        continue;
    caller_step(&t.bob);
}

/* alice's own Records by then: Finished, step 0, step 2, the acknowledgement of "step 1", and the two texts. */
enum { ACK_OF_ALICE = 3, ONE = 4, TWO = 5 };

static void test_acks_of_nothing(void **state)
{
    static const struct {
        uint64_t sequence[3];
        size_t len, confirmed;
    } cases[] = {
        {{ONE, TWO}, 2, 2},           /* as it should be */
        {{TWO}, 1, 0},                /* in the wrong order */
        {{ONE, ONE}, 2, 1},           /* twice */
        {{ONE, TWO, TWO}, 3, 2},      /* of the last one twice, where nothing is left */
        {{ACK_OF_ALICE}, 1, 0},       /* of an acknowledgement */
        {{0}, 1, 0},                  /* of Finished */
        {{2}, 1, 0},                  /* of a step */
        {{TWO + 1}, 1, 0},            /* of what was never said */
        {{UINT64_MAX}, 1, 0},         /* the same */
        {{ONE + (1ULL << 32)}, 1, 0}, /* all of the number counts */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        again(state);
        say_two();
        for (size_t n = 0; n < cases[i].len; n++)
            ack(cases[i].sequence[n]);
        while (callers_carry(&t.bob, &t.alice))
            continue;
        assert_int_equal(t.alice.confirmed_len, cases[i].confirmed);
        if (i > 0)
            caller_expect_failed(&t.alice, NET_ERR_MALFORMED);
        else
            assert_int_equal(t.alice.failed, 0);
    }
}

/* bob has opened what alice sealed under her latest step, and does not step himself: whoever has stolen his keys would
 * go on reading. What was sealed under the step before may be acknowledged so, as the two may have crossed. */
static void test_a_step_that_is_left_out(void **state)
{
    (void)state;
    caller_say(&t.bob, "step 1");
    callers_run(&t);
    caller_say(&t.alice, "one");
    while (callers_drop(&t.alice))
        continue;
    ack(ONE);
    (void)callers_carry(&t.bob, &t.alice);
    assert_int_equal(t.alice.confirmed_len, 0);
    caller_expect_failed(&t.alice, NET_ERR_MALFORMED);
    again(state);
    caller_say(&t.alice, "under step 0"); /* its sequence number is 2 */
    caller_say(&t.bob, "step 1");
    assert_true(callers_drop(&t.alice));
    while (callers_carry(&t.bob, &t.alice))
        continue;
    assert_int_equal(t.alice.call->ratchet.n, 2);
    ack(2);
    (void)callers_carry(&t.bob, &t.alice);
    caller_expect_confirmed(&t.alice, 0, "under step 0");
}

/* An acknowledgement is what says so, and nothing else that comes. */
static void test_nothing_is_confirmed_without_its_ack(void **state)
{
    (void)state;
    caller_say(&t.alice, "hello");
    assert_true(callers_carry(&t.alice, &t.bob));
    assert_int_equal(t.bob.shown_len, 1);
    assert_int_equal(t.bob.sent_len, 2); /* step 1, and the acknowledgement */
    assert_true(callers_carry(&t.bob, &t.alice));
    assert_int_equal(t.alice.confirmed_len, 0);
    assert_true(callers_carry(&t.bob, &t.alice));
    assert_int_equal(t.alice.confirmed_len, 1);
}

static void test_a_text_is_told_after_its_time_and_its_ack_is_silent(void **state)
{
    (void)state;
    caller_say(&t.alice, "one");
    t.now += 10;
    caller_say(&t.alice, "two");
    assert_int_equal(call_wait(t.alice.call, t.now, 1000000), CALL_CONFIRM_MS - 10);
    assert_null(call_unconfirmed(t.alice.call, t.now + CALL_CONFIRM_MS - 11, false));
    t.now += CALL_CONFIRM_MS - 10;
    struct call_text *text = call_unconfirmed(t.alice.call, t.now, false);
    assert_non_null(text);
    assert_memory_equal(text->text, "one", 3);
    call_told(text);
    assert_null(call_unconfirmed(t.alice.call, t.now, false));
    assert_int_equal(call_wait(t.alice.call, t.now, 1000000), 10);
    callers_run(&t);
    assert_int_equal(t.bob.shown_len, 2);
    assert_int_equal(t.alice.confirmed_len, 1);
    caller_expect_confirmed(&t.alice, 0, "two");
    assert_int_equal(t.alice.failed, 0);
    assert_int_equal(call_wait(t.alice.call, t.now, 1000000), 1000000);
}

/* More than one of them at once, behind a step that is computed. */
static void test_late_acks_that_have_waited(void **state)
{
    struct call_text *text;
    (void)state;
    for (int i = 0; i < 3; i++)
        caller_say(&t.alice, "hello");
    while (callers_carry(&t.alice, &t.bob))
        continue;
    t.now += CALL_CONFIRM_MS;
    while ((text = call_unconfirmed(t.alice.call, t.now, false)) != NULL)
        call_told(text);
    t.alice.slow = true;
    assert_int_equal(t.bob.sent_len, 4);
    while (callers_carry(&t.bob, &t.alice))
        continue;
    assert_true(caller_work(&t.alice));
    caller_go(&t.alice);
    assert_int_equal(t.alice.confirmed_len, 0);
    assert_int_equal(t.alice.call->unconfirmed.len, 0);
    assert_int_equal(t.alice.failed, 0);
}

static void test_a_text_that_could_not_be_sent_in_time(void **state)
{
    end_both(state);
    callers_init(&t);
    callers_start(&t);
    caller_say(&t.alice, "one");
    assert_int_equal(call_wait(t.alice.call, t.now, 1000000), CALL_CONFIRM_MS);
    t.now++;
    caller_say(&t.alice, "two");
    assert_null(call_late(t.alice.call, t.now + CALL_CONFIRM_MS - 2));
    struct call_text *text = call_late(t.alice.call, t.now + CALL_CONFIRM_MS - 1);
    assert_non_null(text);
    assert_memory_equal(text->text, "one", 3);
    call_drop(t.alice.call, text);
    assert_null(call_late(t.alice.call, t.now + CALL_CONFIRM_MS - 1));
    callers_run(&t);
    assert_int_equal(t.bob.shown_len, 1);
    caller_expect_shown(&t.bob, 0, "two");
}

/* --- Bounds ------------------------------------------------------------------------------------------------------- */

static void test_what_waits_for_a_computation_is_bounded(void **state)
{
    (void)state;
    size_t n = 0;
    t.bob.slow = true;
    caller_say(&t.bob, "with step 1");
    assert_true(t.bob.call->working);
    caller_say(&t.alice, "hello");
    while (caller_take(&t.bob, t.alice.sent[0].bytes, t.alice.sent[0].len) == 0)
        n++;
    assert_in_range(n * t.alice.sent[0].len, CALL_WAITING_MAX / 2, CALL_WAITING_MAX);
    assert_int_equal(t.bob.call->why, NET_ERR_SLOW);
    assert_int_equal(t.bob.shown_len, 0);
}

static void test_texts_without_an_ack_are_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i <= CALL_TEXTS_MAX; i++) {
        assert_int_equal(t.alice.failed, 0);
        caller_say(&t.alice, "hello");
        while (callers_drop(&t.alice))
            continue;
    }
    caller_expect_failed(&t.alice, NET_ERR_SLOW);
}

static void test_an_open_call_is_small(void **state)
{
    (void)state;
    caller_say(&t.alice, "hello");
    callers_run(&t);
    for (int i = 0; i < 2; i++) {
        const struct call *c = i ? t.alice.call : t.bob.call;
        assert_in_range(sizeof *c, 1, 3999);
        assert_null(c->handshake);
        assert_null(c->in);
        assert_null(c->current);
        assert_null(c->confirmed);
        assert_null(c->waiting.first);
        assert_null(c->unconfirmed.first);
    }
}

/* --- How it ends -------------------------------------------------------------------------------------------------- */

static void test_a_close(void **state)
{
    for (int bob = 0; bob < 2; bob++) {
        struct caller *one = bob ? &t.bob : &t.alice, *other = bob ? &t.alice : &t.bob;
        caller_say(one, "one");
        call_close(one->call);
        callers_run(&t);
        caller_expect_confirmed(one, 0, "one");
        assert_int_equal(one->closed, 1);
        assert_int_equal(other->closed, 1);
        assert_int_equal(one->failed + other->failed, 0);
        again(state);
    }
}

static void expect_both_closed(void)
{
    assert_int_equal(t.alice.closed, 1);
    assert_int_equal(t.bob.closed, 1);
    assert_int_equal(t.alice.failed + t.bob.failed, 0);
    assert_int_equal(t.alice.call->phase, CALL_IS_OVER);
    assert_null(t.alice.call->in);
}

/* A conversation of which `moves` moves are made by sides that are slow, a computation being one; then one side says
 * good-bye. Texts of both cross all the time. False: it was over before. */
static bool close_after(size_t moves, bool bob, bool both)
{
    callers_init(&t);
    t.alice.slow = t.bob.slow = true;
    callers_start(&t);
    caller_say(&t.alice, "one");
    caller_say(&t.bob, "two");
    bool moved = true;
    for (size_t i = 0; i < moves && moved; i++) {
        moved = callers_carry(&t.alice, &t.bob) || callers_carry(&t.bob, &t.alice);
        if (!moved && (moved = caller_work(&t.alice)))
            caller_go(&t.alice);
        if (!moved && (moved = caller_work(&t.bob)))
            caller_go(&t.bob);
    }
    if (bob || both)
        call_close(t.bob.call);
    if (!bob || both)
        call_close(t.alice.call);
    t.alice.slow = t.bob.slow = false;
    while (caller_work(&t.alice) || caller_work(&t.bob)) {
        caller_go(&t.alice);
        caller_go(&t.bob);
    }
    callers_run(&t);
    return moved;
}

static void test_a_close_at_each_moment(void **state)
{
    for (int who = 0; who < 3; who++) {
        size_t moves = 0;
        bool more = true;
        while (more) {
            end_both(state);
            more = close_after(moves++, who == 1, who == 2);
            expect_both_closed();
            assert_true(t.bob.shown_len >= t.alice.confirmed_len && t.alice.shown_len >= t.bob.confirmed_len);
            assert_true(who != 0 || t.alice.confirmed_len == 1); /* or she would not have said good-bye */
            assert_true(who != 1 || t.bob.confirmed_len == 1);
        }
        assert_in_range(moves, 12, 40);
    }
}

/* alice's Close and bob's step, with a text behind it, pass each other: she shows it, and can't say so any more. */
static void test_a_step_that_crosses_a_close(void **state)
{
    (void)state;
    caller_say(&t.bob, "hello");
    call_close(t.alice.call);
    caller_go(&t.alice);
    callers_run(&t);
    expect_both_closed();
    caller_expect_shown(&t.alice, 0, "hello");
    assert_int_equal(t.bob.confirmed_len, 0);
    struct call_text *text = call_unconfirmed(t.bob.call, t.now, true);
    assert_non_null(text);
    call_told(text);
    assert_null(call_unconfirmed(t.bob.call, t.now, true));
}

/* The Close comes while one's own step is computed, and waits. */
static void test_a_close_that_comes_while_a_step_is_computed(void **state)
{
    (void)state;
    t.bob.slow = true;
    caller_say(&t.bob, "hello");
    call_close(t.alice.call);
    caller_go(&t.alice);
    assert_true(callers_carry(&t.alice, &t.bob));
    assert_int_equal(t.bob.closed, 0);
    assert_true(caller_work(&t.bob));
    caller_go(&t.bob);
    callers_run(&t);
    expect_both_closed();
    assert_int_equal(t.alice.shown_len, 0); /* bob reads before he says anything */
    assert_int_equal(t.bob.call->waiting.len, 1);
}

static void test_the_time_after_a_close(void **state)
{
    (void)state;
    call_close(t.alice.call);
    caller_go(&t.alice);
    assert_int_equal(call_wait(t.alice.call, t.now, 1000000), CALL_CLOSE_MS);
    assert_true(callers_carry(&t.alice, &t.bob));
    assert_int_equal(t.bob.sent_len, 1);
    caller_say(&t.bob, "too late");
    assert_int_equal(t.bob.sent_len, 1);
    assert_int_equal(caller_take(&t.bob, t.bob.sent[0].bytes, t.bob.sent[0].len), -1);
}

/* From outside, at each moment of the handshake and after it: nothing more is sent, and all is given back. */
static void test_an_end_from_outside(void **state)
{
    for (size_t moves = 0; moves < 8; moves++) {
        end_both(state);
        callers_init(&t);
        callers_start(&t);
        caller_say(&t.alice, "hello");
        for (size_t i = 0; i < moves; i++)
            if (!callers_carry(&t.alice, &t.bob))
                (void)callers_carry(&t.bob, &t.alice);
        for (int bob = 0; bob < 2; bob++) {
            struct caller *side = bob ? &t.bob : &t.alice;
            size_t sent = side->sent_len;
            call_fail(side->call, NET_ERR_TIMEOUT);
            caller_go(side);
            caller_expect_failed(side, NET_ERR_TIMEOUT);
            assert_int_equal(side->sent_len, sent);
            call_fail(side->call, NET_ERR_CUT);
            caller_go(side);
            caller_expect_failed(side, NET_ERR_TIMEOUT);
        }
    }
}

#define CALL(test) cmocka_unit_test_setup_teardown(test, open_both, end_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL(test_two_talk),
        CALL(test_fingerprints),
        CALL(test_what_is_said_before_it_is_open_is_said_then),
        CALL(test_texts_that_cross),
        CALL(test_the_shortest_and_the_longest_text),
        CALL(test_acks_of_nothing),
        CALL(test_a_step_that_is_left_out),
        CALL(test_nothing_is_confirmed_without_its_ack),
        CALL(test_a_text_is_told_after_its_time_and_its_ack_is_silent),
        CALL(test_late_acks_that_have_waited),
        CALL(test_a_text_that_could_not_be_sent_in_time),
        CALL(test_what_waits_for_a_computation_is_bounded),
        CALL(test_texts_without_an_ack_are_bounded),
        CALL(test_an_open_call_is_small),
        CALL(test_a_close),
        CALL(test_a_close_at_each_moment),
        CALL(test_a_step_that_crosses_a_close),
        CALL(test_a_close_that_comes_while_a_step_is_computed),
        CALL(test_the_time_after_a_close),
        CALL(test_an_end_from_outside),
    };
    return RUN(tests);
}
