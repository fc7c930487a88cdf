/* SPDX-License-Identifier: MIT */
/* Rooms that are joined before a script's first line: one after the other, and nothing is said before it is known where
 * it goes. */
#include "app/client/rejoin.h"

#include <unistd.h>

#include "app/client/loop.h"
#include "tests/fake_server.h"
#include "tests/test.h"

static const char rooms[][NAME_MAX_LEN + 1] = {"den", "lobby", "quiz"};

/* Begins the chat, as signin.c does. */
static void chat(struct conversation *c)
{
    c->signin.done = true;
    conversation_go_to(c, "lobby");
    line_open(&c->screen.line);
    rejoin_begin(c, rooms, sizeof rooms / sizeof *rooms);
    loop_run(c);
}

static uint32_t expect_join(struct fake_server *s, const char *room)
{
    struct message m;
    uint32_t join = fake_server_expect(s, MESSAGE_JOIN, &m);
    if (strcmp(m.join.room, room) != 0)
        _exit(20);
    return join;
}

/* Nothing but a ping comes before the answer. */
static void let_in(struct fake_server *s, uint32_t join)
{
    fake_server_send(s, &(struct message){.type = MESSAGE_STILL_THERE});
    uint32_t ping = fake_server_expect(s, MESSAGE_PING, NULL);
    fake_server_answer_ok(s, join);
    fake_server_answer_ok(s, ping);
}

static void expect_said(struct fake_server *s, const char *room)
{
    struct message m;
    uint32_t say = fake_server_expect(s, MESSAGE_SAY, &m);
    if (strcmp(m.say.room, room) != 0)
        _exit(21);
    fake_server_answer_ok(s, say);
}

static void part_joins_both(struct fake_server *s)
{
    fake_server_answer_who(s);
    let_in(s, expect_join(s, "den"));
    let_in(s, expect_join(s, "quiz"));
    expect_said(s, "quiz");
    fake_server_take_leave(s);
}

static void test_one_after_the_other(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("hello\n");
    assert_string_equal(fake_server_play(&c, part_joins_both),
                        "* you joined den\n* you talk in lobby now\n* you joined quiz\n");
    assert_false(c.talk.screen.complained);
}

static void part_joins_none(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_refuse(s, expect_join(s, "den"), MESSAGE_E_LIMIT);
    fake_server_take_leave(s);
}

/* What the script has to say was meant for another room. */
static void test_a_refusal_ends_a_script(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("hello\n");
    const char *printed = fake_server_play(&c, part_joins_none);
    assert_non_null(strstr(printed, "glasschat: den: "));
    assert_non_null(strstr(printed, " (before the first line: nothing was done or said)\n"));
    assert_null(strstr(printed, "quiz"));
    assert_true(c.talk.screen.complained);
}

static void part_cuts(struct fake_server *s)
{
    fake_server_answer_who(s);
    (void)expect_join(s, "den");
    fake_server_close(s);
}

static void test_an_end_in_between(void **state)
{
    (void)state;
    struct played c = {.more = chat};
    fake_server_script("hello\n");
    assert_null(strstr(fake_server_play(&c, part_cuts), "you joined"));
    assert_true(c.talk.broken);
}

static void twice(struct conversation *c)
{
    rejoin_begin(c, rooms, 1);
    assert_int_equal(c->rejoin.len, 1);
    rejoin_begin(c, rooms, 0);
    assert_false(rejoin_next(c));
    chat(c);
}

static void test_a_later_list_takes_the_place_of_one(void **state)
{
    (void)state;
    struct played c = {.more = twice};
    fake_server_script("hello\n");
    assert_non_null(strstr(fake_server_play(&c, part_joins_both), "* you joined quiz\n"));
    assert_int_equal(c.talk.rooms_len, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_a_refusal_ends_a_script),
        cmocka_unit_test(test_an_end_in_between),
        cmocka_unit_test(test_a_later_list_takes_the_place_of_one),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
