/* SPDX-License-Identifier: MIT */
/* How far a comparison reads: known for one that stops early, one that does not, and three that were made to read. */
#include "app/workbench/attacks/reads.h"

#include <signal.h>

#include "app/workbench/labs/equal_early.h"
#include "crypto/ct.h"
#include "tests/test.h"

static void test_an_early_exit(void **state)
{
    (void)state;
    uint8_t right[32] = {1, 2, 3}, guess[32] = {1, 2, 3};
    for (size_t len = 1; len <= sizeof right; len++) {
        assert_int_equal(reads_count(lab_equal_early, guess, right, len), len);
        for (size_t i = 0; i < len; i++) {
            guess[i] ^= 0x80;
            assert_int_equal(reads_count(lab_equal_early, guess, right, len), i + 1);
            assert_int_equal(reads_count(ct_equal, guess, right, len), len);
            guess[i] ^= 0x80;
        }
    }
}

static int reads_nothing(const void *a, const void *b, size_t len)
{
    return a == b && len == 0;
}

static int reads_one(const void *a, const void *b, size_t len)
{
    (void)b, (void)len;
    return ((const volatile uint8_t *)a)[0] == 0;
}

static int reads_the_last(const void *a, const void *b, size_t len)
{
    (void)b;
    return ((const volatile uint8_t *)a)[len - 1] == 0;
}

static void test_made_to_read(void **state)
{
    (void)state;
    uint8_t bytes[READS_MAX] = {0};
    assert_int_equal(reads_count(reads_nothing, bytes, bytes, READS_MAX), 0);
    assert_int_equal(reads_count(reads_one, bytes, bytes, READS_MAX), 1);
    assert_int_equal(reads_count(reads_the_last, bytes, bytes, READS_MAX), READS_MAX);
    assert_int_equal(reads_count(reads_one, bytes, bytes, 0), 0);
}

/* Faults that are not its own end the process as before. */
static void test_the_handlers_are_given_back(void **state)
{
    (void)state;
    uint8_t bytes[4] = {0};
    struct sigaction before, after;
    assert_int_equal(sigaction(SIGSEGV, NULL, &before), 0);
    (void)reads_count(reads_one, bytes, bytes, sizeof bytes);
    assert_int_equal(sigaction(SIGSEGV, NULL, &after), 0);
    assert_true(before.sa_handler == after.sa_handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_early_exit),
        cmocka_unit_test(test_made_to_read),
        cmocka_unit_test(test_the_handlers_are_given_back),
    };
    return RUN(tests);
}
