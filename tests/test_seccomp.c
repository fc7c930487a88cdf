/* SPDX-License-Identifier: MIT */
/* A list of calls as a filter: each condition is met and missed, in a child, as there is no way out again. The server's
 * own list: test_sandbox_refusals.c. */
#include "app/sandbox/seccomp.h"

#include "tests/sanitized.h"
#include "tests/test.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What any child of these tests needs, to wait for a thread and to say how it went. */
#ifdef __NR_futex_time64
#define TO_WAIT CALL(futex) CALL(futex_time64)
#else
#define TO_WAIT CALL(futex)
#endif
#define TO_LIVE CALL(exit_group) CALL(exit) CALL(munmap) CALL(madvise) CALL(rt_sigprocmask) TO_WAIT

enum { YES = 20, NO, HAS_NONE };

/* The kernel looks at no argument of getppid, but the filter does. */
static bool through(long a, long b)
{
    return syscall(__NR_getppid, a, b) > 0;
}

typedef bool check(void);

/* Whether a child with these rules sees what it should. */
static int run_child(const struct seccomp_rule *rules, size_t n, check *holds)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || seccomp_enter(rules, n) != 0)
            _exit(HAS_NONE);
        _exit(holds() ? YES : NO);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Where the kernel has filters, one must have been made. */
static void needs_seccomp(void **state)
{
    (void)state;
    bool there = !SANITIZED && prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
    if (!there) {
        print_message("[  SKIPPED ] seccomp is not there\n");
        skip();
    }
}

#define ASSERT_HOLDS(rules, holds) assert_int_equal(run_child(rules, sizeof(rules) / sizeof *(rules), holds), YES)

/* --- The list ----------------------------------------------------------------------------------------------------- */

static bool only_what_is_listed(void)
{
    bool refused = syscall(__NR_getuid) == -1 && errno == EPERM;
    return through(0, 0) && refused;
}

static void test_what_is_not_listed_is_refused(void **state)
{
    static const struct seccomp_rule rules[] = {TO_LIVE CALL(getppid)};
    needs_seccomp(state);
    ASSERT_HOLDS(rules, only_what_is_listed);
}

static bool first_or_second(void)
{
    return through(1, 0) && through(2, 0) && !through(3, 0);
}

static void test_one_rule_of_several_is_enough(void **state)
{
    static const struct seccomp_rule rules[] = {TO_LIVE CALL_IF(getppid, IS(0, 1)) CALL_IF(getppid, IS(0, 2))};
    needs_seccomp(state);
    ASSERT_HOLDS(rules, first_or_second);
}

#ifdef __NR_clone3
static bool clone3_is_unknown(void)
{
    return syscall(__NR_clone3, NULL, (size_t)0) == -1 && errno == ENOSYS;
}

static bool clone3_is_there(void)
{
    return syscall(__NR_clone3, NULL, (size_t)0) == -1 && errno != ENOSYS && errno != EPERM;
}

/* libc takes ENOSYS to mean an old kernel, and calls clone. */
static void test_clone3_is_unknown_unless_listed(void **state)
{
    static const struct seccomp_rule without[] = {TO_LIVE CALL(getppid)};
    static const struct seccomp_rule with[] = {TO_LIVE CALL(clone3)};
    needs_seccomp(state);
    ASSERT_HOLDS(without, clone3_is_unknown);
    ASSERT_HOLDS(with, clone3_is_there);
}
#endif

static bool always(void)
{
    return true;
}

/* A rule takes at least two steps of a program that has at most 4096. */
static void test_a_list_that_is_too_long(void **state)
{
    static const struct seccomp_rule few[] = {TO_LIVE CALL(getppid)};
    static struct seccomp_rule many[4096];
    needs_seccomp(state);
    for (size_t i = 0; i < 4096; i++)
        many[i] = few[i % (sizeof few / sizeof *few)];
    assert_int_equal(run_child(many, 4096, always), HAS_NONE);
    assert_int_equal(run_child(many, 1000, always), YES);
}

/* --- Conditions --------------------------------------------------------------------------------------------------- */

static bool is_7(void)
{
    return through(7, 0) && !through(6, 0) && !through(0, 7) && !through(7 + 8, 0);
}

static bool is_1_but_for_8(void)
{
    return through(1, 0) && through(9, 0) && !through(8, 0) && !through(3, 0);
}

static bool has_2_of_6(void)
{
    return through(2, 0) && through(3, 0) && !through(6, 0) && !through(4, 0) && !through(0, 0);
}

static bool only_5(void)
{
    return through(0, 0) && through(4, 0) && through(5, 0) && !through(2, 0) && !through(7, 0);
}

static bool without_4(void)
{
    return through(0, 0) && through(3, 0) && !through(4, 0) && !through(7, 0);
}

static void test_numbers_and_flags(void **state)
{
    static const struct seccomp_rule number[] = {TO_LIVE CALL_IF(getppid, IS(0, 7))};
    static const struct seccomp_rule but_for[] = {TO_LIVE CALL_IF(getppid, IS_BUT_FOR(0, 8, 1))};
    static const struct seccomp_rule these[] = {TO_LIVE CALL_IF(getppid, OF_THESE(0, 6, 2))};
    static const struct seccomp_rule only[] = {TO_LIVE CALL_IF(getppid, ONLY(0, 5))};
    static const struct seccomp_rule without[] = {TO_LIVE CALL_IF(getppid, WITHOUT(0, 4))};
    needs_seccomp(state);
    ASSERT_HOLDS(number, is_7);
    ASSERT_HOLDS(but_for, is_1_but_for_8);
    ASSERT_HOLDS(these, has_2_of_6);
    ASSERT_HOLDS(only, only_5);
    ASSERT_HOLDS(without, without_4);
}

static bool both(void)
{
    return through(1, 2) && !through(1, 0) && !through(0, 2) && !through(0, 0);
}

static void test_all_conditions_must_hold(void **state)
{
    static const struct seccomp_rule rules[] = {TO_LIVE CALL_IF(getppid, IS(0, 1), IS(1, 2))};
    needs_seccomp(state);
    ASSERT_HOLDS(rules, both);
}

static bool is_us(void)
{
    long us = (long)getpid();
    return through(us, 0) && !through(us + 1, 0) && !through(0, 0);
}

static bool is_null(void)
{
    bool high = sizeof(long) == 4 || !through((long)(UINT64_C(1) << 32), 0);
    return through(0, 0) && !through(1, 0) && high;
}

static void test_processes_and_addresses(void **state)
{
    static const struct seccomp_rule ourselves[] = {TO_LIVE CALL(getpid) CALL_IF(getppid, IS_US(0))};
    static const struct seccomp_rule null[] = {TO_LIVE CALL_IF(getppid, IS_NULL(0))};
    needs_seccomp(state);
    ASSERT_HOLDS(ourselves, is_us);
    ASSERT_HOLDS(null, is_null);
}

/* --- Threads that run already ------------------------------------------------------------------------------------- */

static atomic_int runs, go;

static void *ask_when_told(void *refused)
{
    atomic_store(&runs, 1); /* what libc calls at its start is behind it */
    while (atomic_load(&go) == 0)
        continue;
    *(bool *)refused = syscall(__NR_getuid) == -1;
    return NULL;
}

static int with_a_thread(void)
{
    static const struct seccomp_rule rules[] = {TO_LIVE CALL(getppid)};
    pthread_t thread;
    bool refused = false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || pthread_create(&thread, NULL, ask_when_told, &refused) != 0)
        return HAS_NONE;
    while (atomic_load(&runs) == 0)
        continue;
    if (seccomp_enter(rules, sizeof rules / sizeof *rules) != 0)
        return HAS_NONE;
    atomic_store(&go, 1);
    pthread_join(thread, NULL);
    return refused ? YES : NO;
}

static void test_threads_that_run_already(void **state)
{
    int status;
    needs_seccomp(state);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(with_a_thread());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), YES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_not_listed_is_refused),   cmocka_unit_test(test_one_rule_of_several_is_enough),
#ifdef __NR_clone3
        cmocka_unit_test(test_clone3_is_unknown_unless_listed),
#endif
        cmocka_unit_test(test_a_list_that_is_too_long),         cmocka_unit_test(test_numbers_and_flags),
        cmocka_unit_test(test_all_conditions_must_hold),        cmocka_unit_test(test_processes_and_addresses),
        cmocka_unit_test(test_threads_that_run_already),
    };
    return RUN(tests);
}

#else

static void test_says_that_it_is_not_there(void **state)
{
    const struct seccomp_rule none = {0};
    (void)state;
    assert_int_equal(seccomp_enter(&none, 1), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_says_that_it_is_not_there)};
    return RUN(tests);
}

#endif
