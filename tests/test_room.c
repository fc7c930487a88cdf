/* SPDX-License-Identifier: MIT */
/* Rooms: order, bounds, and what is told about whom. */
#include "app/server/room.h"

#include "tests/test.h"

static struct limits limits;

static struct room_user *user(const char *name)
{
    struct room_user *u = calloc(1, sizeof *u);
    assert_non_null(u);
    snprintf(u->name, sizeof u->name, "%s", name);
    return u;
}

static struct room_user *entered(struct rooms *rooms, const char *name)
{
    struct room_user *u = user(name);
    assert_int_equal(rooms_enter(rooms, u), 0);
    return u;
}

static void gone(struct rooms *rooms, struct room_user *u)
{
    rooms_exit(rooms, u);
    free(u);
}

static void setup(struct rooms *rooms)
{
    limits = LIMITS_DEFAULT;
    assert_int_equal(rooms_init(rooms, &limits), 0);
}

static void test_join_and_leave(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room, *den;
    setup(&rooms);
    struct room_user *a = entered(&rooms, "anna"), *b = entered(&rooms, "bert");
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_NONE);
    assert_ptr_equal(room, room_find(&rooms, "lobby"));
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_ALREADY_IN_ROOM);
    assert_int_equal(room_join(&rooms, a, "den", &den), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, b, "den", &den), MESSAGE_E_NONE);
    assert_true(room_has(den, a));
    assert_int_equal(den->members_len, 2);
    room_leave(&rooms, a, den);
    assert_false(room_has(den, a));
    assert_true(room_has(den, b));
    room_leave(&rooms, b, den);
    assert_null(room_find(&rooms, "den")); /* an empty room is gone */
    room_leave(&rooms, a, room_find(&rooms, "lobby"));
    assert_non_null(room_find(&rooms, "lobby")); /* but the lobby never is */
    gone(&rooms, a);
    gone(&rooms, b);
    rooms_free(&rooms);
}

/* Whatever the order of joining, lists are sorted, and a search finds each and nobody else. */
static void test_order(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    struct room_user *u[100];
    char name[NAME_MAX_LEN + 1];
    setup(&rooms);
    limits.max_joined = limits.max_rooms_user = 1000;
    for (size_t i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "u%02zu", i * 37 % 100);
        u[i] = entered(&rooms, name);
        assert_int_equal(room_join(&rooms, u[i], "den", &room), MESSAGE_E_NONE);
        snprintf(name, sizeof name, "r%02zu", i * 61 % 100);
        assert_int_equal(room_join(&rooms, u[0], name, &room), MESSAGE_E_NONE);
    }
    room = room_find(&rooms, "den");
    for (size_t i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "u%02zu", i);
        assert_string_equal(room->members[i]->name, name);
        assert_int_equal(room_members_after(room, name), i + 1);
        assert_ptr_equal(rooms_user(&rooms, name), room->members[i]);
        snprintf(name, sizeof name, "r%02zu", i);
        assert_string_equal(room_find(&rooms, name)->name, name);
    }
    assert_int_equal(room_members_after(room, ""), 0);
    assert_int_equal(room_members_after(room, "u015"), 2);
    assert_int_equal(room_members_after(room, "z"), 100);
    assert_int_equal(rooms_after(&rooms, "den"), 1); /* den, lobby, r00 ... r99 */
    assert_int_equal(rooms_after(&rooms, "lobby"), 2);
    assert_null(rooms_user(&rooms, "u0"));
    for (size_t i = 0; i < 100; i++)
        gone(&rooms, u[i]);
    assert_int_equal(rooms.len, 1);
    rooms_free(&rooms);
}

static void test_bounds(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    setup(&rooms);
    limits.max_rooms = 3; /* with the lobby */
    limits.max_members = 2;
    limits.max_joined = 2;
    struct room_user *a = entered(&rooms, "a"), *b = entered(&rooms, "b"), *c = entered(&rooms, "c");
    assert_int_equal(room_join(&rooms, a, "x", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "y", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_LIMIT); /* a is in enough */
    assert_int_equal(room_join(&rooms, b, "z", &room), MESSAGE_E_LIMIT);     /* enough rooms */
    assert_null(room_find(&rooms, "z"));
    assert_int_equal(room_join(&rooms, b, "x", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, c, "x", &room), MESSAGE_E_LIMIT); /* x is full */
    gone(&rooms, a);
    assert_int_equal(room_join(&rooms, c, "x", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, c, "z", &room), MESSAGE_E_NONE);
    gone(&rooms, b);
    gone(&rooms, c);
    rooms_free(&rooms);
}

/* A room counts for its maker until it is gone, in whatever order people leave. */
static void test_one_who_makes_too_many(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    setup(&rooms);
    limits.max_rooms_user = 2;
    struct room_user *a = entered(&rooms, "a"), *b = entered(&rooms, "b");
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_NONE); /* which nobody makes */
    assert_int_equal(room_join(&rooms, a, "x", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "y", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "z", &room), MESSAGE_E_LIMIT);
    assert_non_null(strstr(rooms.full, "you have made"));
    assert_null(room_find(&rooms, "z"));
    assert_int_equal(room_join(&rooms, b, "x", &room), MESSAGE_E_NONE);
    room_leave(&rooms, a, room); /* b is in it: it is still a's */
    assert_int_equal(room_join(&rooms, a, "z", &room), MESSAGE_E_LIMIT);
    gone(&rooms, a);
    a = entered(&rooms, "a"); /* with a new session: x is there, y is not */
    assert_int_equal(room_join(&rooms, a, "y", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "z", &room), MESSAGE_E_LIMIT);
    room_leave(&rooms, b, room_find(&rooms, "x"));
    assert_int_equal(room_join(&rooms, a, "z", &room), MESSAGE_E_NONE);
    gone(&rooms, a);
    gone(&rooms, b);
    rooms_free(&rooms);
}

/* Only the number of all rooms bounds the operator, whose rooms count in nobody else's share. */
static void test_the_operator_makes_rooms(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    setup(&rooms);
    limits.max_rooms_user = limits.max_rooms_address = 1;
    limits.max_rooms = 5; /* with the lobby */
    struct room_user *operator= entered(&rooms, "operator"), *a = entered(&rooms, "a");
    operator->is_operator = true;
    assert_int_equal(room_join(&rooms, operator, "x", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, operator, "y", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "z", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, a, "w", &room), MESSAGE_E_LIMIT);
    assert_non_null(strstr(rooms.full, "you have made"));
    assert_int_equal(room_join(&rooms, operator, "w", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, operator, "v", &room), MESSAGE_E_LIMIT);
    assert_non_null(strstr(rooms.full, "as this server has"));
    gone(&rooms, a);
    gone(&rooms, operator);
    rooms_free(&rooms);
}

/* All the users of one address together make no more rooms than one address may, and its networks twice as many. */
static void test_one_who_makes_too_many_with_others(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    struct room_user *u[6];
    static const struct {
        uint8_t address[SOCK_KEY_LEN];
        enum message_error error;
    } joins[6] = {
        {{0x20, 1, 0xd, 0xb8, 0, 1, 0x11, 1}, MESSAGE_E_NONE},  {{0x20, 1, 0xd, 0xb8, 0, 1, 0x11, 1}, MESSAGE_E_LIMIT},
        {{0x20, 1, 0xd, 0xb8, 0, 1, 0x11, 2}, MESSAGE_E_NONE},  {{0x20, 1, 0xd, 0xb8, 0, 1, 0x11, 3}, MESSAGE_E_LIMIT},
        {{0x20, 1, 0xd, 0xb8, 0, 1, 0x12, 1}, MESSAGE_E_LIMIT}, {{0x20, 1, 0xd, 0xb8, 0, 2, 0x11, 1}, MESSAGE_E_NONE},
    };
    setup(&rooms);
    limits.max_rooms_address = 1;
    for (size_t i = 0; i < 6; i++) {
        char name[2] = {(char)('a' + i), '\0'};
        u[i] = entered(&rooms, name);
        memcpy(u[i]->address, joins[i].address, SOCK_KEY_LEN);
        assert_int_equal(room_join(&rooms, u[i], name, &room), joins[i].error);
        if (joins[i].error == MESSAGE_E_LIMIT)
            assert_non_null(strstr(rooms.full, "from your network"));
    }
    assert_int_equal(room_join(&rooms, u[1], "c", &room), MESSAGE_E_NONE); /* joining what is there is free */
    for (size_t i = 0; i < 6; i++)
        gone(&rooms, u[i]);
    rooms_free(&rooms);
}

static void assert_change(const struct room *room, size_t i, enum message_presence what, const char *name)
{
    assert_true(i < room->changes_len);
    assert_int_equal(room->changes[i].what, what);
    assert_string_equal(room->changes[i].name, name);
}

static void test_changes(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    setup(&rooms);
    struct room_user *a = entered(&rooms, "a"), *b = entered(&rooms, "b");
    assert_int_equal(rooms_wait(&rooms, 0, -1), -1);
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, b, "lobby", &room), MESSAGE_E_NONE);
    assert_int_equal(rooms_wait(&rooms, 0, -1), 0);
    room_leave(&rooms, a, room); /* came and went untold */
    assert_ptr_equal(rooms_take_changed(&rooms, 0), room);
    assert_int_equal(room->changes_len, 1);
    assert_change(room, 0, MESSAGE_JOINED, "b");
    room_told(room, 0);
    assert_null(rooms_take_changed(&rooms, 0));

    room_leave(&rooms, b, room);
    assert_int_equal(room_join(&rooms, a, "lobby", &room), MESSAGE_E_NONE);
    assert_ptr_equal(rooms_take_changed(&rooms, 0), room);
    assert_change(room, 0, MESSAGE_LEFT, "b");
    assert_change(room, 1, MESSAGE_JOINED, "a");
    struct room_user *c = entered(&rooms, "Anna"), *d = entered(&rooms, "abel");
    assert_int_equal(room_join(&rooms, d, "lobby", &room), MESSAGE_E_NONE);
    assert_int_equal(room_join(&rooms, c, "lobby", &room), MESSAGE_E_NONE);
    room_sort_changes(room);
    assert_change(room, 0, MESSAGE_JOINED, "Anna");
    assert_change(room, 1, MESSAGE_JOINED, "a");
    assert_change(room, 2, MESSAGE_JOINED, "abel");
    assert_change(room, 3, MESSAGE_LEFT, "b");
    room_told(room, 0);
    gone(&rooms, c);
    gone(&rooms, d);
    gone(&rooms, a);
    gone(&rooms, b);
    rooms_free(&rooms);
}

/* A big room is told now and then what happened; a room that vanishes has nothing left to tell. */
static void test_changes_are_gathered(void **state)
{
    (void)state;
    struct rooms rooms;
    struct room *room;
    struct room_user *u[200];
    char name[NAME_MAX_LEN + 1];
    setup(&rooms);
    for (size_t i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "u%zu", i);
        u[i] = entered(&rooms, name);
        if (i < 199)
            assert_int_equal(room_join(&rooms, u[i], "den", &room), MESSAGE_E_NONE);
    }
    assert_ptr_equal(rooms_take_changed(&rooms, 1000), room);
    room_told(room, 1000);
    assert_int_equal(room_join(&rooms, u[199], "den", &room), MESSAGE_E_NONE);
    assert_null(rooms_take_changed(&rooms, 1000));
    assert_int_equal(rooms_wait(&rooms, 1000, -1), 9);
    assert_int_equal(rooms_wait(&rooms, 1000, 5), 5);
    assert_int_equal(rooms_wait(&rooms, 1002, 100), 7);
    assert_ptr_equal(rooms_take_changed(&rooms, 1009), room);
    room_told(room, 1009);
    for (size_t i = 0; i < 200; i++)
        gone(&rooms, u[i]);
    assert_null(rooms_take_changed(&rooms, 100000));
    rooms_free(&rooms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join_and_leave),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_changes_are_gathered),
        cmocka_unit_test(test_one_who_makes_too_many),
        cmocka_unit_test(test_the_operator_makes_rooms),
        cmocka_unit_test(test_one_who_makes_too_many_with_others),
    };
    return RUN(tests);
}
