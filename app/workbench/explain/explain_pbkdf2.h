/* SPDX-License-Identifier: MIT */
/* PBKDF2-HMAC-SHA-256, each value on the way from a password to a key; of the many iterations the first and the last.
 *
 * Standard:    RFC 8018, section 5.2, with HMAC-SHA-256 as the pseudorandom function.
 * Use it:      explain_pbkdf2(stdout, password, password_len, salt, salt_len, 600000, 32);
 * Timing:      for values that you choose: the password is printed too. It takes about as long as the key itself,
 *              computed twice.
 * Read next:   crypto/pbkdf2.h; explain_hmac.h, for each HMAC.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_PBKDF2_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_PBKDF2_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPLAIN_PBKDF2_MAX 4096 /* bytes, of the password, of the salt and of the key */

/* Lengths up to that, c (the iterations) and dk_len at least 1 (all asserted). */
void explain_pbkdf2(FILE *to, const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len,
                    uint32_t c, size_t dk_len);

#endif
