/* SPDX-License-Identifier: MIT */
/* One row of the server's status: encoded and read back, refused where it is none, and shown in few columns. */
#include "app/server/operator/status_row.h"

#include <stdlib.h>

#include "app/server/base/counters.h"
#include "net/err.h"
#include "tests/test.h"

static const struct status_row refused = {"refused", 3, true, "connections refused"};

static void test_there_and_back(void **state)
{
    (void)state;
    char line[STATUS_ROW_LINE_CAP];
    struct status_row r;
    status_row_encode(line, &refused);
    assert_string_equal(line, "refused 3 ! connections refused");
    assert_int_equal(status_row_decode(&r, line), 0);
    assert_string_equal(r.key, "refused");
    assert_string_equal(r.words, "connections refused");
    assert_true(r.n == 3 && r.unusual);
    assert_int_equal(status_row_decode(&r, "a_b 1234567890123456789 - x"), 0);
    assert_true(r.n == 1234567890123456789 && !r.unusual);
}

static void test_what_is_none(void **state)
{
    (void)state;
    struct status_row r = refused;
    static const char *const none[] = {
        "",           "ok",       "refused",    "refused ",        "refused 3",
        "refused 3 ", "a 3 ! ",   "a 3 !",      "a 3 !x",          "a 3 x y",
        "a  3 ! x",   "A 3 ! x",  "a b 3 ! x",  "a -3 ! x",        "a ! x",
        " 3 ! x",     "a 3! x",   "a\t3\t!\tx", "a 0x3 ! x",       "a 12345678901234567890 ! x",
        "a1 3 ! x",   "a 3  ! x", "a 3.5 ! x",  "error no server", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 3 ! x",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (status_row_decode(&r, none[i]) == 0)
            fail_msg("'%s' was taken", none[i]);
    char line[STATUS_ROW_LINE_CAP + 10] = "a 3 ! ";
    memset(line + 6, 'x', STATUS_ROW_WORDS_CAP);
    assert_int_equal(status_row_decode(&r, line), -1);
    assert_string_equal(r.words, refused.words); /* it is as it was */
    line[6 + STATUS_ROW_WORDS_CAP - 1] = '\0';
    assert_int_equal(status_row_decode(&r, line), 0);
}

static char shown[4][100];
static size_t lines;

static void keep(void *arg, const char *line)
{
    (void)arg;
    assert_true(lines < 4 && strlen(line) <= 79);
    strcpy(shown[lines++], line);
}

static void show(const struct status_row *r)
{
    lines = 0;
    status_row_show(r, keep, NULL);
}

static void test_how_it_is_shown(void **state)
{
    (void)state;
    show(&refused);
    assert_int_equal(lines, 1);
    assert_string_equal(shown[0], "!          3 connections refused");
    show(&(struct status_row){STATUS_ROW_CAUSE, 12, false, "it left"});
    assert_string_equal(shown[0], "          12 ended because it left");
}

static void test_a_long_one_is_broken_between_words(void **state)
{
    (void)state;
    struct status_row r = {.key = STATUS_ROW_CAUSE, .n = 1};
    snprintf(r.words, sizeof r.words, "%s", net_err_text(NET_ERR_RECORD));
    show(&r);
    assert_int_equal(lines, 2);
    assert_string_equal(shown[0], "           1 ended because a Record that does not open: it was changed,");
    assert_string_equal(shown[1], "               replayed, reordered or never ours");
    memset(r.words, 'x', sizeof r.words - 1); /* no blank anywhere */
    strcpy(r.key, "a");
    show(&r);
    assert_int_equal(lines, 3);
}

/* What the server counts fits in one line each. */
static void test_counters_have_few_words(void **state)
{
    (void)state;
#define FITS(field, what) assert_true(sizeof(what) - 1 <= 66 && sizeof #field <= STATUS_ROW_KEY_CAP);
    COUNTERS(FITS)
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),          cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_how_it_is_shown),         cmocka_unit_test(test_a_long_one_is_broken_between_words),
        cmocka_unit_test(test_counters_have_few_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
