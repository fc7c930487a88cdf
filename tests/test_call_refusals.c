/* SPDX-License-Identifier: MIT */
/* What ends a call: payloads that are none, frames that may not come, and each byte of a frame that is not what it was.
 * Nothing of it is shown, nothing confirmed, and nothing said to whoever sent it. */
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

/* --- Inside ------------------------------------------------------------------------------------------------------- */

struct payload {
    size_t len;
    const char *bytes;
};

static void expect_refused(void **state, const void *bytes, size_t len)
{
    again(state);
    caller_forge(&t.alice, CONTENT_APPLICATION, bytes, len);
    assert_true(callers_carry(&t.alice, &t.bob));
    assert_int_equal(t.bob.shown_len, 0);
    assert_int_equal(t.bob.sent_len, 0);
    caller_expect_failed(&t.bob, NET_ERR_MALFORMED);
}

static void test_payloads_that_are_none(void **state)
{
#define PAYLOAD(bytes)                                                                                                 \
    {                                                                                                                  \
        sizeof bytes - 1, bytes                                                                                        \
    }
    static const struct payload none[] = {
        PAYLOAD(""),
        PAYLOAD("\x00"),
        PAYLOAD("\x00\x00\x01x"),
        PAYLOAD("\x06\x00\x01x"),
        PAYLOAD("\xff\x00\x01x"),
        PAYLOAD("\x01"),
        PAYLOAD("\x01\x00"),
        PAYLOAD("\x01\x00\x00"), /* a text of nothing */
        PAYLOAD("\x01\x00\x00x"),
        PAYLOAD("\x01\x00\x02x"),
        PAYLOAD("\x01\x00\x01xy"),
        PAYLOAD("\x01\x01\x00x"),
        PAYLOAD("\x01\x00\x01\x1b"), /* what no text may have, by its section */
        PAYLOAD("\x01\x00\x01\x00"),
        PAYLOAD("\x01\x00\x01\x9b"),
        PAYLOAD("\x01\x00\x02\xc0\x80"),
        PAYLOAD("\x01\x00\x03\xed\xa0\x80"),
        PAYLOAD("\x01\x00\x03\xe2\x80\xae"),
        PAYLOAD("\x01\x00\x02\xe2\x82"),
        PAYLOAD("\x02"),
        PAYLOAD("\x02\x00\x00\x00\x00\x00\x00\x00"),
        PAYLOAD("\x02\x00\x00\x00\x00\x00\x00\x00\x02"),
        PAYLOAD("\x02\x00\x00\x00\x00\x00\x00\x00\x02\x00"),
    };
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        expect_refused(state, none[i].bytes, none[i].len);
}

static void test_a_text_that_is_too_long(void **state)
{
    static uint8_t payload[SESSION_CALL_PAYLOAD_MAX];
    memset(payload, 'x', sizeof payload);
    payload[0] = 1;
    for (size_t len = TEXT_MAX_LEN + 1; len <= SESSION_CALL_PAYLOAD_MAX - 3; len += 92) {
        bytes_store_be16(payload + 1, (uint16_t)len);
        expect_refused(state, payload, 3 + len);
    }
}

/* Of what is to be acknowledged, but longer or shorter than it may be. */
static void test_acknowledgements_of_other_lengths(void **state)
{
    for (size_t len = 1; len < 12; len++) {
        uint8_t payload[12] = {2};
        again(state);
        caller_say(&t.alice, "hello");
        bytes_store_be64(payload + 1, t.alice.call->unconfirmed.first->sequence);
        assert_true(callers_drop(&t.alice));
        caller_step(&t.bob);
        caller_forge(&t.bob, CONTENT_APPLICATION, payload, len);
        while (callers_carry(&t.bob, &t.alice))
            continue;
        assert_int_equal(t.alice.confirmed_len, len == 9);
        assert_int_equal(t.alice.failed, len != 9);
    }
}

/* All that has an acknowledgement's shape, and is none. */
static void test_other_types_of_an_acknowledgement(void **state)
{
    static const uint8_t types[] = {0, 1, 6, 255};
    for (size_t i = 0; i < sizeof types; i++) {
        uint8_t payload[9] = {types[i]};
        again(state);
        caller_say(&t.alice, "hello");
        bytes_store_be64(payload + 1, t.alice.call->unconfirmed.first->sequence);
        assert_true(callers_drop(&t.alice));
        caller_step(&t.bob);
        caller_forge(&t.bob, CONTENT_APPLICATION, payload, sizeof payload);
        while (callers_carry(&t.bob, &t.alice))
            continue;
        assert_int_equal(t.alice.confirmed_len + t.alice.shown_len, 0);
        caller_expect_failed(&t.alice, NET_ERR_MALFORMED);
    }
}

/* Behind a text that was in order, in the same breath. */
static void test_what_was_shown_before_stays(void **state)
{
    (void)state;
    caller_say(&t.alice, "hello");
    caller_forge(&t.alice, CONTENT_APPLICATION, "\x07", 1);
    while (callers_carry(&t.alice, &t.bob))
        continue;
    caller_expect_shown(&t.bob, 0, "hello");
    caller_expect_failed(&t.bob, NET_ERR_MALFORMED);
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

/* What comes is no Record, or no frame at all. */
static void test_other_frames(void **state)
{
    for (uint8_t type = 0; type < 7; type++)
        for (uint8_t len = 0; len < 3; len++) {
            const uint8_t frame[] = {type, 1, 0, len, 0, 0};
            again(state);
            bool whole = type >= FRAME_CLIENT_HELLO && type <= FRAME_ALERT;
            assert_int_equal(caller_take(&t.bob, frame, 4 + (size_t)len), whole ? 0 : -1);
            assert_int_equal(t.bob.failed, whole);
            assert_int_equal(t.bob.sent_len, 0);
        }
}

/* Whatever is no whole frame is not taken: cut at each length, and followed by something. */
static void test_wrong_lengths(void **state)
{
    uint8_t frame[200] = {0};
    (void)state;
    caller_say(&t.alice, "hello");
    size_t len = t.alice.sent[0].len;
    memcpy(frame, t.alice.sent[0].bytes, len);
    for (size_t cut = 0; cut <= sizeof frame; cut++)
        if (cut != len)
            assert_int_equal(call_take(t.bob.call, frame, cut), -1);
    assert_null(t.bob.call->in);
    callers_run(&t);
    caller_expect_confirmed(&t.alice, 0, "hello");
}

/* --- Each byte of each kind of Record ----------------------------------------------------------------------------- */

static struct call before;

/* The side's call is put back to where it was, with nothing that waits in it. */
static void put_back(struct caller *side)
{
    assert_null(side->call->in);
    *side->call = before;
    side->failed = 0;
}

static void remember(struct caller *side)
{
    caller_go(side);
    caller_go(side); /* what it has read is given back */
    assert_null(side->call->in);
    assert_null(side->call->current);
    assert_null(side->call->handshake);
    before = *side->call;
}

/* The oldest frame of from, which to would take, with each byte changed, and cut short inside its header's length. */
static void expect_each_change_refused(struct caller *from, struct caller *to)
{
    uint8_t frame[600];
    size_t len = from->sent[0].len, shown = to->shown_len, confirmed = to->confirmed_len, sent = to->sent_len;
    unsigned closed = to->closed;
    assert_in_range(len, 1, sizeof frame);
    remember(to);
    for (size_t i = 0; i < len; i++) {
        memcpy(frame, from->sent[0].bytes, len);
        frame[i] ^= (uint8_t)(1U << (i * 5 % 8));
        int taken = caller_take(to, frame, len);
        assert_true(taken != 0 || to->failed == 1);
        put_back(to);
    }
    for (size_t cut = FRAME_HEADER_LEN; cut < len; cut++) {
        memcpy(frame, from->sent[0].bytes, cut);
        bytes_store_be16(frame + 2, (uint16_t)(cut - FRAME_HEADER_LEN));
        assert_int_equal(caller_take(to, frame, cut), 0);
        assert_int_equal(to->failed, 1);
        put_back(to);
    }
    assert_int_equal(to->shown_len, shown);
    assert_int_equal(to->confirmed_len, confirmed);
    assert_int_equal(to->sent_len, sent);
    assert_int_equal(to->closed, closed);
}

/* A text under step 0, a step, an acknowledgement, a Close. */
static void test_each_byte_of_a_record(void **state)
{
    (void)state;
    caller_say(&t.alice, "hello");
    expect_each_change_refused(&t.alice, &t.bob);
    assert_true(callers_carry(&t.alice, &t.bob));
    caller_expect_shown(&t.bob, 0, "hello");
    assert_int_equal(t.alice.call->unconfirmed.len, 1);
    assert_int_equal(t.bob.sent_len, 2);
    expect_each_change_refused(&t.bob, &t.alice); /* the text waits: nothing of it is given back by a failure */
    assert_true(callers_carry(&t.bob, &t.alice));
    expect_each_change_refused(&t.bob, &t.alice);
    assert_true(callers_carry(&t.bob, &t.alice));
    caller_expect_confirmed(&t.alice, 0, "hello");
    call_close(t.bob.call);
    caller_go(&t.bob);
    expect_each_change_refused(&t.bob, &t.alice);
    assert_true(callers_carry(&t.bob, &t.alice));
    assert_int_equal(t.alice.closed, 1);
}

/* And of the handshake: its own tests change each of them; here some, and the call is made anew each time. */
static void test_bytes_of_the_handshake(void **state)
{
    for (size_t frame = 0; frame < 5; frame++)
        for (size_t at = 0; at < 2000; at += at < 4 ? 1 : 97) {
            end_both(state);
            callers_init(&t);
            callers_start(&t);
            for (size_t i = 0; i < frame; i++)
                if (!callers_carry(&t.alice, &t.bob))
                    (void)callers_carry(&t.bob, &t.alice);
            struct caller *from = t.alice.sent_len > 0 ? &t.alice : &t.bob;
            assert_true(from->sent_len > 0);
            if (at >= from->sent[0].len)
                break;
            from->sent[0].bytes[at] ^= 1;
            callers_run(&t);
            assert_true(t.alice.opened + t.bob.opened < 2);
            caller_say(&t.alice, "hello");
            callers_run(&t);
            assert_int_equal(t.bob.shown_len, 0);
        }
}

static void test_a_certificate_that_is_refused(void **state)
{
    for (int bob = 0; bob < 2; bob++) {
        struct caller *one = bob ? &t.bob : &t.alice;
        end_both(state);
        callers_init(&t);
        one->refuses = true;
        callers_start(&t);
        caller_say(one, "never said");
        callers_run(&t);
        caller_expect_failed(one, NET_ERR_REFUSED);
        assert_int_equal(one->peers, 1);
        assert_int_equal(one->call->waiting.len, 1);
        assert_int_equal(t.alice.shown_len + t.bob.shown_len, 0);
        assert_int_equal(t.bob.opened, 0);
    }
}

/* Anybody can make one up: those that say nothing of groups and suites are a failure like any other. */
static void test_an_alert_that_says_nothing(void **state)
{
    static const uint8_t codes[] = {ALERT_BAD_HELLO, ALERT_BUSY, 0, 99};
    for (size_t i = 0; i < sizeof codes; i++) {
        const uint8_t alert[] = {FRAME_ALERT, 1, 0, 2, codes[i], 0};
        end_both(state);
        callers_init(&t);
        callers_start(&t);
        (void)caller_take(&t.alice, alert, sizeof alert);
        caller_expect_failed(&t.alice, NET_ERR_MALFORMED);
        assert_int_equal(t.alice.call->retry_group, 0);
    }
}

static void test_an_alert_and_the_second_try(void **state)
{
    static const uint8_t both[] = {DH_FFDHE2048, DH_FFDHE3072}, second[] = {DH_FFDHE3072};
    end_both(state);
    callers_init(&t);
    t.alice.groups = both;
    t.alice.groups_len = 2;
    t.bob.groups = second;
    callers_start(&t);
    callers_run(&t);
    assert_int_equal(t.bob.failed, 1);
    caller_expect_failed(&t.alice, NET_ERR_ALERT);
    assert_int_equal(t.alice.call->retry_group, DH_FFDHE3072);
    end_both(state);
    callers_init(&t);
    t.alice.groups = both;
    t.alice.groups_len = 2;
    t.alice.group = DH_FFDHE3072;
    t.bob.groups = second;
    callers_start(&t);
    assert_true(t.alice.call->second_try);
    callers_run(&t);
    assert_int_equal(t.alice.opened + t.bob.opened, 2);
}

#define CALL(test) cmocka_unit_test_setup_teardown(test, open_both, end_both)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL(test_payloads_that_are_none),
        CALL(test_a_text_that_is_too_long),
        CALL(test_acknowledgements_of_other_lengths),
        CALL(test_other_types_of_an_acknowledgement),
        CALL(test_what_was_shown_before_stays),
        CALL(test_other_frames),
        CALL(test_wrong_lengths),
        CALL(test_each_byte_of_a_record),
        CALL(test_bytes_of_the_handshake),
        CALL(test_a_certificate_that_is_refused),
        CALL(test_an_alert_that_says_nothing),
        CALL(test_an_alert_and_the_second_try),
    };
    return RUN(tests);
}
