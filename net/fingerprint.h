/* SPDX-License-Identifier: MIT */
/* A key's fingerprint as people see, compare and type it: "SHA256:" and the base64 of 32 bytes.
 *
 * Standard:    docs/protocol.md section 7; RFC 4648 section 4 with padding. It looks like what ssh prints, on purpose.
 * Use it:      char text[FINGERPRINT_TEXT_LEN];
 *              fingerprint_print(text, fp);
 *              if (fingerprint_parse(fp, text, strlen(text)) != 0) ...
 * Timing:      fingerprints are public.
 * Read next:   net/certificate.h, which computes them; net/known.h, the file that keeps them.
 */
#ifndef NET_FINGERPRINT_H
#define NET_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/certificate.h"

#define FINGERPRINT_TEXT_LEN (7 + 44 + 1) /* with its NUL */

void fingerprint_print(char out[static FINGERPRINT_TEXT_LEN], const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN]);

/* Takes exactly what fingerprint_print writes; -1 for anything else, and then fp is left alone. */
MUST_USE int fingerprint_parse(uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], const char *text, size_t text_len);

#endif
