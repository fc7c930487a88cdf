/* Where lines are broken, and that nothing which follows a break begins at a line's start. */
#include "app/client/wrap.h"

#include <locale.h>

#include "tests/test.h"

#define ZI "\xe5\xad\x97" /* U+5B57, two columns wide */

static char printed[20000];

static const char *wrap(const char *text, size_t columns)
{
    FILE *f = fmemopen(printed, sizeof printed, "w");
    assert_non_null(f);
    wrap_print(f, text, columns);
    fclose(f);
    return printed;
}

static void test_short_lines_are_left_alone(void **state)
{
    (void)state;
    assert_string_equal(wrap("", 20), "\n");
    assert_string_equal(wrap("[lobby] al: hello", 20), "[lobby] al: hello\n");
    assert_string_equal(wrap("1234567890123456789", 20), "1234567890123456789\n");
    assert_string_equal(wrap("a file has no end of a line", 0), "a file has no end of a line\n");
}

static void test_breaks_between_words(void **state)
{
    (void)state;
    assert_string_equal(wrap("one two three four five six", 20), "one two three four \n    five six\n");
    assert_string_equal(wrap("one two three four1 five", 20), "one two three four1\n     five\n");
}

static void test_breaks_a_long_word_where_it_must(void **state)
{
    (void)state;
    assert_string_equal(wrap("12345678901234567890123456789012345", 20),
                        "1234567890123456789\n    012345678901234\n    5\n");
    assert_string_equal(wrap("a 234567890123456789012345", 20), "a 23456789012345678\n    9012345\n");
}

static void test_wide_and_combining_characters(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        print_message("skipped: there is no UTF-8 locale\n");
        return;
    }
    assert_int_equal(wrap_width(0x5b57), 2);
    assert_int_equal(wrap_width(0x301), 0);
    assert_string_equal(wrap(ZI ZI ZI ZI ZI ZI ZI, 14), ZI ZI ZI ZI ZI ZI "\n    " ZI "\n");
    assert_string_equal(wrap("e\xcc\x81" "123456789012345678", 20), "e\xcc\x81" "123456789012345678\n");
}

/* What a liar would send: spaces to the end of the line, and then somebody else's words. */
static void test_nobody_can_fake_a_line(void **state)
{
    (void)state;
    for (size_t columns = 14; columns < 200; columns++)
        for (size_t spaces = 0; spaces < 250; spaces++) {
            char text[600];
            snprintf(text, sizeof text, "[lobby] eve: x%*s[lobby] alice: I agree with all of this", (int)spaces, "");
            const char *out = wrap(text, columns);
            for (const char *line = strchr(out, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n'))
                assert_memory_equal(line + 1, "    ", WRAP_INDENT);
            size_t column = 0;
            for (const char *p = out; *p != '\0'; p++) {
                column = *p == '\n' ? 0 : column + 1;
                assert_true(column < columns); /* so the terminal itself never breaks one */
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_lines_are_left_alone),
        cmocka_unit_test(test_breaks_between_words),
        cmocka_unit_test(test_breaks_a_long_word_where_it_must),
        cmocka_unit_test(test_wide_and_combining_characters),
        cmocka_unit_test(test_nobody_can_fake_a_line),
    };
    return RUN(tests);
}
