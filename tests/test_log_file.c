/* SPDX-License-Identifier: MIT */
/* app/server/base/log_file: paths and links to what the server keeps, there or not yet. */
#include "app/server/base/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "tests/scratch.h"
#include "tests/test.h"

/* The data folder is in the scratch folder, and what is beside it too. */
static char data[200], beside[200];
static int data_fd;

static int set_up(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    snprintf(data, sizeof data, "%s/data", scratch_path(state));
    if (mkdir(data, 0700) != 0)
        return -1;
    data_fd = open(data, O_RDONLY | O_DIRECTORY);
    return data_fd < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    char path[250];
    static const char *const names[] = {"accounts", "codes", "server.key", "log", "codes.new"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", data, names[i]);
        (void)unlink(path);
    }
    close(data_fd);
    return rmdir(data) != 0 || scratch_remove(state) != 0 ? -1 : 0;
}

static const char *in_data(const char *name)
{
    static char path[250];
    snprintf(path, sizeof path, "%s/%s", data, name);
    return path;
}

static void make(const char *name)
{
    int fd = open(in_data(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "text\n", 5), 5);
    close(fd);
}

static off_t size_of(const char *name)
{
    struct stat st;
    return stat(in_data(name), &st) == 0 ? st.st_size : -1;
}

static void assert_refused(const char *path, const char *name)
{
    char why[WHY_LEN], expected[WHY_LEN];
    assert_int_equal(log_file_open(path, data_fd, why), -1);
    snprintf(expected, sizeof expected, "the log %s is the data folder's own %s; choose another --log-file", path,
             name);
    assert_string_equal(why, expected);
}

static void test_what_is_there(void **state)
{
    char path[250];
    make("accounts");
    make("codes.new");
    assert_refused(in_data("accounts"), "accounts");
    assert_refused(in_data("codes.new"), "codes.new");
    snprintf(path, sizeof path, "%s/../data/./accounts", data);
    assert_refused(path, "accounts");
    assert_int_equal(symlinkat(in_data("accounts"), scratch_fd(state), "link"), 0);
    snprintf(beside, sizeof beside, "%s/link", scratch_path(state));
    assert_refused(beside, "accounts");
    assert_int_equal(linkat(AT_FDCWD, in_data("accounts"), scratch_fd(state), "hard", 0), 0);
    snprintf(beside, sizeof beside, "%s/hard", scratch_path(state));
    assert_refused(beside, "accounts");
    assert_int_equal(size_of("accounts"), 5);
}

static void test_what_is_not_there_yet(void **state)
{
    assert_refused(in_data("server.key"), "server.key");
    assert_int_equal(size_of("server.key"), -1);
    assert_int_equal(symlinkat(in_data("codes"), scratch_fd(state), "dangling"), 0);
    snprintf(beside, sizeof beside, "%s/dangling", scratch_path(state));
    assert_refused(beside, "codes");
    assert_int_equal(size_of("codes"), -1);
}

static void test_others(void **state)
{
    char why[WHY_LEN];
    assert_int_equal(log_file_open(in_data("log"), data_fd, why), 0); /* a name that the server doesn't use */
    log_close();
    snprintf(beside, sizeof beside, "%s/accounts", scratch_path(state)); /* elsewhere that name means nothing */
    assert_int_equal(log_file_open(beside, data_fd, why), 0);
    log_event(LOG_ERROR, "a line", NULL);
    log_close();
    size_t len;
    char *text = scratch_read(state, "accounts", &len);
    assert_non_null(strstr(text, "error a line"));
    free(text);
    assert_int_equal(log_file_open("/no/such/folder/log", data_fd, why), -1);
    assert_non_null(strstr(why, "cannot open the log /no/such/folder/log: No such file"));
}

/* log_file_reopen then: lines go on in the old file, and into a new one once the link is gone. */
static void test_what_a_link_was_turned_to(void **state)
{
    char why[WHY_LEN];
    make("accounts");
    snprintf(beside, sizeof beside, "%s/log", scratch_path(state));
    assert_int_equal(log_file_open(beside, data_fd, why), 0);
    assert_int_equal(renameat(scratch_fd(state), "log", scratch_fd(state), "log.1"), 0);
    assert_int_equal(symlinkat(in_data("accounts"), scratch_fd(state), "log"), 0);
    assert_int_equal(log_file_reopen(beside, data_fd, why), -1);
    assert_non_null(strstr(why, "is the data folder's own accounts"));
    log_event(LOG_ERROR, "a line", NULL);
    assert_int_equal(size_of("accounts"), 5);
    assert_int_equal(unlinkat(scratch_fd(state), "log", 0), 0);
    assert_int_equal(log_file_reopen(beside, data_fd, why), 0);
    log_event(LOG_ERROR, "another", NULL);
    log_close();
    size_t len;
    char *text = scratch_read(state, "log.1", &len);
    assert_non_null(strstr(text, "error a line"));
    free(text);
    text = scratch_read(state, "log", &len);
    assert_non_null(strstr(text, "error another"));
    free(text);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_there),
        TEST(test_what_is_not_there_yet),
        TEST(test_others),
        TEST(test_what_a_link_was_turned_to),
    };
    return RUN(tests);
}
