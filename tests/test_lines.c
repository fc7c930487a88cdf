/* SPDX-License-Identifier: MIT */
/* Lines of a file that people edit. What they mean there: test_known.c, test_peers.c. */
#include "net/lines.h"

#include "tests/test.h"

static void test_each_line_is_there_with_its_end(void **state)
{
    static const char file[] = "one\n\n# two\r\n\r\n \nlast";
    static const struct {
        size_t len, without_end;
        bool says;
    } expected[] = {{4, 3, true}, {1, 0, false}, {7, 5, false}, {2, 0, false}, {2, 1, true}, {4, 4, true}};
    const char *text = file;
    size_t len = sizeof file - 1, n = 0;
    (void)state;
    for (struct lines_line l = {0}; lines_next(&text, &len, &l); n++) {
        assert_true(n < sizeof expected / sizeof *expected);
        assert_int_equal(l.number, n + 1);
        assert_int_equal(l.len, expected[n].len);
        assert_int_equal(lines_len(&l), expected[n].without_end);
        assert_int_equal(lines_says_something(&l), expected[n].says);
    }
    assert_int_equal(n, sizeof expected / sizeof *expected);
    assert_ptr_equal(text, file + sizeof file - 1);
    assert_int_equal(len, 0);
}

static void test_a_carriage_return_alone(void **state)
{
    const char *text = "\r";
    size_t len = 1;
    struct lines_line l = {0};
    (void)state;
    assert_true(lines_next(&text, &len, &l));
    assert_int_equal(lines_len(&l), 0);
    text = "a\r\r\n";
    len = 4;
    assert_true(lines_next(&text, &len, &l));
    assert_int_equal(lines_len(&l), 2); /* one of them belongs to the line */
}

static void test_a_byte_order_mark_is_passed_over(void **state)
{
    static const char marked[] = "\xef\xbb\xbf"
                                 "a\xef\xbb\xbf";
    (void)state;
    for (size_t cut = 0; cut < sizeof marked; cut++) {
        const char *text = marked;
        size_t len = cut;
        lines_skip_mark(&text, &len);
        assert_int_equal(text - marked, cut >= 3 ? 3 : 0);
        assert_int_equal(len, cut >= 3 ? cut - 3 : cut);
    }
    const char *text = marked + 3;
    size_t len = 4;
    lines_skip_mark(&text, &len);
    assert_int_equal(len, 4); /* elsewhere it means what it means */
}

/* What each program takes for the password in a file. */
static void test_the_first_line_is_the_same_whatever_wrote_the_file(void **state)
{
    static const char *const files[] = {"pass word",         "pass word\n",      "pass word\r\n",
                                        "pass word\r\nmore", "pass word\n\r\nx", "\xef\xbb\xbfpass word\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *text = files[i];
        assert_int_equal(lines_first(&text, strlen(text)), 9);
        assert_memory_equal(text, "pass word", 9);
    }
    for (size_t len = 0; len < 6; len++) { /* nothing but a mark and an end */
        const char *text = "\xef\xbb\xbf\r\n";
        assert_int_equal(lines_first(&text, len), len == 1 || len == 2 ? len : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_line_is_there_with_its_end),
        cmocka_unit_test(test_a_carriage_return_alone),
        cmocka_unit_test(test_a_byte_order_mark_is_passed_over),
        cmocka_unit_test(test_the_first_line_is_the_same_whatever_wrote_the_file),
    };
    return RUN(tests);
}
