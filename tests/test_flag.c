/* SPDX-License-Identifier: MIT */
/* Flags: a known one, worked out by Python's hmac; another for each secret, lab and student; and nothing else passes.
 * */
#include "app/workbench/attacks/flag.h"

#include "tests/test.h"

#define TEACHER ((const uint8_t *)"a teacher's secret")
#define TEACHER_LEN 18

static void test_a_known_one(void **state)
{
    (void)state;
    char flag[FLAG_LEN + 1];
    flag_make(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice");
    assert_string_equal(flag, "flag{c2d3864ec1f1a5f9}");
    assert_true(flag_matches("flag{c2d3864ec1f1a5f9}", TEACHER, TEACHER_LEN, "bit-flip", "alice"));
}

static void test_all_of_it_counts(void **state)
{
    (void)state;
    char flag[FLAG_LEN + 1], other[FLAG_LEN + 1];
    flag_make(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice");
    flag_make(other, TEACHER, TEACHER_LEN - 1, "bit-flip", "alice");
    assert_string_not_equal(flag, other);
    flag_make(other, TEACHER, TEACHER_LEN, "bit-fli", "palice");
    assert_string_not_equal(flag, other);
    assert_false(flag_matches(flag, TEACHER, TEACHER_LEN, "bit-flip", "alicf"));
    assert_false(flag_matches(flag, TEACHER, TEACHER_LEN, "iv-reuse", "alice"));
}

static void test_what_is_not_quite_it(void **state)
{
    (void)state;
    char flag[FLAG_LEN + 2];
    flag_make(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice");
    for (size_t i = 0; i < FLAG_LEN; i++) {
        flag[i] ^= 1;
        assert_false(flag_matches(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice"));
        flag[i] ^= 1;
    }
    flag[FLAG_LEN] = '}';
    flag[FLAG_LEN + 1] = '\0';
    assert_false(flag_matches(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice"));
    flag[FLAG_LEN - 1] = '\0';
    assert_false(flag_matches(flag, TEACHER, TEACHER_LEN, "bit-flip", "alice"));
    assert_false(flag_matches("", TEACHER, TEACHER_LEN, "bit-flip", "alice"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_one),
        cmocka_unit_test(test_all_of_it_counts),
        cmocka_unit_test(test_what_is_not_quite_it),
    };
    return RUN(tests);
}
