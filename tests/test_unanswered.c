/* SPDX-License-Identifier: MIT */
/* What was said and is not answered: in order, dropped by its number, and nothing is left. */
#include "app/client/unanswered.h"

#include "app/message/text.h"

#include "tests/test.h"

static void add(struct unanswered *u, uint32_t request, const char *room, const char *text)
{
    unanswered_add(u, request, room, text, strlen(text));
}

static void check_first(const struct unanswered *u, const char *room, const char *text)
{
    const struct unanswered_text *t = unanswered_first(u);
    assert_non_null(t);
    assert_string_equal(t->room, room);
    assert_int_equal(t->len, strlen(text));
    assert_memory_equal(t->text, text, t->len);
}

static void test_in_order_and_by_number(void **state)
{
    struct unanswered u = {0};
    (void)state;
    assert_null(unanswered_first(&u));
    add(&u, 5, "lobby", "one");
    add(&u, 7, "+exam", "two");
    add(&u, 9, "lobby", "three");
    check_first(&u, "lobby", "one");
    unanswered_drop(&u, 6); /* of another request */
    check_first(&u, "lobby", "one");
    unanswered_drop(&u, 7);
    check_first(&u, "lobby", "one");
    unanswered_drop(&u, 5);
    check_first(&u, "lobby", "three");
    unanswered_drop(&u, 9);
    assert_null(unanswered_first(&u));
    unanswered_drop(&u, 9);
}

static void test_the_longest_and_the_shortest(void **state)
{
    static char longest[TEXT_MAX_LEN];
    char room[NAME_MAX_LEN + 1];
    struct unanswered u = {0};
    (void)state;
    memset(longest, 'x', sizeof longest);
    memset(room, 'r', NAME_MAX_LEN);
    room[NAME_MAX_LEN] = '\0';
    unanswered_add(&u, 1, room, longest, sizeof longest);
    unanswered_add(&u, 2, "", "", 0);
    assert_string_equal(unanswered_first(&u)->room, room);
    assert_int_equal(unanswered_first(&u)->len, sizeof longest);
    unanswered_free(&u);
    assert_null(unanswered_first(&u));
    unanswered_free(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_and_by_number),
        cmocka_unit_test(test_the_longest_and_the_shortest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
