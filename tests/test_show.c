/* SPDX-License-Identifier: MIT */
/* What --explain lays out: rows that fit, every byte once, commands that a shell takes. */
#include "app/workbench/explain/show.h"

#include <stdlib.h>

#include "tests/aborts.h"
#include "tests/test.h"

static char *text;
static size_t text_len;

static FILE *begin(void)
{
    FILE *f = open_memstream(&text, &text_len);
    assert_non_null(f);
    return f;
}

static void expect(FILE *f, const char *want)
{
    assert_int_equal(fclose(f), 0);
    assert_string_equal(text, want);
    free(text);
}

static void test_values(void **state)
{
    (void)state;
    uint8_t data[33];
    memset(data, 0xab, sizeof data);
    FILE *f = begin();
    show_value(f, "none", data, 0);
    show_value(f, "two", data, 2);
    show_value(f, "more", data, sizeof data);
    show_text(f, "number", "%d", 7);
    expect(f, "  none        (empty)\n"
              "  two         abab\n"
              "  more        abababababababababababababababababababababababababababababababab\n"
              "              ab\n"
              "  number      7\n");
}

static void test_folded_values(void **state)
{
    (void)state;
    uint8_t data[33];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    FILE *f = begin();
    show_folded(f, "none", data, 0);
    show_folded(f, "whole", data, 32);
    show_folded(f, "folded", data, 33);
    expect(f, "  none        (empty)\n"
              "  whole       000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
              "  folded      000102030405060708090a ... 161718191a1b1c1d1e1f20 (33 bytes)\n");
}

static void test_notes_are_broken_between_words(void **state)
{
    (void)state;
    FILE *f = begin();
    show_heading(f, "%s", "Step");
    show_note(f, "%s", "1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567xy a b");
    show_note(f, "%s", "");
    expect(f, "\nStep\n1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567 1234567\n1234567xy a b\n");
}

static void test_a_row_of_exactly_the_width(void **state)
{
    (void)state;
    char words[SHOW_WIDTH + 3], want[SHOW_WIDTH + 5];
    memset(words, 'w', SHOW_WIDTH);
    strcpy(words + SHOW_WIDTH, " x");
    snprintf(want, sizeof want, "%.*s\nx\n", SHOW_WIDTH, words);
    FILE *f = begin();
    show_note(f, "%s", words);
    expect(f, want);
}

static void test_a_word_that_no_row_holds(void **state)
{
    (void)state;
    char word[SHOW_WIDTH + 21], want[SHOW_WIDTH + 23];
    memset(word, 'w', SHOW_WIDTH + 20);
    word[SHOW_WIDTH + 20] = '\0';
    snprintf(want, sizeof want, "%s\n", word);
    FILE *f = begin();
    show_note(f, "%s", word);
    expect(f, want);
}

static void test_checks(void **state)
{
    (void)state;
    FILE *f = begin();
    assert_true(show_check(f, "is it 1?", true, "It has to be."));
    assert_false(show_check(f, "is it 2?", false, "It has to be."));
    expect(f, "  is it 1?    passed\n"
              "  is it 2?    refused\n"
              "It has to be.\n");
}

static void test_commands(void **state)
{
    (void)state;
    char feed[SHOW_FEED_LEN(3)];
    FILE *f = begin();
    show_command(f, "%swc -c", show_feed(feed, (const uint8_t *)"\x0a\xf0z", 3));
    expect(f, "  $ echo 0AF07A | basenc -d --base16 | wc -c\n");
    assert_string_equal(show_feed(feed, NULL, 0), "echo  | basenc -d --base16 | ");
}

static FILE *nowhere;

static void too_long(void)
{
    show_command(nowhere, "%*s", SHOW_COMMAND_MAX + 1, "x");
}

static void test_the_longest_command(void **state)
{
    (void)state;
    nowhere = fopen("/dev/null", "w");
    assert_non_null(nowhere);
    show_command(nowhere, "%*s", SHOW_COMMAND_MAX, "x");
    assert_true(aborts(too_long));
    assert_int_equal(fclose(nowhere), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_folded_values),
        cmocka_unit_test(test_notes_are_broken_between_words),
        cmocka_unit_test(test_a_row_of_exactly_the_width),
        cmocka_unit_test(test_a_word_that_no_row_holds),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_the_longest_command),
    };
    return RUN(tests);
}
