/* SPDX-License-Identifier: MIT */
/* A weak twin of pkcs7_unpad that branches on every byte of the padding. Only the workbench links it.
 *
 * Standard:    RFC 5652 section 6.3, read too quickly.
 * Use it:      if (lab_unpad_early(&len, buf, 32) == 0) ...          to see what it tells: glass bench timing
 * Timing:      tells how long the padding is, and which byte of it is wrong: with that a ciphertext is read without the
 *              key (Vaudenay, 2002; Lucky Thirteen, 2013).
 * Read next:   crypto/pkcs7.c, the strong one.
 */
#ifndef APP_WORKBENCH_LABS_UNPAD_EARLY_H
#define APP_WORKBENCH_LABS_UNPAD_EARLY_H

#include "crypto/bytes.h"

/* As pkcs7_unpad. */
MUST_USE int lab_unpad_early(size_t *len, const uint8_t *buf, size_t buf_len);

#endif
