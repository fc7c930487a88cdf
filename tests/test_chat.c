/* SPDX-License-Identifier: MIT */
/* app/server/chat: what users hear that are no clients, such as the operator at the console: each thing once, and
 * nothing of what they do themselves. */
#include "app/server/chat.h"

#include "app/server/server.h"
#include "tests/test.h"

static struct server server;
static struct limits limits;

struct hearer {
    struct room_user user; /* first: hear casts back */
    char heard[500];       /* a line for each thing */
};

static struct hearer anna, bert;

static void hear(struct room_user *user, const struct message *m)
{
    struct hearer *h = (struct hearer *)(void *)user;
    size_t len = strlen(h->heard), left = sizeof h->heard - len;
    char *end = h->heard + len;
    struct message_entry entry = {{0}, 0};
    struct message_list list = m->presence.list;
    if (m->type == MESSAGE_SAID)
        snprintf(end, left, "[%s] %s: %.*s\n", m->said.room, m->said.sender, (int)m->said.text.len,
                 (const char *)m->said.text.data);
    else if (m->type == MESSAGE_NOTICE)
        snprintf(end, left, "notice: %.*s\n", (int)m->notice.text.len, (const char *)m->notice.text.data);
    else if (m->type == MESSAGE_PRESENCE && message_list_next(&list, &entry, false))
        snprintf(end, left, "%s %s %s\n", entry.name, m->presence.what == MESSAGE_JOINED ? "joined" : "left",
                 m->presence.room);
    else
        fail();
}

static void enter(struct hearer *h, const char *name)
{
    *h = (struct hearer){.user = {.hear = hear, .is_operator = true}};
    strcpy(h->user.name, name);
    assert_int_equal(rooms_enter_lobby(&server.rooms, &h->user), MESSAGE_E_NONE);
}

/* What was heard since the last time. */
static void check(struct hearer *h, const char *heard)
{
    assert_string_equal(h->heard, heard);
    h->heard[0] = '\0';
}

static void say(struct hearer *h, const char *room, const char *text)
{
    struct message_bytes bytes = {(const uint8_t *)text, strlen(text)};
    assert_int_equal(chat_say_in(&server, &h->user, room, bytes), MESSAGE_E_NONE);
}

/* Long enough after the one before that its room may be told again. */
static void end_turn(void)
{
    server.now += 1000;
    chat_end_turn(&server);
}

/* Two who are told of each other. */
static int set_up(void **state)
{
    (void)state;
    limits = LIMITS_DEFAULT;
    server = (struct server){.limits = &limits};
    deadline_queue_init(&server.bandwidth_time, 1000);
    if (rooms_init(&server.rooms, &limits) != 0)
        return -1;
    enter(&anna, "anna");
    end_turn();
    enter(&bert, "bert");
    end_turn();
    check(&anna, "bert joined lobby\n");
    check(&bert, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rooms_exit(&server.rooms, &anna.user);
    rooms_exit(&server.rooms, &bert.user);
    rooms_free(&server.rooms);
    return 0;
}

static void test_what_is_said_is_heard_once_by_the_others(void **state)
{
    (void)state;
    say(&anna, "lobby", "hello");
    check(&bert, "[lobby] anna: hello\n");
    say(&bert, "lobby", "good morning");
    check(&anna, "[lobby] bert: good morning\n");
    check(&bert, "");
}

static void test_a_notice_is_heard_once_by_all(void **state)
{
    (void)state;
    chat_notice(&server, "back at noon");
    check(&anna, "notice: back at noon\n");
    check(&bert, "notice: back at noon\n");
}

static void test_nobody_hears_whom_they_have_blocked(void **state)
{
    (void)state;
    static char blocks[] = "bert";
    anna.user.blocks = blocks;
    say(&bert, "lobby", "hello");
    check(&anna, "");
    chat_notice(&server, "back at noon");
    check(&anna, "notice: back at noon\n");
}

/* All of a turn together, at its end; but nobody is heard before the others know that they joined. */
static void test_who_came_and_went_is_told_at_the_end_of_a_turn(void **state)
{
    (void)state;
    assert_int_equal(chat_join_room(&server, &anna.user, "den"), MESSAGE_E_NONE);
    end_turn();
    assert_int_equal(chat_join_room(&server, &bert.user, "den"), MESSAGE_E_NONE);
    check(&anna, "");
    end_turn();
    check(&anna, "bert joined den\n");
    assert_int_equal(chat_leave_room(&server, &bert.user, "den"), MESSAGE_E_NONE);
    end_turn();
    check(&anna, "bert left den\n");
    assert_int_equal(chat_join_room(&server, &bert.user, "den"), MESSAGE_E_NONE);
    say(&bert, "den", "here I am");
    check(&anna, "bert joined den\n[den] bert: here I am\n");
    end_turn();
    check(&anna, "");
    check(&bert, "");
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO(test_what_is_said_is_heard_once_by_the_others),
        WITH_TWO(test_a_notice_is_heard_once_by_all),
        WITH_TWO(test_nobody_hears_whom_they_have_blocked),
        WITH_TWO(test_who_came_and_went_is_told_at_the_end_of_a_turn),
    };
    return RUN(tests);
}
