/* SPDX-License-Identifier: MIT */
/* An RSA-PSS signature, taken apart. Opened with the public key it is EM, and EM unmasked has the salt: so whoever has
 * a signature has every value that it was made of, but for the private key.
 *
 *      M' = 00 00 00 00 00 00 00 00 || mHash || salt        H = Hash(M')
 *      DB = 00 ... 00 || 01 || salt                         EM = (DB xor MGF1(H)) || H || bc
 *
 * Standard:    RFC 8017, 5.2.2 (RSAVP1), 9.1 (EMSA-PSS) and B.2.1 (MGF1), with SHA-256 and a salt of 32 bytes.
 * Use it:      struct pss p;
 *              pss_open(p.em, &pub, sig);
 *              pss_take_apart(&p, msg, msg_len);
 *              if (memcmp(p.h_prime, p.em + PSS_DB_LEN, SHA256_DIGEST_LEN) == 0)  it is this message's
 * Timing:      no secrets: a signature is public.
 * Read next:   explain_rsa.c, which shows and judges it; crypto/rsa.h, which signs and verifies.
 */
#ifndef APP_WORKBENCH_EXPLAIN_PSS_H
#define APP_WORKBENCH_EXPLAIN_PSS_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/rsa.h"
#include "crypto/sha256.h"

#define PSS_SALT_LEN 32
#define PSS_EM_LEN RSA_MODULUS_LEN
#define PSS_DB_LEN (PSS_EM_LEN - SHA256_DIGEST_LEN - 1)
#define PSS_PS_LEN (PSS_DB_LEN - PSS_SALT_LEN - 1) /* the zeros that DB begins with */
#define PSS_M_PRIME_LEN (8 + SHA256_DIGEST_LEN + PSS_SALT_LEN)
#define PSS_TRAILER 0xbc

/* The values of 9.1, under its names. */
struct pss {
    uint8_t m_hash[SHA256_DIGEST_LEN];
    uint8_t salt[PSS_SALT_LEN];
    uint8_t m_prime[PSS_M_PRIME_LEN];
    uint8_t h_prime[SHA256_DIGEST_LEN]; /* Hash(M'): what H must be */
    uint8_t em[PSS_EM_LEN];
    uint8_t db_mask[PSS_DB_LEN]; /* MGF1(H) */
    uint8_t db[PSS_DB_LEN];
};

/* EM = s^e mod n; s is below n, and n passes rsa_public_check. */
void pss_open(uint8_t em[static PSS_EM_LEN], const struct rsa_public *pub, const uint8_t sig[static RSA_SIGNATURE_LEN]);

/* All other values, from p->em and the message, whether they fit each other or not. */
void pss_take_apart(struct pss *p, const void *msg, size_t msg_len);

/* EM made again from p->salt and p->h_prime (9.1.1, steps 7 to 12): p->em where the signature is right. */
void pss_encode(uint8_t em[static PSS_EM_LEN], const struct pss *p);

#endif
