/* SPDX-License-Identifier: MIT */
/* SHA-256: 32 bytes that stand for a message of any length.
 *
 * Standard:    FIPS 180-4, sections 4.1.2, 4.2.2, 5.1.1, 5.3.3, 6.2.
 * Use it:      uint8_t digest[SHA256_DIGEST_LEN];
 *              sha256_digest(digest, msg, msg_len);                    all at once, or
 *              struct sha256 s;  sha256_init(&s);  sha256_update(&s, part, part_len); ...  sha256_final(&s, digest);
 * Timing:      depends on the lengths, and on nothing else.
 * Read next:   crypto/sha256_ref.c, the standard as printed; crypto/hmac.h, a MAC made of it.
 *
 * CAUTION: a digest of a secret followed by public data is no MAC: whoever knows it can append (length extension). Use
 * crypto/hmac.h.
 */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_DIGEST_LEN 32
#define SHA256_BLOCK_LEN 64

struct sha256_impl;

/* A message being hashed. May be copied: both copies go on from there. */
struct sha256 {
    const struct sha256_impl *impl;  /* the backend, chosen by sha256_init */
    uint32_t h[8];                   /* H(i), the chaining value after all whole blocks so far */
    uint64_t len;                    /* bytes so far, below 2^61 (asserted) */
    uint8_t block[SHA256_BLOCK_LEN]; /* the first len % 64 bytes wait here for the rest of their block */
};

/* Starts a message with the fastest backend that this processor can run. */
void sha256_init(struct sha256 *s);

/* Adds len bytes, 0 included. Whole blocks are compressed at once, so that after a multiple of 64 bytes s->h can be
 * taken and given to sha256_resume later. */
void sha256_update(struct sha256 *s, const void *data, size_t len);

/* Writes the digest and wipes s; sha256_init makes it usable again. */
void sha256_final(struct sha256 *s, uint8_t digest[static SHA256_DIGEST_LEN]);

/* The digest of one message. digest may lie inside data. */
void sha256_digest(uint8_t digest[static SHA256_DIGEST_LEN], const void *data, size_t len);

/* Goes on from a chaining value h that stands for the first len bytes, a multiple of 64 (asserted): what HMAC computes
 * once for a key and uses for every message. */
void sha256_resume(struct sha256 *s, const uint32_t h[static 8], uint64_t len);

#endif
