/* SPDX-License-Identifier: MIT */
/* Small numbers modulo a prime, and the two ways back from 2^x to x. The known answers are Python's, whose pow and
 * integers know nothing of Montgomery; how long anything takes is never asserted, how many steps only roughly. */
#include "app/workbench/bench/dlog.h"

#include "tests/test.h"

#define MEMORY ((size_t)1 << 20)

static void test_products_and_powers(void **state)
{
    (void)state;
    static const struct {
        uint64_t n, a, b, product, exponent, power; /* a b mod n; a^exponent mod n */
    } known[] = {
        {0x48dbac252265b1f5, 0x813e268c386bbc4, 0xf17f5c4414c343c, 0x48019913b94df87c, 0xc2ce6f447ed4d57b,
         0x1eaa395e05c62060},
        {0x3c7288307311d8a3, 0x184b9da5a6cecc1b, 0xd6fe64bc9e9c616, 0x82c54e63652b318, 0x7ce42c8218072e8c,
         0x1de00b8f4ee50007},
        {0x725836730741c7a9, 0x31e54146d5f4b3b2, 0x4dc0873b6ec9d286, 0x3e163fa4beef807a, 0xc4647159c324c985,
         0x171308aac37bb1fa},
        {0x7fffffffffffffff, 0x7ffffffffffffffd, 0x7ffffffffffffffd, 4, 0x7ffffffffffffffc, 16},
        {3, 2, 2, 1, 1, 2},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct mod64 m;
        mod64_init(&m, known[i].n);
        uint64_t a = mod64_in(&m, known[i].a), b = mod64_in(&m, known[i].b);
        assert_true(mod64_out(&m, a) == known[i].a);
        assert_true(mod64_out(&m, mod64_mul(&m, a, b)) == known[i].product);
        assert_true(mod64_out(&m, mod64_power(&m, a, known[i].exponent)) == known[i].power);
    }
}

static void test_primes(void **state)
{
    (void)state;
    int primes = 0;
    for (uint64_t n = 0; n < 10000; n++) {
        bool prime = n >= 2;
        for (uint64_t d = 2; d * d <= n; d++)
            prime = prime && n % d != 0;
        assert_int_equal(mod64_is_prime(n), prime);
        primes += prime;
    }
    assert_int_equal(primes, 1229);
    assert_false(mod64_is_prime(3215031751));          /* deceives the bases 2, 3, 5, 7 (Pomerance and others, 1980) */
    assert_false(mod64_is_prime(3825123056546413051)); /* and the primes up to 23 (Jaeschke, 1993) */
    assert_true(mod64_is_prime(9223372036854775783));  /* the largest below 2^63 */
}

static void test_groups(void **state)
{
    (void)state;
    static const struct {
        unsigned bits;
        uint64_t p, x, y;
    } known[] = {
        {8, 167, 6, 64},
        {16, 65063, 2502, 16437},
        {20, 1048343, 40321, 134232},
        {32, 4294967087, 165191042, 2614952668},
        {40, 1099511615303, 42288908281, 429072010799},
        {48, 281474976705359, 10825960642514, 253119324331120},
        {62, 4611686018427376319, 177372539170283705, 2644505038666440088},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct dlog_group g;
        dlog_group_init(&g, known[i].bits);
        assert_true(g.p == known[i].p);
        assert_true(g.q == known[i].p / 2);
        assert_true(mod64_out(&g.mod, dlog_public(&g, known[i].x)) == known[i].y);
        assert_true(dlog_public(&g, g.q) == g.mod.one); /* 2 generates q elements */
    }
}

static void find(const struct dlog_group *g, uint64_t x)
{
    uint64_t y = dlog_public(g, x), found = x + 1, steps = 0;
    assert_int_equal(dlog_steps(g, y, MEMORY, &found, &steps), 0);
    assert_true(found == x);
    found = x + 1;
    dlog_kangaroo(g, y, &found, &steps);
    assert_true(found == x);
}

static void test_every_exponent_of_a_small_group(void **state)
{
    (void)state;
    for (unsigned bits = 8; bits <= 11; bits++) {
        struct dlog_group g;
        dlog_group_init(&g, bits);
        for (uint64_t x = 0; x < g.q; x++)
            find(&g, x);
    }
}

static void test_the_ends_and_between(void **state)
{
    (void)state;
    for (unsigned bits = 16; bits <= 32; bits += 4) {
        struct dlog_group g;
        dlog_group_init(&g, bits);
        find(&g, 0);
        find(&g, 1);
        find(&g, g.q - 1);
        find(&g, g.q / 2);
        find(&g, g.q / 7 * 3);
    }
}

/* Less memory, more giant steps, the same answer. */
static void test_a_small_table(void **state)
{
    (void)state;
    struct dlog_group g;
    size_t table;
    uint64_t found = 0, few = 0, many = 0;
    dlog_group_init(&g, 28);
    assert_true(dlog_steps_expected(&g, MEMORY, &table) < 1.6 * 11586 && table <= MEMORY); /* sqrt(q) = 11585.2 */
    uint64_t x = g.q - 5, y = dlog_public(&g, x);
    assert_int_equal(dlog_steps(&g, y, MEMORY, &found, &few), 0);
    assert_true(found == x);
    assert_true(dlog_steps_expected(&g, 4096, &table) > 2.6e5 && table == 4096); /* 256 baby steps, q / 512 giants */
    assert_int_equal(dlog_steps(&g, y, 4096, &found, &many), 0);
    assert_true(found == x);
    assert_true(many > 10 * few);
}

static void test_what_is_no_power_of_two(void **state)
{
    (void)state;
    struct dlog_group g;
    uint64_t found = 77, steps = 0;
    dlog_group_init(&g, 16);
    assert_int_equal(dlog_steps(&g, g.p - g.mod.one, MEMORY, &found, &steps), -1); /* -1 is no square, as p = 3 mod 4 */
    assert_int_equal(dlog_steps(&g, 0, MEMORY, &found, &steps), -1);
    assert_true(found == 77);
}

/* The averages that dlog.h promises, over exponents spread evenly over the whole range. */
static void test_steps_on_average(void **state)
{
    (void)state;
    struct dlog_group g;
    size_t table;
    uint64_t found, kangaroo = 0, steps = 0;
    const unsigned runs = 1000;
    dlog_group_init(&g, 20);
    for (unsigned i = 0; i < runs; i++) {
        uint64_t x = (uint64_t)((double)g.q * (i + 0.5) / runs), y = dlog_public(&g, x);
        dlog_kangaroo(&g, y, &found, &kangaroo);
        assert_true(found == x);
        assert_int_equal(dlog_steps(&g, y, MEMORY, &found, &steps), 0);
        assert_true(found == x);
    }
    double expected = DLOG_KANGAROO_FACTOR * 724; /* sqrt(q) = 724.0 */
    print_message("kangaroo: %.0f steps, %.0f expected\n", (double)kangaroo / runs, expected);
    assert_true((double)kangaroo / runs > 0.9 * expected && (double)kangaroo / runs < 1.1 * expected);
    expected = dlog_steps_expected(&g, MEMORY, &table);
    assert_true((double)steps / runs > 0.98 * expected && (double)steps / runs < 1.02 * expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_and_powers),
        cmocka_unit_test(test_primes),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_every_exponent_of_a_small_group),
        cmocka_unit_test(test_the_ends_and_between),
        cmocka_unit_test(test_a_small_table),
        cmocka_unit_test(test_what_is_no_power_of_two),
        cmocka_unit_test(test_steps_on_average),
    };
    return RUN(tests);
}
