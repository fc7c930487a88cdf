/* SPDX-License-Identifier: MIT */
/* RSA-3072 signatures: RSASSA-PSS with SHA-256, MGF1 over SHA-256, a salt of 32 bytes, and e = 65537. Nothing else.
 *
 *      EM, 384 bytes:   maskedDB [351] | H [32] | 0xbc         DB = 00 ... 00 | 01 | salt [32]
 *      H  = SHA-256(eight zero bytes || SHA-256(message) || salt)
 *      maskedDB = DB xor MGF1(H), its topmost bit cleared      signature = EM^d mod n
 *
 * Standard:    RFC 8017 sections 8.1 (RSASSA-PSS), 9.1 (EMSA-PSS), B.2.1 (MGF1); FIPS 186-5 appendix A.1.3 (keys).
 * Use it:      rsa_generate(&key, &rng);  rsa_public_of(&pub, &key);
 *              if (rsa_pss_sign(sig, &key, msg, msg_len, &rng) != 0) the signature failed its own check: send nothing;
 *              if (rsa_pss_verify(&pub, msg, msg_len, sig) != 0) refuse;
 *              rsa_wipe(&key);
 * Timing:      signing takes the same steps whatever the key and the message are, and touches the same memory but for
 *              two small tables (bignum.h); its input is blinded besides. Making a key is not constant in time: how
 *              many candidates are thrown away shows. Do it once, where nobody measures. Verifying and the public
 *              checks handle nothing secret.
 * Read next:   crypto/bignum.h, what stands between this and GMP; crypto/pem.h, how a key is kept in a file.
 */
#ifndef CRYPTO_RSA_H
#define CRYPTO_RSA_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

struct bignum_impl;
struct rng;

#define RSA_MODULUS_LEN 384
#define RSA_PRIME_LEN 192
#define RSA_SIGNATURE_LEN 384
#define RSA_E 65537

/* All numbers are big-endian and as long as their arrays. */
struct rsa_public {
    uint8_t n[RSA_MODULUS_LEN];
};

struct rsa_private {
    uint8_t n[RSA_MODULUS_LEN]; /* public: n = p q */
    uint8_t d[RSA_MODULUS_LEN]; /* e^-1 modulo lcm(p-1, q-1) */
    uint8_t p[RSA_PRIME_LEN];   /* p > q */
    uint8_t q[RSA_PRIME_LEN];
    uint8_t dp[RSA_PRIME_LEN];   /* d mod (p-1) */
    uint8_t dq[RSA_PRIME_LEN];   /* d mod (q-1) */
    uint8_t qinv[RSA_PRIME_LEN]; /* q^-1 mod p */
};

/* Makes a key: two random primes of 1,536 bits. How long that takes is luck, about a fifth of a second on average. */
void rsa_generate(struct rsa_private *key, struct rng *rng);

/* 0 where the modulus can be one: its top bit set, and odd. Else -1. */
MUST_USE int rsa_public_check(const struct rsa_public *pub);

/* 0 where the parts fit each other: n = p q, e d = 1 modulo p-1 and q-1, and dp, dq, qinv are d's and q's. Else -1.
 * Doesn't ask whether p and q are prime: whoever can put in a key of their own needs no such trick. */
MUST_USE int rsa_private_check(const struct rsa_private *key);

void rsa_public_of(struct rsa_public *pub, const struct rsa_private *key);

/* Signs msg, with a fresh salt and fresh blinding from rng. The signature is verified before it leaves: one faulty CRT
 * signature would give the key away. -1 where that fails (a damaged key, a fault), and sig is all zeros. */
MUST_USE int rsa_pss_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct rsa_private *key, const void *msg,
                          size_t msg_len, struct rng *rng);

/* 0 where sig is a signature of msg under pub; -1 where not, or where pub fails rsa_public_check. */
MUST_USE int rsa_pss_verify(const struct rsa_public *pub, const void *msg, size_t msg_len,
                            const uint8_t sig[static RSA_SIGNATURE_LEN]);

/* The same with a backend of the caller's choice (crypto/bignum_impl.h), which must be usable. */
MUST_USE int rsa_pss_sign_with(const struct bignum_impl *impl, uint8_t sig[static RSA_SIGNATURE_LEN],
                               const struct rsa_private *key, const void *msg, size_t msg_len, struct rng *rng);
MUST_USE int rsa_pss_verify_with(const struct bignum_impl *impl, const struct rsa_public *pub, const void *msg,
                                 size_t msg_len, const uint8_t sig[static RSA_SIGNATURE_LEN]);

void rsa_wipe(struct rsa_private *key);

#endif
