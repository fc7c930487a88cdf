/* SPDX-License-Identifier: MIT */
/* net/why: the words, and where they end. */
#include "net/why.h"

#include "tests/test.h"

static void test_the_reason_is_said(void **state)
{
    char why[WHY_LEN];
    (void)state;
    assert_int_equal(why_say(why, "%s, line %d: %s", "file", 7, "is damaged"), -1);
    assert_string_equal(why, "file, line 7: is damaged");
    assert_int_equal(why_say(why, "100%%"), -1);
    assert_string_equal(why, "100%");
}

static void test_one_that_is_too_long_is_cut(void **state)
{
    char why[WHY_LEN + 1], text[2 * WHY_LEN];
    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    why[WHY_LEN] = '!';
    assert_int_equal(why_say(why, "%s", text), -1);
    assert_int_equal(strlen(why), WHY_LEN - 1);
    assert_int_equal(why[WHY_LEN], '!');
    text[WHY_LEN - 1] = '\0';
    assert_int_equal(why_say(why, "%s", text), -1);
    assert_string_equal(why, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_reason_is_said),
        cmocka_unit_test(test_one_that_is_too_long_is_cut),
    };
    return RUN(tests);
}
