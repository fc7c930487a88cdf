/* SPDX-License-Identifier: MIT */
/* What the usual mistakes make of a one-time code, to tell whoever made one which it was.
 *
 * Standard:    RFC 4226, 5.2 and 5.3; RFC 2104 for what lies below.
 * Use it:      const char *hint = totp_mistake_in_code(yours, key, key_len, step, digits);
 * Timing:      nothing secret: test values.
 * Read next:   exercise_totp.c, which asks; crypto/totp.c, what is right.
 */
#ifndef APP_WORKBENCH_EXERCISES_TOTP_MISTAKES_H
#define APP_WORKBENCH_EXERCISES_TOTP_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

#define TOTP_MISTAKES_KEY_MAX 128

/* What was done, where the wrong code is what a known mistake gives; NULL elsewhere. key_len is at most
 * TOTP_MISTAKES_KEY_MAX (asserted). */
const char *totp_mistake_in_code(uint64_t yours, const uint8_t *key, size_t key_len, uint64_t step, unsigned digits);

/* HS = HMAC-SHA-1(key, step), for a hint that says how far somebody has to be right. */
void totp_mistakes_HS(uint8_t HS[static 20], const uint8_t *key, size_t key_len, uint64_t step);

#endif
