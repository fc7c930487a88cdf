/* SPDX-License-Identifier: MIT */
/* The safety number: known answers, what changes it, and what is taken for it when people type it. */
#include "app/peer/safety.h"

#include "tests/aborts.h"
#include "tests/test.h"

static const uint8_t one[CERTIFICATE_FINGERPRINT_LEN] = {1}, two[CERTIFICATE_FINGERPRINT_LEN] = {2};

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("safety");
    while (vec_next(v)) {
        char number[SAFETY_LEN], other_way[SAFETY_LEN];
        const char *a = vec_text(v, "name_a"), *b = vec_text(v, "name_b");
        const uint8_t *fp_a = vec_hex_n(v, "fingerprint_a", sizeof one);
        const uint8_t *fp_b = vec_hex_n(v, "fingerprint_b", sizeof one);
        safety_number(number, a, fp_a, b, fp_b);
        assert_string_equal(number, vec_text(v, "number"));
        safety_number(other_way, b, fp_b, a, fp_a);
        assert_string_equal(number, other_way);
    }
    vec_close(v);
}

static void test_each_bit_of_a_key_counts(void **state)
{
    char number[SAFETY_LEN], other[SAFETY_LEN];
    uint8_t changed[sizeof one];
    (void)state;
    safety_number(number, "alice", one, "bob", two);
    for (size_t byte = 0; byte < sizeof one; byte += 31) {
        memcpy(changed, one, sizeof changed);
        changed[byte] ^= 0x80;
        safety_number(other, "alice", changed, "bob", two);
        assert_string_not_equal(number, other);
        memcpy(changed, two, sizeof changed);
        changed[byte] ^= 1;
        safety_number(other, "alice", one, "bob", changed);
        assert_string_not_equal(number, other);
    }
}

static void test_print(void **state)
{
    static const char number[] = "000011111122222333334444455555666667777788888999990123400001";
    char shown[SAFETY_SHOWN_LEN];
    (void)state;
    safety_print(shown, number, 0, SAFETY_GROUPS);
    assert_string_equal(shown, "00001 11111 22222 33333 44444 55555 66666 77777 88888 99999 01234 00001");
    assert_true(safety_equal(number, shown));
    safety_print(shown, number, 0, 6);
    assert_string_equal(shown, "00001 11111 22222 33333 44444 55555");
    safety_print(shown, number, 6, 6);
    assert_string_equal(shown, "66666 77777 88888 99999 01234 00001");
    safety_print(shown, number, 11, 1);
    assert_string_equal(shown, "00001");
}

#define NUMBER "012345678901234567890123456789012345678901234567890123456789"

static void test_white_space_is_passed_over(void **state)
{
    static const char *const same[] = {NUMBER,
                                       " " NUMBER,
                                       NUMBER " ",
                                       "\t" NUMBER "\r\n",
                                       "01234 56789 01234 56789 01234 56789\n01234 56789 01234 56789 01234 56789",
                                       "0 1 2 3 4  5678901234567890123456789012345678901234567890123456\t789"};
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!safety_equal(NUMBER, same[i]))
            fail_msg("it is the number: %s", same[i]);
}

/* Each prefix and each suffix of the number, and the number with more behind or before it. */
static void test_a_part_is_a_mismatch(void **state)
{
    char part[100];
    (void)state;
    for (size_t len = 0; len < SAFETY_LEN - 1; len++) {
        snprintf(part, sizeof part, "%.*s", (int)len, NUMBER);
        assert_false(safety_equal(NUMBER, part));
        assert_false(safety_equal(NUMBER, &NUMBER[SAFETY_LEN - 1 - len]));
    }
    assert_false(safety_equal(NUMBER, " \n"));
    assert_false(safety_equal(NUMBER, NUMBER "0"));
    assert_false(safety_equal(NUMBER, "0" NUMBER));
    assert_false(safety_equal(NUMBER, NUMBER NUMBER));
}

/* Every place with every other byte: a digit that differs, a letter, a sign, a part of a UTF-8 character. */
static void test_any_other_character_is_a_mismatch(void **state)
{
    char typed[] = NUMBER;
    (void)state;
    for (size_t at = 0; at < SAFETY_LEN - 1; at++) {
        for (int c = 1; c < 256; c++) {
            typed[at] = (char)c;
            assert_int_equal(safety_equal(NUMBER, typed), NUMBER[at] == (char)c);
        }
        typed[at] = NUMBER[at];
    }
}

/* What looks like a digit or like a blank, and is none: fullwidth and Arabic digits, a no-break space, a dash. */
static void test_unicode_is_a_mismatch(void **state)
{
    static const char *const other[] = {"\xef\xbc\x90"
                                        "12345678901234567890123456789012345678901234567890123456789",
                                        "\xd9\xa0"
                                        "12345678901234567890123456789012345678901234567890123456789",
                                        "\xc2\xa0" NUMBER,
                                        NUMBER "\xe2\x80\x8b",
                                        "\xef\xbb\xbf" NUMBER,
                                        "01234-567890123456789012345678901234567890123456789012345678"
                                        "9",
                                        NUMBER "\v",
                                        NUMBER "\f",
                                        NUMBER ".",
                                        "+" NUMBER};
    (void)state;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (safety_equal(NUMBER, other[i]))
            fail_msg("number %zu is taken for the number", i);
}

static void number_with_oneself(void)
{
    char number[SAFETY_LEN];
    safety_number(number, "alice", one, "alice", two);
}

static void number_of_no_name(void)
{
    char number[SAFETY_LEN];
    safety_number(number, "alice", one, "Bob", two);
}

static void too_many_groups(void)
{
    char shown[SAFETY_SHOWN_LEN];
    safety_print(shown, NUMBER, 7, 6);
}

static void test_wrong_use(void **state)
{
    (void)state;
    assert_true(aborts(number_with_oneself));
    assert_true(aborts(number_of_no_name));
    assert_true(aborts(too_many_groups));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_each_bit_of_a_key_counts),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_white_space_is_passed_over),
        cmocka_unit_test(test_a_part_is_a_mismatch),
        cmocka_unit_test(test_any_other_character_is_a_mismatch),
        cmocka_unit_test(test_unicode_is_a_mismatch),
        cmocka_unit_test(test_wrong_use),
    };
    return RUN(tests);
}
