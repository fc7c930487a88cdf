/* SPDX-License-Identifier: MIT */
/* Every frame and Record in a place where it doesn't belong, and at which of its bytes the session ends. */
#include "net/session.h"

#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;

static int establish(void **state)
{
    (void)state;
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
    talk_establish(&t);
    return 0;
}

static enum session_event take_hello(struct talk_side *side, enum frame_type type)
{
    uint8_t frame[FRAME_HEADER_LEN + 200] = {0};
    frame_header(frame, type, 200);
    return talk_take(side, frame, sizeof frame);
}

static void test_frames_out_of_turn(void **state)
{
    (void)state;
    for (int type = FRAME_CLIENT_HELLO; type <= FRAME_ALERT; type++) {
        if (type != FRAME_CLIENT_HELLO) { /* a server that waits for a ClientHello */
            talk_init(&t, HANDSHAKE_USER_SERVER);
            talk_start(&t);
            assert_int_equal(take_hello(&t.server, (enum frame_type)type), SESSION_FAILED);
            talk_expect_failed(&t.server, NET_ERR_OUT_OF_TURN);
            assert_int_equal(t.server.out.len, 0);
            talk_end(&t);
        }
        if (type == FRAME_CLIENT_HELLO || type == FRAME_RECORD) { /* a client that waits for a ServerHello */
            talk_init(&t, HANDSHAKE_USER_SERVER);
            talk_start(&t);
            assert_int_equal(take_hello(&t.client, (enum frame_type)type), SESSION_FAILED);
            talk_expect_failed(&t.client, NET_ERR_OUT_OF_TURN);
            talk_end(&t);
        }
        if (type == FRAME_RECORD)
            continue;
        establish(NULL);
        assert_int_equal(take_hello(&t.client, (enum frame_type)type), SESSION_FAILED);
        talk_expect_failed(&t.client, NET_ERR_OUT_OF_TURN);
        assert_int_equal(take_hello(&t.server, (enum frame_type)type), SESSION_FAILED);
        talk_expect_failed(&t.server, NET_ERR_OUT_OF_TURN);
    }
}

/* Between the ServerHello and the Finished an Alert, or another hello, is out of turn for both. */
static void test_plain_frames_after_the_server_hello(void **state)
{
    (void)state;
    for (int type = FRAME_CLIENT_HELLO; type <= FRAME_ALERT; type++) {
        if (type == FRAME_RECORD)
            continue;
        talk_init(&t, HANDSHAKE_USER_SERVER);
        talk_start(&t);
        talk_carry(&t.client, &t.server);
        size_t hello_len = talk_frame_len(t.server.wire);
        assert_int_equal(talk_take(&t.client, t.server.wire, hello_len), SESSION_MORE);
        assert_int_equal(take_hello(&t.client, (enum frame_type)type), SESSION_FAILED);
        talk_expect_failed(&t.client, NET_ERR_OUT_OF_TURN);
        assert_int_equal(take_hello(&t.server, (enum frame_type)type), SESSION_FAILED);
        talk_expect_failed(&t.server, NET_ERR_OUT_OF_TURN);
        talk_end(&t);
    }
}

/* --- The first byte that shows it --------------------------------------------------------------------------------- */

enum moment { HELLO, FINISHED, OPEN, CLOSED };

/* Brings this side to where it waits for what the moment is named after. */
static struct talk_side *go_to(enum moment moment, bool server, enum handshake_kind kind)
{
    struct talk_side *side = server ? &t.server : &t.client, *other = server ? &t.client : &t.server;
    talk_init(&t, kind);
    if (moment >= OPEN) {
        talk_establish(&t);
        if (moment == CLOSED) {
            assert_int_equal(talk_close(other), NET_OK);
            assert_int_equal(talk_carry(other, side), SESSION_CLOSED);
        }
        return side;
    }
    talk_start(&t);
    if (moment == FINISHED) {
        talk_carry(&t.client, &t.server);
        size_t hello_len = talk_frame_len(t.server.wire);
        if (!server)
            assert_int_equal(talk_take(&t.client, t.server.wire, hello_len), SESSION_MORE);
    }
    return side;
}

/* Feeds byte after byte, all of them anew each time: the last of len bytes is the one that ends the session. */
static void expect_refused_at(struct talk_side *side, const uint8_t *bytes, size_t len, enum net_err err)
{
    size_t used;
    for (size_t have = 1; have <= len; have++) {
        memcpy(side->in, bytes, have);
        enum session_event event = session_feed(&side->session, &side->rng, 0, side->in, have, &used, &side->out,
                                                &side->msg);
        assert_int_equal(event, have < len ? SESSION_MORE : SESSION_FAILED);
        assert_int_equal(used, 0);
    }
    talk_expect_failed(side, err);
    assert_int_equal(session_wants(&side->session), 0);
    talk_end(&t);
}

/* The longest body of each type that may come at each moment; 0: out of turn. A Finished of kind 2 holds a certificate
 * of at most 1,074 bytes and a signature, one of kind 1 nothing. */
static const struct {
    enum moment moment;
    bool server;
    enum handshake_kind kind;
    size_t max[5];
} turns[] = {
    {HELLO, true, HANDSHAKE_USER_SERVER, {0, 1024, 0, 0, 0}},
    {HELLO, true, HANDSHAKE_USER_USER, {0, 1024, 0, 0, 0}},
    {HELLO, false, HANDSHAKE_USER_SERVER, {0, 0, 4096, 0, 256}},
    {FINISHED, true, HANDSHAKE_USER_SERVER, {0, 0, 0, 64, 0}},
    {FINISHED, true, HANDSHAKE_USER_USER, {0, 0, 0, 1520, 0}},
    {FINISHED, false, HANDSHAKE_USER_SERVER, {0, 0, 0, 64, 0}},
    {FINISHED, false, HANDSHAKE_USER_USER, {0, 0, 0, 64, 0}},
    {OPEN, true, HANDSHAKE_USER_SERVER, {0, 0, 0, 16448, 0}},
    {OPEN, false, HANDSHAKE_USER_SERVER, {0, 0, 0, 16448, 0}},
};

/* A header that claims len bytes of body: refused at the first of its two bytes where that one is already too much. */
static void expect_length_refused(size_t turn, uint8_t type, size_t max, size_t len)
{
    const uint8_t header[] = {type, FRAME_VERSION, (uint8_t)(len >> 8), (uint8_t)len};
    struct talk_side *side = go_to(turns[turn].moment, turns[turn].server, turns[turn].kind);
    expect_refused_at(side, header, (len >> 8 << 8) > max ? 3 : 4, NET_ERR_FRAME_LENGTH);
}

static void test_refused_at_the_first_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
        for (unsigned type = 0; type < 256; type += type < 5 ? 1 : 250) {
            size_t max = type <= 4 ? turns[i].max[type] : 0;
            const uint8_t header[] = {(uint8_t)type, FRAME_VERSION + 1};
            struct talk_side *side = go_to(turns[i].moment, turns[i].server, turns[i].kind);
            expect_refused_at(side, header, max == 0 ? 1 : 2,
                              max != 0                 ? NET_ERR_FRAME_VERSION
                              : type >= 1 && type <= 4 ? NET_ERR_OUT_OF_TURN
                                                       : NET_ERR_FRAME_TYPE);
            if (max == 0)
                continue;
            expect_length_refused(i, (uint8_t)type, max, max + 1);
            expect_length_refused(i, (uint8_t)type, max, 0xffff);
        }
    for (int server = 0; server <= 1; server++) { /* after a Close comes nothing, not even a Record in order */
        struct talk_side *side = go_to(CLOSED, server, HANDSHAKE_USER_SERVER);
        assert_int_equal(session_wants(&side->session), 1);
        expect_refused_at(side, (const uint8_t *)"\x03", 1, NET_ERR_OUT_OF_TURN);
    }
}

/* A session wants room for the longest frame that may come, and not a byte more. */
static void test_wants_the_longest_that_may_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        size_t longest = 0;
        struct talk_side *side = go_to(turns[i].moment, turns[i].server, turns[i].kind);
        for (size_t type = 0; type <= 4; type++)
            if (turns[i].max[type] > longest)
                longest = turns[i].max[type];
        assert_int_equal(session_wants(&side->session), FRAME_HEADER_LEN + longest);
        talk_end(&t);
    }
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    assert_int_equal(session_feed(&t.server.session, &t.server.rng, 0, t.client.wire, t.client.out.len, &t.server.used,
                                  &t.server.out, &t.server.msg),
                     SESSION_WORK);
    assert_int_equal(session_wants(&t.server.session), 0);
    talk_end(&t);
}

/* A client has nothing to say right after its ClientHello: one that does is refused before anything is computed. */
static void test_nothing_comes_after_a_client_hello(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    t.client.wire[t.client.out.len++] = FRAME_RECORD;
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_OUT_OF_TURN);
    assert_int_equal(t.server.works, 0);
    assert_int_equal(t.server.out.len, 0);
    talk_end(&t);
}

static void expect_refused_bytes(const void *bytes, size_t len, enum net_err err)
{
    establish(NULL);
    assert_int_equal(talk_take(&t.server, bytes, len), SESSION_FAILED);
    talk_expect_failed(&t.server, err);
    size_t used;
    assert_int_equal(
        session_feed(&t.server.session, &t.server.rng, 0, t.server.in, len, &used, &t.server.out, &t.server.msg),
        SESSION_FAILED);
    assert_int_equal(used, 0);
}

static void test_frames_that_are_none(void **state)
{
    (void)state;
    expect_refused_bytes("GET / HTTP/1.1\r\n\r\n", 18, NET_ERR_FRAME_TYPE);
    expect_refused_bytes("\x16\x03\x01\x02\x00", 5, NET_ERR_FRAME_TYPE); /* TLS */
    expect_refused_bytes("\x00", 1, NET_ERR_FRAME_TYPE);
    expect_refused_bytes("\x05", 1, NET_ERR_FRAME_TYPE);
    expect_refused_bytes("\x03\x02", 2, NET_ERR_FRAME_VERSION);
    expect_refused_bytes("\x03\x01\x40\x41", 4, NET_ERR_FRAME_LENGTH);
    expect_refused_bytes("\x01\x01\x04\x01", 4, NET_ERR_OUT_OF_TURN);
    expect_refused_bytes("\x03\x01\x00\x00", 4, NET_ERR_RECORD);
}

/* Runs a handshake up to where `to` waits for the Finished, lets the other side send something else under the right
 * keys, and expects the failure. */
static void instead_of_finished(bool to_server, enum content_type type, const char *payload, enum net_err err)
{
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    talk_carry(&t.client, &t.server);
    if (to_server) {
        talk_carry(&t.server, &t.client);
        t.client.out.len = 0;
        t.client.session.send.sequence = 0;
        talk_forge(&t.client, type, (const uint8_t *)payload, strlen(payload));
        talk_expect_failure(&t.client, &t.server, err);
    } else {
        t.server.out.len = talk_frame_len(t.server.wire);
        t.server.session.send.sequence = 0;
        talk_forge(&t.server, type, (const uint8_t *)payload, strlen(payload));
        talk_expect_failure(&t.server, &t.client, err);
        assert_int_equal(t.client.out.len, 0);
    }
    talk_end(&t);
}

static void test_nothing_comes_before_finished(void **state)
{
    (void)state;
    for (int to_server = 0; to_server <= 1; to_server++) {
        instead_of_finished(to_server, CONTENT_APPLICATION, "early", NET_ERR_OUT_OF_TURN);
        instead_of_finished(to_server, CONTENT_KEY_UPDATE, "", NET_ERR_OUT_OF_TURN);
        instead_of_finished(to_server, CONTENT_CLOSE, "", NET_ERR_OUT_OF_TURN);
        instead_of_finished(to_server, CONTENT_FINISHED, "not empty", NET_ERR_MALFORMED);
    }
}

static void test_records_out_of_place(void **state)
{
    (void)state;
    for (int to_server = 0; to_server <= 1; to_server++) {
        static const struct {
            enum content_type type;
            const char *payload;
            enum net_err err;
        } wrong[] = {
            {CONTENT_FINISHED, "", NET_ERR_OUT_OF_TURN}, /* a second Finished */
            {CONTENT_KEY_UPDATE, "x", NET_ERR_MALFORMED},
            {CONTENT_CLOSE, "x", NET_ERR_MALFORMED},
        };
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            establish(NULL);
            struct talk_side *from = to_server ? &t.client : &t.server, *to = to_server ? &t.server : &t.client;
            talk_forge(from, wrong[i].type, (const uint8_t *)wrong[i].payload, strlen(wrong[i].payload));
            talk_expect_failure(from, to, wrong[i].err);
        }
    }
}

static void test_records_replayed_reordered_dropped_reflected(void **state)
{
    (void)state;
    uint8_t first[100], second[100];
    for (int what = 0; what < 4; what++) {
        establish(NULL);
        talk_send(&t.client, "first");
        size_t len = t.client.out.len;
        memcpy(first, t.client.wire, len);
        t.client.out.len = 0;
        talk_send(&t.client, "second");
        memcpy(second, t.client.wire, len);
        struct talk_side *to = what == 3 ? &t.client : &t.server;
        if (what == 0) { /* replayed */
            assert_int_equal(talk_take(to, first, len), SESSION_MESSAGE);
            assert_int_equal(talk_take(to, first, len), SESSION_FAILED);
        } else if (what == 1) { /* reordered, as if the first had been dropped */
            assert_int_equal(talk_take(to, second, len), SESSION_FAILED);
            assert_int_equal(talk_take(to, first, len), SESSION_FAILED);
        } else if (what == 2) { /* a good one, and one with a flipped bit */
            assert_int_equal(talk_take(to, first, len), SESSION_MESSAGE);
            second[30] ^= 4;
            assert_int_equal(talk_take(to, second, len), SESSION_FAILED);
        } else { /* back to its sender */
            assert_int_equal(talk_take(to, first, len), SESSION_FAILED);
        }
        talk_expect_failed(to, NET_ERR_RECORD);
    }
}

static void test_a_cut_connection_is_no_close(void **state)
{
    (void)state;
    talk_send(&t.client, "all of it");
    for (size_t len = 0; len < t.client.out.len; len++)
        assert_int_equal(talk_take(&t.server, t.client.wire, len), SESSION_MORE);
    assert_int_equal(session_fail(&t.server.session, NET_ERR_CUT), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_CUT);
    session_fail(&t.server.session, NET_ERR_IO);
    assert_int_equal(session_error(&t.server.session), NET_ERR_CUT); /* the first reason stays */
}

#define ESTABLISHED(name) cmocka_unit_test_setup(name, establish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_out_of_turn),
        cmocka_unit_test(test_plain_frames_after_the_server_hello),
        cmocka_unit_test(test_refused_at_the_first_byte),
        cmocka_unit_test(test_wants_the_longest_that_may_come),
        cmocka_unit_test(test_nothing_comes_after_a_client_hello),
        cmocka_unit_test(test_frames_that_are_none),
        cmocka_unit_test(test_nothing_comes_before_finished),
        cmocka_unit_test(test_records_out_of_place),
        cmocka_unit_test(test_records_replayed_reordered_dropped_reflected),
        ESTABLISHED(test_a_cut_connection_is_no_close),
    };
    return RUN(tests);
}
