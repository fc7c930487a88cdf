/* SPDX-License-Identifier: MIT */
/* MGF1 and the encoding are written out here, to keep each value: those of crypto/rsa.c are its own. */
#include "app/workbench/explain/pss.h"

#include <string.h>

#include "crypto/bignum.h"
#include "crypto/bytes.h"

#define HASH_LEN SHA256_DIGEST_LEN

/* B.2.1: Hash(seed || 0) || Hash(seed || 1) || ..., the counters in four bytes, cut to out_len bytes. */
static void mgf1(uint8_t *out, size_t out_len, const uint8_t seed[static HASH_LEN])
{
    uint8_t input[HASH_LEN + 4], hash[HASH_LEN];
    memcpy(input, seed, HASH_LEN);
    for (uint32_t i = 0; i * HASH_LEN < out_len; i++) {
        size_t left = out_len - i * HASH_LEN;
        bytes_store_be32(input + HASH_LEN, i);
        sha256_digest(hash, input, sizeof input);
        memcpy(out + i * HASH_LEN, hash, left < HASH_LEN ? left : HASH_LEN);
    }
}

/* What follows from the message and the salt. */
static void hash_message(struct pss *p, const void *msg, size_t msg_len)
{
    sha256_digest(p->m_hash, msg, msg_len);
    memset(p->m_prime, 0, 8);
    memcpy(p->m_prime + 8, p->m_hash, HASH_LEN);
    memcpy(p->m_prime + 8 + HASH_LEN, p->salt, PSS_SALT_LEN);
    sha256_digest(p->h_prime, p->m_prime, sizeof p->m_prime);
}

void pss_open(uint8_t em[static PSS_EM_LEN], const struct rsa_public *pub, const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    enum { N = BIGNUM_LIMBS(RSA_MODULUS_LEN) };
    static const mp_limb_t e = RSA_E;
    mp_limb_t n[N], s[N], m[N];
    bignum_from_bytes(n, pub->n, sizeof pub->n);
    bignum_from_bytes(s, sig, RSA_SIGNATURE_LEN);
    bignum_powm(m, s, N, &e, 17, n, N);
    bignum_to_bytes(em, PSS_EM_LEN, m);
}

void pss_take_apart(struct pss *p, const void *msg, size_t msg_len)
{
    mgf1(p->db_mask, PSS_DB_LEN, p->em + PSS_DB_LEN);
    bytes_xor(p->db, p->em, p->db_mask, PSS_DB_LEN);
    p->db[0] &= 0x7f;
    memcpy(p->salt, p->db + PSS_PS_LEN + 1, PSS_SALT_LEN);
    hash_message(p, msg, msg_len);
}

void pss_encode(uint8_t em[static PSS_EM_LEN], const struct pss *p)
{
    uint8_t db_mask[PSS_DB_LEN], db[PSS_DB_LEN] = {0};
    db[PSS_PS_LEN] = 0x01;
    memcpy(db + PSS_PS_LEN + 1, p->salt, PSS_SALT_LEN);
    mgf1(db_mask, PSS_DB_LEN, p->h_prime);
    bytes_xor(em, db, db_mask, PSS_DB_LEN);
    em[0] &= 0x7f;
    memcpy(em + PSS_DB_LEN, p->h_prime, HASH_LEN);
    em[PSS_EM_LEN - 1] = PSS_TRAILER;
}
