/* SPDX-License-Identifier: MIT */
/* Lists of blocked names: their order, their bound, and what is no such list. */
#include "app/server/store/blocked_users.h"

#include "tests/test.h"

static void test_add_and_remove(void **state)
{
    (void)state;
    char a[BLOCKED_USERS_MAX_LEN + 1], b[BLOCKED_USERS_MAX_LEN + 1];
    blocked_users_add(a, NULL, "carl");
    assert_string_equal(a, "carl");
    blocked_users_add(b, a, "bob");
    assert_string_equal(b, "bob,carl");
    blocked_users_add(a, b, "dora");
    assert_string_equal(a, "bob,carl,dora");
    blocked_users_add(b, a, "carl");
    assert_string_equal(b, "bob,carl,dora");
    blocked_users_remove(a, b, "carl");
    assert_string_equal(a, "bob,dora");
    blocked_users_remove(b, a, "nobody");
    assert_string_equal(b, "bob,dora");
    blocked_users_remove(a, "bob", "bob");
    assert_string_equal(a, "");
    blocked_users_remove(a, NULL, "bob");
    assert_string_equal(a, "");
}

static void test_has(void **state)
{
    (void)state;
    assert_true(blocked_users_has("bob,carl", "bob"));
    assert_true(blocked_users_has("bob,carl", "carl"));
    assert_false(blocked_users_has("bob,carl", "bo"));
    assert_false(blocked_users_has("bob,carl", "ob"));
    assert_false(blocked_users_has("bob,carl", "bob,carl"));
    assert_false(blocked_users_has(NULL, "bob"));
}

static void test_each(void **state)
{
    (void)state;
    const char *left = "bob,carl", *nobody = NULL;
    char name[NAME_MAX_LEN + 1];
    assert_true(blocked_users_next(&left, name));
    assert_string_equal(name, "bob");
    assert_true(blocked_users_next(&left, name));
    assert_string_equal(name, "carl");
    assert_false(blocked_users_next(&left, name));
    assert_false(blocked_users_next(&nobody, name));
}

static void test_the_longest(void **state)
{
    (void)state;
    char a[BLOCKED_USERS_MAX_LEN + 1], b[BLOCKED_USERS_MAX_LEN + 1] = "";
    for (size_t i = 0; i < BLOCKED_USERS_MAX; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%02zu", (i * 37) % BLOCKED_USERS_MAX);
        assert_int_equal(blocked_users_count(b), i);
        blocked_users_add(a, b, name);
        assert_true(blocked_users_valid(a));
        memcpy(b, a, sizeof b);
    }
    assert_int_equal(strlen(b), BLOCKED_USERS_MAX_LEN);
    blocked_users_add(a, b, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa00"); /* there already: it takes no place */
    assert_string_equal(a, b);
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",         ",",       "bob,", ",bob",     "bob,,carl",
                                        "carl,bob", "bob,bob", "Bob",  "bob carl", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(blocked_users_valid(wrong[i]));
    char many[2 * BLOCKED_USERS_MAX_LEN] = "a00";
    for (int i = 1; i <= BLOCKED_USERS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",a%02d", i);
    assert_false(blocked_users_valid(many));
    many[strlen(many) - 4] = '\0';
    assert_true(blocked_users_valid(many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_remove), cmocka_unit_test(test_has),          cmocka_unit_test(test_each),
        cmocka_unit_test(test_the_longest),    cmocka_unit_test(test_what_is_none),
    };
    return RUN(tests);
}
