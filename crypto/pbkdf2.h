/* SPDX-License-Identifier: MIT */
/* PBKDF2-HMAC-SHA-256: a password becomes a key, slowly on purpose.
 *
 * Standard:    RFC 8018, section 5.2, with HMAC-SHA-256 as the pseudorandom function.
 * Use it:      pbkdf2_derive(hash, 32, password, password_len, salt, 16, 600000);
 *              The salt is random and stored beside the hash; the iterations are what every guess costs too.
 * Timing:      depends on the lengths and the iterations, not on the password's bytes.
 * Read next:   crypto/pbkdf2.c; app/server/store/accounts.h, where passwords are stored so.
 */
#ifndef CRYPTO_PBKDF2_H
#define CRYPTO_PBKDF2_H

#include <stddef.h>
#include <stdint.h>

/* out_len bytes (at most (2^32 - 1) * 32, as the RFC says; asserted); iterations at least 1 (asserted). out must not
 * overlap the inputs. Each 32 bytes of output cost all the iterations again, so ask for 32. */
void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations);

#endif
