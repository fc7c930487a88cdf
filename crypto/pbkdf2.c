/* Each block of output is the xor of a chain: U_1 = HMAC(P, S || INT(i)), U_c = HMAC(P, U_{c-1}). The password is the
 * key of every HMAC, so its two blocks are hashed once for all (crypto/hmac.h): an iteration is two blocks of SHA-256,
 * for the defender and for who guesses. Whatever else it cost here would be a gift to who guesses with better code.
 *
 * From U_2 on both hashes of an HMAC are over 96 bytes: the key's block, already hashed, and 32 more. So one block of
 * memory serves them both, its padding written once:
 *
 *   0        32     33                   56              64
 *   | U or    | 80  | 00 ... 00           | 768 = 8 * 96  |
 *   | inner   |     |                     |               |
 */
#include "crypto/pbkdf2.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

/* All that depends on the password, so that it can be wiped in one place. */
struct chain {
    struct hmac_key P;
    struct sha256 inner, outer, now; /* hashes that have taken the key's block in; the one going on from one of them */
    uint8_t block[SHA256_BLOCK_LEN]; /* as drawn above */
    uint32_t T[8];                   /* U_1 ^ ... ^ U_c, as words */
};

static void chain_init(struct chain *k, const uint8_t *password, size_t password_len)
{
    hmac_key_init(&k->P, password, password_len);
    sha256_resume(&k->inner, k->P.inner, SHA256_BLOCK_LEN);
    sha256_resume(&k->outer, k->P.outer, SHA256_BLOCK_LEN);
    memset(k->block, 0, sizeof k->block);
    k->block[HMAC_TAG_LEN] = 0x80;
    bytes_store_be64(k->block + SHA256_BLOCK_LEN - 8, 8 * (SHA256_BLOCK_LEN + HMAC_TAG_LEN));
}

/* Replaces the first half of the block by the digest of key block || that half. */
static inline void hash_block(struct chain *k, const struct sha256 *key)
{
    k->now = *key;
    sha256_update(&k->now, k->block, SHA256_BLOCK_LEN);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(k->block + 4 * i, k->now.h[i]);
}

/* F(P, S, c, i) of RFC 8018, 5.2, step 3; the result is left in the first half of the block. */
static void F(struct chain *k, const uint8_t *S, size_t S_len, uint32_t c, uint32_t i)
{
    uint8_t INT[4];
    struct hmac h;
    bytes_store_be32(INT, i);
    hmac_init(&h, &k->P);
    hmac_update(&h, S, S_len);
    hmac_update(&h, INT, sizeof INT);
    hmac_final(&h, k->block);
    for (size_t j = 0; j < 8; j++)
        k->T[j] = bytes_load_be32(k->block + 4 * j);
    while (--c > 0) {
        hash_block(k, &k->inner);
        hash_block(k, &k->outer);
        for (size_t j = 0; j < 8; j++)
            k->T[j] ^= k->now.h[j];
    }
    for (size_t j = 0; j < 8; j++)
        bytes_store_be32(k->block + 4 * j, k->T[j]);
}

void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations)
{
    assert(iterations > 0 && out_len / HMAC_TAG_LEN < UINT32_MAX);
    struct chain k;
    chain_init(&k, password, password_len);
    for (uint32_t i = 1; out_len > 0; i++) {
        F(&k, salt, salt_len, iterations, i);
        size_t take = out_len < HMAC_TAG_LEN ? out_len : HMAC_TAG_LEN;
        memcpy(out, k.block, take);
        out += take;
        out_len -= take;
    }
    ct_wipe(&k, sizeof k);
}
