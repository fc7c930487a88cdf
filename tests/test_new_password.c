/* SPDX-License-Identifier: MIT */
/* A new password is asked for until it obeys the rules and is the same twice. */
#include "app/terminal/new_password.h"

#include "tests/test.h"

static struct new_password new;

static void answer(const char *question, const char *text, const char *wrong)
{
    assert_false(new.repeated);
    assert_string_equal(new_password_question(&new), question);
    const char *said = new_password_answer(&new, text, strlen(text));
    if (wrong == NULL)
        assert_null(said);
    else
        assert_string_equal(said, wrong);
}

static void test_typed_twice(void **state)
{
    (void)state;
    answer("new password: ", "short", "a password has 8 to 128 bytes");
    answer("new password: ", "correct horse", NULL);
    answer("repeat password: ", "correct horse", NULL);
    assert_true(new.repeated);
    assert_int_equal(new.password_len, 13);
    assert_memory_equal(new.password, "correct horse", 13);
    new_password_wipe(&new);
}

static void test_two_that_differ(void **state)
{
    (void)state;
    for (const char *const *second = (const char *const[]){"correct hors", "correct horses", "correct horsf", "", NULL};
         *second != NULL; second++) {
        answer("new password: ", "correct horse", NULL);
        answer("repeat password: ", *second, "passwords do not match");
    }
    answer("new password: ", "correct horse", NULL);
    answer("repeat password: ", "correct horse", NULL);
    assert_true(new.repeated);
    new_password_wipe(&new);
}

static void test_bounds(void **state)
{
    (void)state;
    char text[PASSWORD_MAX_LEN + 1];
    memset(text, 'x', sizeof text);
    assert_non_null(new_password_answer(&new, text, PASSWORD_MIN_LEN - 1));
    assert_non_null(new_password_answer(&new, text, sizeof text));
    assert_null(new_password_answer(&new, text, PASSWORD_MAX_LEN));
    assert_non_null(new_password_answer(&new, text, sizeof text));
    assert_null(new_password_answer(&new, text, PASSWORD_MAX_LEN));
    assert_null(new_password_answer(&new, text, PASSWORD_MAX_LEN));
    assert_true(new.repeated);
    new_password_wipe(&new);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    struct new_password nothing;
    memset(&nothing, 0, sizeof nothing);
    answer("new password: ", "correct horse", NULL);
    answer("repeat password: ", "another horse", "passwords do not match");
    assert_memory_equal(&new, &nothing, sizeof new);
    answer("new password: ", "correct horse", NULL);
    new_password_wipe(&new);
    assert_memory_equal(&new, &nothing, sizeof new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed_twice),
        cmocka_unit_test(test_two_that_differ),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_nothing_is_left),
    };
    return RUN(tests);
}
