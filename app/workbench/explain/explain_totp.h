/* SPDX-License-Identifier: MIT */
/* TOTP, each value on the way from a shared secret and the time to the digits.
 *
 * Standard:    RFC 6238, laid out as its appendix B; RFC 4226, 5.3, and the worked example of 5.4.
 * Use it:      explain_totp(stdout, key, key_len, now, 6);
 * Timing:      for values that you choose: the key is printed, and where HS is cut shows in how it is done.
 * Read next:   crypto/totp.h; explain_hmac.h, which does the same with SHA-256.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_TOTP_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_TOTP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/sha1.h"

#define EXPLAIN_TOTP_KEY_MAX 128 /* bytes */

/* The code at a time, in Unix seconds, with 6 to 8 digits. key_len is at most EXPLAIN_TOTP_KEY_MAX (both asserted). */
void explain_totp(FILE *to, const uint8_t *key, size_t key_len, uint64_t now, unsigned digits);

/* The second half of it, RFC 4226's Truncate(HS). Returns the number that the digits are. */
uint32_t explain_totp_truncate(FILE *to, const uint8_t HS[static SHA1_DIGEST_LEN], unsigned digits);

#endif
