/* SPDX-License-Identifier: MIT */
/* One call against another: what is said in it, what is acknowledged, and how it ends. */
#include "app/peer/call.h"

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

#define CALL(test) cmocka_unit_test_setup_teardown(test, open_both, end_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL(test_two_talk),
        CALL(test_fingerprints),
        CALL(test_what_is_said_before_it_is_open_is_said_then),
        CALL(test_a_close),
    };
    return RUN(tests);
}
