/* SPDX-License-Identifier: MIT */
/* PKCS#7 padding, byte by byte: what is put after a message, and what the check looks at when it is taken off.
 *
 * Standard:    RFC 5652 section 6.3, with k = 16.
 * Use it:      size_t padded_len = pkcs7_pad(buf, len);
 *              if (explain_pkcs7_pad(stdout, buf, len) != 0) ...
 *              size_t len = EXPLAIN_PKCS7_WRONG;
 *              if (pkcs7_unpad(&len, buf, buf_len) != 0) ...
 *              if (explain_pkcs7_unpad(stdout, buf, buf_len, len) != 0) ...
 * Timing:      tells what crypto/pkcs7.h never may: how much is padding, and which byte is wrong. For values that you
 *              choose.
 * Read next:   explain_pkcs7.c; crypto/pkcs7.c, whose variables these are.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_PKCS7_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_PKCS7_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/bytes.h"

#define EXPLAIN_PKCS7_WRONG SIZE_MAX

/* padded is a message of len bytes and what crypto/pkcs7.h put after it. Returns -1, and prints nothing, where that is
 * not what the standard says. */
MUST_USE int explain_pkcs7_pad(FILE *to, const uint8_t *padded, size_t len);

/* len is the message's length as crypto/pkcs7.h found it in buf, or EXPLAIN_PKCS7_WRONG where it found the padding
 * wrong. Returns -1, and prints nothing, where the steps lead to anything else. */
MUST_USE int explain_pkcs7_unpad(FILE *to, const uint8_t *buf, size_t buf_len, size_t len);

#endif
