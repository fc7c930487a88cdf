/* SPDX-License-Identifier: MIT */
/* The main loop over a script: in what order its lines, its answers and what the server says come out. */
#include "app/client/loop.h"

#include <unistd.h>

#include "tests/fake_server.h"
#include "tests/test.h"

/* Begins the chat, as signin.c does. */
static void chat(struct conversation *c)
{
    c->signin.done = true;
    conversation_go_to(c, "lobby");
    line_open(&c->screen.line);
    loop_run(c);
}

static bool is_text(struct message_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

static void expect_text(struct fake_server *s, const char *text)
{
    struct message m;
    uint32_t request = fake_server_expect(s, MESSAGE_SAY, &m);
    if (!is_text(m.say.text, text))
        _exit(20);
    fake_server_answer_ok(s, request);
}

static void part_hears_what_is_before(struct fake_server *s)
{
    fake_server_answer_who(s);
    expect_text(s, "before");
    fake_server_take_leave(s);
}

static void test_a_line_that_is_not_understood_ends_a_script(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("before\n/nothing\nnever\n");
    assert_non_null(strstr(fake_server_play(&c, part_hears_what_is_before), "(line 2: "));
    assert_false(c.talk.broken);
}

/* The list goes on: its next page is asked for before the password is changed. */
static void part_changes_the_password(struct fake_server *s)
{
    struct message m, who = {.type = MESSAGE_MEMBERS, .members = {.room = "lobby", .more = 1}};
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    fake_server_answer_who(s);
    message_list_init(&who.members.list, buf);
    (void)!message_list_add(&who.members.list, buf, &(struct message_entry){"bob", 0}, false);
    who.request = fake_server_expect(s, MESSAGE_WHO, NULL);
    fake_server_send(s, &who);
    who.request = fake_server_expect(s, MESSAGE_WHO, &m);
    who.members.more = 0;
    message_list_init(&who.members.list, buf);
    (void)!message_list_add(&who.members.list, buf, &(struct message_entry){"carol", 0}, false);
    fake_server_send(s, &who);
    uint32_t request = fake_server_expect(s, MESSAGE_CHANGE_PASSWORD, &m);
    if (!is_text(m.change_password.password, "correct horse") || strcmp(m.change_password.code, "123456") != 0 ||
        !is_text(m.change_password.new_password, "a better horse"))
        _exit(21);
    fake_server_answer_ok(s, request);
    expect_text(s, "after");
    fake_server_take_leave(s);
}

static void test_the_next_lines_are_the_answers(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("/who\n/password\ncorrect horse\n123456\na better horse\nafter\n");
    assert_string_equal(fake_server_play(&c, part_changes_the_password), "* in lobby: bob\n* in lobby: carol\n"
                                                                         "* password changed\n");
    for (size_t i = 0; i < sizeof c.talk.form; i++)
        assert_int_equal(((const uint8_t *)&c.talk.form)[i], 0);
}

static void part_hears_what_is_after(struct fake_server *s)
{
    fake_server_answer_who(s);
    expect_text(s, "after");
    fake_server_take_leave(s);
}

static void test_wrong_answers_ask_for_nothing(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("/password\nshort\n\na better horse\nafter\n");
    assert_string_equal(fake_server_play(&c, part_hears_what_is_after),
                        "glasschat: password not changed: a password has 8 to 128 bytes\n");
}

/* What follows a /join is for that room: it waits. */
static void part_joins_late(struct fake_server *s)
{
    struct message m;
    fake_server_answer_who(s);
    uint32_t join = fake_server_expect(s, MESSAGE_JOIN, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_STILL_THERE});
    fake_server_queue(s, &(struct message){.type = MESSAGE_OK, .request = join});
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_PING, NULL));
    uint32_t say = fake_server_expect(s, MESSAGE_SAY, &m);
    if (strcmp(m.say.room, "den") != 0)
        _exit(22);
    fake_server_answer_ok(s, say);
    fake_server_take_leave(s);
}

static void test_a_text_waits_for_its_room(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("/join den\nhello\n/quit\nnever\n");
    assert_string_equal(fake_server_play(&c, part_joins_late), "* you joined den\n");
}

static void part_closes_in_between(struct fake_server *s)
{
    fake_server_answer_who(s);
    (void)fake_server_expect(s, MESSAGE_SAY, NULL);
    fake_server_close(s);
}

/* The form is filled in and waits for the answer to an earlier request, which never comes. */
static void test_nothing_is_left_of_a_form(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("hello\n/password\ncorrect horse\n\na better horse\n");
    (void)fake_server_play(&c, part_closes_in_between);
    assert_non_null(strstr(c.printed, "the server closed the connection"));
    assert_null(strstr(c.printed, "password changed"));
    for (size_t i = 0; i < sizeof c.talk.form; i++)
        assert_int_equal(((const uint8_t *)&c.talk.form)[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_that_is_not_understood_ends_a_script),
        cmocka_unit_test(test_the_next_lines_are_the_answers),
        cmocka_unit_test(test_wrong_answers_ask_for_nothing),
        cmocka_unit_test(test_a_text_waits_for_its_room),
        cmocka_unit_test(test_nothing_is_left_of_a_form),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
