/* SPDX-License-Identifier: MIT */
/* The explanation of big numbers, done by hand for one example, and for many others by its own comparison with the
 * plain power. */
#include "app/workbench/explain/explain_bignum.h"

#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/test.h"

/* 46^13 mod 233, worked out on paper: R = 1000, -1/233 mod 10 = 3, R^2 mod 233 = 197. */
static void test_by_hand(void **state)
{
    (void)state;
    struct explained e;
    explain_bignum(explained_begin(&e), 233, 46, 13);
    const char *text = explained_end(&e);
    explained_has(text, "R           1000,");
    explained_has(text, "-1/m        3 modulo 10, as 233 x 3 = 699 ends in 9");
    explained_has(text, "R^2 mod m   197,");
    explained_has(text, "          0 +        46 x 7 =        322   y = 6         1720 ->       172");
    explained_has(text, "        172 +        46 x 9 =        586   y = 8         2450 ->       245");
    explained_has(text, "        245 +        46 x 1 =        291   y = 3          990 ->        99");
    explained_has(text, "entry 3 by the masks --  --  --  ## = 17");
    explained_has(text, "46^13 mod 233 = 2\n");
    explained_has(text, "python3 -c 'print(pow(46, 13, 233))'");
    explained_free(&e);
}

/* Every residue and exponent of a small modulus, and the edges of the large ones; each explanation checks itself. */
static void test_others(void **state)
{
    (void)state;
    static const uint64_t moduli[] = {3, 7, 9, 11, 99, 233, 99999999, 99999997, 10000001, 50000003, 24999999, 25000001};
    for (size_t i = 0; i < sizeof moduli / sizeof *moduli; i++) {
        uint64_t m = moduli[i];
        const uint64_t bases[] = {0, 1, 2, m / 2, m - 1};
        const uint64_t exponents[] = {0, 1, 2, 3, 4, 15, 16, 65536, 65537};
        for (size_t a = 0; a < sizeof bases / sizeof *bases; a++)
            for (size_t x = 0; x < sizeof exponents / sizeof *exponents; x++) {
                struct explained e;
                explain_bignum(explained_begin(&e), m, bases[a], exponents[x]);
                explained_end(&e);
                explained_free(&e);
            }
    }
}

static void test_the_plain_power(void **state)
{
    (void)state;
    assert_int_equal(explain_bignum_power(233, 46, 13), 2);
    assert_int_equal(explain_bignum_power(99999999, 2, 27), 134217728 - 99999999);
    assert_int_equal(explain_bignum_power(7, 3, 0), 1);
    assert_int_equal(explain_bignum_power(7, 3, 6), 1); /* Fermat */
}

static void with_an_even_modulus(void)
{
    explain_bignum(stdout, 232, 46, 13);
}

static void with_a_base_too_large(void)
{
    explain_bignum(stdout, 233, 233, 13);
}

static void test_wrong_use(void **state)
{
    (void)state;
    assert_true(aborts(with_an_even_modulus));
    assert_true(aborts(with_a_base_too_large));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_the_plain_power),
        cmocka_unit_test(test_wrong_use),
    };
    return RUN(tests);
}
