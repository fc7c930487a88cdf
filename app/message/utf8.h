/* SPDX-License-Identifier: MIT */
/* UTF-8, one character at a time, strictly.
 *
 * Standard:    RFC 3629, section 4 (the grammar): no overlong forms, no surrogates, nothing above U+10FFFF.
 * Use it:      size_t n = utf8_decode(&character, p, len);  n == 0: not UTF-8 here
 * Timing:      not secret.
 * Read next:   utf8.c, then text.h.
 */
#ifndef APP_MESSAGE_UTF8_H
#define APP_MESSAGE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Reads the character that starts at p, where len >= 1 bytes can be read. Returns its length, 1 to 4, or 0 if no
 * well-formed character starts here (then *character is left alone). */
size_t utf8_decode(uint32_t *character, const uint8_t *p, size_t len);

/* Writes a character, which is none of the surrogates and at most U+10FFFF. Returns its length, 1 to 4. */
size_t utf8_encode(char out[static 4], uint32_t character);

/* How many bytes a character has that begins with this one: 1 to 4, or 0 if none can. */
size_t utf8_len(uint8_t first);

#endif
