/* SPDX-License-Identifier: MIT */
/* As much of CMocka as the unit tests use, on any libc: Debian has CMocka for its own alone, and this project takes no
 * other package. The header is CMocka's, and so is what is printed, which tests/run.sh reads.
 *
 * Read next:   tests/musl.sh, which links it */
#include <fnmatch.h>
#include <stdlib.h>

#include "tests/cmocka.h"

#define SKIPPED 1
#define FAILED 2

static const char *filter = "*";
static jmp_buf end_of_test;

static void print(FILE *to, const char *format, va_list args)
{
    vfprintf(to, format, args);
    fflush(to);
}

void print_message(const char *const format, ...)
{
    va_list args;
    va_start(args, format);
    print(stdout, format, args);
    va_end(args);
}

void print_error(const char *const format, ...)
{
    va_list args;
    va_start(args, format);
    print(stderr, format, args);
    va_end(args);
}

void _fail(const char *const file, const int line)
{
    print_error("[   LINE   ] --- %s:%d: error: Failure!\n", file, line);
    longjmp(end_of_test, FAILED);
}

void _skip(const char *const file, const int line)
{
    (void)file;
    (void)line;
    longjmp(end_of_test, SKIPPED);
}

/* --- What is asserted --------------------------------------------------------------------------------------------- */

void _assert_true(const LargestIntegralType result, const char *const expression, const char *const file,
                  const int line)
{
    if (!result) {
        print_error("[  ERROR   ] --- %s\n", expression);
        _fail(file, line);
    }
}

void _assert_int_equal(const LargestIntegralType a, const LargestIntegralType b, const char *const file, const int line)
{
    if (a != b) {
        print_error("[  ERROR   ] --- %#jx != %#jx\n", (uintmax_t)a, (uintmax_t)b);
        _fail(file, line);
    }
}

void _assert_int_not_equal(const LargestIntegralType a, const LargestIntegralType b, const char *const file,
                           const int line)
{
    if (a == b) {
        print_error("[  ERROR   ] --- %#jx == %#jx\n", (uintmax_t)a, (uintmax_t)b);
        _fail(file, line);
    }
}

void _assert_in_range(const LargestIntegralType value, const LargestIntegralType minimum,
                      const LargestIntegralType maximum, const char *const file, const int line)
{
    if (value < minimum || value > maximum) {
        print_error("[  ERROR   ] --- %#jx is not within %#jx-%#jx\n", (uintmax_t)value, (uintmax_t)minimum,
                    (uintmax_t)maximum);
        _fail(file, line);
    }
}

void _assert_string_equal(const char *const a, const char *const b, const char *const file, const int line)
{
    if (strcmp(a, b) != 0) {
        print_error("[  ERROR   ] --- \"%s\" != \"%s\"\n", a, b);
        _fail(file, line);
    }
}

void _assert_string_not_equal(const char *const a, const char *const b, const char *file, const int line)
{
    if (strcmp(a, b) == 0) {
        print_error("[  ERROR   ] --- \"%s\" == \"%s\"\n", a, b);
        _fail(file, line);
    }
}

void _assert_memory_equal(const void *const a, const void *const b, const size_t size, const char *const file,
                          const int line)
{
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < size; i++)
        if (left[i] != right[i]) {
            print_error("[  ERROR   ] --- difference at offset %zu 0x%02x 0x%02x\n", i, left[i], right[i]);
            _fail(file, line);
        }
}

void _assert_memory_not_equal(const void *const a, const void *const b, const size_t size, const char *const file,
                              const int line)
{
    if (memcmp(a, b, size) == 0) {
        print_error("[  ERROR   ] --- %zu bytes are the same\n", size);
        _fail(file, line);
    }
}

/* --- Running them ------------------------------------------------------------------------------------------------- */

void cmocka_set_test_filter(const char *pattern)
{
    filter = pattern;
}

/* 0, SKIPPED or FAILED. */
static int run_one(const struct CMUnitTest *test)
{
    void *state = test->initial_state;
    if (test->setup_func != NULL && test->setup_func(&state) != 0)
        return FAILED;
    int result = setjmp(end_of_test);
    if (result == 0)
        test->test_func(&state);
    if (test->teardown_func != NULL && test->teardown_func(&state) != 0)
        return FAILED;
    return result;
}

int _cmocka_run_group_tests(const char *group_name, const struct CMUnitTest *const tests, const size_t num_tests,
                            CMFixtureFunction group_setup, CMFixtureFunction group_teardown)
{
    static const char *const words[] = {"[       OK ]", "[  SKIPPED ]", "[  FAILED  ]"};
    int failed = 0, run = 0;
    void *state = NULL;
    if (group_setup != NULL && group_setup(&state) != 0)
        return FAILED;
    for (size_t i = 0; i < num_tests; i++) {
        if (fnmatch(filter, tests[i].name, 0) != 0)
            continue;
        print_message("[ RUN      ] %s\n", tests[i].name);
        int result = run_one(&tests[i]);
        print_message("%s %s\n", words[result], tests[i].name);
        failed += result == FAILED;
        run++;
    }
    if (group_teardown != NULL && group_teardown(&state) != 0)
        failed++;
    print_message("[==========] %s: %d test(s) run.\n", group_name, run);
    return failed;
}
