/* SPDX-License-Identifier: MIT */
/* What is missing is at the end of lab_rsa_sign: s^e has to be EM again, or s must not leave. */
#include "app/workbench/labs/rsa_unchecked.h"

#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/sha256.h"

enum { N = BIGNUM_LIMBS(RSA_MODULUS_LEN), HALF = BIGNUM_LIMBS(RSA_PRIME_LEN) };

void lab_rsa_encode(uint8_t em[static RSA_MODULUS_LEN], const void *msg, size_t msg_len)
{
    uint8_t block[SHA256_DIGEST_LEN + 4], digest[SHA256_DIGEST_LEN];
    sha256_digest(block, msg, msg_len);
    em[0] = 0;
    for (size_t at = 1, i = 0; at < RSA_MODULUS_LEN; at += sizeof digest, i++) {
        bytes_store_be32(block + SHA256_DIGEST_LEN, (uint32_t)i);
        sha256_digest(digest, block, sizeof block);
        memcpy(em + at, digest, RSA_MODULUS_LEN - at < sizeof digest ? RSA_MODULUS_LEN - at : sizeof digest);
    }
}

/* r = c^exponent mod prime, on HALF limbs. */
static void half_power(mp_limb_t *r, const mp_limb_t *c, const uint8_t *exponent, const mp_limb_t *prime)
{
    mp_limb_t e[HALF];
    bignum_from_bytes(e, exponent, RSA_PRIME_LEN);
    bignum_powm(r, c, N, e, 8 * RSA_PRIME_LEN, prime, HALF);
}

void lab_rsa_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct rsa_private *key, const void *msg, size_t msg_len)
{
    uint8_t em[RSA_MODULUS_LEN];
    mp_limb_t c[N], p[HALF], q[HALF], qinv[HALF], m1[HALF], m2[N] = {0}, h[HALF], s[N];
    lab_rsa_encode(em, msg, msg_len);
    bignum_from_bytes(c, em, sizeof em);
    bignum_from_bytes(p, key->p, sizeof key->p);
    bignum_from_bytes(q, key->q, sizeof key->q);
    bignum_from_bytes(qinv, key->qinv, sizeof key->qinv);
    half_power(m1, c, key->dp, p);
    half_power(m2, c, key->dq, q);
    bignum_mod(h, m2, HALF, p, HALF);
    bignum_subm(h, m1, h, p, HALF);
    bignum_mulm(h, h, qinv, p, HALF);
    bignum_mul(s, h, q, HALF);
    (void)mpn_add_n(s, s, m2, N);
    bignum_to_bytes(sig, RSA_SIGNATURE_LEN, s);
}

void lab_rsa_open(uint8_t r[static RSA_MODULUS_LEN], const struct rsa_public *pub,
                  const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    static const mp_limb_t e = RSA_E;
    mp_limb_t n[N], s[N], m[N];
    bignum_from_bytes(n, pub->n, sizeof pub->n);
    bignum_from_bytes(s, sig, RSA_SIGNATURE_LEN);
    bignum_powm(m, s, N, &e, 17, n, N);
    bignum_to_bytes(r, RSA_MODULUS_LEN, m);
}

int lab_rsa_verify(const struct rsa_public *pub, const void *msg, size_t msg_len,
                   const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    uint8_t em[RSA_MODULUS_LEN], opened[RSA_MODULUS_LEN];
    lab_rsa_encode(em, msg, msg_len);
    lab_rsa_open(opened, pub, sig);
    return ct_equal(em, opened, sizeof em) ? 0 : -1;
}
