/* SPDX-License-Identifier: MIT */
/* Base32: bytes in an alphabet that people can read out and type: the secrets of authenticator apps.
 *
 * Standard:    RFC 4648, section 6, with padding, upper case.
 * Use it:      char text[BASE32_LEN(20) + 1];  base32_encode(text, secret, 20);
 * Timing:      depends on the length alone, as crypto/base64.h.
 * Read next:   crypto/totp.h.
 */
#ifndef CRYPTO_BASE32_H
#define CRYPTO_BASE32_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

/* The characters that len bytes become; a string needs one more for its NUL. */
#define BASE32_LEN(len) (((len) + 4) / 5 * 8)

/* Writes BASE32_LEN(len) characters and a NUL. */
void base32_encode(char *out, const uint8_t *in, size_t len);

/* Returns 0 and sets *out_len, or -1: a length that is no multiple of 8, a character outside A-Z and 2-7, padding of a
 * length that cannot be or anywhere but at the end, bits in the last character that no byte uses, more than out_cap
 * bytes. Where it fails, out and *out_len are left as they were. */
MUST_USE int base32_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len);

#endif
