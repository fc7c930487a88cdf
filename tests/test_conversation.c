/* SPDX-License-Identifier: MIT */
/* The client against servers that say what no server should, and against some that say what is right. */
#include "app/client/conversation.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "tests/fake_server.h"
#include "tests/test.h"

static void check_ends(struct played *c, void (*part)(struct fake_server *s), const char *words)
{
    const char *printed = fake_server_play(c, part);
    assert_true(c->talk.ended && c->talk.broken);
    if (strstr(printed, words) == NULL)
        fail_msg("no '%s' in:\n%s", words, printed);
    for (const char *p = printed; *p != '\0'; p++)
        assert_true((unsigned char)*p >= ' ' || *p == '\n');
}

/* --- What hostile servers do -------------------------------------------------------------------------------------- */

static void part_escape(struct fake_server *s)
{
    static const uint8_t said[] = "\x60\0\0\0\0\5lobby\3eve\0\0\0\0\0\0\0\0\0\7\x1b[2Jxyz";
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, said, sizeof said - 1);
    fake_server_next(s);
}

static void part_request(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_PING, .request = 1});
    fake_server_next(s);
}

static void part_empty(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, NULL, 0);
    fake_server_next(s);
}

/* Names that do not ascend, and one that appears twice. */
static void part_turned(struct fake_server *s)
{
    static const uint8_t presence[] = "\x61\0\0\0\0\1\5lobby\0\2\3bob\5alice";
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, presence, sizeof presence - 1);
    fake_server_next(s);
}

static void part_twice(struct fake_server *s)
{
    static const uint8_t members[] = "\x43\0\0\0\1\5lobby\0\0\2\3bob\3bob";
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, members, sizeof members - 1);
    fake_server_next(s);
}

static void part_numbered_push(struct fake_server *s)
{
    static const uint8_t notice[] = "\x62\0\0\0\1\0\2no";
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, notice, sizeof notice - 1);
    fake_server_next(s);
}

static void part_unknown_push(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send_bytes(s, "\x6a\0\0\0\0", 5);
    fake_server_next(s);
}

static void part_unasked(struct fake_server *s)
{
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_WHO, NULL) + 1);
    fake_server_next(s);
}

static void part_wrong_answer(struct fake_server *s)
{
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_WHO, NULL));
    fake_server_next(s);
}

/* These parts end after what is wrong, so that a client that takes it doesn't wait. Here the ping is answered first. */
static void part_wrong_order(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_STILL_THERE});
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_PING, NULL));
}

static void test_answers_keep_their_order(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    check_ends(&c, part_wrong_order, "not asked");
}

static void part_said_elsewhere(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){MESSAGE_SAID, 0, .said = {"den", "eve", 0, BYTES("hear hear")}});
}

static void part_said_in_the_lobby(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){MESSAGE_SAID, 0, .said = {"lobby", "eve", 0, BYTES("hear hear")}});
}

static void part_came_elsewhere(struct fake_server *s)
{
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message presence = {.type = MESSAGE_PRESENCE, .presence = {.what = MESSAGE_JOINED, .room = "den"}};
    message_list_init(&presence.presence.list, buf);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"eve", 0}, false);
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &presence);
}

static void part_sealed(struct fake_server *s)
{
    static const uint8_t line[MESSAGE_SEALED_MIN] = "hear hear";
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){MESSAGE_SEALED, 0, .sealed = {"+den", "eve", 0, {line, sizeof line}}});
}

static void part_replaced_unasked(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_REPLACED});
}

/* Of rooms that the client is not in, and of any room before it has logged in. */
static void test_pushes_that_are_for_others(void **state)
{
    (void)state;
    struct played c = {.more = NULL}, stranger = {.stranger = true};
    check_ends(&c, part_said_elsewhere, "breaks the protocol");
    assert_null(strstr(c.printed, "hear"));
    check_ends(&c, part_came_elsewhere, "breaks the protocol");
    assert_null(strstr(c.printed, "eve"));
    check_ends(&c, part_sealed, "breaks the protocol");
    assert_null(strstr(c.printed, "hear"));
    check_ends(&stranger, part_said_in_the_lobby, "breaks the protocol");
    check_ends(&stranger, part_replaced_unasked, "breaks the protocol");
}

static void test_nonsense_ends_it(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    check_ends(&c, part_escape, "breaks the protocol");
    check_ends(&c, part_request, "breaks the protocol");
    check_ends(&c, part_empty, "breaks the protocol");
    check_ends(&c, part_turned, "breaks the protocol");
    check_ends(&c, part_twice, "breaks the protocol");
    check_ends(&c, part_numbered_push, "breaks the protocol");
    check_ends(&c, part_unknown_push, "breaks the protocol");
    check_ends(&c, part_unasked, "not asked");
    check_ends(&c, part_wrong_answer, "not asked");
}

static void part_close(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_close(s);
}

static void part_replaced(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_REPLACED});
    fake_server_close(s);
}

static void part_cut(struct fake_server *s)
{
    fake_server_expect(s, MESSAGE_WHO, NULL);
}

static void part_garbage(struct fake_server *s)
{
    static const uint8_t record[4 + 64] = {FRAME_RECORD, 1, 0, 64};
    fake_server_expect(s, MESSAGE_WHO, NULL);
    assert_int_equal(write(s->conn.fd, record, sizeof record), sizeof record);
    fake_server_next(s);
}

static void test_each_end_has_its_words(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    check_ends(&c, part_close, "the server closed the connection");
    check_ends(&c, part_replaced, "logged in elsewhere");
    check_ends(&c, part_cut, "was cut");
    check_ends(&c, part_garbage, "tampering");
}

/* A second passes with each look at the clock: a client that is told something a hundred times a second soon runs out
 * of patience. */
static uint64_t hasty(void)
{
    static uint64_t seconds;
    return seconds++;
}

static void talk(struct fake_server *s, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        struct pollfd fd = {.fd = s->conn.fd, .events = 0};
        if (poll(&fd, 1, 10) > 0)
            return; /* it is gone */
        struct message notice = {.type = MESSAGE_NOTICE, .notice.text = BYTES("hear hear")};
        uint8_t payload[100];
        size_t len;
        if (message_encode(payload, sizeof payload, &len, &notice) != 0)
            _exit(15);
        if (!fake_server_try(s, payload, len))
            return;
    }
    _exit(16); /* it stayed */
}

static void part_never_answers(struct fake_server *s)
{
    signal(SIGPIPE, SIG_IGN);
    fake_server_expect(s, MESSAGE_WHO, NULL);
    talk(s, 1500);
}

static void test_a_server_that_talks_and_does_not_answer(void **state)
{
    (void)state;
    struct played c = {.now = hasty};
    check_ends(&c, part_never_answers, "unanswered for 120 seconds");
}

/* --- What good servers do ----------------------------------------------------------------------------------------- */

static void part_pushes(struct fake_server *s)
{
    static const char text[] = "a\n[lobby] bob: b\ttab";
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message presence = {.type = MESSAGE_PRESENCE, .presence = {.what = MESSAGE_JOINED, .room = "lobby"}};
    struct message who = {
        .type = MESSAGE_MEMBERS, .request = fake_server_expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    message_list_init(&presence.presence.list, buf);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"alice", 0}, false);
    fake_server_send(s, &presence); /* oneself: not shown */
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"bob", 0}, false);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"carol", 0}, false);
    fake_server_send(s, &presence);
    fake_server_send(s, &(struct message){MESSAGE_SAID, 0, .said = {"lobby", "eve", 0, BYTES(text)}});
    fake_server_send(s, &(struct message){MESSAGE_NOTICE, 0, .notice = {BYTES("hear hear")}});
    who.members.list = presence.presence.list;
    who.members.more = 1;
    fake_server_send(s, &who);
    struct message again;
    who.request = fake_server_expect(s, MESSAGE_WHO, &again);
    if (strcmp(again.who.after, "carol") != 0 || strcmp(again.who.room, "lobby") != 0)
        _exit(20);
    who.members.more = 0;
    message_list_init(&who.members.list, buf);
    (void)!message_list_add(&who.members.list, buf, &(struct message_entry){"dave", 0}, false);
    fake_server_send(s, &who);
    fake_server_next(s);
}

static void test_pushes_and_pages_are_lines(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    assert_string_equal(fake_server_play(&c, part_pushes), "* bob, carol joined lobby\n"
                                                           "[lobby] eve: a\xe2\x8f\x8e[lobby] bob: b\ttab\n"
                                                           "* notice: hear hear\n"
                                                           "* in lobby: alice, bob, carol\n"
                                                           "* in lobby: dave\n");
    assert_false(c.talk.ended);
}

static void part_still_there(struct fake_server *s)
{
    struct message who = {
        .type = MESSAGE_MEMBERS, .request = fake_server_expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    fake_server_send(s, &(struct message){.type = MESSAGE_STILL_THERE});
    uint32_t ping = fake_server_expect(s, MESSAGE_PING, NULL);
    who.members.list.bytes.data = (const uint8_t *)"";
    fake_server_send(s, &who);
    fake_server_answer_ok(s, ping);
    fake_server_next(s);
}

static void test_says_that_it_is_still_there(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    assert_string_equal(fake_server_play(&c, part_still_there), "");
}

static void part_gone(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_next(s);
}

static void say_into_nothing(struct conversation *d)
{
    conversation_go_to(d, "lobby");
    conn_fail(&d->link.conn, NET_ERR_IO);
    conversation_say(d, "hello", 5);
}

static void test_what_could_not_be_sent_is_told(void **state)
{
    (void)state;
    struct played c = {.more = say_into_nothing};
    const char *printed = fake_server_play(&c, part_gone);
    if (strstr(printed, "glasschat: not said in lobby: hello\n") == NULL || !c.talk.ended)
        fail_msg("printed: %s", printed);
}

static void part_error(struct fake_server *s)
{
    struct message m = {.type = MESSAGE_ERROR, .request = fake_server_expect(s, MESSAGE_WHO, NULL), .error.code = 999};
    m.error.text = (struct message_bytes)BYTES("no\nglasschat: fake");
    fake_server_send(s, &m);
    fake_server_next(s);
}

static void test_an_unknown_code_has_its_words(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    assert_string_equal(fake_server_play(&c, part_error),
                        "glasschat: lobby: the server says: no\xe2\x8f\x8eglasschat: fake\n");
    assert_true(c.talk.screen.complained);
    assert_int_equal(c.talk.error, 999);
}

static void test_a_group_that_is_not_allowed_is_tried_again(void **state)
{
    (void)state;
    struct played c = {.more = NULL};
    fake_server_groups[0] = DH_FFDHE4096; /* the last of the client's list */
    assert_string_equal(fake_server_play(&c, part_still_there), "");
    assert_int_equal(c.talk.link.last_request, 2);
    fake_server_groups[0] = DH_FFDHE3072;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nonsense_ends_it),
        cmocka_unit_test(test_answers_keep_their_order),
        cmocka_unit_test(test_pushes_that_are_for_others),
        cmocka_unit_test(test_each_end_has_its_words),
        cmocka_unit_test(test_a_server_that_talks_and_does_not_answer),
        cmocka_unit_test(test_pushes_and_pages_are_lines),
        cmocka_unit_test(test_says_that_it_is_still_there),
        cmocka_unit_test(test_what_could_not_be_sent_is_told),
        cmocka_unit_test(test_an_unknown_code_has_its_words),
        cmocka_unit_test(test_a_group_that_is_not_allowed_is_tried_again),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
