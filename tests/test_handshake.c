/* SPDX-License-Identifier: MIT */
/* The handshake between two that keep to the rules: known answers, what they begin with, and what is wiped when. A
 * pair of sessions carries it (tests/talk.h). How it is disturbed: test_handshake_tampering.c,
 * test_handshake_negotiation.c and test_handshake_peers.c. */
#include "net/handshake.h"

#include "app/workbench/rng_fixed.h"
#include "tests/bignum_backends.h"
#include "tests/fill.h"
#include "tests/keys.h"
#include "tests/talk.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct talk t;
static uint8_t wire[TALK_ANSWER_MAX];

static void read_config(struct vec *v, struct talk *talk)
{
    size_t len;
    talk_init(talk, (enum handshake_kind)vec_number(v, "kind"));
    talk->client.config.suites = vec_hex(v, "client_suites", &len);
    talk->client.config.suites_len = len;
    talk->client.config.groups = vec_hex(v, "client_groups", &len);
    talk->client.config.groups_len = len;
    talk->client.config.group = (uint8_t)vec_number(v, "group");
    talk->server.config.suites = vec_hex(v, "server_suites", &len);
    talk->server.config.suites_len = len;
    talk->server.config.groups = vec_hex(v, "server_groups", &len);
    talk->server.config.groups_len = len;
    if (talk->client.config.kind == HANDSHAKE_USER_USER) {
        const char *client = vec_text(v, "client_name"), *server = vec_text(v, "server_name");
        talk->client.config.client_name = talk->server.config.client_name = client;
        talk->client.config.server_name = talk->server.config.server_name = server;
        talk->client.config.identity = keys_identity(client);
        talk->server.config.identity = keys_identity(server);
    } else {
        assert_string_equal(vec_text(v, "client_name"), "");
        assert_string_equal(vec_text(v, "server_name"), "");
    }
    talk_seed(&talk->client, vec_text(v, "client_seed"));
    talk_seed(&talk->server, vec_text(v, "server_seed"));
}

/* The signer's salt comes from the fixed source after the random and the private exponent. */
static void check_salt(struct vec *v, const char *field, const char *seed, size_t x_len)
{
    struct rng rng;
    uint8_t skipped[HELLO_RANDOM_LEN + DH_PRIVATE_MAX_LEN], salt[32];
    rng_fixed_init(&rng, seed, strlen(seed));
    rng_fill(&rng, skipped, HELLO_RANDOM_LEN + x_len);
    rng_fill(&rng, salt, sizeof salt);
    vec_check(v, field, salt, sizeof salt);
}

static void check(struct vec *v, const char *field, const struct talk_side *side, const char *name, size_t nth)
{
    const struct talk_value *value = talk_value(side, name, nth);
    vec_check(v, field, value->data, value->len);
}

/* What both sides must have derived. */
static void check_shared(struct vec *v, const struct talk_side *side)
{
    static const char *const names[] = {"C", "signed_hash", "T", "Z", "prk", "c_secret", "s_secret"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check(v, names[i], side, names[i], 0);
    size_t client_at = side->config.role == HANDSHAKE_CLIENT ? 0 : 1; /* each derives its sending keys first */
    check(v, "c_enc_key", side, "enc_key", client_at);
    check(v, "c_mac_key", side, "mac_key", client_at);
    check(v, "s_enc_key", side, "enc_key", 1 - client_at);
    check(v, "s_mac_key", side, "mac_key", 1 - client_at);
}

static void check_client(struct vec *v, const struct talk_side *client)
{
    check(v, "client_random", client, "client_random", 0);
    check(v, "client_private", client, "client_private", 0);
    check(v, "client_public", client, "client_public", 0);
    check(v, "client_hello", client, "client_hello", 0);
    if (client->config.kind == HANDSHAKE_USER_USER) {
        const struct identity *id = client->config.identity;
        vec_check(v, "client_certificate", id->certificate, id->certificate_len);
        check_salt(v, "client_salt", vec_text(v, "client_seed"), talk_value(client, "client_private", 0)->len);
        check(v, "client_signature", client, "client_signature", 0);
    }
    check(v, "client_finished_iv", client, "seal_iv", 0);
    check(v, "client_finished", client, "seal_frame", 0);
}

/* Who watches one side sees both hellos, whichever side made them. */
static void check_hellos(struct vec *v, const struct talk_side *side)
{
    check(v, "client_hello", side, "client_hello", 0);
    check(v, "server_hello", side, "server_hello", 0);
}

static void check_server(struct vec *v, const struct talk_side *server)
{
    const struct identity *id = server->config.identity;
    check(v, "server_random", server, "server_random", 0);
    check(v, "server_private", server, "server_private", 0);
    check(v, "server_public", server, "server_public", 0);
    vec_check(v, "server_certificate", id->certificate, id->certificate_len);
    check_salt(v, "server_salt", vec_text(v, "server_seed"), talk_value(server, "server_private", 0)->len);
    check(v, "server_signature", server, "signature", 0);
    check(v, "server_hello", server, "server_hello", 0);
    check(v, "server_finished_iv", server, "seal_iv", 0);
    check(v, "server_finished", server, "seal_frame", 0);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    while (vec_next(v)) {
        read_config(v, &t);
        talk_establish(&t);
        assert_int_equal(vec_number(v, "suite"), t.client.session.suite);
        assert_int_equal(vec_number(v, "suite"), t.server.session.suite);
        assert_int_equal(vec_number(v, "group"), t.server.session.group);
        check_client(v, &t.client);
        check_server(v, &t.server);
        check_hellos(v, &t.client);
        check_hellos(v, &t.server);
        check_shared(v, &t.client);
        check_shared(v, &t.server);
        talk_end(&t);
    }
    vec_close(v);
}

static void expect_no_secret(const struct handshake *h)
{
    assert_true(all_zero(&h->pair, sizeof h->pair));
    assert_true(all_zero(h->prk, sizeof h->prk));
    assert_true(all_zero(h->c_secret, sizeof h->c_secret));
    assert_true(all_zero(h->s_secret, sizeof h->s_secret));
}

/* Secrets go as soon as they have served, not only at the end. */
static void test_success_wipes(void **state)
{
    (void)state;
    talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    assert_int_equal(t.server.session.state, SESSION_STATE_FINISHED);
    expect_no_secret(&t.server.hs);
    assert_int_equal(talk_take(&t.client, wire, talk_frame_len(wire)), SESSION_MORE);
    assert_int_equal(t.client.session.state, SESSION_STATE_FINISHED);
    expect_no_secret(&t.client.hs);
    t.client.out.len = 0;
    size_t finished_len = t.server.out.len - talk_frame_len(wire);
    assert_int_equal(talk_take(&t.client, wire + talk_frame_len(wire), finished_len), SESSION_ESTABLISHED);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_ESTABLISHED);
    size_t secrets = offsetof(struct handshake, group);
    assert_true(all_zero((const uint8_t *)&t.client.hs + secrets, sizeof t.client.hs - secrets));
    assert_true(all_zero((const uint8_t *)&t.server.hs + secrets, sizeof t.server.hs - secrets));
    assert_null(t.client.session.hs);
    assert_null(t.server.session.hs);
}

/* At whatever moment it ends: before the ServerHello, at the question, before the Finished. */
static void test_failure_wipes(void **state)
{
    (void)state;
    talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    assert_false(all_zero(&t.client.hs.pair, sizeof t.client.hs.pair));
    session_fail(&t.client.session, NET_ERR_TIMEOUT);
    talk_expect_failed(&t.client, NET_ERR_TIMEOUT);
    session_fail(&t.server.session, NET_ERR_CUT);
    talk_expect_failed(&t.server, NET_ERR_CUT);
    size_t len = talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
    t.client.refuse = true;
    assert_int_equal(talk_take(&t.client, wire, len), SESSION_FAILED);
    talk_expect_failed(&t.client, NET_ERR_REFUSED);
    assert_int_equal(t.client.peers, 1);
}

/* A refusal is seen by both too, as the bytes that it was. */
static void test_an_alert_is_traced(void **state)
{
    (void)state;
    static const uint8_t stronger[] = {DH_FFDHE4096};
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.server.config.groups = stronger;
    t.server.config.groups_len = sizeof stronger;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_FAILED);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    const uint8_t alert[] = {FRAME_ALERT, 1, 0, 3, ALERT_GROUP_NOT_ALLOWED, 1, DH_FFDHE4096};
    const struct talk_side *sides[] = {&t.client, &t.server};
    for (size_t i = 0; i < 2; i++) {
        const struct talk_value *value = talk_value(sides[i], "alert", 0);
        assert_int_equal(value->len, sizeof alert);
        assert_memory_equal(value->data, alert, sizeof alert);
    }
    talk_end(&t);
}

/* Whichever backend computes a side's powers, the other side need not know: every pair of them agrees, in both
 * kinds. */
static void test_backends_agree(void **state)
{
    (void)state;
    static const enum handshake_kind kinds[] = {HANDSHAKE_USER_SERVER, HANDSHAKE_USER_USER};
    for (size_t i = 0; i < bignum_backends(); i++)
        for (size_t k = 0; k < 2; k++) {
            talk_init(&t, kinds[k]);
            t.client.config.bignum = bignum_backend(i);
            t.server.config.bignum = bignum_backend(bignum_backends() - 1 - i);
            talk_establish(&t);
            talk_send(&t.client, "hello");
            assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MESSAGE);
            talk_end(&t);
        }
}

/* GMP's powers, counted: a backend that nobody asks gives the same results. */
static unsigned powers, pairs, public_exponents;

static void counted_powm(const struct bignum_power *p, size_t e_bits, mp_size_t n)
{
    powers++;
    bignum_gmp.powm(p, e_bits, n);
}

static void counted_two(const struct bignum_power p[2], size_t e_bits, mp_size_t n)
{
    pairs++;
    bignum_gmp.powm_two(p, e_bits, n);
}

static void counted_e(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n)
{
    public_exponents++;
    bignum_gmp.powm_e(r, base, e, m, n);
}

/* Z is one power, a signature two side by side, with blinding and the check before and after. */
static void test_the_backend_that_was_asked_for_is_used(void **state)
{
    (void)state;
    static const struct bignum_impl counted = {
        .name = "counted", .powm = counted_powm, .powm_two = counted_two, .powm_e = counted_e};
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.server.config.bignum = &counted;
    talk_establish(&t);
    talk_end(&t);
    assert_int_equal(powers, 1);
    assert_int_equal(pairs, 1);
    assert_int_equal(public_exponents, 2);
}

static void test_default_config(void **state)
{
    (void)state;
    struct handshake_config c;
    handshake_config_default(&c, HANDSHAKE_CLIENT);
    assert_int_equal(c.kind, HANDSHAKE_USER_SERVER);
    assert_int_equal(c.suites[0], SUITE_AES128);
    assert_int_equal(c.groups[0], DH_FFDHE3072);
    for (size_t i = 0; i < c.groups_len; i++)
        assert_int_not_equal(c.groups[i], DH_FFDHE2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_success_wipes),
        cmocka_unit_test(test_failure_wipes),
        cmocka_unit_test(test_an_alert_is_traced),
        cmocka_unit_test(test_default_config),
        cmocka_unit_test(test_backends_agree),
        cmocka_unit_test(test_the_backend_that_was_asked_for_is_used),
    };
    return RUN(tests);
}
