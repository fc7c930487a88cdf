/* SPDX-License-Identifier: MIT */
/* Base64: bytes as text, three in four characters. PEM files, fingerprints and the accounts file are written in it.
 *
 * Standard:    RFC 4648, section 4, with padding; no line breaks (crypto/pem.c adds them).
 * Use it:      char text[BASE64_LEN(32) + 1];  base64_encode(text, fingerprint, 32);
 * Timing:      depends on the length alone: keys travel through here, so there are no tables (see base64.c).
 * Read next:   crypto/base32.h, the alphabet that people can type.
 */
#ifndef CRYPTO_BASE64_H
#define CRYPTO_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

/* The characters that len bytes become; a string needs one more for its NUL. */
#define BASE64_LEN(len) (((len) + 2) / 3 * 4)

size_t base64_encoded_len(size_t len);

/* Writes base64_encoded_len(len) characters and a NUL. */
void base64_encode(char *out, const uint8_t *in, size_t len);

/* Returns 0 and sets *out_len, or -1: a length that is no multiple of 4, a character outside the alphabet (white space
 * too), padding anywhere but at the end, bits in the last character that no byte uses, more than out_cap bytes. Each
 * byte string has exactly one encoding that is accepted. Where it fails, out and *out_len are left as they were. out
 * may begin where in does, and must not overlap it otherwise. */
MUST_USE int base64_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len);

#endif
