/* SPDX-License-Identifier: MIT */
/* The password that is kept: in locked memory, without its code, and gone when it is wiped. */
#include "app/client/kept_secret.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sanitized.h"
#include "tests/test.h"

static struct secret secret_of(const char *password, const char *code)
{
    struct secret s = {.password_len = strlen(password)};
    memcpy(s.password, password, s.password_len);
    snprintf(s.code, sizeof s.code, "%s", code);
    return s;
}

/* KiB that are locked, as the system says; -1: it doesn't say. */
static long locked_kib(void)
{
    char row[200];
    long kib = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(row, sizeof row, f) != NULL)
        (void)sscanf(row, "VmLck: %ld", &kib);
    if (f != NULL)
        fclose(f);
    return kib;
}

static void test_it_is_kept_without_the_code(void **state)
{
    struct kept_secret k = {0};
    struct secret first = secret_of("correct horse", "123456"), second = secret_of("battery", "");
    (void)state;
    assert_null(kept_secret_get(&k));
    assert_true(kept_secret_keep(&k, &first));
    assert_int_equal(kept_secret_get(&k)->password_len, 13);
    assert_memory_equal(kept_secret_get(&k)->password, "correct horse", 13);
    assert_string_equal(kept_secret_get(&k)->code, "");
    assert_true(kept_secret_keep(&k, &second));
    assert_int_equal(kept_secret_get(&k)->password_len, 7);
    assert_memory_equal(kept_secret_get(&k)->password, "battery\0\0\0\0\0\0", 13);
    kept_secret_wipe(&k);
    assert_null(kept_secret_get(&k));
    kept_secret_wipe(&k);
}

static void test_its_memory_is_locked(void **state)
{
    struct kept_secret k = {0};
    struct secret s = secret_of("correct horse", "");
    long before = locked_kib();
    (void)state;
    if (SANITIZED) /* where mlock does nothing */
        skip();
    assert_true(kept_secret_keep(&k, &s));
    if (before >= 0)
        assert_true(locked_kib() > before);
    kept_secret_wipe(&k);
    assert_int_equal(locked_kib(), before);
}

/* What is given back to the system, seen in the place of the system's own call. */
static const void *watched;
static size_t not_zero;

#if !SANITIZED && defined(__linux__)
int munmap(void *at, size_t len)
{
    for (size_t i = 0; at == watched && i < sizeof(struct secret); i++)
        not_zero += ((const uint8_t *)at)[i] != 0;
    watched = at == watched ? NULL : watched;
    return (int)syscall(SYS_munmap, at, len);
}
#endif

static void test_it_is_wiped_before_it_is_given_back(void **state)
{
    struct kept_secret k = {0};
    struct secret s = secret_of("correct horse", "");
    (void)state;
#if SANITIZED || !defined(__linux__)
    skip();
#endif
    assert_true(kept_secret_keep(&k, &s));
    watched = kept_secret_get(&k);
    kept_secret_wipe(&k);
    assert_null(watched);
    assert_int_equal(not_zero, 0);
}

/* What the system says of the memory at this place: a flag of VmFlags in /proc/self/smaps, proc(5). -1: it says
 * nothing, or an emulator says something in its place. */
static int has_flag(const void *at, const char *flag)
{
    const char *emulator = getenv("EMULATOR");
    char row[500], *flags;
    unsigned long from, to;
    bool here = false;
    int result = -1;
    FILE *f = emulator == NULL || *emulator == '\0' ? fopen("/proc/self/smaps", "r") : NULL;
    while (f != NULL && fgets(row, sizeof row, f) != NULL) {
        if (sscanf(row, "%lx-%lx ", &from, &to) == 2)
            here = from <= (uintptr_t)at && (uintptr_t)at < to;
        else if (here && (flags = strstr(row, "VmFlags:")) != NULL)
            result = strstr(flags, flag) != NULL;
    }
    if (f != NULL)
        fclose(f);
    return result;
}

static void test_no_core_dump_has_it(void **state)
{
    struct kept_secret k = {0};
    struct secret s = secret_of("correct horse", "");
    (void)state;
    assert_true(kept_secret_keep(&k, &s));
    int said = has_flag(kept_secret_get(&k), " dd");
    kept_secret_wipe(&k);
    if (said < 0)
        skip();
    assert_int_equal(said, 1);
}

/* As a user who may lock nothing: then nothing is kept. */
static int keep_without_leave(void)
{
    struct kept_secret k = {0};
    struct secret s = secret_of("correct horse", "");
    if (setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0}) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        return 77;
    return !kept_secret_keep(&k, &s) && kept_secret_get(&k) == NULL ? 0 : 1;
}

static void test_what_can_not_be_locked_is_not_kept(void **state)
{
    int status;
    (void)state;
    if (SANITIZED)
        skip();
    pid_t child = fork();
    if (child == 0)
        _exit(keep_without_leave());
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_kept_without_the_code),         cmocka_unit_test(test_its_memory_is_locked),
        cmocka_unit_test(test_it_is_wiped_before_it_is_given_back), cmocka_unit_test(test_no_core_dump_has_it),
        cmocka_unit_test(test_what_can_not_be_locked_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
