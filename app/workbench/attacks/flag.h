/* SPDX-License-Identifier: MIT */
/* Flags: what a student hands in to show that an attack succeeded, another one for each student and each lab.
 *
 *      flag{ first 8 bytes of HMAC-SHA-256(teacher's secret, lab || 00 || student), in hex }
 *
 * Standard:    RFC 2104 (HMAC).
 * Use it:      flag_make(flag, secret, secret_len, "bit-flip", "alice");
 *              if (flag_matches(handed_in, secret, secret_len, "bit-flip", "alice")) ... she did it
 * Timing:      that of crypto/hmac.h; comparing depends on the lengths alone.
 * Read next:   target.h, the service that gives it away.
 */
#ifndef APP_WORKBENCH_ATTACKS_FLAG_H
#define APP_WORKBENCH_ATTACKS_FLAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAG_LEN 22 /* bytes, without the NUL */

/* Any secret, lab and student, the names without a NUL in them. */
void flag_make(char flag[static FLAG_LEN + 1], const uint8_t *secret, size_t secret_len, const char *lab,
               const char *student);

bool flag_matches(const char *flag, const uint8_t *secret, size_t secret_len, const char *lab, const char *student);

#endif
