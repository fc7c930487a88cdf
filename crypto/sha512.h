/* SPDX-License-Identifier: MIT */
/* SHA-512 and SHA-384, for the key files of other tools alone, which may ask for HMAC with one of them.
 *
 * Standard:    FIPS 180-4, sections 4.1.3, 4.2.3, 5.1.2, 5.3.4, 5.3.5, 6.4 and 6.5.
 * Use it:      struct sha512 s;  sha512_init(&s);  sha512_update(&s, part, part_len);  sha512_final(&s, digest);
 *              SHA-384 begins with sha512_init_384, and is the first SHA384_DIGEST_LEN bytes of the digest.
 * Timing:      depends on the lengths alone.
 * Read next:   crypto/prf.h, what it is here for; crypto/sha256.h, what everything else uses.
 */
#ifndef CRYPTO_SHA512_H
#define CRYPTO_SHA512_H

#include <stddef.h>
#include <stdint.h>

#define SHA512_DIGEST_LEN 64
#define SHA384_DIGEST_LEN 48
#define SHA512_BLOCK_LEN 128

/* A message being hashed. May be copied: both copies go on from there. */
struct sha512 {
    uint64_t h[8];
    uint64_t len; /* bytes so far */
    uint8_t block[SHA512_BLOCK_LEN];
};

void sha512_init(struct sha512 *s);
void sha512_init_384(struct sha512 *s);
void sha512_update(struct sha512 *s, const void *data, size_t len);

/* Writes the digest and wipes s. */
void sha512_final(struct sha512 *s, uint8_t digest[static SHA512_DIGEST_LEN]);

#endif
