/* SPDX-License-Identifier: MIT */
/* How the two agree on a group and a suite: whose choice it is, what a refusal says, and that nobody on the wire can
 * talk them into less. */
#include "net/handshake.h"

#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"

static struct talk t;
static uint8_t wire[TALK_ANSWER_MAX];

/* Runs a handshake with these lists (text, a digit for each entry) up to the server's answer. */
static enum session_event with_lists(const char *client_groups, char group, const char *server_groups,
                                     const char *client_suites, const char *server_suites)
{
    static uint8_t lists[4][HELLO_LIST_MAX];
    const char *texts[] = {client_groups, server_groups, client_suites, server_suites};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; texts[i][j] != '\0'; j++)
            lists[i][j] = (uint8_t)(texts[i][j] - '0');
    talk_init_untraced(&t, HANDSHAKE_USER_SERVER);
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
    talk_expect_refused(client, talk_carry(&t.server, client));
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
    talk_until_answer(&t, HANDSHAKE_USER_SERVER, wire);
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

static void test_malformed_alert(void **state)
{
    (void)state;
    static const uint8_t frame[] = {FRAME_ALERT, 1, 0, 3, ALERT_GROUP_NOT_ALLOWED, 2, DH_FFDHE2048};
    with_lists("21", '0', "21", "1", "1");
    talk_expect_refused(&t.client, talk_take(&t.client, frame, sizeof frame));
    assert_int_equal(session_error(&t.client.session), NET_ERR_MALFORMED);
    assert_int_equal(session_alert_code(&t.client.session), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group_not_allowed),
        cmocka_unit_test(test_forged_alert_does_not_downgrade),
        cmocka_unit_test(test_cut_lists_are_found_out),
        cmocka_unit_test(test_suites_are_the_servers_choice),
        cmocka_unit_test(test_unknown_entries_are_passed_over),
        cmocka_unit_test(test_malformed_alert),
    };
    return RUN(tests);
}
