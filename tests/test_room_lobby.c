/* SPDX-License-Identifier: MIT */
/* app/server/room: a member who comes when there is no place left is in no room, and can come back. */
#include "app/server/room.h"

#include "tests/test.h"

static struct rooms rooms;
static struct limits limits;

static int set_up(void **state)
{
    (void)state;
    limits = LIMITS_DEFAULT;
    return rooms_init(&rooms, &limits);
}

static int tear_down(void **state)
{
    (void)state;
    rooms_free(&rooms);
    return 0;
}

/* Nobody is told anything here: arrivals are forgotten first. */
static void forget_changes(void)
{
    struct room *room;
    while ((room = rooms_take_changed(&rooms, 0)) != NULL)
        room_told(room, 0);
}

static void test_the_lobby_is_full(void **state)
{
    struct room_user a = {.name = "anna"}, b = {.name = "bert"};
    (void)state;
    limits.max_members = 1;
    assert_int_equal(rooms_enter_lobby(&rooms, &a), MESSAGE_E_NONE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(rooms_enter_lobby(&rooms, &b), MESSAGE_E_LIMIT);
        assert_null(rooms_user(&rooms, "bert"));
        assert_int_equal(b.rooms_len, 0);
        assert_int_equal(rooms.everybody.members_len, 1);
    }
    forget_changes();
    rooms_exit(&rooms, &a);
    assert_int_equal(rooms_enter_lobby(&rooms, &b), MESSAGE_E_NONE);
    assert_ptr_equal(rooms_user(&rooms, "bert"), &b);
    rooms_exit(&rooms, &b);
    forget_changes();
}

/* A user who may be in no room at all. */
static void test_rooms_enough(void **state)
{
    struct room_user a = {.name = "anna"};
    struct room *room;
    (void)state;
    limits.max_joined = 0;
    assert_int_equal(rooms_enter_lobby(&rooms, &a), MESSAGE_E_LIMIT);
    assert_int_equal(rooms.everybody.members_len, 0);
    limits.max_joined = 1;
    assert_int_equal(rooms_enter_lobby(&rooms, &a), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, &a, "den", &room), MESSAGE_E_LIMIT);
    assert_non_null(strstr(rooms.full, "leave one"));
    forget_changes();
    rooms_exit(&rooms, &a);
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
