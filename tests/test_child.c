/* SPDX-License-Identifier: MIT */
/* A program that can't be started is the machine's fault, and is not taken for what the program says. */
#include "app/workbench/check/child.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "app/workbench/check/box.h"
#include "tests/scratch.h"
#include "tests/test.h"

static const struct child_bounds bounds = {.cpu_seconds = 5, .file = 1 << 20};

/* Starts the program in a box that it may do most in. */
static int start(void **state, struct child *c, char *program)
{
    struct box box = {.kind = BOX_COMPILER, .scratch = scratch_path(state), .kit = scratch_path(state)};
    return child_start(c, (char *[]){program, NULL}, &bounds, &box);
}

/* Where the programs were made for another machine, execvp would have a shell read them. */
static void test_a_file_that_is_no_program(void **state)
{
    struct child c;
    char path[BOX_PATH_MAX];
    scratch_write(state, "program", "exit 7\n", 7);
    snprintf(path, sizeof path, "%s/program", scratch_path(state));
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(start(state, &c, path), -1);
    assert_int_equal(errno, ENOEXEC);
    assert_int_equal(start(state, &c, "/nonexistent/program"), -1);
}

static void test_a_program(void **state)
{
    struct child c;
    assert_int_equal(start(state, &c, "false"), 0); /* by its name, as cc is */
    assert_int_equal(child_finish(&c, 60000), CHILD_ENDED);
    child_end(&c);
    assert_true(WIFEXITED(c.status));
    assert_int_equal(WEXITSTATUS(c.status), 1);
}

/* What held once has to hold each time: where the kernel has Landlock, nothing runs without it. */
static void test_a_box_that_does_not_close(void **state)
{
    struct child c;
    struct box box = {.kind = BOX_RUNNER, .scratch = scratch_path(state), .program = "/nonexistent"};
    if (strstr(box_says(), "landlock") == NULL)
        skip();
    assert_int_equal(child_start(&c, (char *[]){"false", NULL}, &bounds, &box), -1);
    assert_int_equal(errno, EPERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_that_is_no_program, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_program, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_a_box_that_does_not_close, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
