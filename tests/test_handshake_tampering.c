/* SPDX-License-Identifier: MIT */
/* The handshake with a stranger on the wire, who changes, cuts and replays what passes, and puts in values that give
 * the secret away. */
#include "net/handshake.h"

#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;
static struct talk_side before; /* a side's state, to go back to */
static uint8_t wire[TALK_ANSWER_MAX];

static void flip(uint8_t *bytes, size_t bit)
{
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* The server saw one ClientHello and the client sent another: whichever bit differs, the server's signature is over
 * other bytes. Here the client's own copy is changed, which comes to the same and needs no new answer for each bit. */
static void test_every_bit_of_the_client_hello_is_signed(void **state)
{
    (void)state;
    talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    before = t.client;
    for (size_t bit = 0; bit < 8 * before.hs.client_frame_len; bit++) {
        talk_put_back(&t.client, &before);
        flip(t.client.hs.client_frame, bit);
        talk_expect_refused(&t.client, talk_take(&t.client, wire, talk_frame_len(wire)));
        assert_int_equal(session_error(&t.client.session), NET_ERR_SIGNATURE);
        assert_int_equal(t.client.out.len, 0);
    }
}

/* The same over the wire, for some of the bits: the server refuses, or answers what the client refuses. */
static void test_a_changed_client_hello_never_works(void **state)
{
    (void)state;
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    before = t.client;
    struct session_buffer hello = t.client.out;
    size_t answered = 0;
    for (size_t bit = 0; bit < 8 * hello.len; bit += bit < 8 * 42 ? 5 : 61) {
        uint8_t changed[HELLO_CLIENT_MAX];
        memcpy(changed, before.wire, hello.len);
        flip(changed, bit);
        session_init(&t.server.session, &t.server.hs, &t.server.config);
        t.server.out.len = 0;
        enum session_event event = talk_take(&t.server, changed, hello.len);
        if (event == SESSION_MORE && t.server.out.len == 0)
            continue; /* its length says that more is to come */
        if (event == SESSION_FAILED) {
            talk_expect_failed(&t.server, session_error(&t.server.session));
            continue;
        }
        answered++;
        talk_put_back(&t.client, &before);
        talk_expect_refused(&t.client, talk_carry(&t.server, &t.client));
        assert_int_equal(session_error(&t.client.session), NET_ERR_SIGNATURE);
    }
    assert_true(answered > 50);
}

/* Every bit of what the server sends; the client must fail and send nothing. A changed length may make it wait for more
 * than there is. */
static void test_every_bit_of_the_servers_answer_matters(void **state)
{
    (void)state;
    size_t len = talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    before = t.client;
    before.out.len = 0;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        talk_put_back(&t.client, &before);
        flip(wire, bit);
        enum session_event event = talk_take(&t.client, wire, len);
        flip(wire, bit);
        size_t in_frame = bit / 8 < talk_frame_len(wire) ? bit / 8 : bit / 8 - talk_frame_len(wire);
        if (event != SESSION_MORE || (in_frame != 2 && in_frame != 3))
            talk_expect_refused(&t.client, event);
        assert_int_equal(t.client.out.len, 0);
    }
}

static void test_every_bit_of_the_clients_finished_matters(void **state)
{
    (void)state;
    for (int kind = 1; kind <= 2; kind++) {
        talk_until_answer(&t, (enum handshake_kind)kind, wire);
        assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
        size_t len = t.client.out.len;
        before = t.server;
        for (size_t bit = 0; bit < 8 * len; bit++) {
            t.server = before;
            flip(t.client.wire, bit);
            enum session_event event = talk_take(&t.server, t.client.wire, len);
            flip(t.client.wire, bit);
            if (event != SESSION_MORE || (bit / 8 != 2 && bit / 8 != 3))
                talk_expect_refused(&t.server, event);
        }
    }
}

/* Every frame cut short at every place, with a header that says so. */
static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    uint8_t cut[HELLO_SERVER_MAX];
    talk_until_answer(&t, HANDSHAKE_USER_USER, wire);
    before = t.client;
    for (size_t len = FRAME_HEADER_LEN; len < talk_frame_len(wire); len++) {
        talk_put_back(&t.client, &before);
        memcpy(cut, wire, len);
        bytes_store_be16(cut + 2, (uint16_t)(len - FRAME_HEADER_LEN));
        talk_expect_refused(&t.client, talk_take(&t.client, cut, len));
        assert_int_equal(session_error(&t.client.session), NET_ERR_MALFORMED);
    }
    talk_put_back(&t.client, &before);
    size_t hello_len = t.client.hs.client_frame_len;
    memcpy(wire, t.client.hs.client_frame, hello_len);
    for (size_t len = FRAME_HEADER_LEN; len < hello_len; len++) {
        session_init(&t.server.session, &t.server.hs, &t.server.config);
        t.server.out.len = 0;
        memcpy(cut, wire, len);
        bytes_store_be16(cut + 2, (uint16_t)(len - FRAME_HEADER_LEN));
        talk_expect_refused(&t.server, talk_take(&t.server, cut, len));
        assert_int_equal(session_error(&t.server.session), NET_ERR_MALFORMED);
    }
}

static void test_a_server_hello_can_not_be_replayed(void **state)
{
    (void)state;
    size_t len = talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    talk_start(&t); /* the client draws other values now */
    talk_expect_refused(&t.client, talk_take(&t.client, wire, len));
    assert_int_equal(session_error(&t.client.session), NET_ERR_SIGNATURE);
}

static void test_a_client_hello_replayed_leads_nowhere(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    talk_start(&t);
    talk_carry(&t.client, &t.server);
    talk_carry(&t.server, &t.client);
    memcpy(wire, t.client.wire, t.client.out.len); /* a Finished of another handshake */
    size_t len = t.client.out.len, hello_len = talk_value(&t.client, "client_hello", 0)->len;
    session_wipe(&t.server.session);
    session_init(&t.server.session, &t.server.hs, &t.server.config);
    assert_int_equal(talk_take(&t.server, talk_value(&t.client, "client_hello", 0)->data, hello_len), SESSION_MORE);
    talk_expect_refused(&t.server, talk_take(&t.server, wire, len));
    assert_int_equal(session_error(&t.server.session), NET_ERR_RECORD);
    talk_end(&t);
}

/* Fills y with a public value of group 1 that must be refused; returns its length. */
static size_t bad_public(uint8_t *y, int which)
{
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    memset(y, 0, DH_PUBLIC_MAX_LEN);
    switch (which) {
    case 0: /* 0 */
        break;
    case 1:
        y[g->p_len - 1] = 1;
        break;
    case 2: /* p - 1 */
        memcpy(y, g->p, g->p_len);
        y[g->p_len - 1] ^= 1;
        break;
    case 3: /* p */
        memcpy(y, g->p, g->p_len);
        break;
    case 4: /* p - 4: p = 7 mod 8, so -1 is no square, and neither is -4 */
        memcpy(y, g->p, g->p_len);
        y[g->p_len - 1] = (uint8_t)(y[g->p_len - 1] - 4);
        break;
    case 5: /* a good value, but a zero byte too short */
        y[g->p_len - 2] = 4;
        return g->p_len - 1;
    default: /* a good value, but a zero byte too long */
        y[g->p_len] = 4;
        return g->p_len + 1;
    }
    return g->p_len;
}

static void test_bad_public_values(void **state)
{
    (void)state;
    uint8_t y[DH_PUBLIC_MAX_LEN], frame[HELLO_SERVER_MAX];
    talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    before = t.client;
    for (int which = 0; which <= 6; which++) {
        talk_put_back(&t.client, &before);
        struct hello_client client = t.client.hs.client_hello;
        client.public_value = y;
        client.public_value_len = bad_public(y, which);
        session_init(&t.server.session, &t.server.hs, &t.server.config);
        t.server.out.len = 0;
        assert_int_equal(talk_take(&t.server, frame, hello_encode_client(frame, &client)), SESSION_FAILED);
        talk_expect_failed(&t.server, NET_ERR_PUBLIC_VALUE);
        assert_int_equal(t.server.wire[0], FRAME_ALERT);
        assert_int_equal(t.server.wire[FRAME_HEADER_LEN], ALERT_BAD_HELLO);
        struct hello_server server;
        size_t signed_len;
        assert_int_equal(hello_decode_server(&server, wire, talk_frame_len(wire)), NET_OK);
        server.public_value = y;
        server.public_value_len = client.public_value_len;
        assert_int_equal(talk_take(&t.client, frame, hello_encode_server(frame, &signed_len, &server)), SESSION_FAILED);
        talk_expect_failed(&t.client, NET_ERR_PUBLIC_VALUE);
    }
}

/* Of several things that are wrong, the first in the specification's order is reported; and the user is asked about a
 * certificate only when all before it is right. */
static void test_checks_come_in_order(void **state)
{
    (void)state;
    size_t signature_at = talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire), public_at = FRAME_HEADER_LEN + 35,
           certificate_at = public_at + 258;
    signature_at = talk_frame_len(wire) - 1;
    before = t.client;
    static const enum net_err expected[] = {NET_ERR_SIGNATURE, NET_ERR_CERTIFICATE, NET_ERR_PUBLIC_VALUE, NET_ERR_SUITE,
                                            NET_ERR_MALFORMED};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (i == 0)
            wire[signature_at] ^= 1;
        if (i == 1)
            wire[certificate_at + 20] ^= 1; /* its validity */
        if (i == 2)
            memset(wire + public_at, 0, 256);
        if (i == 3)
            wire[FRAME_HEADER_LEN + 32] = SUITE_AES256;
        if (i == 4)
            wire[signature_at - RSA_SIGNATURE_LEN] ^= 1; /* the signature's length */
        talk_put_back(&t.client, &before);
        talk_expect_refused(&t.client, talk_take(&t.client, wire, talk_frame_len(wire)));
        assert_string_equal(net_err_text(session_error(&t.client.session)), net_err_text(expected[i]));
        assert_int_equal(t.client.peers, i == 0 ? 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_bit_of_the_client_hello_is_signed),
        cmocka_unit_test(test_a_changed_client_hello_never_works),
        cmocka_unit_test(test_every_bit_of_the_servers_answer_matters),
        cmocka_unit_test(test_every_bit_of_the_clients_finished_matters),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_a_server_hello_can_not_be_replayed),
        cmocka_unit_test(test_a_client_hello_replayed_leads_nowhere),
        cmocka_unit_test(test_bad_public_values),
        cmocka_unit_test(test_checks_come_in_order),
    };
    return RUN(tests);
}
