/* SPDX-License-Identifier: MIT */
/* Each mutant of the list can be applied to its file, and changes the one line that it names. */
#include "app/workbench/attacks/mutant.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

#define TEXT_MAX (1 << 20)

static char list[TEXT_MAX], text[TEXT_MAX], broken[TEXT_MAX + MUTANT_FIELD_MAX];

static size_t read_text(char out[static TEXT_MAX], const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t len = fread(out, 1, TEXT_MAX, f);
    assert_true(len < TEXT_MAX);
    fclose(f);
    return len;
}

/* How many lines differ; *line is the last one. */
static size_t lines_that_differ(size_t *line, const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t differ = 0, number = 1;
    const char *a_end = a + a_len, *b_end = b + b_len;
    for (; a < a_end && b < b_end; number++) {
        size_t a_line = (size_t)((const char *)memchr(a, '\n', (size_t)(a_end - a)) - a) + 1;
        size_t b_line = (size_t)((const char *)memchr(b, '\n', (size_t)(b_end - b)) - b) + 1;
        if (a_line != b_line || memcmp(a, b, a_line) != 0) {
            differ++;
            *line = number;
        }
        a += a_line;
        b += b_line;
    }
    return differ + (a != a_end || b != b_end);
}

static void test_the_list(void **state)
{
    (void)state;
    struct mutant m;
    size_t list_len = read_text(list, "tests/mutants/list.txt"), fit = 0;
    for (size_t at = 0; mutant_next(&m, list, list_len, &at);) {
        size_t text_len = read_text(text, m.file), len, line, seen = 0;
        assert_int_equal(mutant_apply(&m, &line, broken, &len, text, text_len), 0);
        assert_int_equal(lines_that_differ(&seen, text, text_len, broken, len), 1);
        assert_int_equal(line, seen);
        fit += mutant_fits(&m);
    }
    assert_true(fit > 50);
}

static struct mutant read_one(const char *lines)
{
    struct mutant m;
    size_t at = 0;
    assert_true(mutant_next(&m, lines, strlen(lines), &at));
    return m;
}

static int apply(const struct mutant *m, const char *file)
{
    size_t line, len;
    int result = mutant_apply(m, &line, broken, &len, file, strlen(file));
    broken[result == 0 ? len : 0] = '\0';
    return result == 0 ? (int)line : -1;
}

static void test_applying(void **state)
{
    (void)state;
    struct mutant m = read_one(
        "name  = a\nfile  = net/b.c\nfrom  = x = 1;\nto    = x = 2;\nwhat  = c\ntests = t\n\nname");
    assert_string_equal(m.file, "net/b.c");
    assert_true(mutant_fits(&m));
    assert_int_equal(apply(&m, "a\n  \tx = 1; \nb\n"), 2);
    assert_string_equal(broken, "a\n  \tx = 2;\nb\n");
    assert_int_equal(apply(&m, "x = 1;"), 1); /* the last line may have no end */
    assert_string_equal(broken, "x = 2;");
    assert_int_equal(apply(&m, ""), -1);
    assert_int_equal(apply(&m, "x = 1;y\nx = 1\nax = 1;\n"), -1);
    assert_int_equal(apply(&m, "x = 1;\nx = 1;\n"), -1);
}

/* Of other folders, not whole, with a line too long: none of these is given out. */
static void test_fitting(void **state)
{
    (void)state;
    char lines[2 * MUTANT_FIELD_MAX + 64], longest[MUTANT_FIELD_MAX + 1];
    struct mutant m = read_one("name = a\nfile = app/b.c\nfrom = x\nto = y\nwhat = c\ntests = t");
    assert_false(mutant_fits(&m));
    m = read_one("name = a\nfile = crypto/b.c\nfrom = x\nto =\nwhat = c\ntests = t");
    assert_false(mutant_fits(&m));
    for (size_t len = MUTANT_FIELD_MAX - 1; len <= MUTANT_FIELD_MAX; len++) {
        memset(longest, 'x', len);
        longest[len] = '\0';
        snprintf(lines, sizeof lines, "name = a\nfile = crypto/b.c\nfrom = %s\nto = y\nwhat = c\ntests = t", longest);
        m = read_one(lines);
        assert_int_equal(mutant_fits(&m), len < MUTANT_FIELD_MAX);
    }
    size_t at = 0;
    assert_false(mutant_next(&m, "# nothing\n\n\n", 12, &at));
    assert_int_equal(at, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list),
        cmocka_unit_test(test_applying),
        cmocka_unit_test(test_fitting),
    };
    return RUN(tests);
}
