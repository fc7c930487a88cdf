/* SPDX-License-Identifier: MIT */
/* The prompt with what came elsewhere, and what fits into it. */
#include "app/client/unread.h"

#include "tests/test.h"

static struct unread u;

static int set_up(void **state)
{
    (void)state;
    u = (struct unread){.len = 0};
    unread_go_to(&u, "lobby");
    return 0;
}

static void check(const char *expected)
{
    char out[UNREAD_LEN];
    unread_print(out, &u);
    assert_string_equal(out, expected);
}

static void came(const char *place, int lines)
{
    for (int i = 0; i < lines; i++)
        unread_came(&u, place);
}

static void test_lines_count_until_one_goes_there(void **state)
{
    (void)state;
    check("lobby");
    came("lobby", 5);
    check("lobby");
    came("exam", 1);
    check("lobby (exam 1)");
    came("@bob", 2);
    came("exam", 2);
    check("lobby (exam 3, @bob 2)");
    unread_go_to(&u, "exam");
    check("exam (@bob 2)");
    came("lobby", 1);
    came("exam", 1);
    check("exam (@bob 2, lobby 1)");
    unread_read(&u, "@bob");
    unread_read(&u, "@nobody");
    check("exam (lobby 1)");
    unread_go_to(&u, "");
    came("exam", 1);
    check("(lobby 1, exam 1)");
}

/* Each character of the prompt with its end, up to as many as it may have; one more, and the names go. */
static void test_what_is_too_long_is_a_number(void **state)
{
    (void)state;
    const char *name = "name-of-32-characters-0123456789";
    assert_int_equal(strlen(name), NAME_MAX_LEN);
    char place[NAME_MAX_LEN + 1] = "";
    for (size_t n = 1; n <= NAME_MAX_LEN; n++) {
        memcpy(place, name, n);
        place[n] = '\0';
        u.len = 0;
        came(place, 12);
        char names[UNREAD_LEN];
        int len = snprintf(names, sizeof names, "lobby (%s 12)", place);
        check(len + 2 <= UNREAD_COLUMNS ? names : "lobby (12 elsewhere)");
    }
    came("den", 3);
    check("lobby (15 elsewhere)");
    unread_go_to(&u, name);
    check("name-of-32-characters-0123456789 (3 elsewhere)");
}

static void test_a_crowd_of_places(void **state)
{
    (void)state;
    char place[NAME_MAX_LEN + 2];
    for (int i = 0; i < 3 * UNREAD_PLACES_MAX; i++) {
        snprintf(place, sizeof place, "@peer-with-a-name-%d", i);
        came(place, 2);
    }
    assert_int_equal(u.len, UNREAD_PLACES_MAX);
    check("lobby (128 elsewhere)");
    assert_int_equal(UNREAD_PLACES_MAX, 64);
    came(place, 3 * UNREAD_LINES_MAX);
    u.len = 1;
    memset(&u.places[0], 0, sizeof u.places[0]);
    strcpy(u.places[0].name, "den");
    came("den", 2 * UNREAD_LINES_MAX);
    check("lobby (den 9999)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lines_count_until_one_goes_there, set_up),
        cmocka_unit_test_setup(test_what_is_too_long_is_a_number, set_up),
        cmocka_unit_test_setup(test_a_crowd_of_places, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
