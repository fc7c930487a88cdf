/* SPDX-License-Identifier: MIT */
/* The parts of the product on IFMA by themselves, with its instructions in plain C: limbs and digits, the last
 * subtraction, and the product of the largest numbers that it may get. */
#include "crypto/cpu.h"
#include "tests/test.h"

#if CPU_X86_BACKENDS

#define IFMA_MODEL_NAMES
#include "tests/ifma_model.h"

#include "crypto/bignum_ifma_product.h"
#include "tests/fill.h"

enum { N = 32 };

static mp_limb_t m[N];

static void set_modulus(bool largest)
{
    fill(m, sizeof m, 1);
    if (largest)
        memset(m, 0xff, sizeof m);
    m[0] |= 1;
    m[N - 1] |= (mp_limb_t)1 << 63;
}

/* a = factor m - less, as digits: below 2m it may have a bit more than its limbs. */
static void multiple_as_digits(struct digits *a, unsigned factor, mp_limb_t less)
{
    mp_limb_t wide[N + 1];
    wide[N] = mpn_mul_1(wide, m, N, factor);
    mpn_sub_1(wide, wide, N + 1, less);
    memset(a, 0, sizeof *a);
    for (size_t i = 0; i < DIGITS(N); i++) {
        size_t limb = DIGIT_BITS * i / 64, shift = DIGIT_BITS * i % 64;
        uint64_t above = shift > 12 && limb + 1 < N + 1 ? wide[limb + 1] << (64 - shift) : 0;
        a->d[i] = (wide[limb] >> shift | above) & DIGIT_MASK;
    }
}

static void test_digits_go_round(void **state)
{
    (void)state;
    mp_limb_t in[N], out[N];
    struct digits d;
    for (int round = 0; round < 20; round++) {
        fill(in, sizeof in, (uint8_t)round);
        memset(&d, 0xff, sizeof d);
        to_digits(&d, 0, in, N);
        for (size_t i = 0; i < LANES * VECTORS(N); i++)
            assert_true(d.d[i] <= DIGIT_MASK);
        to_limbs(out, &d, 0, N);
        assert_memory_equal(out, in, sizeof in);
    }
}

/* Up to 2m - 1, which is more than its limbs hold. */
static void test_the_result_is_below_the_modulus(void **state)
{
    (void)state;
    static const mp_limb_t less[] = {0, 1, 2, 1000};
    for (int largest = 0; largest < 2; largest++) {
        set_modulus(largest);
        for (unsigned factor = 1; factor <= 2; factor++)
            for (size_t i = factor - 1; i < sizeof less / sizeof *less; i++) { /* 2m itself is too much */
                struct digits a;
                mp_limb_t got[N], want[N] = {0};
                multiple_as_digits(&a, factor, less[i]);
                result(got, &a, 0, m, N);
                if (less[i] != 0)
                    mpn_sub_1(want, m, N, less[i]);
                assert_memory_equal(got, want, sizeof want);
            }
    }
}

/* (2m - 1)^2 / R = 1 / R mod m, and the product stays below 2m: its digits are whole, and nothing is above them. */
static void test_the_largest_factors(void **state)
{
    (void)state;
    for (int largest = 0; largest < 2; largest++) {
        mp_limb_t got[N], one[N] = {1};
        struct modulus k;
        struct digits a, r;
        set_modulus(largest);
        modulus_init(&k, 0, m, N);
        multiple_as_digits(&a, 2, 1);
        multiply(&r, &a, &a, &k, N, 1);
        for (size_t i = 0; i < LANES * VECTORS(N); i++)
            assert_true(r.d[i] <= DIGIT_MASK && (i < DIGITS(N) || r.d[i] == 0));
        multiply(&r, &r, &k.r2, &k, N, 1); /* times R */
        result(got, &r, 0, m, N);
        assert_memory_equal(got, one, sizeof one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digits_go_round),
        cmocka_unit_test(test_the_result_is_below_the_modulus),
        cmocka_unit_test(test_the_largest_factors),
    };
    return RUN(tests);
}

#else

int main(void)
{
    puts("skipped: the product on IFMA (no x86 backends in this build)");
    return 0;
}

#endif
