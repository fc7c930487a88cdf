/* SPDX-License-Identifier: MIT */
/* Two people who have never met pick secret exponents x and x', tell each other 2^x and 2^x' modulo a prime p, and both
 * can compute 2^(x x'): each raises what was heard to its own exponent. Whoever only listens would have to find x from
 * 2^x, a discrete logarithm, and for primes of this size nobody knows how.
 *
 * The groups are fixed and public (RFC 7919), so nobody can slip in a weak one. Each p is a safe prime: (p-1)/2 = q is
 * prime too, so that the only subgroups are of order 1, 2, q and 2q. The number 2 generates the one of order q, which
 * is the squares. A peer's value outside it would tell the lowest bit of x, or fix Z to 1 or p-1; so it is refused, by
 * the Legendre symbol, which says for microseconds what y^q = 1 would say for milliseconds.
 */
#include "crypto/dh.h"

#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/dh_comb.h"
#include "crypto/rng.h"

#define P_LIMBS BIGNUM_LIMBS(DH_PUBLIC_MAX_LEN)
#define X_LIMBS BIGNUM_LIMBS(DH_PRIVATE_MAX_LEN)

/* The primes as the RFC prints them, six words a line. They differ in length and in their last words but one. */
#define W(word) (word) >> 24, (word) >> 16 & 0xff, (word) >> 8 & 0xff, (word)&0xff
/* RFC 7919 appendix A.1 */
/* clang-format off */
static const uint8_t ffdhe2048[256] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x61285C97), W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
/* RFC 7919 appendix A.2 */
/* clang-format off */
static const uint8_t ffdhe3072[384] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x611FCFDC), W(0xDE355B3B), W(0x6519035B), W(0xBC34F4DE), W(0xF99C0238),
    W(0x61B46FC9), W(0xD6E6C907), W(0x7AD91D26), W(0x91F7F7EE), W(0x598CB0FA), W(0xC186D91C),
    W(0xAEFE1309), W(0x85139270), W(0xB4130C93), W(0xBC437944), W(0xF4FD4452), W(0xE2D74DD3),
    W(0x64F2E21E), W(0x71F54BFF), W(0x5CAE82AB), W(0x9C9DF69E), W(0xE86D2BC5), W(0x22363A0D),
    W(0xABC52197), W(0x9B0DEADA), W(0x1DBF9A42), W(0xD5C4484E), W(0x0ABCD06B), W(0xFA53DDEF),
    W(0x3C1B20EE), W(0x3FD59D7C), W(0x25E41D2B), W(0x66C62E37), W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
/* RFC 7919 appendix A.3 */
/* clang-format off */
static const uint8_t ffdhe4096[512] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x611FCFDC), W(0xDE355B3B), W(0x6519035B), W(0xBC34F4DE), W(0xF99C0238),
    W(0x61B46FC9), W(0xD6E6C907), W(0x7AD91D26), W(0x91F7F7EE), W(0x598CB0FA), W(0xC186D91C),
    W(0xAEFE1309), W(0x85139270), W(0xB4130C93), W(0xBC437944), W(0xF4FD4452), W(0xE2D74DD3),
    W(0x64F2E21E), W(0x71F54BFF), W(0x5CAE82AB), W(0x9C9DF69E), W(0xE86D2BC5), W(0x22363A0D),
    W(0xABC52197), W(0x9B0DEADA), W(0x1DBF9A42), W(0xD5C4484E), W(0x0ABCD06B), W(0xFA53DDEF),
    W(0x3C1B20EE), W(0x3FD59D7C), W(0x25E41D2B), W(0x669E1EF1), W(0x6E6F52C3), W(0x164DF4FB),
    W(0x7930E9E4), W(0xE58857B6), W(0xAC7D5F42), W(0xD69F6D18), W(0x7763CF1D), W(0x55034004),
    W(0x87F55BA5), W(0x7E31CC7A), W(0x7135C886), W(0xEFB4318A), W(0xED6A1E01), W(0x2D9E6832),
    W(0xA907600A), W(0x918130C4), W(0x6DC778F9), W(0x71AD0038), W(0x092999A3), W(0x33CB8B7A),
    W(0x1A1DB93D), W(0x7140003C), W(0x2A4ECEA9), W(0xF98D0ACC), W(0x0A8291CD), W(0xCEC97DCF),
    W(0x8EC9B55A), W(0x7F88A46B), W(0x4DB5A851), W(0xF44182E1), W(0xC68A007E), W(0x5E655F6A),
    W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
#undef W

/* An exponent of twice the group's strength, and some more: NIST gives 112, 128 and 152 bits to these primes. */
static const struct dh_group groups[] = {
    {DH_FFDHE2048, "ffdhe2048", 256, 32, ffdhe2048},
    {DH_FFDHE3072, "ffdhe3072", 384, 40, ffdhe3072},
    {DH_FFDHE4096, "ffdhe4096", 512, 48, ffdhe4096},
};
#define GROUPS (sizeof groups / sizeof *groups)

const struct dh_group *dh_group(int id)
{
    for (size_t i = 0; i < GROUPS; i++)
        if ((int)groups[i].id == id)
            return &groups[i];
    return NULL;
}

const struct dh_group *dh_group_by_name(const char *name)
{
    for (size_t i = 0; i < GROUPS; i++)
        if (strcmp(groups[i].name, name) == 0)
            return &groups[i];
    return NULL;
}

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
