/* SPDX-License-Identifier: MIT */
/* CBC over whole blocks.
 *
 * Standard:    SP 800-38A section 6.2.
 * The contract of each function stands in crypto/cbc.h; docs/exercises/05-cbc/README.md is its page. */
#include "crypto/cbc.h"

void cbc_encrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks)
{
    /* TODO: C_1 = CIPH(P_1 xor IV), C_j = CIPH(P_j xor C_{j-1}); out may be in */
    (void)k;
    (void)iv;
    (void)out;
    (void)in;
    (void)blocks;
}

void cbc_decrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks)
{
    /* TODO: P_1 = CIPH^-1(C_1) xor IV, P_j = CIPH^-1(C_j) xor C_{j-1}; out may be in */
    (void)k;
    (void)iv;
    (void)out;
    (void)in;
    (void)blocks;
}

void cbc_encrypt_many(const struct aes_cbc_stream streams[], size_t n, size_t blocks)
{
    /* TODO: cbc_encrypt for each stream */
    (void)streams;
    (void)n;
    (void)blocks;
}
