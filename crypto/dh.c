/* SPDX-License-Identifier: MIT */
/* Two people who have never met pick secret exponents x and x', tell each other 2^x and 2^x' modulo a prime p, and both
 * can compute 2^(x x'): each raises what they heard to their own exponent. Whoever only listens would have to find x
 * from 2^x, a discrete logarithm, and for primes of this size nobody knows how.
 *
 * The groups are fixed and public (RFC 7919), so nobody can slip in a weak one. Each p is a safe prime: (p-1)/2 = q is
 * prime too, so that the only subgroups are of order 1, 2, q and 2q. The number 2 generates the one of order q, which
 * is the squares. A peer's value outside it would tell the lowest bit of x, or fix Z to 1 or p-1; so it is refused, by
 * the Legendre symbol, which says in microseconds what y^q = 1 would say in milliseconds.
 */
#include "crypto/dh.h"

#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/dh_comb.h"
#include "crypto/rng.h"

#define P_LIMBS BIGNUM_LIMBS(DH_PUBLIC_MAX_LEN)
#define X_LIMBS BIGNUM_LIMBS(DH_PRIVATE_MAX_LEN)

/* out = base^x mod p, in constant time and at full length. CAUTION: cutting leading zeros off a shared secret makes the
 * time of hashing it tell something of it (the Raccoon attack); the vector of ffdhe2048 with two of them fails then. */
static void power(uint8_t *out, const struct dh_group *g, const mp_limb_t *base, size_t base_limbs, const uint8_t *x)
{
    mp_limb_t p[P_LIMBS], e[X_LIMBS], r[P_LIMBS];
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(e, x, g->x_len);
    bignum_powm(r, base, (mp_size_t)base_limbs, e, g->x_len * 8, p, (mp_size_t)BIGNUM_LIMBS(g->p_len));
    bignum_to_bytes(out, g->p_len, r);
    ct_wipe(e, sizeof e);
    ct_wipe(r, sizeof r);
}

static void compute_public(struct dh_key_pair *pair)
{
    dh_comb_power(pair->y, pair->group, pair->x);
}

void dh_generate(struct dh_key_pair *pair, const struct dh_group *g, struct rng *rng)
{
    memset(pair, 0, sizeof *pair);
    pair->group = g;
    rng_key(rng, pair->x, g->x_len);
    compute_public(pair);
}

int dh_pair_from_private(struct dh_key_pair *pair, const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    if (x_len != g->x_len)
        return -1;
    uint8_t any = 0;
    for (size_t i = 0; i < x_len; i++)
        any |= x[i];
    int none = any == 0;
    ct_public(&none, sizeof none); /* the verdict */
    if (none)
        return -1;
    memset(pair, 0, sizeof *pair);
    pair->group = g;
    memcpy(pair->x, x, x_len);
    compute_public(pair);
    return 0;
}

/* SP 800-56A section 5.6.2.3.1: 2 <= y <= p-2, and y^q = 1 mod p, which is what the Legendre symbol says. */
int dh_check_public(const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    if (y_len != g->p_len)
        return -1;
    mp_limb_t p[P_LIMBS], value[P_LIMBS];
    mpz_t p_mpz, value_mpz;
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(value, y, y_len);
    mpz_roinit_n(p_mpz, p, (mp_size_t)BIGNUM_LIMBS(g->p_len));
    mpz_roinit_n(value_mpz, value, (mp_size_t)BIGNUM_LIMBS(y_len));
    if (mpz_cmp_ui(value_mpz, 1) <= 0)
        return -1;
    p[0] -= 1; /* p is odd, so this is p - 1; p_mpz points at it */
    if (mpz_cmp(value_mpz, p_mpz) >= 0)
        return -1;
    p[0] += 1;
    bignum_setup();
    return mpz_legendre(value_mpz, p_mpz) == 1 ? 0 : -1;
}

int dh_derive(uint8_t *z, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len)
{
    if (dh_check_public(pair->group, peer, peer_len) != 0)
        return -1;
    mp_limb_t y[P_LIMBS];
    bignum_from_bytes(y, peer, peer_len);
    power(z, pair->group, y, BIGNUM_LIMBS(peer_len), pair->x);
    return 0;
}

void dh_wipe(struct dh_key_pair *pair)
{
    ct_wipe(pair, sizeof *pair);
}
