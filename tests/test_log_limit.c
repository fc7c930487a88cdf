/* SPDX-License-Identifier: MIT */
/* app/server/base/log_limit: how much of a flood of lines is logged, and that the rest is all counted, and in time. */
#include "app/server/base/log_limit.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/server/base/log.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define START INT64_C(1000000)

static int open_log(void **state)
{
    char path[300];
    if (scratch_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    log_set_level(LOG_INFO);
    log_set_format(LOG_TEXT);
    return log_open(path);
}

static int close_log(void **state)
{
    log_close();
    return scratch_remove(state);
}

/* The log, each line without its time, is as expected. */
static void assert_log(void **state, const char *expected)
{
    size_t len, time_len = strlen("2026-11-21T07:43:12Z ");
    char *text = scratch_read(state, "log", &len), *save, said[1000] = "";
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        assert_true(strlen(line) > time_len);
        strcat(strcat(said, line + time_len), "\n");
    }
    assert_string_equal(said, expected);
    free(text);
}

/* How many of so many lines at once are logged. */
static unsigned logged(struct log_limit *q, enum log_limit_kind kind, unsigned lines, int64_t now)
{
    unsigned n = 0;
    while (lines-- > 0)
        n += log_limit_allows(q, kind, now);
    return n;
}

static void test_a_burst_and_then_some_a_second(void **state)
{
    (void)state;
    struct log_limit q = {0};
    assert_int_equal(logged(&q, LOG_LIMIT_FAILED, 100000, START), LOG_LIMIT_BURST);
    unsigned n = 0;
    for (int64_t now = START + 1; now <= START + 10000; now++)
        n += logged(&q, LOG_LIMIT_FAILED, 10, now);
    assert_int_equal(n, 10000 / LOG_LIMIT_EACH_MS);
    assert_int_equal(logged(&q, LOG_LIMIT_FAILED, 100000, 2 * START), LOG_LIMIT_BURST); /* after a long quiet */
}

static void test_no_kind_is_left_out_for_another(void **state)
{
    (void)state;
    struct log_limit q = {0};
    for (int kind = 0; kind < LOG_LIMIT_KINDS_LEN; kind++)
        assert_int_equal(logged(&q, (enum log_limit_kind)kind, 2 * LOG_LIMIT_BURST, START), LOG_LIMIT_BURST);
}

/* Even if nothing more happens. */
static void test_what_is_left_out_is_told_in_time(void **state)
{
    struct log_limit q = {0};
    assert_int_equal(log_limit_wait(&q, START, -1), -1);
    logged(&q, LOG_LIMIT_STRANGERS, LOG_LIMIT_BURST, START);
    assert_int_equal(log_limit_wait(&q, START, -1), -1);
    logged(&q, LOG_LIMIT_STRANGERS, 7, START);
    assert_int_equal(log_limit_wait(&q, START, -1), LOG_LIMIT_TELL_MS);
    assert_int_equal(log_limit_wait(&q, START, 5), 5);
    logged(&q, LOG_LIMIT_STRANGERS, 5, START + 20);
    assert_int_equal(log_limit_wait(&q, START + 20, LOG_LIMIT_TELL_MS), LOG_LIMIT_TELL_MS - 20);
    log_limit_tell(&q, START + LOG_LIMIT_TELL_MS - 1);
    assert_log(state, "");
    assert_int_equal(log_limit_wait(&q, START + 2 * LOG_LIMIT_TELL_MS, -1), 0);
    log_limit_tell(&q, START + LOG_LIMIT_TELL_MS);
    log_limit_tell(&q, START + 9 * LOG_LIMIT_TELL_MS); /* once */
    assert_log(state, "info lines left out about=\"strangers who left\" lines=12\n");
    assert_int_equal(log_limit_wait(&q, START + 9 * LOG_LIMIT_TELL_MS, -1), -1);
}

static void test_at_the_end_all_is_told(void **state)
{
    struct log_limit q = {0};
    logged(&q, LOG_LIMIT_STRANGERS, LOG_LIMIT_BURST + 3, START);
    logged(&q, LOG_LIMIT_FAILED, LOG_LIMIT_BURST + 4, START);
    logged(&q, LOG_LIMIT_CONNECTS, LOG_LIMIT_BURST + 5, START); /* at a level that is not logged; nor is how many */
    log_limit_tell_all(&q);
    log_limit_tell_all(&q);
    assert_log(state, "info lines left out about=\"strangers who left\" lines=3\n"
                      "warn lines left out about=\"logins and changes that failed\" lines=4\n");
}

#define WITH_LOG(test) cmocka_unit_test_setup_teardown(test, open_log, close_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_and_then_some_a_second),
        cmocka_unit_test(test_no_kind_is_left_out_for_another),
        WITH_LOG(test_what_is_left_out_is_told_in_time),
        WITH_LOG(test_at_the_end_all_is_told),
    };
    return RUN(tests);
}
