/* SPDX-License-Identifier: MIT */
/* Every backend of the powers against GMP's ordinary functions, on numbers that are random and on those at the edges:
 * of the modulus, of a digit of 52 bits, of the exponent. tests/test_dh.c and tests/test_rsa.c have their known
 * answers. */
#include "tests/bignum_backends.h"

#include "crypto/rng.h"
#include "tests/test.h"

enum { E_LIMBS = BIGNUM_LIMBS(16), HALF = BIGNUM_LIMBS(192), N = BIGNUM_LIMBS(384) };

static struct rng rng;

/* --- Numbers ------------------------------------------------------------------------------------------------------ */

enum edge { NONE, ONE, LARGEST, MODULUS, MODULUS_LESS_ONE, FULL_DIGITS, RANDOM, EDGES };

static void fill(mp_limb_t *a, mp_size_t n)
{
    rng_fill(&rng, (uint8_t *)a, (size_t)n * sizeof *a);
}

/* Bits that are 52 ones, 52 zeros, in turn: where a carry runs through a whole digit, or stops short of one. */
static void full_digits(mp_limb_t *a, mp_size_t n)
{
    memset(a, 0, (size_t)n * sizeof *a);
    for (size_t bit = 0; bit < (size_t)n * GMP_NUMB_BITS; bit++)
        if (bit / 52 % 2 == 0)
            a[bit / GMP_NUMB_BITS] |= (mp_limb_t)1 << bit % GMP_NUMB_BITS;
}

static void set(mp_limb_t *a, enum edge edge, const mp_limb_t *m, mp_size_t n)
{
    size_t len = (size_t)n * sizeof *a;
    memset(a, edge == LARGEST ? 0xff : 0, len);
    if (edge == ONE)
        a[0] = 1;
    if (edge == MODULUS || edge == MODULUS_LESS_ONE)
        memcpy(a, m, len);
    if (edge == MODULUS_LESS_ONE)
        a[0] -= 1; /* it is odd */
    if (edge == FULL_DIGITS)
        full_digits(a, n);
    if (edge == RANDOM)
        fill(a, n);
}

/* Odd, with its top bit set: the smallest such, the largest, one of full digits, a random one. */
static void set_modulus(mp_limb_t *m, size_t which, mp_size_t n)
{
    static const enum edge edges[] = {NONE, LARGEST, FULL_DIGITS, RANDOM};
    set(m, edges[which % 4], NULL, n);
    m[0] |= 1;
    m[n - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
}

/* --- The powers --------------------------------------------------------------------------------------------------- */

static void expect_power(const struct bignum_impl *impl, const struct bignum_power *p, mp_size_t e_n, mp_size_t n)
{
    mpz_t base, e, m, got, want;
    mpz_init(want);
    mpz_powm(want, mpz_roinit_n(base, p->base, n), mpz_roinit_n(e, p->e, e_n), mpz_roinit_n(m, p->m, n));
    if (mpz_cmp(want, mpz_roinit_n(got, p->r, n)) != 0)
        fail_msg("%s: another power of %zu limbs than GMP's", impl->name, (size_t)n);
    mpz_clear(want);
}

static void check_powm(const struct bignum_impl *impl, mp_size_t n)
{
    mp_limb_t m[BIGNUM_MAX_LIMBS], base[BIGNUM_MAX_LIMBS], e[E_LIMBS], r[BIGNUM_MAX_LIMBS];
    const struct bignum_power p = {r, base, e, m};
    for (size_t which = 0; which < 4; which++) {
        set_modulus(m, which, n);
        for (int edge = NONE; edge < EDGES; edge++) {
            set(base, (enum edge)edge, m, n);
            set(e, (enum edge)((edge + (int)which) % EDGES), m, E_LIMBS);
            impl->powm(&p, E_LIMBS * GMP_NUMB_BITS, n);
            expect_power(impl, &p, E_LIMBS, n);
        }
    }
}

static void test_powm(void **state)
{
    (void)state;
    for (size_t i = 0; i < bignum_backends(); i++) {
        check_powm(bignum_backend(i), BIGNUM_LIMBS(256));
        check_powm(bignum_backend(i), BIGNUM_LIMBS(384));
        check_powm(bignum_backend(i), BIGNUM_LIMBS(512));
    }
}

/* Each window of the exponent by itself: one bit of it at a time, and all but that one. */
static void test_each_bit_of_the_exponent(void **state)
{
    (void)state;
    enum { LEN = BIGNUM_LIMBS(256), BITS = E_LIMBS * GMP_NUMB_BITS };
    mp_limb_t m[LEN], base[LEN], e[E_LIMBS], r[LEN];
    const struct bignum_power p = {r, base, e, m};
    set_modulus(m, 3, LEN);
    fill(base, LEN);
    for (size_t i = 0; i < bignum_backends(); i++)
        for (size_t bit = 0; bit < 2 * BITS; bit++) {
            memset(e, bit < BITS ? 0 : 0xff, sizeof e);
            e[bit % BITS / GMP_NUMB_BITS] ^= (mp_limb_t)1 << bit % GMP_NUMB_BITS;
            bignum_backend(i)->powm(&p, BITS, LEN);
            expect_power(bignum_backend(i), &p, E_LIMBS, LEN);
        }
}

/* Nothing of the one may get into the other: everything about them differs. */
static void test_two_side_by_side(void **state)
{
    (void)state;
    mp_limb_t m[2][HALF], base[2][HALF], e[2][E_LIMBS], r[2][HALF];
    const struct bignum_power two[2] = {{r[0], base[0], e[0], m[0]}, {r[1], base[1], e[1], m[1]}};
    for (size_t i = 0; i < bignum_backends(); i++)
        for (size_t round = 0; round < 4 * EDGES; round++) {
            for (size_t j = 0; j < 2; j++) {
                set_modulus(m[j], round + 3 * j, HALF);
                set(base[j], (enum edge)((round + 2 * j) % EDGES), m[j], HALF);
                set(e[j], (enum edge)((round + 4 * j) % EDGES), m[j], E_LIMBS);
            }
            bignum_backend(i)->powm_two(two, E_LIMBS * GMP_NUMB_BITS, HALF);
            expect_power(bignum_backend(i), &two[0], E_LIMBS, HALF);
            expect_power(bignum_backend(i), &two[1], E_LIMBS, HALF);
        }
}

static void test_public_exponents(void **state)
{
    (void)state;
    static const unsigned exponents[] = {3, 5, 7, 65537, 0xffffffff};
    mp_limb_t m[N], base[N], r[N];
    for (size_t i = 0; i < bignum_backends(); i++)
        for (size_t round = 0; round < 4 * EDGES; round++) {
            const mp_limb_t e = exponents[round % 5];
            const struct bignum_power p = {r, base, &e, m};
            set_modulus(m, round, N);
            set(base, (enum edge)(round % EDGES), m, N);
            memcpy(r, base, sizeof r);
            bignum_backend(i)->powm_e(r, r, (unsigned)e, m, N);
            expect_power(bignum_backend(i), &p, 1, N);
            bignum_backend(i)->powm_public(r, base, (unsigned)e, m, N);
            expect_power(bignum_backend(i), &p, 1, N);
        }
}

static void test_the_list(void **state)
{
    (void)state;
    assert_ptr_equal(bignum_impls[0], &bignum_gmp); /* which is picked on every machine */
    for (size_t i = 0; bignum_impls[i] != NULL; i++) {
        assert_ptr_equal(bignum_impl_by_name(bignum_impls[i]->name), bignum_impls[i]);
        if (!bignum_impls[i]->usable())
            printf("skipped: bignum %s (this processor lacks its instructions)\n", bignum_impls[i]->name);
    }
    assert_null(bignum_impl_by_name("openssl"));
    assert_null(bignum_impl_by_name(""));
}

static int set_up(void **state)
{
    (void)state;
    rng_init(&rng);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rng_wipe(&rng);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list),
        cmocka_unit_test(test_powm),
        cmocka_unit_test(test_each_bit_of_the_exponent),
        cmocka_unit_test(test_two_side_by_side),
        cmocka_unit_test(test_public_exponents),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
