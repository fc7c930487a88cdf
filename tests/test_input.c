/* SPDX-License-Identifier: MIT */
/* net/input: files, folders, and pipes whose writers come late, write in parts, or leave. The wait for a
 * writer that never comes is in tests/integration/test_waiting.py. */
#include "net/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

static char path[4096];

static const char *in_scratch(void **state, const char *name)
{
    snprintf(path, sizeof path, "%s/%s", scratch_path(state), name);
    return path;
}

static void check_read(const char *name, size_t cap, bool line, const char *expected)
{
    char out[100];
    int fd = input_open(name);
    assert_true(fd >= 0 && cap <= sizeof out);
    ssize_t len = input_read(fd, out, cap, line);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, (size_t)len);
    close(fd);
}

static void test_files(void **state)
{
    scratch_write(state, "file", "one\ntwo\n", 8);
    check_read(in_scratch(state, "file"), 100, false, "one\ntwo\n");
    check_read(in_scratch(state, "file"), 2, true, "on");
    scratch_write(state, "empty", "", 0);
    check_read(in_scratch(state, "empty"), 100, true, "");
    check_read("/dev/null", 100, false, "");
    assert_int_equal(input_open(in_scratch(state, "none")), -1);
    assert_string_equal(input_why(errno), "No such file or directory");
    assert_int_equal(input_open(scratch_path(state)), -1);
    assert_string_equal(input_why(errno), "it is a folder: name a file");
}

/* A child opens the pipe once there is a reader, writes the parts, and stays until told to end, or is gone. */
static void check_pipe(void **state, bool stays, const char *const *parts, bool line, const char *expected)
{
    int done[2];
    assert_int_equal(mkfifo(in_scratch(state, "pipe"), 0600), 0);
    assert_int_equal(pipe(done), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char end;
        close(done[1]);
        int fd = open(path, O_WRONLY);
        for (; *parts != NULL; parts++)
            if (write(fd, *parts, strlen(*parts)) < 0 || usleep(1000) != 0)
                _exit(1);
        _exit(stays ? (int)read(done[0], &end, 1) : 0);
    }
    check_read(path, 100, line, expected);
    close(done[0]);
    close(done[1]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(unlink(path), 0);
}

static void test_pipes(void **state)
{
    check_pipe(state, false, (const char *const[]){"on", "e\nt", "wo", NULL}, false, "one\ntwo");
    check_pipe(state, true, (const char *const[]){"on", "e\n", NULL}, true, "one\n");
    check_pipe(state, false, (const char *const[]){NULL}, false, "");
}

/* As a shell hands over what has ended already: opened once more by its name, it has no writer and never had one. */
static void test_a_writer_that_is_gone(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "one\n", 4), 4);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    check_read(path, 100, false, "one\n");
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_files, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_pipes, scratch_make, scratch_remove),
        cmocka_unit_test(test_a_writer_that_is_gone),
    };
    return RUN(tests);
}
