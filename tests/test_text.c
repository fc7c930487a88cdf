/* SPDX-License-Identifier: MIT */
/* UTF-8, the characters that may stand in a text, and what reaches a terminal. */
#include "app/message/text.h"

#include "app/message/utf8.h"
#include "tests/test.h"
#include "tests/text_shown.h"

static size_t decode(const char *s, uint32_t *character)
{
    return utf8_decode(character, (const uint8_t *)s, strlen(s));
}

static void test_utf8_reads_each_length_at_its_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t character;
    } good[] = {{"\x01", 1},
                {"\x7f", 0x7f},
                {"\xc2\x80", 0x80},
                {"\xdf\xbf", 0x7ff},
                {"\xe0\xa0\x80", 0x800},
                {"\xed\x9f\xbf", 0xd7ff},
                {"\xee\x80\x80", 0xe000},
                {"\xef\xbf\xbf", 0xffff},
                {"\xf0\x90\x80\x80", 0x10000},
                {"\xf4\x8f\xbf\xbf", 0x10ffff}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint32_t c = 0;
        assert_int_equal(decode(good[i].bytes, &c), strlen(good[i].bytes));
        assert_int_equal(c, good[i].character);
    }
}

static void test_utf8_refuses_every_malformed_kind(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {
        "\x80", "\xbf",                                        /* no first byte */
        "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", /* overlong */
        "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf",                        /* surrogates */
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xfe", /* too large */
        "\xc3", "\xe2\x82", "\xf0\x9f\x98",                    /* cut off */
        "\xc3(", "\xe2\x82(", "\xe2(\xa1", "\xf0\x9f\x98(",    /* a following byte that isn't one */
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t c = 7;
        assert_int_equal(decode(bad[i], &c), 0);
        assert_int_equal(c, 7);
    }
}

static void test_utf8_looks_at_no_byte_beyond_the_end(void **state)
{
    (void)state;
    static const char *const whole[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        for (size_t len = 1; len < strlen(whole[i]); len++) {
            uint32_t c = 7;
            assert_int_equal(utf8_decode(&c, (const uint8_t *)whole[i], len), 0);
            assert_int_equal(c, 7);
        }
}

static void test_every_control_and_turning_character_is_refused(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0xa0; c++)
        assert_int_equal(text_allows(c), (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n');
    static const uint32_t turning[] = {0x61c,  0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b,
                                       0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069};
    for (size_t i = 0; i < sizeof turning / sizeof *turning; i++)
        assert_false(text_allows(turning[i]));
    static const uint32_t fine[] = {0xa0, 0xe4, 0x61b, 0x61d, 0x200d, 0x2010, 0x2027, 0x202f, 0x2065, 0x206a, 0x1f600};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_true(text_allows(fine[i]));
}

static void test_length_bounds(void **state)
{
    (void)state;
    char text[TEXT_MAX_LEN + 1];
    memset(text, 'x', sizeof text);
    assert_false(text_valid(text, 0));
    assert_true(text_valid(text, 1));
    assert_true(text_valid(text, TEXT_MAX_LEN));
    assert_false(text_valid(text, TEXT_MAX_LEN + 1));
    assert_true(text_valid_up_to(text, 0, 10));
    assert_true(text_valid_up_to(text, 10, 10));
    assert_false(text_valid_up_to(text, 11, 10));
    text[TEXT_MAX_LEN - 1] = '\x1b';
    assert_false(text_valid(text, TEXT_MAX_LEN));
    assert_true(text_valid("a\tb\nc", 5));
    assert_false(text_valid("a\0b", 3));
    assert_false(text_valid("gr\xc3", 3));
}

static void check_shown(const char *in, size_t in_len, const char *expected)
{
    char out[256];
    size_t len = text_shown(out, sizeof out, in, in_len);
    assert_string_equal(out, expected);
    assert_int_equal(len, strlen(expected));
}

#define R "\xef\xbf\xbd"

static void test_show_leaves_nothing_that_a_terminal_obeys(void **state)
{
    (void)state;
    check_shown("", 0, "");
    check_shown("gr\xc3\xbc\xc3\x9f dich\t!", 13, "gr\xc3\xbc\xc3\x9f dich\t!");
    check_shown("\x1b[2J\x1b]0;title\x07", 14, R "[2J" R "]0;title" R);
    check_shown("\xc2\x9b"
                "31m",
                5, R "31m"); /* C1: one character, CSI */
    check_shown("\x9b"
                "31m",
                4, R "31m"); /* the same as a bare byte */
    check_shown("a\r[lobby] bob: b", 16, "a" R "[lobby] bob: b");
    check_shown("a\n[lobby] bob: b", 16, "a\xe2\x8f\x8e[lobby] bob: b");
    check_shown("\xe2\x80\xae"
                "evil",
                7, R "evil");
    check_shown("a\0b", 3, "a" R "b");
    check_shown("\xe2\x82", 2, R R);              /* cut off: each byte by itself */
    check_shown("\xe2\x82\x1b[m", 5, R R R "[m"); /* a broken character does not swallow what follows */
}

static const char *in_ascii(const char *text)
{
    static char out[400];
    size_t at = 0, len = strlen(text);
    for (size_t i = 0; i < len;) {
        struct text_glyph glyph;
        size_t n = text_take(&glyph, text + i, len - i, true);
        assert_in_range(n, 1, len - i);
        assert_int_equal(glyph.len, strlen(glyph.bytes));
        memcpy(out + at, glyph.bytes, glyph.len + 1);
        at += glyph.len;
        i += n;
    }
    return out;
}

static void test_without_utf8_nothing_but_ascii(void **state)
{
    (void)state;
    assert_string_equal(in_ascii("\xc3\x9b[2J"), "\\u{db}[2J"); /* C3 9B: a terminal that obeys bytes sees CSI */
    assert_string_equal(in_ascii("\xe2\x9b\x9b \xf4\x8f\xbf\xbf"), "\\u{26db} \\u{10ffff}");
    assert_string_equal(in_ascii("a\tb~\x7f\x1b\n"), "a\tb~\\u{7f}\\u{1b}\\u{a}");
    assert_string_equal(in_ascii("\x9b\xc2\x9b\xe2\x80\xae"), "\\u{fffd}\\u{9b}\\u{202e}");
    for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 251) {
        char bytes[5] = {0};
        struct text_glyph glyph;
        if (c >= 0xd800 && c < 0xe000)
            continue;
        size_t n = utf8_encode(bytes, c);
        assert_int_equal(text_take(&glyph, bytes, n, true), n);
        for (size_t i = 0; i < glyph.len; i++)
            assert_true(glyph.bytes[i] == '\t' || (glyph.bytes[i] >= ' ' && glyph.bytes[i] <= '~'));
    }
}

/* What is shown says what was there: two texts never look the same. */
static void test_nobody_can_forge_a_number(void **state)
{
    (void)state;
    assert_string_equal(in_ascii("\\u{db}"), "\\u{5c}u{db}");
    assert_string_equal(in_ascii("\\\\u{db}"), "\\\\u{5c}u{db}");
    assert_string_equal(in_ascii("\\u\xc3\x9b"), "\\u\\u{db}");
    assert_string_equal(in_ascii("C:\\users \\u \\"), "C:\\users \\u \\");
    assert_string_equal(in_ascii("\\u\\u{"), "\\u\\u{5c}u{");
}

static void test_utf8_writes_what_it_reads(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char bytes[4];
        uint32_t back = 7;
        size_t n = utf8_encode(bytes, c);
        if (c >= 0xd800 && c < 0xe000)
            continue;
        assert_int_equal(utf8_decode(&back, (const uint8_t *)bytes, n), n);
        assert_int_equal(back, c);
    }
}

static void test_show_needs_no_more_room_than_promised(void **state)
{
    (void)state;
    uint8_t worst[100];
    char out[TEXT_SHOWN_LEN(sizeof worst)];
    memset(worst, 0x1b, sizeof worst);
    assert_int_equal(text_shown(out, sizeof out, worst, sizeof worst), sizeof out - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_reads_each_length_at_its_bounds),
        cmocka_unit_test(test_utf8_refuses_every_malformed_kind),
        cmocka_unit_test(test_utf8_looks_at_no_byte_beyond_the_end),
        cmocka_unit_test(test_every_control_and_turning_character_is_refused),
        cmocka_unit_test(test_length_bounds),
        cmocka_unit_test(test_show_leaves_nothing_that_a_terminal_obeys),
        cmocka_unit_test(test_without_utf8_nothing_but_ascii),
        cmocka_unit_test(test_nobody_can_forge_a_number),
        cmocka_unit_test(test_utf8_writes_what_it_reads),
        cmocka_unit_test(test_show_needs_no_more_room_than_promised),
    };
    return RUN(tests);
}
