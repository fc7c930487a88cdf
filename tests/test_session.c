/* SPDX-License-Identifier: MIT */
/* Sessions: known answers for a whole talk; then what goes through and how it may be cut up; then KeyUpdates, Closes,
 * and what ends a session. Frames and Records where they don't belong: test_session_refusals.c. */
#include "net/session.h"

#include "tests/talk.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct talk t;
static uint8_t big[RECORD_PAYLOAD_MAX];

static int establish(void **state)
{
    (void)state;
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    return 0;
}

static enum net_err send_bytes(struct talk_side *side, const uint8_t *payload, size_t len)
{
    return session_send(&side->session, &side->rng, side->now, &side->out, payload, len);
}

static void expect_message(struct talk_side *from, struct talk_side *to, const char *text)
{
    assert_int_equal(talk_carry(from, to), SESSION_MESSAGE);
    assert_int_equal(to->msg.len, strlen(text));
    assert_memory_equal(to->msg.payload, text, to->msg.len);
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

/* The session after the first handshake of vectors/handshake.txt. */
static void start_known(void)
{
    static const uint8_t groups[] = {DH_FFDHE3072, DH_FFDHE4096}, suites[] = {SUITE_AES128, SUITE_AES256};
    talk_init(&t, HANDSHAKE_USER_SERVER);
    struct handshake_config *configs[] = {&t.client.config, &t.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->groups = groups;
        configs[i]->groups_len = sizeof groups;
        configs[i]->suites = suites;
        configs[i]->suites_len = sizeof suites;
        configs[i]->trace = NULL;
    }
    talk_establish(&t);
}

/* Lets the side do what the record says, and the other take it. */
static void known_step(struct vec *v, struct talk_side *from, struct talk_side *to)
{
    size_t len;
    const char *what = vec_text(v, "what");
    const uint8_t *payload = vec_hex(v, "payload", &len);
    uint64_t sequence = from->session.send.sequence;
    enum session_event expected = SESSION_MORE;
    if (strcmp(what, "message") == 0) {
        assert_int_equal(send_bytes(from, payload, len), NET_OK);
        expected = SESSION_MESSAGE;
    } else if (strcmp(what, "key update") == 0) {
        assert_int_equal(session_update(&from->session, &from->rng, from->now, &from->out), NET_OK);
        vec_check(v, "next_secret", from->session.send.secret, RECORD_SECRET_LEN);
    } else {
        assert_string_equal(what, "close");
        assert_int_equal(talk_close(from), NET_OK);
        expected = SESSION_CLOSED;
    }
    assert_int_equal(sequence, vec_number(v, "sequence"));
    vec_check(v, "iv", from->wire + FRAME_HEADER_LEN, 16);
    vec_check(v, "frame", from->wire, from->out.len);
    assert_int_equal(talk_carry(from, to), expected);
    if (expected == SESSION_MESSAGE) {
        assert_int_equal(to->msg.len, len);
        assert_memory_equal(to->msg.payload, payload, len);
    }
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("session");
    start_known();
    while (vec_next(v)) {
        bool client = strcmp(vec_text(v, "from"), "client") == 0;
        known_step(v, client ? &t.client : &t.server, client ? &t.server : &t.client);
    }
    vec_close(v);
}

/* --- What goes through -------------------------------------------------------------------------------------------- */

static void test_two_talk(void **state)
{
    (void)state;
    static const uint8_t suites[] = {SUITE_AES256};
    for (int kind = 1; kind <= 2; kind++) {
        talk_init(&t, (enum handshake_kind)kind);
        t.client.config.suites = t.server.config.suites = suites;
        talk_establish(&t);
        assert_string_equal(t.client.peer_name, kind == 1 ? "chat.example" : "bob");
        assert_string_equal(t.server.peer_name, kind == 1 ? "" : "alice");
        assert_int_equal(t.server.session.suite, SUITE_AES256);
        talk_send(&t.client, "hello");
        expect_message(&t.client, &t.server, "hello");
        talk_send(&t.server, "");
        expect_message(&t.server, &t.client, "");
        talk_end(&t);
    }
}

static void test_the_longest_message(void **state)
{
    (void)state;
    memset(big, 'b', sizeof big);
    assert_int_equal(send_bytes(&t.client, big, sizeof big), NET_OK);
    assert_int_equal(t.client.out.len, FRAME_MAX_LEN);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
    assert_int_equal(t.server.msg.len, sizeof big);
    assert_memory_equal(t.server.msg.payload, big, sizeof big);
}

/* Feeds byte after byte: nothing is used before a frame is whole, and then all of it. */
static enum session_event trickle(struct talk_side *from, struct talk_side *to)
{
    enum session_event event = SESSION_MORE;
    size_t have = 0, used;
    for (size_t i = 0; i < from->out.len; i++) {
        assert_int_equal(event, SESSION_MORE);
        to->in[have++] = from->wire[i];
        event = session_feed(&to->session, &to->rng, to->now, to->in, have, &used, &to->out, &to->msg);
        assert_true(used == 0 || used == have);
        if (used > 0)
            have = 0;
        event = talk_go(to, event);
    }
    from->out.len = 0;
    return event;
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_USER);
    talk_start(&t);
    assert_int_equal(trickle(&t.client, &t.server), SESSION_MORE);
    assert_int_equal(trickle(&t.server, &t.client), SESSION_ESTABLISHED);
    assert_int_equal(trickle(&t.client, &t.server), SESSION_ESTABLISHED);
    talk_send(&t.server, "slowly");
    assert_int_equal(trickle(&t.server, &t.client), SESSION_MESSAGE);
    talk_end(&t);
}

/* The client's Finished, two messages and a Close arrive in one piece: one event a call, in order. */
static void test_many_frames_at_once(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    talk_carry(&t.client, &t.server);
    talk_carry(&t.server, &t.client);
    talk_send(&t.client, "one");
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    talk_send(&t.client, "two");
    assert_int_equal(talk_close(&t.client), NET_OK);
    struct talk_side *s = &t.server;
    size_t len = t.client.out.len, at = 0;
    memcpy(s->in, t.client.wire, len);
    static const enum session_event expected[] = {SESSION_ESTABLISHED, SESSION_MESSAGE, SESSION_MESSAGE,
                                                  SESSION_CLOSED};
    for (size_t i = 0; i < 4; i++) {
        size_t used;
        enum session_event event = session_feed(&s->session, &s->rng, 0, s->in + at, len - at, &used, &s->out, &s->msg);
        assert_int_equal(event, expected[i]);
        if (expected[i] == SESSION_MESSAGE)
            assert_memory_equal(s->msg.payload, i == 1 ? "one" : "two", 3);
        at += used;
    }
    assert_int_equal(at, len);
    talk_end(&t);
}

/* While a worker computes, or the user thinks, nothing is read. */
static void test_frozen_while_working(void **state)
{
    (void)state;
    size_t used = 99;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    struct talk_side *s = &t.server, *c = &t.client;
    memcpy(s->in, c->wire, c->out.len);
    assert_int_equal(session_feed(&s->session, &s->rng, 0, s->in, c->out.len, &used, &s->out, &s->msg), SESSION_WORK);
    assert_int_equal(used, c->out.len);
    assert_int_equal(session_feed(&s->session, &s->rng, 0, s->in, c->out.len, &used, &s->out, &s->msg), SESSION_WORK);
    assert_int_equal(used, 0);
    assert_int_equal(talk_go(s, SESSION_WORK), SESSION_MORE);
    memcpy(c->in, s->wire, s->out.len);
    assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in, s->out.len, &used, &c->out, &c->msg), SESSION_WORK);
    session_work(&c->session, &c->work_rng);
    assert_int_equal(session_step(&c->session, &c->rng, 0, &c->out), SESSION_PEER);
    assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in, s->out.len, &used, &c->out, &c->msg), SESSION_PEER);
    assert_int_equal(used, 0);
    talk_end(&t);
}

/* --- KeyUpdate, Close, the end ------------------------------------------------------------------------------------ */

/* Sends under changing conditions, and counts the Records that it took. */
static size_t records_sent(struct talk_side *from, struct talk_side *to, const char *text)
{
    uint64_t first = from->session.send.sequence;
    talk_send(from, text);
    expect_message(from, to, text);
    return (size_t)(from->session.send.sequence - first);
}

static void test_keys_are_updated_in_time(void **state)
{
    (void)state;
    uint8_t old[RECORD_SECRET_LEN];
    struct record *send = &t.client.session.send, *receive = &t.server.session.receive;
    memcpy(old, send->secret, sizeof old);
    assert_int_equal(records_sent(&t.client, &t.server, "under the first keys"), 1);
    send->records = receive->records = RECORD_RECORDS_MAX - 1;
    assert_int_equal(records_sent(&t.client, &t.server, "the Records were used up"), 2);
    assert_memory_not_equal(old, send->secret, sizeof old);
    assert_memory_equal(receive->secret, send->secret, sizeof old);
    send->bytes = receive->bytes = RECORD_BYTES_MAX - 32;
    assert_int_equal(records_sent(&t.client, &t.server, "the bytes were used up"), 2);
    t.client.now += SESSION_KEY_SECONDS - 1;
    assert_int_equal(records_sent(&t.client, &t.server, "not yet an hour"), 1);
    t.client.now += 1;
    assert_int_equal(records_sent(&t.client, &t.server, "an hour"), 2);
    assert_int_equal(records_sent(&t.client, &t.server, "and on it goes"), 1);
    assert_int_equal(records_sent(&t.server, &t.client, "the other way has its own keys"), 1);
}

/* A sender of nothing but KeyUpdates would keep a receiver busy that bounds only messages. */
static void test_updates_that_bring_nothing(void **state)
{
    (void)state;
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    assert_int_equal(records_sent(&t.client, &t.server, "a word between two"), 1);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    talk_expect_failure(&t.client, &t.server, NET_ERR_OUT_OF_TURN);
}

/* A sender that never updates is hung up on. */
static void test_receiver_holds_to_the_limits(void **state)
{
    (void)state;
    t.server.session.receive.records = RECORD_RECORDS_MAX;
    talk_send(&t.client, "one too many");
    talk_expect_failure(&t.client, &t.server, NET_ERR_LIMIT);
    establish(NULL);
    t.server.session.receive.bytes = RECORD_BYTES_MAX;
    talk_send(&t.client, "too much");
    talk_expect_failure(&t.client, &t.server, NET_ERR_LIMIT);
}

/* A sender whose numbers are used up ends, rather than use one twice. */
static void test_sender_stops_at_the_limits(void **state)
{
    (void)state;
    t.client.session.send.sequence = UINT64_MAX;
    assert_int_equal(send_bytes(&t.client, big, 1), NET_ERR_LIMIT);
    talk_expect_failed(&t.client, NET_ERR_LIMIT);
    assert_int_equal(send_bytes(&t.client, big, 1), NET_ERR_LIMIT);
    assert_int_equal(t.client.out.len, 0);
}

static void test_close(void **state)
{
    (void)state;
    assert_int_equal(talk_close(&t.client), NET_OK);
    assert_int_equal(talk_close(&t.client), NET_OK); /* a second Close sends nothing */
    assert_int_equal(t.client.out.len, RECORD_FRAME_MIN);
    assert_int_equal(send_bytes(&t.client, big, 1), NET_ERR_CLOSED);
    talk_send(&t.server, "said before the good-bye arrived");
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_CLOSED);
    assert_int_equal(send_bytes(&t.server, big, 1), NET_ERR_CLOSED);
    expect_message(&t.server, &t.client, "said before the good-bye arrived");
    assert_int_equal(talk_close(&t.server), NET_OK);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_CLOSED);
    assert_int_equal(session_error(&t.client.session), NET_OK);
    assert_int_equal(t.client.session.send.secret[0] | t.client.session.receive.secret[0], 0);
}

static void test_anything_after_close_is_a_failure(void **state)
{
    (void)state;
    talk_forge(&t.client, CONTENT_CLOSE, NULL, 0);
    size_t close_len = t.client.out.len;
    talk_forge(&t.client, CONTENT_APPLICATION, (const uint8_t *)"more", 4);
    struct talk_side *s = &t.server;
    assert_int_equal(talk_take(s, t.client.wire, t.client.out.len), SESSION_CLOSED);
    assert_int_equal(s->used, close_len);
    assert_int_equal(talk_take(s, t.client.wire, 0), SESSION_MORE);
    assert_int_equal(talk_take(s, t.client.wire + close_len, 1), SESSION_FAILED);
    talk_expect_failed(s, NET_ERR_OUT_OF_TURN);
}

static void test_close_before_there_is_a_session(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    t.client.out.len = 0;
    assert_int_equal(talk_close(&t.client), NET_OK);
    assert_int_equal(talk_close(&t.server), NET_OK);
    assert_int_equal(t.client.out.len + t.server.out.len, 0);
    talk_end(&t);
    assert_int_equal(talk_close(&t.client), NET_ERR_CLOSED);
}

static void test_wipe_leaves_nothing(void **state)
{
    (void)state;
    talk_send(&t.client, "something");
    session_wipe(&t.client.session);
    session_wipe(&t.client.session);
    talk_expect_failed(&t.client, NET_ERR_CLOSED);
    assert_int_equal(send_bytes(&t.client, big, 1), NET_ERR_CLOSED);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_ERR_CLOSED);
    assert_int_equal(session_step(&t.client.session, &t.client.rng, 0, &t.client.out), SESSION_FAILED);
}

/* What an idle connection costs. */
static void test_a_session_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct session) < 2048);
    assert_true(sizeof(struct handshake) < 12288);
}

#define ESTABLISHED(name) cmocka_unit_test_setup(name, establish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_two_talk),
        ESTABLISHED(test_the_longest_message),
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_many_frames_at_once),
        cmocka_unit_test(test_frozen_while_working),
        ESTABLISHED(test_keys_are_updated_in_time),
        ESTABLISHED(test_updates_that_bring_nothing),
        ESTABLISHED(test_receiver_holds_to_the_limits),
        ESTABLISHED(test_sender_stops_at_the_limits),
        ESTABLISHED(test_close),
        ESTABLISHED(test_anything_after_close_is_a_failure),
        cmocka_unit_test(test_close_before_there_is_a_session),
        ESTABLISHED(test_wipe_leaves_nothing),
        cmocka_unit_test(test_a_session_is_small),
    };
    return RUN(tests);
}
