/* SPDX-License-Identifier: MIT */
/* Who is where and spoke last; and that a server can't make the list grow, or push those out who speak. */
#include "app/client/people.h"

#include "tests/test.h"

static struct people p;

static int set_up(void **state)
{
    (void)state;
    p = (struct people){.len = 0};
    return 0;
}

/* room NULL: of all rooms. */
static void check(const char *room, const char *names)
{
    const struct people_one *found[PEOPLE_MAX];
    char text[1000] = "";
    size_t n = people_of(&p, room, found);
    for (size_t i = 0; i < n; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, found[i]->name);
    }
    assert_string_equal(text, names);
}

static void test_the_last_to_speak_comes_first(void **state)
{
    (void)state;
    people_here(&p, "lobby", "carol");
    people_here(&p, "lobby", "bob");
    people_spoke(&p, "lobby", "dave");
    people_spoke(&p, "lobby", "carol");
    people_spoke(&p, "+exam", "eve");
    people_spoke(&p, PEOPLE_DIRECT, "bob");
    check("lobby", "carol dave bob");
    check("+exam", "eve");
    check(PEOPLE_DIRECT, "bob");
    check("den", "");
    check(NULL, "bob eve carol dave bob");
    people_here(&p, "lobby", "carol"); /* listed once more */
    people_spoke(&p, "lobby", "dave");
    check("lobby", "dave carol bob");
}

static void test_who_leaves_is_dropped_from_that_room(void **state)
{
    (void)state;
    static const char *const rooms[] = {"lobby", "den"};
    for (size_t i = 0; i < 2; i++) {
        people_spoke(&p, rooms[i], "bob");
        people_here(&p, rooms[i], "carol");
    }
    people_gone(&p, "lobby", "bob");
    people_gone(&p, "lobby", "nobody");
    check("lobby", "carol");
    check("den", "bob carol");
    people_left(&p, "den");
    check(NULL, "carol");
    people_left(&p, "den");
    people_left(&p, "lobby");
    check(NULL, "");
}

static void test_what_is_no_name_is_not_kept(void **state)
{
    (void)state;
    static const char *const names[] = {"",     "Bob",       "bob ", "\x1b[2J",
                                        "+bob", "b\xc3\xb6", "1bob", "a23456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        people_spoke(&p, "lobby", names[i]);
        people_here(&p, "lobby", names[i]);
    }
    people_here(&p, "a room", "bob");
    people_room(&p, "a room");
    people_room(&p, "");
    check(NULL, "");
    assert_int_equal(p.rooms_len, 0);
}

static const char *nth(size_t i)
{
    static char name[NAME_MAX_LEN + 1];
    snprintf(name, sizeof name, "n%zu", i);
    return name;
}

static void test_a_crowd_pushes_nobody_out_who_speaks(void **state)
{
    (void)state;
    const struct people_one *found[PEOPLE_MAX];
    people_spoke(&p, "lobby", "alice");
    for (size_t i = 0; i < 3 * PEOPLE_MAX; i++)
        people_here(&p, "lobby", nth(i));
    assert_int_equal(p.len, PEOPLE_MAX);
    people_spoke(&p, "lobby", "bob");
    people_spoke(&p, "lobby", "carol");
    assert_int_equal(p.len, PEOPLE_MAX);
    assert_int_equal(people_of(&p, "lobby", found), PEOPLE_MAX);
    assert_string_equal(found[0]->name, "carol");
    assert_string_equal(found[1]->name, "bob");
    assert_string_equal(found[2]->name, "alice");
    for (size_t i = 0; i < 2 * PEOPLE_MAX; i++)
        people_spoke(&p, "lobby", nth(i)); /* of whom speak, those give way who have been silent the longest */
    people_here(&p, "lobby", "zoe");
    people_of(&p, "lobby", found);
    assert_string_equal(found[0]->name, nth(2 * PEOPLE_MAX - 1));
    assert_string_equal(found[PEOPLE_MAX - 1]->name, nth(PEOPLE_MAX));
}

static void test_rooms_that_were_heard_of(void **state)
{
    (void)state;
    people_room(&p, "den");
    people_room(&p, "den");
    people_room(&p, "+exam");
    assert_int_equal(p.rooms_len, 2);
    for (size_t i = 0; i < 2 * PEOPLE_ROOMS_MAX; i++)
        people_room(&p, nth(i));
    assert_int_equal(p.rooms_len, PEOPLE_ROOMS_MAX);
    for (size_t i = 0; i < p.rooms_len; i++)
        assert_true(strcmp(p.rooms[i], "den") != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_last_to_speak_comes_first, set_up),
        cmocka_unit_test_setup(test_who_leaves_is_dropped_from_that_room, set_up),
        cmocka_unit_test_setup(test_what_is_no_name_is_not_kept, set_up),
        cmocka_unit_test_setup(test_a_crowd_pushes_nobody_out_who_speaks, set_up),
        cmocka_unit_test_setup(test_rooms_that_were_heard_of, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
