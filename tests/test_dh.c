/* SPDX-License-Identifier: MIT */
/* The primes are worked out again from the number e, as RFC 7919 defines them; public values and secrets are known
 * answers; fresh pairs must agree. */
#include "crypto/dh.h"

#include <gmp.h>

#include "crypto/dh_impl.h"
#include "crypto/rng.h"
#include "tests/bignum_backends.h"
#include "tests/test.h"
#include "tests/vec.h"

static void import(mpz_t r, const uint8_t *in, size_t in_len)
{
    mpz_import(r, in_len, 1, 1, 1, 0, in);
}

/* p = 2^b - 2^(b-64) + (floor(2^(b-130) e) + offset) 2^64 - 1, e being summed up here as 1/0! + 1/1! + 1/2! + ... with
 * 64 bits more than are needed. */
static void rfc7919_prime(mpz_t p, unsigned long b, unsigned long offset)
{
    mpz_t term, power;
    mpz_inits(term, power, NULL);
    mpz_set_ui(p, 0);
    mpz_ui_pow_ui(term, 2, b - 130 + 64);
    for (unsigned long n = 1; mpz_sgn(term) != 0; n++) {
        mpz_add(p, p, term);
        mpz_tdiv_q_ui(term, term, n);
    }
    mpz_tdiv_q_2exp(p, p, 64);
    mpz_add_ui(p, p, offset);
    mpz_mul_2exp(p, p, 64);
    mpz_ui_pow_ui(power, 2, b);
    mpz_add(p, p, power);
    mpz_ui_pow_ui(power, 2, b - 64);
    mpz_sub(p, p, power);
    mpz_sub_ui(p, p, 1);
    mpz_clears(term, power, NULL);
}

static void check_prime(const struct dh_group *g, unsigned long offset)
{
    mpz_t p, want;
    mpz_inits(p, want, NULL);
    import(p, g->p, g->p_len);
    rfc7919_prime(want, g->p_len * 8, offset);
    assert_int_equal(mpz_cmp(p, want), 0);
    assert_int_equal(mpz_fdiv_ui(p, 8), 7); /* then 2 is a square, and p-1 is not */
    assert_int_not_equal(mpz_probab_prime_p(p, 25), 0);
    mpz_tdiv_q_2exp(p, p, 1);
    assert_int_not_equal(mpz_probab_prime_p(p, 25), 0);
    mpz_clears(p, want, NULL);
}

static void check_exchange(struct vec *v, const struct dh_group *g)
{
    struct dh_key_pair pair;
    uint8_t z[DH_PUBLIC_MAX_LEN];
    size_t peer_len;
    const uint8_t *peer = vec_hex(v, "peer", &peer_len);
    assert_int_equal(dh_pair_from_private(&pair, g, vec_hex_n(v, "x", g->x_len), g->x_len), 0);
    vec_check(v, "y", pair.y, g->p_len);
    assert_int_equal(dh_check_public(g, pair.y, g->p_len), 0);
    assert_int_equal(dh_derive(z, &pair, peer, peer_len), 0);
    vec_check(v, "z", z, g->p_len);
    for (size_t i = 0; i < bignum_backends(); i++) {
        memset(z, 0, sizeof z);
        assert_int_equal(dh_derive_with(bignum_backend(i), z, &pair, peer, peer_len), 0);
        vec_check(v, "z", z, g->p_len);
    }
    dh_wipe(&pair);
}

/* Refused, both by the check and when a secret is to be derived, which leaves z as it was. */
static void check_refusal(struct vec *v, const struct dh_group *g)
{
    struct dh_key_pair pair;
    uint8_t x[DH_PRIVATE_MAX_LEN] = {[31] = 3}, z[DH_PUBLIC_MAX_LEN], before[DH_PUBLIC_MAX_LEN];
    size_t peer_len;
    const uint8_t *peer = vec_hex(v, "peer", &peer_len);
    if (dh_check_public(g, peer, peer_len) != -1)
        fail_msg("%s: accepted", vec_name(v));
    assert_int_equal(dh_pair_from_private(&pair, g, x, g->x_len), 0);
    memset(z, 0x5a, sizeof z);
    memcpy(before, z, sizeof z);
    assert_int_equal(dh_derive(z, &pair, peer, peer_len), -1);
    assert_memory_equal(z, before, sizeof z);
    for (size_t i = 0; i < bignum_backends(); i++)
        assert_int_equal(dh_derive_with(bignum_backend(i), z, &pair, peer, peer_len), -1);
    assert_memory_equal(z, before, sizeof z);
}

static void vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("dh");
    while (vec_next(v)) {
        const struct dh_group *g = dh_group_by_name(vec_text(v, "group"));
        assert_non_null(g);
        if (vec_has(v, "offset"))
            check_prime(g, (unsigned long)vec_number(v, "offset"));
        else if (vec_rejects(v))
            check_refusal(v, g);
        else
            check_exchange(v, g);
    }
    vec_close(v);
}

static void fresh_pairs_agree(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        const struct dh_group *g = dh_group(id);
        struct dh_key_pair a, b;
        uint8_t za[DH_PUBLIC_MAX_LEN], zb[DH_PUBLIC_MAX_LEN];
        dh_generate(&a, g, &rng);
        dh_generate(&b, g, &rng);
        assert_memory_not_equal(a.x, b.x, g->x_len);
        assert_int_equal(dh_derive(za, &a, b.y, g->p_len), 0);
        assert_int_equal(dh_derive(zb, &b, a.y, g->p_len), 0);
        assert_memory_equal(za, zb, g->p_len);
        dh_wipe(&b);
        for (size_t i = 0; i < sizeof b.x; i++)
            assert_int_equal(b.x[i], 0);
    }
    rng_wipe(&rng);
}

static void serve_a5(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    memset(out, 0xa5, len);
}

/* Every byte of x is drawn: 256, 320, 384 bits and not one less. */
static void x_is_all_random(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    rng.source = serve_a5;
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        struct dh_key_pair pair;
        dh_generate(&pair, dh_group(id), &rng);
        for (size_t i = 0; i < sizeof pair.x; i++)
            assert_int_equal(pair.x[i], i < pair.group->x_len ? 0xa5 : 0);
        dh_wipe(&pair);
    }
    rng_wipe(&rng);
}

/* All bits of x count, the topmost too: other bytes there give other values. */
static void private_exponents(void **state)
{
    (void)state;
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    struct dh_key_pair low, high;
    uint8_t x[DH_PRIVATE_MAX_LEN] = {0};
    assert_int_equal(dh_pair_from_private(&low, g, x, 32), -1);
    x[31] = 5;
    assert_int_equal(dh_pair_from_private(&low, g, x, 31), -1);
    assert_int_equal(dh_pair_from_private(&low, g, x, 33), -1);
    assert_int_equal(dh_pair_from_private(&low, g, x, 32), 0);
    x[0] = 0x80;
    assert_int_equal(dh_pair_from_private(&high, g, x, 32), 0);
    assert_memory_not_equal(low.y, high.y, g->p_len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(fresh_pairs_agree),
        cmocka_unit_test(x_is_all_random),
        cmocka_unit_test(private_exponents),
    };
    return RUN(tests);
}
