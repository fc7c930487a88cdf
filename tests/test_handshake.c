/* SPDX-License-Identifier: MIT */
/* The handshake: known answers; then a stranger on the wire who changes, cuts, replays and mixes; then peers that are
 * not who they say. What carries it is a pair of sessions (tests/talk.h). */
#include "net/handshake.h"

#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct talk t;
static struct talk_side before; /* a side's state, to go back to */
static uint8_t wire[2 * SESSION_OUT_MAX];

/* --- Known answers ------------------------------------------------------------------------------------------------ */

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
        assert_string_equal(vec_text(v, "client_name"), talk->client.config.client_name);
        assert_string_equal(vec_text(v, "server_name"), talk->client.config.server_name);
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

/* What both sides must have come to. */
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
        check_shared(v, &t.client);
        check_shared(v, &t.server);
        talk_end(&t);
    }
    vec_close(v);
}

/* --- A stranger on the wire --------------------------------------------------------------------------------------- */

/* Kind 1 or 2 as far as the ServerHello and the server's Finished, which are in wire; returns their length. Nothing is
 * traced, so that a side can be copied and put back. */
static size_t until_server_answered(int kind)
{
    talk_init(&t, (enum handshake_kind)kind);
    t.client.config.trace = t.server.config.trace = NULL;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    memcpy(wire, t.server.wire, t.server.out.len);
    return t.server.out.len;
}

/* Puts a side back to where it was. Its wires stay, because copying them would take most of the time. */
static void put_back(struct talk_side *side)
{
    side->session = before.session;
    side->hs = before.hs;
    side->out.len = before.out.len;
    side->peers = before.peers;
}

static size_t server_hello_len(void)
{
    return FRAME_HEADER_LEN + (size_t)bytes_load_be16(wire + 2);
}

static void expect_refused(const struct talk_side *side, enum session_event event)
{
    assert_int_equal(event, SESSION_FAILED);
    talk_expect_failed(side, session_error(&side->session));
}

static void flip(uint8_t *bytes, size_t bit)
{
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* The server saw one ClientHello and the client sent another: whatever bit it is, the server's signature is over other
 * bytes. Here the client's own copy is changed, which is the same to both and needs no new answer for each bit. */
static void test_every_bit_of_the_client_hello_is_signed(void **state)
{
    (void)state;
    until_server_answered(1);
    before = t.client;
    for (size_t bit = 0; bit < 8 * before.hs.client_frame_len; bit++) {
        put_back(&t.client);
        flip(t.client.hs.client_frame, bit);
        expect_refused(&t.client, talk_take(&t.client, wire, server_hello_len()));
        assert_int_equal(session_error(&t.client.session), NET_ERR_SIGNATURE);
        assert_int_equal(t.client.out.len, 0);
    }
}

/* The same over the wire, for some of the bits: the server refuses, or answers what the client refuses. */
static void test_a_changed_client_hello_never_works(void **state)
{
    (void)state;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.client.config.trace = t.server.config.trace = NULL;
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
        put_back(&t.client);
        expect_refused(&t.client, talk_carry(&t.server, &t.client));
        assert_int_equal(session_error(&t.client.session), NET_ERR_SIGNATURE);
    }
    assert_true(answered > 50);
}

/* Every bit of what the server sends; the client must fail and send nothing. A changed length may make it wait for more
 * than there is. */
static void test_every_bit_of_the_servers_answer_matters(void **state)
{
    (void)state;
    size_t len = until_server_answered(1);
    before = t.client;
    before.out.len = 0;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        put_back(&t.client);
        flip(wire, bit);
        enum session_event event = talk_take(&t.client, wire, len);
        flip(wire, bit);
        size_t in_frame = bit / 8 < server_hello_len() ? bit / 8 : bit / 8 - server_hello_len();
        if (event != SESSION_MORE || (in_frame != 2 && in_frame != 3))
            expect_refused(&t.client, event);
        assert_int_equal(t.client.out.len, 0);
    }
}

static void test_every_bit_of_the_clients_finished_matters(void **state)
{
    (void)state;
    for (int kind = 1; kind <= 2; kind++) {
        until_server_answered(kind);
        assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
        size_t len = t.client.out.len;
        before = t.server;
        for (size_t bit = 0; bit < 8 * len; bit++) {
            t.server = before;
            flip(t.client.wire, bit);
            enum session_event event = talk_take(&t.server, t.client.wire, len);
            flip(t.client.wire, bit);
            if (event != SESSION_MORE || (bit / 8 != 2 && bit / 8 != 3))
                expect_refused(&t.server, event);
        }
    }
}

/* Every frame cut short at every place, with a header that says so. */
static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    uint8_t cut[HELLO_SERVER_MAX];
    until_server_answered(2);
    before = t.client;
    for (size_t len = FRAME_HEADER_LEN; len < server_hello_len(); len++) {
        put_back(&t.client);
        memcpy(cut, wire, len);
        bytes_store_be16(cut + 2, (uint16_t)(len - FRAME_HEADER_LEN));
        expect_refused(&t.client, talk_take(&t.client, cut, len));
        assert_int_equal(session_error(&t.client.session), NET_ERR_MALFORMED);
    }
    put_back(&t.client);
    size_t hello_len = t.client.hs.client_frame_len;
    memcpy(wire, t.client.hs.client_frame, hello_len);
    for (size_t len = FRAME_HEADER_LEN; len < hello_len; len++) {
        session_init(&t.server.session, &t.server.hs, &t.server.config);
        t.server.out.len = 0;
        memcpy(cut, wire, len);
        bytes_store_be16(cut + 2, (uint16_t)(len - FRAME_HEADER_LEN));
        expect_refused(&t.server, talk_take(&t.server, cut, len));
        assert_int_equal(session_error(&t.server.session), NET_ERR_MALFORMED);
    }
}

static void test_a_server_hello_can_not_be_replayed(void **state)
{
    (void)state;
    size_t len = until_server_answered(1);
    talk_start(&t); /* the client draws other values now */
    expect_refused(&t.client, talk_take(&t.client, wire, len));
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
    expect_refused(&t.server, talk_take(&t.server, wire, len));
    assert_int_equal(session_error(&t.server.session), NET_ERR_RECORD);
    talk_end(&t);
}

/* --- Lists and downgrades ----------------------------------------------------------------------------------------- */

/* Runs a handshake with these lists (text, one digit an entry) up to the server's answer. */
static enum session_event with_lists(const char *client_groups, char group, const char *server_groups,
                                     const char *client_suites, const char *server_suites)
{
    static uint8_t lists[4][HELLO_LIST_MAX];
    const char *texts[] = {client_groups, server_groups, client_suites, server_suites};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; texts[i][j] != '\0'; j++)
            lists[i][j] = (uint8_t)(texts[i][j] - '0');
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.client.config.trace = t.server.config.trace = NULL;
    struct handshake_config *c = &t.client.config, *s = &t.server.config;
    c->groups = lists[0], c->groups_len = strlen(client_groups), c->group = (uint8_t)(group - '0');
    s->groups = lists[1], s->groups_len = strlen(server_groups);
    c->suites = lists[2], c->suites_len = strlen(client_suites);
    s->suites = lists[3], s->suites_len = strlen(server_suites);
    talk_start(&t);
    return talk_carry(&t.client, &t.server);
}

static void test_group_not_allowed(void **state)
{
    (void)state;
    assert_int_equal(with_lists("213", '0', "31", "1", "1"), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_GROUP);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    talk_expect_failed(&t.client, NET_ERR_ALERT);
    assert_int_equal(session_alert_code(&t.client.session), ALERT_GROUP_NOT_ALLOWED);
    assert_int_equal(session_retry_group(&t.client.session), 1); /* the first of its own list, not of the server's */
    assert_int_equal(with_lists("213", '1', "31", "1", "1"), SESSION_MORE);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_ESTABLISHED);
    assert_int_equal(t.server.session.group, 1);
    assert_int_equal(with_lists("1", '0', "3", "1", "1"), SESSION_FAILED);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    assert_int_equal(session_retry_group(&t.client.session), 0); /* nothing in common */
}

/* An Alert that anybody can forge must not lead to a weaker group: the server insists on the list's first. */
static void test_forged_alert_does_not_downgrade(void **state)
{
    (void)state;
    uint8_t frame[HELLO_ALERT_MAX], weak = DH_FFDHE2048, same = DH_FFDHE3072;
    with_lists("21", '0', "21", "1", "1");
    struct hello_alert alert = {ALERT_GROUP_NOT_ALLOWED, &weak, 1};
    assert_int_equal(talk_take(&t.client, frame, hello_encode_alert(frame, &alert)), SESSION_FAILED);
    assert_int_equal(session_retry_group(&t.client.session), DH_FFDHE2048);
    assert_int_equal(with_lists("21", '1', "21", "1", "1"), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_GROUP);
    with_lists("21", '0', "21", "1", "1");
    alert.data = &same; /* the group that was tried is no new try */
    assert_int_equal(talk_take(&t.client, frame, hello_encode_alert(frame, &alert)), SESSION_FAILED);
    assert_int_equal(session_retry_group(&t.client.session), 0);
}

/* A stranger cuts the better entries out of the lists, so that both would settle for less. */
static void cut_list_and_expect_refusal(size_t list_at)
{
    struct talk_side *client = &t.client;
    uint8_t hello[HELLO_CLIENT_MAX];
    size_t len = client->hs.client_frame_len;
    memcpy(hello, client->hs.client_frame, len);
    memmove(hello + list_at + 1, hello + list_at + 2, len - list_at - 2); /* the list's first entry is gone */
    hello[list_at]--;
    bytes_store_be16(hello + 2, (uint16_t)(len - 1 - FRAME_HEADER_LEN));
    t.server.out.len = 0;
    session_init(&t.server.session, &t.server.hs, &t.server.config);
    assert_int_equal(talk_take(&t.server, hello, len - 1), SESSION_MORE);
    expect_refused(client, talk_carry(&t.server, client));
    assert_int_equal(session_error(&client->session), NET_ERR_SIGNATURE);
}

static void test_cut_lists_are_found_out(void **state)
{
    (void)state;
    with_lists("21", '0', "21", "21", "21");
    cut_list_and_expect_refusal(FRAME_HEADER_LEN + HELLO_RANDOM_LEN); /* suites */
    /* Groups: the client was made to use group 1 by a forged Alert, and 2 disappears from its list. */
    with_lists("21", '1', "21", "21", "21");
    cut_list_and_expect_refusal(FRAME_HEADER_LEN + HELLO_RANDOM_LEN + 3);
}

static void test_suites_are_the_servers_choice(void **state)
{
    (void)state;
    with_lists("1", '0', "1", "12", "21");
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
    assert_int_equal(t.client.session.suite, SUITE_AES256);
    assert_int_equal(with_lists("1", '0', "1", "2", "1"), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_SUITE);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_FAILED);
    assert_int_equal(session_alert_code(&t.client.session), ALERT_SUITE_NOT_ALLOWED);
    assert_int_equal(session_retry_group(&t.client.session), 0);
}

/* What a later version may offer beside ours is passed over. */
static void test_unknown_entries_are_passed_over(void **state)
{
    (void)state;
    static const uint8_t suites[] = {77, 0, 1}, groups[] = {9, 0, 255, 1};
    uint8_t frame[HELLO_CLIENT_MAX];
    until_server_answered(1);
    struct hello_client hello = t.client.hs.client_hello;
    hello.suites = suites, hello.suites_len = sizeof suites;
    hello.groups = groups, hello.groups_len = sizeof groups;
    session_init(&t.server.session, &t.server.hs, &t.server.config);
    assert_int_equal(talk_take(&t.server, frame, hello_encode_client(frame, &hello)), SESSION_MORE);
    hello.group = 9; /* but not as the group itself */
    session_init(&t.server.session, &t.server.hs, &t.server.config);
    assert_int_equal(talk_take(&t.server, frame, hello_encode_client(frame, &hello)), SESSION_FAILED);
    talk_expect_failed(&t.server, NET_ERR_GROUP);
}

/* --- Values and their order --------------------------------------------------------------------------------------- */

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
    case 5: /* a good value, a zero byte too short */
        y[g->p_len - 2] = 4;
        return g->p_len - 1;
    default: /* a good value, a zero byte too long */
        y[g->p_len] = 4;
        return g->p_len + 1;
    }
    return g->p_len;
}

static void test_bad_public_values(void **state)
{
    (void)state;
    uint8_t y[DH_PUBLIC_MAX_LEN], frame[HELLO_SERVER_MAX];
    until_server_answered(1);
    before = t.client;
    for (int which = 0; which <= 6; which++) {
        put_back(&t.client);
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
        assert_int_equal(hello_decode_server(&server, wire, server_hello_len()), NET_OK);
        server.public_value = y;
        server.public_value_len = client.public_value_len;
        assert_int_equal(talk_take(&t.client, frame, hello_encode_server(frame, &signed_len, &server)), SESSION_FAILED);
        talk_expect_failed(&t.client, NET_ERR_PUBLIC_VALUE);
    }
}

/* Of several things that are wrong, the first in the specification's order is found; and the user is asked about a
 * certificate only when all before it is right. */
static void test_checks_come_in_order(void **state)
{
    (void)state;
    size_t signature_at = until_server_answered(1), public_at = FRAME_HEADER_LEN + 35, certificate_at = public_at + 258;
    signature_at = server_hello_len() - 1;
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
        put_back(&t.client);
        expect_refused(&t.client, talk_take(&t.client, wire, server_hello_len()));
        assert_string_equal(net_err_text(session_error(&t.client.session)), net_err_text(expected[i]));
        assert_int_equal(t.client.peers, i == 0 ? 1 : 0);
    }
}

/* --- Peers that are not who they say ------------------------------------------------------------------------------ */

/* A handshake in which the server shows this identity; the client must fail with err after so many questions. */
static void expect_server_refused(int kind, const struct identity *identity, enum net_err err, unsigned questions)
{
    talk_init(&t, (enum handshake_kind)kind);
    t.client.config.trace = t.server.config.trace = NULL;
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
    talk_init(&t, HANDSHAKE_USER_USER);
    t.client.config.trace = t.server.config.trace = NULL;
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

/* The server's own key comes back to it under the client's name. (A client that plays this game passes over its own
 * check; here its identity is exchanged behind it.) */
static void test_callers_must_not_have_my_key(void **state)
{
    (void)state;
    struct identity mirror = make_identity("bob", CERTIFICATE_USER, "alice", "bob");
    size_t used, len = until_server_answered(2);
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

/* A client that has the keys, and changes any byte of its Finished before it seals it. */
static void test_every_byte_of_the_finished_matters(void **state)
{
    (void)state;
    until_server_answered(2);
    talk_carry(&t.server, &t.client);
    before = t.server;
    const struct record client_send = t.client.session.send;
    uint8_t payload[HANDSHAKE_FINISHED_MAX + 1], frame[FRAME_MAX_LEN];
    const struct identity *alice = keys_identity("alice");
    size_t len = 2 + alice->certificate_len + 2 + RSA_SIGNATURE_LEN, frame_len;
    enum content_type type;
    uint8_t *opened;
    struct record reader = before.session.receive;
    assert_int_equal(record_open(&reader, t.client.wire, t.client.out.len, &type, &opened, &frame_len), NET_OK);
    assert_int_equal(frame_len, len);
    memcpy(payload, opened, len);
    for (size_t i = 0; i <= len; i++) {
        struct record sender = client_send;
        sender.sequence = 0;
        put_back(&t.server);
        payload[i] ^= (uint8_t)(1 << i % 8);
        size_t sent_len = i < len ? len : i % 2 == 0 ? len - 1 : len + 1;
        record_seal(&sender, &t.client.rng, frame, sizeof frame, &frame_len, CONTENT_FINISHED, payload, sent_len);
        payload[i] ^= (uint8_t)(1 << i % 8);
        expect_refused(&t.server, talk_take(&t.server, frame, frame_len));
        assert_int_equal(t.server.out.len, 0); /* no Alert: its time is over */
    }
}

/* As in kind 1: without a certificate there is no caller. */
static void test_an_empty_finished_is_no_caller(void **state)
{
    (void)state;
    uint8_t frame[RECORD_FRAME_MIN];
    size_t frame_len;
    until_server_answered(2);
    talk_carry(&t.server, &t.client);
    struct record sender = t.client.session.send;
    sender.sequence = 0;
    record_seal(&sender, &t.client.rng, frame, sizeof frame, &frame_len, CONTENT_FINISHED, NULL, 0);
    expect_refused(&t.server, talk_take(&t.server, frame, frame_len));
    assert_int_equal(session_error(&t.server.session), NET_ERR_MALFORMED);
}

/* A damaged key: a wrong signature gives it away, so none leaves. */
static void test_a_faulty_signature_is_not_sent(void **state)
{
    (void)state;
    struct identity id = *keys_identity("server");
    id.key.dp[100] ^= 1;
    talk_init(&t, HANDSHAKE_USER_SERVER);
    t.client.config.trace = t.server.config.trace = NULL;
    t.server.config.identity = &id;
    talk_start(&t);
    expect_refused(&t.server, talk_carry(&t.client, &t.server));
    assert_int_equal(session_error(&t.server.session), NET_ERR_FAULT);
    assert_int_equal(t.server.out.len, 0);
    id = *keys_identity("alice");
    id.key.dq[100] ^= 1;
    talk_init(&t, HANDSHAKE_USER_USER);
    t.client.config.trace = t.server.config.trace = NULL;
    t.client.config.identity = &id;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    expect_refused(&t.client, talk_carry(&t.server, &t.client));
    assert_int_equal(session_error(&t.client.session), NET_ERR_FAULT);
    assert_int_equal(t.client.out.len, 0);
}

static void test_malformed_alert(void **state)
{
    (void)state;
    static const uint8_t frame[] = {FRAME_ALERT, 1, 0, 3, ALERT_GROUP_NOT_ALLOWED, 2, DH_FFDHE2048};
    with_lists("21", '0', "21", "1", "1");
    expect_refused(&t.client, talk_take(&t.client, frame, sizeof frame));
    assert_int_equal(session_error(&t.client.session), NET_ERR_MALFORMED);
    assert_int_equal(session_alert_code(&t.client.session), 0);
}

/* --- Wiping ------------------------------------------------------------------------------------------------------- */

static bool all_zero(const void *p, size_t len)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < len; i++)
        if (b[i] != 0)
            return false;
    return true;
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
    until_server_answered(1);
    assert_int_equal(t.server.session.state, SESSION_STATE_FINISHED);
    expect_no_secret(&t.server.hs);
    assert_int_equal(talk_take(&t.client, wire, server_hello_len()), SESSION_MORE);
    assert_int_equal(t.client.session.state, SESSION_STATE_FINISHED);
    expect_no_secret(&t.client.hs);
    t.client.out.len = 0;
    size_t finished_len = t.server.out.len - server_hello_len();
    assert_int_equal(talk_take(&t.client, wire + server_hello_len(), finished_len), SESSION_ESTABLISHED);
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
    until_server_answered(1);
    assert_false(all_zero(&t.client.hs.pair, sizeof t.client.hs.pair));
    session_fail(&t.client.session, NET_ERR_TIMEOUT);
    talk_expect_failed(&t.client, NET_ERR_TIMEOUT);
    session_fail(&t.server.session, NET_ERR_CUT);
    talk_expect_failed(&t.server, NET_ERR_CUT);
    size_t len = until_server_answered(1);
    t.client.refuse = true;
    assert_int_equal(talk_take(&t.client, wire, len), SESSION_FAILED);
    talk_expect_failed(&t.client, NET_ERR_REFUSED);
    assert_int_equal(t.client.peers, 1);
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
        cmocka_unit_test(test_every_bit_of_the_client_hello_is_signed),
        cmocka_unit_test(test_a_changed_client_hello_never_works),
        cmocka_unit_test(test_every_bit_of_the_servers_answer_matters),
        cmocka_unit_test(test_every_bit_of_the_clients_finished_matters),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_a_server_hello_can_not_be_replayed),
        cmocka_unit_test(test_a_client_hello_replayed_leads_nowhere),
        cmocka_unit_test(test_group_not_allowed),
        cmocka_unit_test(test_forged_alert_does_not_downgrade),
        cmocka_unit_test(test_cut_lists_are_found_out),
        cmocka_unit_test(test_suites_are_the_servers_choice),
        cmocka_unit_test(test_unknown_entries_are_passed_over),
        cmocka_unit_test(test_bad_public_values),
        cmocka_unit_test(test_checks_come_in_order),
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
        cmocka_unit_test(test_malformed_alert),
        cmocka_unit_test(test_success_wipes),
        cmocka_unit_test(test_failure_wipes),
        cmocka_unit_test(test_default_config),
    };
    return RUN(tests);
}
