/* SPDX-License-Identifier: MIT */
/* Each block of output is the xor of a chain: U_1 = HMAC(P, S || INT(i)), U_c = HMAC(P, U_{c-1}). The password is the
 * key of every HMAC, so its two blocks are hashed once for all (crypto/hmac.h): an iteration is two blocks of SHA-256,
 * for the defender and for the attacker. Whatever else it cost here would be a gift to an attacker with better code.
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
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/pbkdf2_impl.h"

const struct pbkdf2_impl *const pbkdf2_impls[] = {
#if CPU_X86_BACKENDS
    &pbkdf2_ni,
#endif
    &pbkdf2_portable,
    NULL,
};

/* Every machine can run it. */
static bool usable(void)
{
    return true;
}

/* All that depends on the password, so that it can be wiped in one place. */
struct links {
    struct sha256 inner, outer, now; /* hashes that have taken the key's block in; the one going on from one of them */
    uint8_t block[SHA256_BLOCK_LEN]; /* as drawn above */
};

/* Replaces the first half of the block by the digest of key block || that half. */
static inline void hash_block(struct links *k, const struct sha256 *key)
{
    k->now = *key;
    sha256_update(&k->now, k->block, SHA256_BLOCK_LEN);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(k->block + 4 * i, k->now.h[i]);
}

static void chain(uint32_t T[8], const struct hmac_key *P, uint32_t c)
{
    struct links k = {.block[HMAC_TAG_LEN] = 0x80};
    bytes_store_be64(k.block + SHA256_BLOCK_LEN - 8, 8 * (SHA256_BLOCK_LEN + HMAC_TAG_LEN));
    sha256_resume(&k.inner, P->inner, SHA256_BLOCK_LEN);
    sha256_resume(&k.outer, P->outer, SHA256_BLOCK_LEN);
    for (size_t j = 0; j < 8; j++)
        bytes_store_be32(k.block + 4 * j, T[j]);
    while (--c > 0) {
        hash_block(&k, &k.inner);
        hash_block(&k, &k.outer);
        for (size_t j = 0; j < 8; j++)
            T[j] ^= k.now.h[j];
    }
    ct_wipe(&k, sizeof k);
}

const struct pbkdf2_impl pbkdf2_portable = {.name = "portable", .usable = usable, .chain = chain};

/* F(P, S, c, i) of RFC 8018, 5.2, step 3. Not inlined, so that its frame is one that ct_wipe_stack reaches. */
static __attribute__((noinline)) void F(uint8_t out[HMAC_TAG_LEN], const struct pbkdf2_impl *impl,
                                        const struct hmac_key *P, const uint8_t *S, size_t S_len, uint32_t c,
                                        uint32_t i)
{
    uint8_t INT[4];
    uint32_t T[8];
    struct hmac h;
    bytes_store_be32(INT, i);
    hmac_init(&h, P);
    hmac_update(&h, S, S_len);
    hmac_update(&h, INT, sizeof INT);
    hmac_final(&h, out);
    for (size_t j = 0; j < 8; j++)
        T[j] = bytes_load_be32(out + 4 * j);
    impl->chain(T, P, c);
    for (size_t j = 0; j < 8; j++)
        bytes_store_be32(out + 4 * j, T[j]);
    ct_wipe(T, sizeof T);
}

void pbkdf2_derive_with(const struct pbkdf2_impl *impl, uint8_t *out, size_t out_len, const uint8_t *password,
                        size_t password_len, const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    assert(iterations > 0 && out_len / HMAC_TAG_LEN < UINT32_MAX);
    struct hmac_key P;
    uint8_t block[HMAC_TAG_LEN];
    hmac_key_init(&P, password, password_len);
    for (uint32_t i = 1; out_len > 0; i++) {
        F(block, impl, &P, salt, salt_len, iterations, i);
        size_t take = out_len < sizeof block ? out_len : sizeof block;
        memcpy(out, block, take);
        out += take;
        out_len -= take;
    }
    hmac_key_wipe(&P);
    ct_wipe(block, sizeof block);
    ct_wipe_stack(CT_STACK_LEN); /* the chains keep all in registers, and not all of it has room there */
}

void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations)
{
    size_t i = 0;
    while (!pbkdf2_impls[i]->usable())
        i++;
    pbkdf2_derive_with(pbkdf2_impls[i], out, out_len, password, password_len, salt, salt_len, iterations);
}
