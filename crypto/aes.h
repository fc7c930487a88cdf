/* SPDX-License-Identifier: MIT */
/* AES: the block cipher, 16 bytes in, 16 bytes out, under a key of 16 or 32 bytes, or of 24.
 *
 * Standard:    FIPS 197. Keys of 192 bits are here for the key files of other tools alone, and aren't fast.
 * Use it:      struct aes_key key;
 *              aes_key_init(&key, bytes, AES128_KEY_LEN);
 *              aes_encrypt(&key, out, in, 1);
 *              aes_key_wipe(&key);
 *              By itself it maps equal blocks to equal blocks, which shows in the output; what hides messages is
 *              a mode: crypto/cbc.h.
 * Timing:      depends on key_len and blocks alone, with every backend that aes_key_init picks.
 * Read next:   crypto/aes_ref.c, the standard as printed; crypto/aes_bitslice.c, the same in constant time;
 *              crypto/aes_impl.h, how one of them is chosen.
 */
#ifndef CRYPTO_AES_H
#define CRYPTO_AES_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#define AES_BLOCK_LEN 16
#define AES128_KEY_LEN 16
#define AES192_KEY_LEN 24
#define AES256_KEY_LEN 32

struct aes_impl;

/* A key made ready. 15 round keys of 16 bytes are the most there are; how a backend lays them out is its own affair.
 * The struct holds no pointer into itself and may be copied; each copy is a secret to wipe. */
struct aes_key {
    const struct aes_impl *impl; /* the backend that made it, and the only one that can use it */
    unsigned rounds;             /* 10, 12 or 14 */
    alignas(16) uint8_t enc[240];
    alignas(16) uint8_t dec[240];
};

/* Makes a key ready with the fastest backend that this machine has. key_len is AES128_KEY_LEN, AES192_KEY_LEN
 * or AES256_KEY_LEN (anything else is asserted against). */
void aes_key_init(struct aes_key *k, const uint8_t *key, size_t key_len);

/* Encrypts or decrypts each block by itself. out and in hold blocks * 16 bytes; they may be the same, and must not
 * overlap otherwise. blocks may be 0; four or more at a time are several times faster than one by one. */
void aes_encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks);
void aes_decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks);

/* Overwrites the key; it can't be used until the next aes_key_init. */
void aes_key_wipe(struct aes_key *k);

/* One of several messages that are encrypted side by side: crypto/cbc.h, cbc_encrypt_many. */
struct aes_cbc_stream {
    const struct aes_key *key;
    const uint8_t *iv; /* AES_BLOCK_LEN bytes */
    uint8_t *out;
    const uint8_t *in;
};

#endif
