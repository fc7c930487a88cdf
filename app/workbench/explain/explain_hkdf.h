/* SPDX-License-Identifier: MIT */
/* HKDF-SHA-256, each value on the way from keying material to keys.
 *
 * Standard:    RFC 5869, sections 2.2 and 2.3; laid out as its appendix A.
 * Use it:      explain_hkdf(stdout, ikm, ikm_len, salt, salt_len, info, info_len, 42);
 * Timing:      for values that you choose: all of them are printed.
 * Read next:   crypto/hkdf.h; explain_hmac.h, for each HMAC.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_HKDF_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_HKDF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/hkdf.h"

#define EXPLAIN_HKDF_INPUT_MAX 4096 /* bytes, of ikm and of salt */

/* salt_len and info_len may be 0; info_len and okm_len are bounded as crypto/hkdf.h says (asserted). */
void explain_hkdf(FILE *to, const uint8_t *ikm, size_t ikm_len, const uint8_t *salt, size_t salt_len,
                  const uint8_t *info, size_t info_len, size_t okm_len);

/* Expand alone, of a PRK that is given. */
void explain_hkdf_expand(FILE *to, const uint8_t prk[static HKDF_PRK_LEN], const uint8_t *info, size_t info_len,
                         size_t okm_len);

#endif
