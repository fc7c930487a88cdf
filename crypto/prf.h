/* SPDX-License-Identifier: MIT */
/* HMAC and PBKDF2 over any SHA of one's choice: what the password of a key file may have been hashed with.
 *
 * Standard:    RFC 2104 (HMAC), RFC 8018 sections 5.2 and B.1 (PBKDF2, and the PRFs that it names); FIPS 180-4 section
 *              5.3.2 (SHA-224, which is SHA-256 with another beginning, cut short).
 * Use it:      prf_pbkdf2(key, 16, &prf_sha1, password, password_len, salt, salt_len, 2048);
 * Timing:      depends on the lengths and the iterations, not on the password's bytes.
 * Read next:   crypto/prf.c; crypto/pbkdf2.h, which is faster, and what everything else uses.
 *
 * CAUTION: only to read what other tools wrote. What is written here is hashed with SHA-256.
 */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include <stddef.h>
#include <stdint.h>

#define PRF_TAG_MAX_LEN 64

struct prf_hash;

extern const struct prf_hash prf_sha1, prf_sha224, prf_sha256, prf_sha384, prf_sha512;

/* How long a tag is: what the hash gives. */
size_t prf_tag_len(const struct prf_hash *hash);

/* The HMAC of msg, of prf_tag_len bytes. The key may have any length. */
void prf_hmac(uint8_t *tag, const struct prf_hash *hash, const uint8_t *key, size_t key_len, const uint8_t *msg,
              size_t msg_len);

/* As pbkdf2_derive of crypto/pbkdf2.h, with that hash: iterations at least 1 (asserted), out overlaps no input. */
void prf_pbkdf2(uint8_t *out, size_t out_len, const struct prf_hash *hash, const uint8_t *password, size_t password_len,
                const uint8_t *salt, size_t salt_len, uint32_t iterations);

#endif
