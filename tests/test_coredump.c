/* SPDX-License-Identifier: MIT */
/* net/coredump: a child forbids core dumps and ends as a crash does. */
#include "net/coredump.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

/* The soft and the hard limit that a child has afterwards, whose hard limit was this one. */
static void limit_of_a_child(rlim_t before, struct rlimit *after)
{
    int ends[2], result;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {before, before};
        if (setrlimit(RLIMIT_CORE, &limit) != 0)
            _exit(99);
        coredump_forbid();
        if (getrlimit(RLIMIT_CORE, &limit) != 0 || write(ends[1], &limit, sizeof limit) != (ssize_t)sizeof limit)
            _exit(99);
        raise(SIGQUIT);
        _exit(98);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], after, sizeof *after), sizeof *after);
    close(ends[0]);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGQUIT);
    assert_false(WCOREDUMP(result));
}

static void test_a_crash_leaves_nothing(void **state)
{
    struct rlimit now, after;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_CORE, &now), 0);
    limit_of_a_child(now.rlim_max, &after);
    assert_true(after.rlim_cur <= 1 && after.rlim_max <= 1);
}

static void test_a_limit_of_nothing_stays(void **state)
{
    struct rlimit after;
    (void)state;
    limit_of_a_child(0, &after);
    assert_true(after.rlim_cur <= 1 && after.rlim_max <= 1); /* only root has 1 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crash_leaves_nothing),
        cmocka_unit_test(test_a_limit_of_nothing_stays),
    };
    return RUN(tests);
}
