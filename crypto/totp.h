/* SPDX-License-Identifier: MIT */
/* TOTP: the six digits of an authenticator app, from a shared secret and the time.
 *
 * Standard:    RFC 6238 (time) over RFC 4226 (HOTP: HMAC-SHA-1 and dynamic truncation).
 * Use it:      if (totp_verify(&step, secret, 20, now, last_step, code) != 0) ...    refuse
 *              last_step = step;                                                     and save it before saying yes
 * Timing:      depends on key_len and digits; a code is compared in constant time.
 * Read next:   crypto/totp.c; crypto/base32.h, how the secret is written for people.
 */
#ifndef CRYPTO_TOTP_H
#define CRYPTO_TOTP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

#define TOTP_KEY_LEN 20 /* bytes that a new secret has, RFC 4226 section 4 */
#define TOTP_PERIOD 30  /* seconds a step */
#define TOTP_DIGITS 6

/* The code of a step, Unix seconds / TOTP_PERIOD, with 6 to 8 digits (asserted); leading zeros are the printer's job.
 * key_len may be anything. */
uint32_t totp_code(const uint8_t *key, size_t key_len, uint64_t step, unsigned digits);

/* Whether code (six digits, below 1,000,000) is that of now, or of one step before or after it, and the step is later
 * than last_step, so that no code works twice. Returns 0 and sets *step to the one that matched, the caller's next
 * last_step; -1 otherwise. A secret that was never used has last_step 0. */
MUST_USE int totp_verify(uint64_t *step, const uint8_t *key, size_t key_len, uint64_t now, uint64_t last_step,
                         uint32_t code);

#endif
