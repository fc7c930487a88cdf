/* SPDX-License-Identifier: MIT */
/* The stream is told block by block, and is what rng_fixed gives. */
#include "app/workbench/explain/explain_rng.h"

#include "app/workbench/rng_fixed.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/test.h"

/* SHA-256("abc" || u64 0), and the first 8 bytes of that of 1: computed with Python's hashlib. */
#define BLOCK_0 "4b5c6fd314d0d83d29a1e129033092289834a2b50da22f2c0f74177dc3e7525e"
#define BLOCK_1 "4902dec96bf400e2"

static void test_blocks(void **state)
{
    (void)state;
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_rng(to, "abc", 3, 40);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, "seed"), "616263");
    assert_string_equal(explained_next(&at, "hashed"), "6162630000000000000000");
    assert_string_equal(explained_next(&at, "SHA-256"), BLOCK_0);
    assert_string_equal(explained_next(&at, "hashed"), "6162630000000000000001");
    assert_memory_equal(explained_next(&at, "SHA-256"), BLOCK_1, strlen(BLOCK_1));
    assert_string_equal(explained_next(&at, "stream"), BLOCK_0 BLOCK_1);
    assert_non_null(strstr(at, "echo 6162630000000000000000 |"));
    explained_free(&x);
}

static void test_no_bytes_and_no_seed(void **state)
{
    (void)state;
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_rng(to, "", 0, 0);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, "seed"), "(empty)");
    assert_string_equal(explained_next(&at, "stream"), "(empty)");
    explained_free(&x);
}

static void too_much(void)
{
    explain_rng(stderr, "", 0, EXPLAIN_RNG_MAX + 1);
}

static void too_long_a_seed(void)
{
    static const char seed[RNG_FIXED_SEED_MAX + 1];
    explain_rng(stderr, seed, sizeof seed, 1);
}

static void test_the_longest(void **state)
{
    (void)state;
    static const char seed[RNG_FIXED_SEED_MAX];
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_rng(to, seed, sizeof seed, EXPLAIN_RNG_MAX);
    assert_non_null(strstr(explained_end(&x), "\nBlock 2047\n"));
    explained_free(&x);
    assert_true(aborts(too_much));
    assert_true(aborts(too_long_a_seed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_no_bytes_and_no_seed),
        cmocka_unit_test(test_the_longest),
    };
    return RUN(tests);
}
