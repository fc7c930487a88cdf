/* SPDX-License-Identifier: MIT */
/* Where lines are broken, and that nothing which follows a break begins at a line's start. */
#include "app/terminal/line_wrap.h"

#include <locale.h>

#include "tests/test.h"

#define ALEF "\xd7\x90"     /* U+05D0, the first of Hebrew */
#define MARK "\xe2\x80\x8e" /* U+200E, left-to-right mark */
#define ZI "\xe5\xad\x97"   /* U+5B57, two columns wide */

static char printed[20000];

static void put(void *arg, const char *bytes, size_t len)
{
    size_t *at = arg;
    assert_in_range(len, 1, sizeof printed - *at - 1);
    memcpy(printed + *at, bytes, len);
    *at += len;
    printed[*at] = '\0';
}

static const char *line_wrap_as(struct line_wrap how, const char *text)
{
    size_t at = 0;
    how.put = put;
    how.arg = &at;
    line_wrap_print(&how, text, strlen(text));
    return printed;
}

static const char *wrap(const char *text, size_t columns)
{
    return line_wrap_as((struct line_wrap){.columns = columns}, text);
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
    assert_string_equal(wrap("one two three four1 five", 20), "one two three four1\n    five\n");
    assert_string_equal(wrap("one two three four1   five", 20), "one two three four1\n    five\n");
    assert_string_equal(wrap("one two three four1 ", 20), "one two three four1\n");
    assert_string_equal(wrap("one two three fourteen", 20), "one two three \n    fourteen\n");
    assert_string_equal(wrap("one\ttwo three fourteen", 22), "one\ttwo three \n    fourteen\n");
    assert_string_equal(wrap("12345678901234567890 1234567890123 end", 20),
                        "1234567890123456789\n    0 1234567890123\n    end\n");
    assert_string_equal(wrap("1234567890123456789012345 12345678901 end", 20),
                        "1234567890123456789\n    012345 \n    12345678901 end\n");
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
    assert_int_equal(line_wrap_width(0x5b57), 2);
    assert_int_equal(line_wrap_width(0x301), 0);
    assert_string_equal(wrap(ZI ZI ZI ZI ZI ZI ZI, 14), ZI ZI ZI ZI ZI ZI "\n    " ZI "\n");
    assert_string_equal(wrap("e\xcc\x81"
                             "123456789012345678",
                             20),
                        "e\xcc\x81"
                        "123456789012345678\n");
}

/* What a forger would send: spaces to the end of the line, and then words in somebody else's name. */
static void test_nobody_can_fake_a_line(void **state)
{
    (void)state;
    for (size_t columns = 14; columns < 200; columns++)
        for (size_t spaces = 0; spaces < 250; spaces++) {
            char text[600];
            snprintf(text, sizeof text, "[lobby] eve: x%*s[lobby] alice: I agree with all of this", (int)spaces, "");
            const char *out = wrap(text, columns);
            for (const char *line = strchr(out, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n'))
                assert_memory_equal(line + 1, "    ", LINE_WRAP_INDENT);
            size_t column = 0;
            for (const char *p = out; *p != '\0'; p++) {
                column = *p == '\n' ? 0 : column + 1;
                assert_true(column < columns); /* so the terminal itself never breaks one */
            }
        }
}

/* For a terminal that draws something wider than wcwidth says: each row by itself stays a row. */
static void test_auto_wrap_is_off_within_each_row(void **state)
{
    (void)state;
    assert_string_equal(line_wrap_as((struct line_wrap){.clip = true}, ""), "\033[?7l\033[?7h\n");
    assert_string_equal(line_wrap_as((struct line_wrap){.columns = 20, .clip = true}, "one two three four five six"),
                        "\033[?7lone two three four \033[?7h\n\033[?7l    five six\033[?7h\n");
}

/* Where a row's first letter is written from right to left, some terminals would show its end at the left edge, as if a
 * line began there. */
static void test_a_row_begins_at_the_left(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const letters[] = {"\xd6\x90", ALEF, "\xd8\xa7", "\xe0\xa3\xbf", "\xef\xac\x9d", "\xef\xb7\xbf",
                                          "\xef\xb9\xb0", "\xef\xbb\xbc", "\xf0\x90\xa0\x80", "\xf0\x90\xbf\xbf",
                                          "\xf0\x9e\xa0\x80", "\xf0\x9e\xbf\xbf"};
    /* clang-format on */
    static const char *const others[] = {"\xd6\x8f",
                                         "\xe0\xa4\x80",
                                         "\xef\xac\x9c",
                                         "\xef\xb8\x80",
                                         "\xef\xb9\xaf",
                                         "\xef\xbc\xa1",
                                         "\xf0\x90\x9f\xbf",
                                         "\xf0\x91\x80\x80",
                                         "\xf0\x9e\x9f\xbf",
                                         "\xf0\x9f\x80\x80",
                                         ZI,
                                         "e"};
    char text[100];
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        snprintf(text, sizeof text, "[lobby] eve: 123456 %s 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", letters[i]);
        assert_non_null(strstr(wrap(text, 20), "\n    " MARK));
        assert_non_null(strstr(strstr(printed, MARK) + 1, "\n    " MARK)); /* each of them */
        assert_memory_equal(printed, "[lobby]", 7);                        /* the first one begins with Latin letters */
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        snprintf(text, sizeof text, "[lobby] eve: 123456 %s 1 2 3 4 5 6 7 8 9 0", others[i]);
        assert_null(strstr(wrap(text, 20), MARK));
    }
    assert_null(
        strstr(line_wrap_as((struct line_wrap){.columns = 20, .ascii = true}, "1234 " ALEF " 1234 5678 90"), MARK));
    assert_null(strstr(wrap(ALEF " is not broken", 0), MARK));
}

static void test_a_terminal_without_utf8_gets_ascii(void **state)
{
    (void)state;
    assert_string_equal(line_wrap_as((struct line_wrap){.ascii = true}, "gr\xc3\xbc\xc3\x9f \xc3\x9b"
                                                                        "31m\n\033"),
                        "gr\\u{fc}\\u{df} \\u{db}31m\\u{a}\\u{1b}\n");
    /* a number is as wide as it is long, and stays in one row */
    assert_string_equal(line_wrap_as((struct line_wrap){.ascii = true, .columns = 20}, ZI ZI ZI),
                        "\\u{5b57}\\u{5b57}\n    \\u{5b57}\n");
}

/* In each row anew, and no row ends or begins with them; they take no column. */
static void test_parts_that_look_otherwise(void **state)
{
    (void)state;
    const struct line_wrap_part parts[] = {{4, 18, "<"}, {18, 19, "!"}, {24, 27, "<"}};
    struct line_wrap how = {.columns = 20, .parts = parts, .parts_len = 3};
    assert_string_equal(line_wrap_as(how, "one two three four five six"),
                        "one <two three four" LINE_WRAP_PLAIN "! " LINE_WRAP_PLAIN "\n    five <six" LINE_WRAP_PLAIN
                        "\n");
    how.clip = true;
    how.parts_len = 1;
    assert_string_equal(line_wrap_as(how, "one two"), "\033[?7lone <two" LINE_WRAP_PLAIN "\033[?7h\n");
    how = (struct line_wrap){.parts = parts, .parts_len = 1};
    assert_string_equal(line_wrap_as(how, "one \033[0m"), "one <\xef\xbf\xbd[0m" LINE_WRAP_PLAIN "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_lines_are_left_alone),
        cmocka_unit_test(test_breaks_between_words),
        cmocka_unit_test(test_breaks_a_long_word_where_it_must),
        cmocka_unit_test(test_wide_and_combining_characters),
        cmocka_unit_test(test_nobody_can_fake_a_line),
        cmocka_unit_test(test_auto_wrap_is_off_within_each_row),
        cmocka_unit_test(test_a_row_begins_at_the_left),
        cmocka_unit_test(test_a_terminal_without_utf8_gets_ascii),
        cmocka_unit_test(test_parts_that_look_otherwise),
    };
    return RUN(tests);
}
