/* SPDX-License-Identifier: MIT */
/* The comb gives what the general power gives, for every exponent that could confuse its layout. */
#include "crypto/dh_comb.h"

#include "crypto/bignum.h"
#include "crypto/rng.h"
#include "tests/test.h"

/* 2^x mod p the long way. */
static void general(uint8_t *out, const struct dh_group *g, const uint8_t *x)
{
    mp_limb_t p[BIGNUM_MAX_LIMBS], e[BIGNUM_LIMBS(DH_PRIVATE_MAX_LEN)], r[BIGNUM_MAX_LIMBS];
    const mp_limb_t two = 2;
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(e, x, g->x_len);
    bignum_powm(r, &two, 1, e, 8 * g->x_len, p, (mp_size_t)BIGNUM_LIMBS(g->p_len));
    bignum_to_bytes(out, g->p_len, r);
}

static void check(const struct dh_group *g, const uint8_t *x)
{
    uint8_t want[DH_PUBLIC_MAX_LEN], got[DH_PUBLIC_MAX_LEN];
    general(want, g, x);
    dh_comb_power(got, g, x);
    assert_memory_equal(got, want, g->p_len);
}

/* Each bit by itself: one in a wrong row, column or block would give another power. And all bits but that one. */
static void test_every_single_bit(void **state)
{
    (void)state;
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        const struct dh_group *g = dh_group(id);
        for (size_t bit = 0; bit < 8 * g->x_len; bit++) {
            uint8_t x[DH_PRIVATE_MAX_LEN] = {0};
            x[bit / 8] = (uint8_t)(1 << bit % 8);
            check(g, x);
        }
    }
}

static void test_extremes_and_random_ones(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        const struct dh_group *g = dh_group(id);
        uint8_t x[DH_PRIVATE_MAX_LEN] = {0};
        check(g, x);
        memset(x, 0xff, sizeof x);
        check(g, x);
        for (int i = 0; i < 20; i++) {
            rng_fill(&rng, x, sizeof x);
            check(g, x);
        }
    }
    rng_wipe(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_single_bit),
        cmocka_unit_test(test_extremes_and_random_ones),
    };
    return RUN(tests);
}
