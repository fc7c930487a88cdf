/* SPDX-License-Identifier: MIT */
/* A session of kind 2: what its ratchet lets come when, and what is left of each secret. */
#include "net/session.h"

#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;

static int establish(void **state)
{
    (void)state;
    talk_init_untraced(&t, HANDSHAKE_USER_USER);
    talk_establish(&t);
    return 0;
}

static int end(void **state)
{
    (void)state;
    talk_end(&t);
    return 0;
}

static void expect_text(struct talk_side *from, struct talk_side *to, const char *text)
{
    assert_int_equal(talk_carry(from, to), SESSION_MESSAGE);
    assert_int_equal(to->msg.len, strlen(text));
    assert_memory_equal(to->msg.payload, text, to->msg.len);
}

static void say(struct talk_side *from, struct talk_side *to, const char *text)
{
    talk_send(from, text);
    expect_text(from, to, text);
}

static void expect_steps(uint64_t n)
{
    assert_int_equal(t.client.ratchet.n, n);
    assert_int_equal(t.server.ratchet.n, n);
    assert_int_equal(t.client.ratchet.mine, n % 2 == 0);
    assert_int_equal(t.server.ratchet.mine, n % 2 == 1);
    assert_memory_equal(t.client.ratchet.root, t.server.ratchet.root, sizeof t.client.ratchet.root);
}

static void test_a_step_at_each_change_of_speaker(void **state)
{
    (void)state;
    expect_steps(0);
    for (uint64_t n = 0; n < 6; n++) {
        struct talk_side *from = n % 2 == 0 ? &t.client : &t.server, *to = n % 2 == 0 ? &t.server : &t.client;
        assert_int_equal(session_step_due(&from->session), n > 0);
        say(from, to, "first");
        expect_steps(n);
        assert_false(session_step_due(&from->session));
        say(from, to, "second");
        expect_steps(n);
    }
}

/* The one's texts are sealed before the other's step has come, under the keys from before it. */
static void test_texts_that_cross(void **state)
{
    (void)state;
    say(&t.client, &t.server, "hello");
    say(&t.server, &t.client, "hello"); /* step 1 */
    talk_send(&t.client, "with step 2");
    talk_send(&t.server, "still under step 1");
    expect_text(&t.server, &t.client, "still under step 1");
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    talk_send(&t.server, "with step 3");
    expect_text(&t.server, &t.client, "with step 3");
    expect_steps(3);
}

/* No key is used twice: neither side could open a Record again, nor the one before it. */
static void test_keys_change_after_every_record(void **state)
{
    (void)state;
    uint8_t secrets[8][RECORD_SECRET_LEN];
    for (size_t i = 0; i < 8; i++) {
        memcpy(secrets[i], t.client.session.send.secret, RECORD_SECRET_LEN);
        assert_memory_equal(secrets[i], t.server.session.receive.secret, RECORD_SECRET_LEN);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(secrets[i], secrets[j], RECORD_SECRET_LEN);
        say(&t.client, &t.server, "again");
        assert_int_equal(t.client.session.send.sequence, 3 + i); /* Finished and step 0 were before */
        assert_int_equal(t.client.session.send.records, 0);
    }
}

static void test_what_is_kept(void **state)
{
    (void)state;
    say(&t.client, &t.server, "hello");
    assert_false(all_zero(t.client.ratchet.latest.x, 32));
    assert_true(all_zero(t.server.ratchet.latest.x, sizeof t.server.ratchet.latest.x));
    say(&t.server, &t.client, "hello"); /* step 1 takes the caller's exponent with it */
    assert_true(all_zero(t.client.ratchet.latest.x, sizeof t.client.ratchet.latest.x));
    assert_false(all_zero(t.server.ratchet.latest.x, 32));
    assert_true(all_zero(t.client.ratchet.secret, sizeof t.client.ratchet.secret));
    assert_true(all_zero(t.server.ratchet.secret, sizeof t.server.ratchet.secret));
    assert_true(all_zero(&t.client.hs, offsetof(struct handshake, config)));
    /* One's own Close leaves the exponent: the peer may step before it reads it. */
    assert_int_equal(talk_close(&t.server), NET_OK);
    assert_false(all_zero(t.server.ratchet.latest.x, 32));
    talk_send(&t.client, "before the Close came");
    expect_text(&t.client, &t.server, "before the Close came");
    assert_true(all_zero(t.server.ratchet.latest.x, sizeof t.server.ratchet.latest.x));
    session_wipe(&t.server.session);
    assert_true(all_zero(&t.server.ratchet, sizeof t.server.ratchet));
}

static void test_the_longest_message(void **state)
{
    (void)state;
    uint8_t text[SESSION_CALL_PAYLOAD_MAX + 1];
    fill(text, sizeof text, 1);
    assert_int_equal(session_send(&t.client.session, &t.client.rng, 0, &t.client.out, text, sizeof text - 1), NET_OK);
    assert_int_equal(t.client.out.len, 4164);
    assert_int_equal(session_wants(&t.server.session), 4164);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    assert_memory_equal(t.server.msg.payload, text, sizeof text - 1);
    uint8_t frame[RECORD_FRAME_MIN + sizeof text];
    memset(frame, 0, sizeof frame);
    frame_header(frame, FRAME_RECORD, record_frame_len(4112) - FRAME_HEADER_LEN);
    assert_int_equal(talk_take(&t.server, frame, FRAME_HEADER_LEN), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_FRAME_LENGTH);
}

/* --- What may not come -------------------------------------------------------------------------------------------- */

/* The peer seals a Record that it may not send, with the keys that it would send the next one with. */
static void expect_forged(bool caller, enum content_type type, const void *payload, size_t len, enum net_err err)
{
    struct talk_side *from = caller ? &t.client : &t.server, *to = caller ? &t.server : &t.client;
    talk_forge(from, type, payload, len);
    talk_expect_failure(from, to, err);
    assert_int_equal(to->out.len, 0);
}

/* The payload of a step with a good value. */
static size_t good_step(uint8_t payload[static RATCHET_STEP_MAX])
{
    struct dh_key_pair pair;
    dh_generate(&pair, dh_group(DH_FFDHE2048), &t.client.work_rng);
    bytes_store_be16(payload, 256);
    memcpy(payload + 2, pair.y, 256);
    return 2 + 256;
}

static void test_steps_out_of_turn(void **state)
{
    uint8_t step[RATCHET_STEP_MAX];
    size_t len = good_step(step);
    expect_forged(true, CONTENT_STEP, step, len, NET_ERR_OUT_OF_TURN); /* step 0 was the caller's */
    for (int caller = 0; caller < 2; caller++) {
        end(state);
        establish(state);
        say(&t.server, &t.client, "step 1");
        if (caller)
            say(&t.client, &t.server, "step 2");
        expect_forged(caller, CONTENT_STEP, step, len, NET_ERR_OUT_OF_TURN); /* a second one of the same side */
    }
}

static void test_no_key_updates_and_no_second_finished(void **state)
{
    static const enum content_type types[] = {CONTENT_KEY_UPDATE, CONTENT_FINISHED};
    for (size_t i = 0; i < 4; i++) {
        end(state);
        establish(state);
        expect_forged(i % 2, types[i / 2], NULL, 0, NET_ERR_OUT_OF_TURN);
    }
}

static void test_an_unknown_type_does_not_open(void **state)
{
    (void)state;
    expect_forged(true, (enum content_type)5, NULL, 0, NET_ERR_RECORD);
}

/* Whoever was silent so far mixes in a value before it says anything. */
static void test_the_callee_begins_with_a_step(void **state)
{
    (void)state;
    expect_forged(false, CONTENT_APPLICATION, "hello", 5, NET_ERR_OUT_OF_TURN);
}

static void test_a_step_of_kind_1(void **state)
{
    uint8_t step[RATCHET_STEP_MAX];
    size_t len = good_step(step);
    end(state);
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    expect_forged(true, CONTENT_STEP, step, len, NET_ERR_RECORD);
}

static void test_shapes_of_a_step(void **state)
{
    for (int what = 0; what < 4; what++) {
        uint8_t step[RATCHET_STEP_MAX + 1] = {0};
        size_t len = good_step(step);
        if (what == 0)
            step[1] = 1; /* says 257 */
        end(state);
        establish(state);
        expect_forged(false, CONTENT_STEP, step,
                      what == 1   ? len - 1
                      : what == 2 ? len + 1
                      : what == 3 ? 0
                                  : len,
                      NET_ERR_MALFORMED);
    }
}

/* 0, 1, p-1, p, and a number that is no square: -1 times a square, as p = 3 mod 4. */
static void test_bad_values(void **state)
{
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    for (int what = 0; what < 5; what++) {
        uint8_t step[RATCHET_STEP_MAX] = {0};
        size_t len = good_step(step);
        uint8_t *y = step + 2;
        if (what == 4) {
            for (unsigned i = 256, borrow = 0; i-- > 0;) {
                unsigned d = 256u + g->p[i] - y[i] - borrow;
                y[i] = (uint8_t)d;
                borrow = d < 256;
            }
        } else {
            memset(y, 0, 256);
            if (what >= 2)
                memcpy(y, g->p, 256);
            y[255] = (uint8_t)(what == 1 ? 1 : what == 2 ? y[255] - 1 : y[255]);
        }
        end(state);
        establish(state);
        expect_forged(false, CONTENT_STEP, step, len, NET_ERR_PUBLIC_VALUE);
    }
}

/* Step 0 is the caller's second Record, and nothing can take its place. */
static void test_instead_of_step_0(void **state)
{
    static const enum content_type types[] = {CONTENT_CLOSE, CONTENT_APPLICATION, CONTENT_KEY_UPDATE, CONTENT_FINISHED};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        end(state);
        talk_init_untraced(&t, HANDSHAKE_USER_USER);
        talk_start(&t);
        talk_carry(&t.client, &t.server);
        talk_carry(&t.server, &t.client);
        struct record sender = t.server.session.receive; /* as the caller's is before its Finished */
        size_t finished = talk_frame_len(t.client.wire), len;
        assert_int_equal(talk_take(&t.server, t.client.wire, finished), SESSION_MORE);
        assert_int_equal(t.server.session.state, SESSION_STATE_STEP_0);
        sender = t.server.session.receive;
        assert_int_equal(
            record_seal(&sender, &t.client.rng, t.client.wire, sizeof t.client.wire, &len, types[i], NULL, 0), NET_OK);
        assert_int_equal(talk_take(&t.server, t.client.wire, len), SESSION_FAILED);
        talk_expect_failed(&t.server, NET_ERR_OUT_OF_TURN);
    }
}

/* While a step is computed nothing is taken, and what waits is taken afterwards. */
static void test_frozen_while_a_step_is_computed(void **state)
{
    (void)state;
    size_t used;
    struct talk_side *c = &t.client;
    talk_send(&t.server, "with step 1");
    memcpy(c->in, t.server.wire, t.server.out.len);
    size_t len = t.server.out.len, step = talk_frame_len(c->in);
    assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in, len, &used, &c->out, &c->msg), SESSION_WORK);
    assert_int_equal(used, step);
    assert_int_equal(session_wants(&c->session), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in + step, len - step, &used, &c->out, &c->msg),
                         SESSION_WORK);
        assert_int_equal(used, 0);
    }
    session_work(&c->session, &c->work_rng);
    assert_int_equal(session_step(&c->session, &c->rng, 0, &c->out), SESSION_MORE);
    assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in + step, len - step, &used, &c->out, &c->msg),
                     SESSION_MESSAGE);
    assert_int_equal(c->msg.len, 11);
}

/* Nothing changes before the tag has passed. */
static void test_a_forged_step_changes_nothing_but_the_end(void **state)
{
    (void)state;
    talk_send(&t.server, "with step 1");
    t.server.wire[100] ^= 1;
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    talk_expect_failed(&t.client, NET_ERR_RECORD);
    assert_int_equal(t.client.works, 4); /* hello, check, verify, step 0: and no step 1 */
}

static void test_replayed_and_dropped(void **state)
{
    (void)state;
    uint8_t before[TALK_ANSWER_MAX];
    talk_send(&t.client, "once");
    size_t len = t.client.out.len;
    memcpy(before, t.client.wire, len);
    expect_text(&t.client, &t.server, "once");
    assert_int_equal(talk_take(&t.server, before, len), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_RECORD);
    end(state);
    establish(state);
    talk_send(&t.client, "dropped");
    t.client.out.len = 0;
    talk_send(&t.client, "the next");
    talk_expect_failure(&t.client, &t.server, NET_ERR_RECORD);
}

static void test_an_open_call_is_small(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct session) + sizeof(struct ratchet), 1, 2600);
}

#define CALL(test) cmocka_unit_test_setup_teardown(test, establish, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CALL(test_a_step_at_each_change_of_speaker),
        CALL(test_texts_that_cross),
        CALL(test_keys_change_after_every_record),
        CALL(test_what_is_kept),
        CALL(test_the_longest_message),
        CALL(test_steps_out_of_turn),
        CALL(test_no_key_updates_and_no_second_finished),
        CALL(test_an_unknown_type_does_not_open),
        CALL(test_the_callee_begins_with_a_step),
        CALL(test_a_step_of_kind_1),
        CALL(test_shapes_of_a_step),
        CALL(test_bad_values),
        CALL(test_instead_of_step_0),
        CALL(test_frozen_while_a_step_is_computed),
        CALL(test_a_forged_step_changes_nothing_but_the_end),
        CALL(test_replayed_and_dropped),
        CALL(test_an_open_call_is_small),
    };
    return RUN(tests);
}
