/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256: a tag that only a holder of the key can make.
 *
 * Standard:    RFC 2104 and FIPS 198-1: HMAC(K, text) = H((K0 ^ opad) || H((K0 ^ ipad) || text)).
 * Use it:      struct hmac_key key;  hmac_key_init(&key, bytes, bytes_len);         once a key
 *              hmac_message(tag, &key, msg, msg_len);                            a message in one piece, or
 *              struct hmac h;  hmac_init(&h, &key);  hmac_update(&h, part, part_len); ...  hmac_final(&h, tag);
 *              ... the receiver computes the tag again and compares with ct_equal, never with memcmp ...
 * Timing:      depends on the lengths, that of the key included, and on nothing else.
 * Read next:   crypto/hmac.c; crypto/etm.h, where it guards a ciphertext.
 */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/sha256.h"

#define HMAC_TAG_LEN SHA256_DIGEST_LEN

/* A key made ready: SHA-256's chaining values after the blocks K0 ^ ipad and K0 ^ opad. Whoever has them can make tags:
 * they are as secret as the key. */
struct hmac_key {
    uint32_t inner[8], outer[8];
};

/* A message being authenticated. */
struct hmac {
    struct sha256 hash;
    uint32_t outer[8];
};

/* A key of any length, 0 included, where key may be NULL; one longer than 64 bytes counts as its digest. A good one has
 * 32 random bytes. */
void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t key_len);

void hmac_key_wipe(struct hmac_key *k);

/* The tag of one message; faster than in pieces where it is short. tag may lie inside data. */
void hmac_message(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const void *data, size_t len);

/* The same for a message of which the caller has hashed the first `done` bytes itself, a multiple of 64: h is SHA-256's
 * chaining value after the inner key's block and them. For etm, which hashes while it encrypts. */
void hmac_message_from(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const uint32_t h[static 8],
                       uint64_t done, const void *data, size_t len);

/* Starts a message; k is not kept. */
void hmac_init(struct hmac *h, const struct hmac_key *k);

void hmac_update(struct hmac *h, const void *data, size_t len);

/* Writes the tag and wipes h. */
void hmac_final(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN]);

/* hmac_update and hmac_final in one: faster than the two where the message is short. tag may lie inside data. */
void hmac_last(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN], const void *data, size_t len);

/* The tag of one message under a key that is used once. */
void hmac_tag(uint8_t tag[static HMAC_TAG_LEN], const uint8_t *key, size_t key_len, const void *data, size_t len);

#endif
