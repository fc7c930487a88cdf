/* SPDX-License-Identifier: MIT */
/* The handshake with a peer that is not who it says it is, or whose own key is damaged. */
#include "net/handshake.h"

#include "app/workbench/rng_fixed.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;
static struct talk_side before; /* a side's state, to go back to */
static uint8_t wire[TALK_ANSWER_MAX];

/* A handshake in which the server shows this identity; the client must fail with err after so many questions. */
static void expect_server_refused(int kind, const struct identity *identity, enum net_err err, unsigned questions)
{
    talk_init_untraced(&t, (enum handshake_kind)kind);
    t.server.config.identity = identity;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    talk_expect_failed(&t.client, err);
    assert_int_equal(t.client.peers, questions);
    assert_int_equal(t.client.out.len, 0);
}

static struct identity make_identity(const char *key, enum certificate_role role, const char *name, const char *issuer)
{
    struct rng rng;
    struct identity id;
    struct certificate c = {.role = role, .not_before = 0, .not_after = UINT64_MAX};
    snprintf(c.name, sizeof c.name, "%s", name);
    id.key = keys_identity(key)->key;
    memcpy(c.modulus, id.key.n, sizeof c.modulus);
    rng_fixed_init(&rng, "identity", 8);
    assert_int_equal(certificate_sign(&c, &keys_identity(issuer)->key, &rng), NET_OK);
    id.certificate_len = certificate_encode(id.certificate, &c);
    return id;
}

static void test_somebody_elses_certificate(void **state)
{
    (void)state;
    struct identity id = *keys_identity("server");
    id.key = keys_identity("authority")->key;
    expect_server_refused(1, &id, NET_ERR_SIGNATURE, 1);
}

static void test_self_signature_must_verify(void **state)
{
    (void)state;
    struct identity id = *keys_identity("server");
    id.certificate[id.certificate_len - 1] ^= 1;
    expect_server_refused(1, &id, NET_ERR_CERTIFICATE, 0);
    id = make_identity("server", CERTIFICATE_SERVER, "chat.example", "authority");
    memcpy(id.certificate + id.certificate_len - 384 - 32, /* claims to be its own issuer */
           keys_identity("server")->certificate + id.certificate_len - 384 - 32, 32);
    expect_server_refused(1, &id, NET_ERR_CERTIFICATE, 0);
}

static void test_a_certified_server_is_the_callers_to_judge(void **state)
{
    (void)state;
    struct identity id = make_identity("server", CERTIFICATE_SERVER, "elsewhere.example", "authority");
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.server.config.identity = &id;
    talk_establish(&t);
    assert_string_equal(t.client.peer_name, "elsewhere.example");
    talk_end(&t);
}

static void test_roles(void **state)
{
    (void)state;
    struct identity id = make_identity("bob", CERTIFICATE_SERVER, "bob", "bob");
    expect_server_refused(2, &id, NET_ERR_CERTIFICATE, 0);
    expect_server_refused(1, keys_identity("bob"), NET_ERR_CERTIFICATE, 0);
}

static void test_users_must_have_the_name_that_was_called(void **state)
{
    (void)state;
    struct identity id = make_identity("bob", CERTIFICATE_USER, "bobby", "bob");
    expect_server_refused(2, &id, NET_ERR_CERTIFICATE, 0);
}

static void test_users_must_not_have_my_key(void **state)
{
    (void)state;
    struct identity id = make_identity("alice", CERTIFICATE_USER, "bob", "alice");
    expect_server_refused(2, &id, NET_ERR_CERTIFICATE, 0);
}

static void test_garbage_instead_of_a_certificate(void **state)
{
    (void)state;
    struct identity id = *keys_identity("server");
    memset(id.certificate, 0xff, sizeof id.certificate);
    expect_server_refused(1, &id, NET_ERR_CERTIFICATE, 0);
    id.certificate_len = 0;
    expect_server_refused(1, &id, NET_ERR_CERTIFICATE, 0);
}

/* The same key pair, the same names in the certificates, but the two mean different calls. */
static void test_context_is_bound(void **state)
{
    (void)state;
    for (int what = 0; what < 3; what++) {
        talk_init(&t, HANDSHAKE_USER_USER);
        t.client.config.trace = t.server.config.trace = NULL;
        if (what == 0)
            t.server.config.client_name = "mallory";
        if (what == 1)
            t.server.config.server_name = "bobby";
        if (what == 2)
            t.server.config.kind = HANDSHAKE_USER_SERVER;
        talk_start(&t);
        talk_carry(&t.client, &t.server);
        assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
        talk_expect_failed(&t.client, NET_ERR_SIGNATURE);
    }
}

/* Kind 2, the client's side of it: it shows this identity, and the server must fail with err. */
static void expect_client_refused(const struct identity *identity, enum net_err err, unsigned questions)
{
    talk_init_untraced(&t, HANDSHAKE_USER_USER);
    t.client.config.identity = identity;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_FAILED);
    talk_expect_failed(&t.server, err);
    assert_int_equal(t.server.peers, questions);
}

static void test_calling_under_a_false_name(void **state)
{
    (void)state;
    struct identity id = *keys_identity("alice");
    id.key = keys_identity("authority")->key; /* alice's certificate, not her key */
    expect_client_refused(&id, NET_ERR_SIGNATURE, 1);
    id = make_identity("authority", CERTIFICATE_USER, "mallory", "authority");
    expect_client_refused(&id, NET_ERR_CERTIFICATE, 0);
    id = make_identity("authority", CERTIFICATE_SERVER, "alice", "authority");
    expect_client_refused(&id, NET_ERR_CERTIFICATE, 0);
    id = *keys_identity("alice");
    id.certificate[id.certificate_len - 1] ^= 1;
    expect_client_refused(&id, NET_ERR_CERTIFICATE, 0);
}

/* The server's own key comes back to it under the client's name. (A client that tries this skips its own check;
 * here its identity is swapped without its knowledge.) */
static void test_callers_must_not_have_my_key(void **state)
{
    (void)state;
    struct identity mirror = make_identity("bob", CERTIFICATE_USER, "alice", "bob");
    size_t used, len = talk_until_answer(&t, HANDSHAKE_USER_USER, wire);
    struct talk_side *c = &t.client;
    memcpy(c->in, wire, len);
    assert_int_equal(session_feed(&c->session, &c->rng, 0, c->in, len, &used, &c->out, &c->msg), SESSION_WORK);
    session_work(&c->session, &c->work_rng);
    assert_int_equal(session_step(&c->session, &c->rng, 0, &c->out), SESSION_PEER);
    c->config.identity = &mirror;
    c->out.len = 0;
    assert_int_equal(talk_go(c, SESSION_PEER), SESSION_MORE);
    assert_int_equal(talk_take(c, wire + used, len - used), SESSION_ESTABLISHED);
    assert_int_equal(talk_carry(c, &t.server), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_CERTIFICATE);
}

/* A client that has the keys changes any byte of its Finished before sealing it. */
static void test_every_byte_of_the_finished_matters(void **state)
{
    (void)state;
    talk_until_answer(&t, HANDSHAKE_USER_USER, wire);
    talk_carry(&t.server, &t.client);
    before = t.server;
    uint8_t payload[HANDSHAKE_FINISHED_MAX + 1], frame[FRAME_MAX_LEN];
    const struct identity *alice = keys_identity("alice");
    size_t len = 2 + alice->certificate_len + 2 + RSA_SIGNATURE_LEN, frame_len;
    enum content_type type;
    uint8_t *opened;
    struct record reader = before.session.receive;
    assert_int_equal(record_open(&reader, t.client.wire, talk_frame_len(t.client.wire), &type, &opened, &frame_len),
                     NET_OK);
    assert_int_equal(frame_len, len);
    memcpy(payload, opened, len);
    for (size_t i = 0; i <= len; i++) {
        struct record sender = before.session.receive; /* the client's own is under its next keys by now */
        talk_put_back(&t.server, &before);
        payload[i] ^= (uint8_t)(1 << i % 8);
        size_t sent_len = i < len ? len : i % 2 == 0 ? len - 1 : len + 1;
        record_seal(&sender, &t.client.rng, frame, sizeof frame, &frame_len, CONTENT_FINISHED, payload, sent_len);
        payload[i] ^= (uint8_t)(1 << i % 8);
        talk_expect_refused(&t.server, talk_take(&t.server, frame, frame_len));
        assert_int_equal(t.server.out.len, 0); /* no Alert: its time is over */
    }
}

/* As in kind 1: without a certificate there is no caller. */
static void test_an_empty_finished_is_no_caller(void **state)
{
    (void)state;
    uint8_t frame[RECORD_FRAME_MIN];
    size_t frame_len;
    talk_until_answer(&t, HANDSHAKE_USER_USER, wire);
    talk_carry(&t.server, &t.client);
    struct record sender = t.server.session.receive;
    record_seal(&sender, &t.client.rng, frame, sizeof frame, &frame_len, CONTENT_FINISHED, NULL, 0);
    talk_expect_refused(&t.server, talk_take(&t.server, frame, frame_len));
    assert_int_equal(session_error(&t.server.session), NET_ERR_MALFORMED);
}

/* A damaged key: a wrong signature gives it away, so none leaves. */
static void test_a_faulty_signature_is_not_sent(void **state)
{
    (void)state;
    struct identity id = *keys_identity("server");
    id.key.dp[100] ^= 1;
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
    t.server.config.identity = &id;
    talk_start(&t);
    talk_expect_refused(&t.server, talk_carry(&t.client, &t.server));
    assert_int_equal(session_error(&t.server.session), NET_ERR_FAULT);
    assert_int_equal(t.server.out.len, 0);
    id = *keys_identity("alice");
    id.key.dq[100] ^= 1;
    talk_init_untraced(&t, HANDSHAKE_USER_USER);
    t.client.config.identity = &id;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    talk_expect_refused(&t.client, talk_carry(&t.server, &t.client));
    assert_int_equal(session_error(&t.client.session), NET_ERR_FAULT);
    assert_int_equal(t.client.out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_somebody_elses_certificate),
        cmocka_unit_test(test_self_signature_must_verify),
        cmocka_unit_test(test_a_certified_server_is_the_callers_to_judge),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_users_must_have_the_name_that_was_called),
        cmocka_unit_test(test_users_must_not_have_my_key),
        cmocka_unit_test(test_garbage_instead_of_a_certificate),
        cmocka_unit_test(test_context_is_bound),
        cmocka_unit_test(test_calling_under_a_false_name),
        cmocka_unit_test(test_callers_must_not_have_my_key),
        cmocka_unit_test(test_every_byte_of_the_finished_matters),
        cmocka_unit_test(test_an_empty_finished_is_no_caller),
        cmocka_unit_test(test_a_faulty_signature_is_not_sent),
    };
    return RUN(tests);
}
