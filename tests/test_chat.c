/* SPDX-License-Identifier: MIT */
/* app/server/chat: who comes when there is no place left is nowhere, and can come back. */
#include "app/server/chat.h"

#include "tests/test.h"

static struct server server;
static struct limits limits;

static int set_up(void **state)
{
    (void)state;
    limits = LIMITS_DEFAULT;
    server = (struct server){.limits = &limits};
    return rooms_init(&server.rooms, &limits);
}

static int tear_down(void **state)
{
    (void)state;
    rooms_free(&server.rooms);
    return 0;
}

/* Nobody is told anything here: who came is forgotten before. */
static void forget_changes(void)
{
    struct room *room;
    while ((room = rooms_take_changed(&server.rooms, 0)) != NULL)
        room_told(room, 0);
}

static void test_the_lobby_is_full(void **state)
{
    struct room_user a = {.name = "anna"}, b = {.name = "bert"};
    (void)state;
    limits.max_members = 1;
    assert_int_equal(chat_enter(&server, &a), MESSAGE_E_NONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(chat_enter(&server, &b), MESSAGE_E_LIMIT);
        assert_null(rooms_user(&server.rooms, "bert"));
        assert_int_equal(b.rooms_len, 0);
        assert_int_equal(server.rooms.everybody.members_len, 1);
    }
    forget_changes();
    chat_exit(&server, &a);
    assert_int_equal(chat_enter(&server, &b), MESSAGE_E_NONE);
    assert_ptr_equal(rooms_user(&server.rooms, "bert"), &b);
    chat_exit(&server, &b);
    forget_changes();
}

/* A user who may be in no room at all. */
static void test_rooms_enough(void **state)
{
    struct room_user a = {.name = "anna"};
    (void)state;
    limits.max_joined = 0;
    assert_int_equal(chat_enter(&server, &a), MESSAGE_E_LIMIT);
    assert_int_equal(server.rooms.everybody.members_len, 0);
    limits.max_joined = 1;
    assert_int_equal(chat_enter(&server, &a), MESSAGE_E_NONE);
    assert_int_equal(chat_join_room(&server, &a, "den"), MESSAGE_E_LIMIT);
    assert_non_null(strstr(server.rooms.full, "leave one"));
    forget_changes();
    chat_exit(&server, &a);
    forget_changes();
}

#define WITH_ROOMS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ROOMS(test_the_lobby_is_full),
        WITH_ROOMS(test_rooms_enough),
    };
    return RUN(tests);
}
