/* SPDX-License-Identifier: MIT */
/* SHA-1, for TOTP, as authenticator apps speak HMAC-SHA-1, and for old key files of other tools (crypto/prf.h).
 *
 * Standard:    FIPS 180-4, sections 4.1.1, 4.2.1, 5.3.1, 6.1.
 * Use it:      struct sha1 s;  sha1_init(&s);  sha1_update(&s, part, part_len);  sha1_final(&s, digest);
 * Timing:      depends on the lengths alone.
 * Read next:   crypto/totp.c.
 *
 * CAUTION: collisions of SHA-1 can be bought (SHAttered, 2017). HMAC does not need collision resistance; anything new
 * uses crypto/sha256.h.
 */
#ifndef CRYPTO_SHA1_H
#define CRYPTO_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_DIGEST_LEN 20
#define SHA1_BLOCK_LEN 64

struct sha1 {
    uint32_t h[5];
    uint64_t len; /* bytes so far */
    uint8_t block[SHA1_BLOCK_LEN];
};

void sha1_init(struct sha1 *s);
void sha1_update(struct sha1 *s, const void *data, size_t len);

/* Writes the digest and wipes s. */
void sha1_final(struct sha1 *s, uint8_t digest[static SHA1_DIGEST_LEN]);

void sha1_digest(uint8_t digest[static SHA1_DIGEST_LEN], const void *data, size_t len);

#endif
