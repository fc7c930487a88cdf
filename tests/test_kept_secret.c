/* SPDX-License-Identifier: MIT */
/* The password that is kept: in locked memory, without its code, and gone when it is wiped. */
#include "app/client/kept_secret.h"

#include <stdio.h>
#include <sys/resource.h>
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
        cmocka_unit_test(test_it_is_kept_without_the_code),
        cmocka_unit_test(test_its_memory_is_locked),
        cmocka_unit_test(test_what_can_not_be_locked_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
