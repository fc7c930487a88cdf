/* SPDX-License-Identifier: MIT */
/* The log, read back through a pipe in place of stderr: lines as they are documented, whatever the values say. */
#include "app/server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

#define PIPE_ROOM 65536 /* what a pipe holds on Linux: no test logs more before it reads */

struct pipe_log {
    int ends[2], stderr_fd;
};

static int open_pipe(void **state)
{
    static struct pipe_log p;
    assert_int_equal(pipe(p.ends), 0);
    p.stderr_fd = dup(STDERR_FILENO);
    assert_true(p.stderr_fd >= 0);
    log_set_level(LOG_INFO);
    log_set_format(LOG_TEXT);
    *state = &p;
    return 0;
}

static int close_pipe(void **state)
{
    struct pipe_log *p = *state;
    close(p->ends[0]);
    close(p->ends[1]);
    close(p->stderr_fd);
    return 0;
}

static void log_to_pipe(const struct pipe_log *p)
{
    assert_true(dup2(p->ends[1], STDERR_FILENO) >= 0);
}

/* Ends the logging, and returns what was logged since log_to_pipe; a last byte that we write ourselves ends the
 * reading. */
static char *logged(const struct pipe_log *p)
{
    static char text[PIPE_ROOM];
    size_t len = 0;
    assert_true(dup2(p->stderr_fd, STDERR_FILENO) >= 0);
    assert_int_equal(write(p->ends[1], "", 1), 1);
    do {
        ssize_t n = read(p->ends[0], text + len, sizeof text - len);
        assert_true(n > 0);
        len += (size_t)n;
    } while (text[len - 1] != '\0');
    return text;
}

/* The line without its time, whose form is checked. */
static const char *after_time(const char *line)
{
    regex_t iso;
    assert_int_equal(
        regcomp(&iso, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z ", REG_EXTENDED | REG_NOSUB), 0);
    assert_int_equal(regexec(&iso, line, 0, NULL, 0), 0);
    regfree(&iso);
    return line + strlen("2026-11-21T07:43:12Z ");
}

static void assert_logs(void **state, const char *value, const char *shown)
{
    char expected[LOG_LINE_MAX];
    log_to_pipe(*state);
    log_event(LOG_WARN, "event", "key", value, "after", "x", NULL);
    snprintf(expected, sizeof expected, "warn event key=%s after=x\n", shown);
    assert_string_equal(after_time(logged(*state)), expected);
}

static void test_plain_values_stand_as_they_are(void **state)
{
    assert_logs(state, "alice", "alice");
    assert_logs(state, "[2001:db8::1]:443", "[2001:db8::1]:443");
    log_to_pipe(*state);
    log_event(LOG_ERROR, "alone", NULL);
    assert_string_equal(after_time(logged(*state)), "error alone\n");
}

static void test_strangers_values_are_quoted(void **state)
{
    assert_logs(state, "", "\"\"");
    assert_logs(state, "a b", "\"a b\"");
    assert_logs(state, "a=b", "\"a=b\"");
    assert_logs(state, "a\"b", "\"a\\\"b\"");
    assert_logs(state, "a\\b", "\"a\\\\b\"");
    assert_logs(state, "x\n2026-11-21T07:43:12Z info login user=root",
                "\"x\\x0a2026-11-21T07:43:12Z info login user=root\"");
    assert_logs(state, "\" user=root", "\"\\\" user=root\"");
    assert_logs(state, "\x1b[2J", "\"\\x1b[2J\"");
    assert_logs(state, "\xc3\xa4\x7f\xff", "\"\\xc3\\xa4\\x7f\\xff\"");
}

/* Every byte: no value can end its line or its quotes, or start a field. */
static void test_every_byte_is_contained(void **state)
{
    for (int c = 1; c < 256; c++) {
        const char value[] = {(char)c, '\0'};
        log_to_pipe(*state);
        log_event(LOG_INFO, "event", "key", value, NULL);
        const char *line = after_time(logged(*state));
        size_t len = strlen(line);
        assert_true(strncmp(line, "info event key=", 15) == 0 && line[len - 1] == '\n');
        for (size_t i = 0; i < len - 1; i++)
            assert_true(line[i] >= ' ' && line[i] <= '~');
        int alone = len == 17;
        assert_true(alone ? line[15] == c && c != ' ' && c != '"' && c != '='
                          : line[15] == '"' && line[len - 2] == '"');
    }
}

static void test_long_values_and_lines_are_cut(void **state)
{
    char value[LOG_VALUE_MAX + 2], shown[LOG_VALUE_MAX + 4];
    memset(value, 'v', sizeof value);
    value[LOG_VALUE_MAX] = '\0';
    assert_logs(state, value, value);
    value[LOG_VALUE_MAX] = 'v';
    value[LOG_VALUE_MAX + 1] = '\0';
    snprintf(shown, sizeof shown, "%.*s...", LOG_VALUE_MAX, value);
    assert_logs(state, value, shown);

    memset(value, '\n', LOG_VALUE_MAX);
    log_to_pipe(*state);
    log_event(LOG_INFO, "event", "a", value, "b", value, "c", value, NULL);
    const char *line = logged(*state);
    assert_int_equal(strlen(line), LOG_LINE_MAX);
    assert_ptr_equal(strchr(line, '\n'), line + LOG_LINE_MAX - 1);
}

static void test_levels(void **state)
{
    enum log_level level = LOG_INFO;
    static const char *const names[] = {"error", "warn", "info", "debug"};
    for (int set = LOG_ERROR; set <= LOG_DEBUG; set++) {
        assert_int_equal(log_level_by_name(&level, names[set]), 0);
        assert_int_equal(level, set);
        log_set_level(level);
        log_to_pipe(*state);
        for (int of = LOG_ERROR; of <= LOG_DEBUG; of++)
            log_event((enum log_level)of, "event", NULL);
        int lines = 0;
        for (const char *p = logged(*state); (p = strchr(p, '\n')) != NULL; p++)
            lines++;
        assert_int_equal(lines, set + 1);
    }
    level = LOG_WARN;
    assert_int_equal(log_level_by_name(&level, "Info"), -1);
    assert_int_equal(log_level_by_name(&level, ""), -1);
    assert_int_equal(level, LOG_WARN);
}

static void test_numbers(void **state)
{
    (void)state;
    char text[LOG_NUMBER_MAX];
    assert_string_equal(log_number(text, 0), "0");
    assert_string_equal(log_number(text, UINT64_MAX), "18446744073709551615");
}

/* Lines of threads that log at the same time do not mix. */
static void *log_much(void *arg)
{
    for (int i = 0; i < 100; i++)
        log_event(LOG_INFO, "event", "user", arg, NULL);
    return NULL;
}

static void test_threads_lines_do_not_mix(void **state)
{
    static char names[4][64];
    pthread_t threads[4];
    log_to_pipe(*state);
    for (int i = 0; i < 4; i++) {
        memset(names[i], 'a' + i, sizeof names[i] - 1);
        assert_int_equal(pthread_create(&threads[i], NULL, log_much, names[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    int lines = 0;
    for (char *save, *line = strtok_r(logged(*state), "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        const char *name = after_time(line) + strlen("info event user=");
        assert_int_equal(strspn(name, (char[]){name[0], '\0'}), sizeof names[0] - 1);
        assert_int_equal(strlen(name), sizeof names[0] - 1);
        lines++;
    }
    assert_int_equal(lines, 400);
}

/* A reader that stops reading the log stops no writer, and is later told how much it missed. */
static void test_a_log_that_nobody_reads(void **state)
{
    struct pipe_log *p = *state;
    static char read_later[2 * PIPE_ROOM];
    char missed[LOG_LINE_MAX], value[LOG_VALUE_MAX + 1] = {0};
    int lines = 2 * PIPE_ROOM / LOG_VALUE_MAX, written = 0;
    memset(value, 'v', LOG_VALUE_MAX);
    log_to_pipe(p);
    for (int i = 0; i < lines; i++)
        log_event(LOG_WARN, "event", "key", value, NULL);
    ssize_t len = read(p->ends[0], read_later, sizeof read_later);
    for (ssize_t i = 0; i < len; i++)
        written += read_later[i] == '\n';
    assert_in_range(written, 1, lines - 1);
    log_event(LOG_WARN, "again", NULL);
    snprintf(missed, sizeof missed, "error lines were left out here: the log took no more lines=%d\n", lines - written);
    char *text = logged(p);
    assert_ptr_equal(strstr(text, missed), after_time(text));
    assert_string_equal(after_time(strchr(text, '\n') + 1), "warn again\n");
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void assert_logs_json(void **state, const char *value, const char *shown)
{
    static const char time_form[] = "^\\{\"time\":\"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z\",";
    char expected[2 * LOG_LINE_MAX];
    regex_t iso;
    assert_int_equal(regcomp(&iso, time_form, REG_EXTENDED | REG_NOSUB), 0);
    log_to_pipe(*state);
    log_set_format(LOG_JSON);
    log_event(LOG_WARN, "event", "key", value, "after", "x", NULL);
    log_set_format(LOG_TEXT);
    const char *line = logged(*state);
    assert_int_equal(regexec(&iso, line, 0, NULL, 0), 0);
    regfree(&iso);
    snprintf(expected, sizeof expected, "\"level\":\"warn\",\"event\":\"event\",\"key\":\"%s\",\"after\":\"x\"}\n",
             shown);
    assert_string_equal(line + strlen("{\"time\":\"2026-11-21T07:43:12Z\","), expected);
}

static void test_json(void **state)
{
    assert_logs_json(state, "alice", "alice");
    assert_logs_json(state, "", "");
    assert_logs_json(state, "a b=c/d", "a b=c/d");
    assert_logs_json(state, "\",\"user\":\"root", "\\\",\\\"user\\\":\\\"root");
    assert_logs_json(state, "a\\", "a\\\\");
    assert_logs_json(state, "x\n{}\x1b\x7f", "x\\u000a{}\\u001b\\u007f");
    assert_logs_json(state, "\xc3\xa4\xe2\x80\xae", "\\u00e4\\u202e");
    assert_logs_json(state, "\xf0\x9f\x99\x82", "\\ud83d\\ude42"); /* U+1F642 */
    assert_logs_json(state, "\xf4\x8f\xbf\xbf", "\\udbff\\udfff");
    assert_logs_json(state, "\xff\xc3(\xed\xa0\x80", "\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd");
}

/* A line that would be too long loses whole fields, and stays JSON. */
static void test_json_that_is_too_long(void **state)
{
    char value[LOG_VALUE_MAX + 1] = {0}, expected[LOG_LINE_MAX];
    memset(value, '\n', LOG_VALUE_MAX); /* six bytes each */
    for (int pad = 0; pad < 40; pad++) {
        char filler[512] = {0};
        memset(filler, 'f', LOG_VALUE_MAX - (size_t)pad);
        log_to_pipe(*state);
        log_set_format(LOG_JSON);
        log_event(LOG_INFO, "event", "a", value, "b", filler, "c", filler, "d", "x", NULL);
        log_set_format(LOG_TEXT);
        const char *line = logged(*state);
        size_t len = strlen(line);
        snprintf(expected, sizeof expected, ",\"b\":\"%s\",\"cut\":true}\n", filler);
        assert_in_range(len, strlen(expected), LOG_LINE_MAX);
        assert_string_equal(line + len - strlen(expected), expected);
    }
}

/* --- A file ------------------------------------------------------------------------------------------------------- */

static int make_file(void **state)
{
    char path[300];
    log_set_level(LOG_INFO);
    log_set_format(LOG_TEXT);
    if (scratch_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    return log_open(path);
}

static int remove_file(void **state)
{
    log_close();
    return scratch_remove(state);
}

static void assert_file(void **state, const char *file, const char *const events[], size_t n)
{
    size_t len, i = 0;
    char *text = scratch_read(state, file, &len), *save;
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        assert_true(i < n);
        assert_string_equal(after_time(line), events[i++]);
    }
    assert_int_equal(i, n);
    free(text);
}

static void test_a_file_that_is_renamed_away(void **state)
{
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    log_event(LOG_INFO, "one", NULL);
    assert_int_equal(renameat(scratch_fd(state), "log", scratch_fd(state), "log.1"), 0);
    log_event(LOG_INFO, "two", NULL);
    assert_int_equal(log_reopen(path), 0);
    log_event(LOG_INFO, "three", NULL);
    assert_int_equal(log_reopen(path), 0); /* appends */
    log_event(LOG_INFO, "four", NULL);
    assert_file(state, "log.1", (const char *[]){"info one", "info two"}, 2);
    assert_file(state, "log", (const char *[]){"info three", "info four"}, 2);
}

static void test_a_file_that_can_not_be_reopened(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/gone/log", scratch_path(state));
    assert_int_equal(log_reopen(path), -1);
    assert_int_equal(errno, ENOENT);
    log_event(LOG_INFO, "goes on", NULL);
    assert_file(state, "log", (const char *[]){"info goes on"}, 1);
    log_close();
    assert_int_equal(log_open(path), -1);
}

static atomic_bool over;

static void *log_until_over(void *arg)
{
    unsigned *lines = arg;
    for (*lines = 0; !atomic_load(&over); ++*lines)
        log_event(LOG_INFO, "event", NULL);
    return NULL;
}

/* No line is lost, and none goes elsewhere, while a file takes another's place. */
static void test_reopening_under_threads_that_log(void **state)
{
    pthread_t threads[2];
    unsigned lines[2];
    char path[300], aside[32];
    size_t found = 0, len;
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    atomic_store(&over, false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_until_over, &lines[i]), 0);
    for (int i = 0; i < 50; i++) {
        snprintf(aside, sizeof aside, "log.%d", i);
        assert_int_equal(renameat(scratch_fd(state), "log", scratch_fd(state), aside), 0);
        assert_int_equal(log_reopen(path), 0);
    }
    atomic_store(&over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i <= 50; i++) {
        snprintf(aside, sizeof aside, i < 50 ? "log.%d" : "log", i);
        char *text = scratch_read(state, aside, &len);
        for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
            found++;
        free(text);
    }
    assert_int_equal(found, lines[0] + lines[1]);
}

/* Lines lost to a full disk are counted, and their number is logged once there is room. (/dev/full is such a disk.) */
static void test_a_disk_that_is_full(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(log_reopen("/dev/full"), 0);
    log_event(LOG_INFO, "one", NULL);
    log_event(LOG_INFO, "two", NULL);
    assert_int_equal(log_reopen(path), 0);
    log_event(LOG_INFO, "three", NULL);
    assert_file(state, "log",
                (const char *[]){"error lines were left out here: the log took no more lines=2", "info three"}, 2);
}

/* A disk that fills up in the middle of a line (here: a file that may grow by ten more bytes). */
static void test_half_a_line(void **state)
{
    struct rlimit free_to_grow, ten_more;
    struct stat st;
    signal(SIGXFSZ, SIG_IGN);
    log_event(LOG_INFO, "one", NULL);
    assert_int_equal(fstatat(scratch_fd(state), "log", &st, 0), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &free_to_grow), 0);
    ten_more = (struct rlimit){(rlim_t)st.st_size + 10, free_to_grow.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &ten_more), 0);
    log_event(LOG_INFO, "two", NULL);
    log_event(LOG_INFO, "three", NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &free_to_grow), 0);
    log_event(LOG_INFO, "four", NULL);
    size_t len;
    char *text = scratch_read(state, "log", &len), *half = strchr(text, '\n') + 1, *rest = strchr(half, '\n');
    assert_int_equal(rest - half, 10);
    char *missed = rest + 1, *four = strchr(missed, '\n') + 1;
    four[-1] = '\0';
    assert_string_equal(after_time(missed), "error lines were left out here: the log took no more lines=2");
    assert_string_equal(after_time(four), "info four\n");
    free(text);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make_file, remove_file)
#define WITH_PIPE(test) cmocka_unit_test_setup_teardown(test, open_pipe, close_pipe)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PIPE(test_plain_values_stand_as_they_are),
        WITH_PIPE(test_strangers_values_are_quoted),
        WITH_PIPE(test_every_byte_is_contained),
        WITH_PIPE(test_long_values_and_lines_are_cut),
        WITH_PIPE(test_levels),
        cmocka_unit_test(test_numbers),
        WITH_PIPE(test_a_log_that_nobody_reads),
        WITH_PIPE(test_threads_lines_do_not_mix),
        WITH_PIPE(test_json),
        WITH_PIPE(test_json_that_is_too_long),
        WITH_FILE(test_a_file_that_is_renamed_away),
        WITH_FILE(test_a_file_that_can_not_be_reopened),
        WITH_FILE(test_reopening_under_threads_that_log),
        WITH_FILE(test_a_disk_that_is_full),
        WITH_FILE(test_half_a_line),
    };
    return RUN(tests);
}
