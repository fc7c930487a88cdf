/* SPDX-License-Identifier: MIT */
/* Sessions: known answers for a whole talk; then what goes through and how it may be cut up; then every frame and
 * Record in a place where it doesn't belong; then KeyUpdates, Closes and the end. */
#include "net/session.h"

#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct talk t;
static uint8_t big[RECORD_PAYLOAD_MAX];

static int establish(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.client.config.trace = t.server.config.trace = NULL;
    talk_establish(&t);
    return 0;
}

static enum net_err send_bytes(struct talk_side *side, const uint8_t *payload, size_t len)
{
    return session_send(&side->session, &side->rng, side->now, &side->out, payload, len);
}

static enum net_err close_side(struct talk_side *side)
{
    return session_close(&side->session, &side->rng, &side->out);
}

/* Seals any Record with a side's own keys, whatever its session's rules say, into its wire. */
static void forge(struct talk_side *side, enum content_type type, const uint8_t *payload, size_t len)
{
    size_t frame_len;
    assert_int_equal(record_seal(&side->session.send, &side->rng, side->wire + side->out.len,
                                 sizeof side->wire - side->out.len, &frame_len, type, payload, len),
                     NET_OK);
    side->out.len += frame_len;
}

static void expect_message(struct talk_side *from, struct talk_side *to, const char *text)
{
    assert_int_equal(talk_carry(from, to), SESSION_MESSAGE);
    assert_int_equal(to->msg.len, strlen(text));
    assert_memory_equal(to->msg.payload, text, to->msg.len);
}

static void expect_failure(struct talk_side *from, struct talk_side *to, enum net_err err)
{
    assert_int_equal(talk_carry(from, to), SESSION_FAILED);
    talk_expect_failed(to, err);
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
        assert_int_equal(close_side(from), NET_OK);
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
    assert_int_equal(close_side(&t.client), NET_OK);
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

/* --- Out of place ------------------------------------------------------------------------------------------------- */

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
        size_t hello_len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(t.server.wire + 2);
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

/* Goes to where this side waits for what the moment is called after. */
static struct talk_side *go_to(enum moment moment, bool server, enum handshake_kind kind)
{
    struct talk_side *side = server ? &t.server : &t.client, *other = server ? &t.client : &t.server;
    talk_init(&t, kind);
    if (moment >= OPEN) {
        talk_establish(&t);
        if (moment == CLOSED) {
            assert_int_equal(close_side(other), NET_OK);
            assert_int_equal(talk_carry(other, side), SESSION_CLOSED);
        }
        return side;
    }
    talk_start(&t);
    if (moment == FINISHED) {
        talk_carry(&t.client, &t.server);
        size_t hello_len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(t.server.wire + 2);
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

/* The longest body of each type that may come at each moment; 0: out of turn. A Finished of kind 2 has a certificate of
 * at most 1,074 bytes and a signature in it, one of kind 1 nothing. */
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
    for (int server = 0; server <= 1; server++) { /* behind a Close comes nothing, not even a Record in order */
        struct talk_side *side = go_to(CLOSED, server, HANDSHAKE_USER_SERVER);
        assert_int_equal(session_wants(&side->session), 1);
        expect_refused_at(side, (const uint8_t *)"\x03", 1, NET_ERR_OUT_OF_TURN);
    }
}

/* It is worth to have the longest frame that may come, and no byte more. */
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

/* A client has nothing to say behind its ClientHello: whoever does is refused before anything is computed for it. */
static void test_nothing_comes_behind_a_client_hello(void **state)
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
        forge(&t.client, type, (const uint8_t *)payload, strlen(payload));
        expect_failure(&t.client, &t.server, err);
    } else {
        t.server.out.len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(t.server.wire + 2);
        t.server.session.send.sequence = 0;
        forge(&t.server, type, (const uint8_t *)payload, strlen(payload));
        expect_failure(&t.server, &t.client, err);
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
            forge(from, wrong[i].type, (const uint8_t *)wrong[i].payload, strlen(wrong[i].payload));
            expect_failure(from, to, wrong[i].err);
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
        } else if (what == 1) { /* reordered, which is also: the first dropped */
            assert_int_equal(talk_take(to, second, len), SESSION_FAILED);
            assert_int_equal(talk_take(to, first, len), SESSION_FAILED);
        } else if (what == 2) { /* a good one, and one with a flipped bit */
            assert_int_equal(talk_take(to, first, len), SESSION_MESSAGE);
            second[30] ^= 4;
            assert_int_equal(talk_take(to, second, len), SESSION_FAILED);
        } else { /* back to who sent it */
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

/* A sender that does nothing else keeps the receiver busy, which bounds messages only. */
static void test_updates_that_bring_nothing(void **state)
{
    (void)state;
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    assert_int_equal(records_sent(&t.client, &t.server, "a word between two"), 1);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    assert_int_equal(session_update(&t.client.session, &t.client.rng, 0, &t.client.out), NET_OK);
    expect_failure(&t.client, &t.server, NET_ERR_OUT_OF_TURN);
}

/* A sender that never updates is hung up on. */
static void test_receiver_holds_to_the_limits(void **state)
{
    (void)state;
    t.server.session.receive.records = RECORD_RECORDS_MAX;
    talk_send(&t.client, "one too many");
    expect_failure(&t.client, &t.server, NET_ERR_LIMIT);
    establish(NULL);
    t.server.session.receive.bytes = RECORD_BYTES_MAX;
    talk_send(&t.client, "too much");
    expect_failure(&t.client, &t.server, NET_ERR_LIMIT);
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
    assert_int_equal(close_side(&t.client), NET_OK);
    assert_int_equal(close_side(&t.client), NET_OK); /* said once */
    assert_int_equal(t.client.out.len, RECORD_FRAME_MIN);
    assert_int_equal(send_bytes(&t.client, big, 1), NET_ERR_CLOSED);
    talk_send(&t.server, "said before the good-bye arrived");
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_CLOSED);
    assert_int_equal(send_bytes(&t.server, big, 1), NET_ERR_CLOSED);
    expect_message(&t.server, &t.client, "said before the good-bye arrived");
    assert_int_equal(close_side(&t.server), NET_OK);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_CLOSED);
    assert_int_equal(session_error(&t.client.session), NET_OK);
    assert_int_equal(t.client.session.send.secret[0] | t.client.session.receive.secret[0], 0);
}

static void test_anything_after_close_is_a_failure(void **state)
{
    (void)state;
    forge(&t.client, CONTENT_CLOSE, NULL, 0);
    size_t close_len = t.client.out.len;
    forge(&t.client, CONTENT_APPLICATION, (const uint8_t *)"more", 4);
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
    assert_int_equal(close_side(&t.client), NET_OK);
    assert_int_equal(close_side(&t.server), NET_OK);
    assert_int_equal(t.client.out.len + t.server.out.len, 0);
    talk_end(&t);
    assert_int_equal(close_side(&t.client), NET_ERR_CLOSED);
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
        cmocka_unit_test(test_frames_out_of_turn),
        cmocka_unit_test(test_plain_frames_after_the_server_hello),
        cmocka_unit_test(test_refused_at_the_first_byte),
        cmocka_unit_test(test_wants_the_longest_that_may_come),
        cmocka_unit_test(test_nothing_comes_behind_a_client_hello),
        cmocka_unit_test(test_frames_that_are_none),
        cmocka_unit_test(test_nothing_comes_before_finished),
        cmocka_unit_test(test_records_out_of_place),
        cmocka_unit_test(test_records_replayed_reordered_dropped_reflected),
        ESTABLISHED(test_a_cut_connection_is_no_close),
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
