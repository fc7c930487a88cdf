/* Counts that become delays, and the table's bound. */
#include "app/server/tally.h"

#include "tests/test.h"

#define HOUR (1000 * TALLY_SECONDS)

static struct rng rng;

static struct tally_key key_of(const struct tally *t, unsigned i)
{
    return tally_key(t, 'x', &i, sizeof i);
}

static void test_delays_grow(void **state)
{
    (void)state;
    const uint32_t expected[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    struct tally *t = tally_new(100, &rng);
    struct tally_key k = key_of(t, 1), other = key_of(t, 2);
    for (size_t failures = 0; failures < sizeof expected / sizeof *expected; failures++) {
        assert_int_equal(tally_wait(t, &k, 3, 50), expected[failures]);
        tally_add(t, &k, 50);
    }
    assert_int_equal(tally_wait(t, &k, 3, 50 + 299999), 1);
    assert_int_equal(tally_wait(t, &k, 3, 50 + 300000), 0);
    assert_int_equal(tally_wait(t, &other, 3, 50), 0);
    tally_forget(t, &k);
    assert_int_equal(tally_count(t, &k, 50), 0);
    assert_int_equal(tally_wait(t, &k, 0, 50), 0);
    tally_free(t);
}

static void test_counts_for_an_hour(void **state)
{
    (void)state;
    struct tally *t = tally_new(100, &rng);
    struct tally_key k = key_of(t, 1);
    tally_add(t, &k, 1000);
    tally_add(t, &k, 4000);
    assert_int_equal(tally_count(t, &k, 1000 + HOUR - 1), 2);
    assert_int_equal(tally_count(t, &k, 1000 + HOUR), 0);
    tally_add(t, &k, 1000 + HOUR);
    assert_int_equal(tally_count(t, &k, 1000 + HOUR), 1);
    tally_free(t);
}

static void test_things_are_told_apart(void **state)
{
    (void)state;
    struct tally *t = tally_new(100, &rng), *u = tally_new(100, &rng);
    struct tally_key a = tally_key(t, 'a', "same", 4), b = tally_key(t, 'b', "same", 4);
    struct tally_key c = tally_key(u, 'a', "same", 4);
    assert_memory_not_equal(&a, &b, sizeof a);
    assert_memory_not_equal(&a, &c, sizeof a); /* each process has a secret of its own */
    tally_free(t);
    tally_free(u);
}

/* Ten thousand strangers in a table for a hundred: the last ones are remembered, and nothing grows. */
static void test_is_bounded(void **state)
{
    (void)state;
    struct tally *t = tally_new(100, &rng);
    unsigned remembered = 0;
    for (unsigned i = 0; i < 10000; i++) {
        struct tally_key k = key_of(t, i);
        tally_add(t, &k, i / 10);
        assert_int_equal(tally_count(t, &k, i / 10), 1);
    }
    for (unsigned i = 0; i < 10000; i++) {
        struct tally_key k = key_of(t, i);
        remembered += tally_count(t, &k, 1000);
        assert_true(i > 5000 || tally_count(t, &k, 1000) == 0); /* the oldest gave way */
    }
    assert_int_equal(remembered, 104);
    tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delays_grow), cmocka_unit_test(test_counts_for_an_hour),
        cmocka_unit_test(test_things_are_told_apart), cmocka_unit_test(test_is_bounded),
    };
    rng_init(&rng);
    return RUN(tests);
}
