/* SPDX-License-Identifier: MIT */
/* What `glass base64 --explain` shows: groups of bytes as bits, the bits cut into sixes (for base32 fives), each six's
 * value and character; and the same backwards. And where a text is wrong.
 *
 * Standard:    RFC 4648 sections 4 (base64), 6 (base32) and 3.5 (bits that no byte uses).
 * Use it:      explain_base64_encode(stdout, data, len, false);
 *              if (explain_base64_wrong(why, text, len, false)) ...                 why the text is no base64
 * Timing:      depends on the values: crypto/base64.c doesn't.
 * Read next:   crypto/base64.c, crypto/base32.c.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_BASE64_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_BASE64_H

#include <stdbool.h>
#include <stdio.h>

#include "app/workbench/explain/show.h"
#include "crypto/base32.h"

#define EXPLAIN_BASE64_MAX SHOW_INPUT_MAX                      /* bytes that are explained */
#define EXPLAIN_BASE64_TEXT_MAX BASE32_LEN(EXPLAIN_BASE64_MAX) /* characters, in either alphabet */
#define EXPLAIN_BASE64_WHY_LEN 120

/* Whether base64_decode, or base32_decode, refuses this text, memory apart; then why says what is wrong, as one
 * sentence without its full stop that counts characters from 1. */
bool explain_base64_wrong(char why[static EXPLAIN_BASE64_WHY_LEN], const char *text, size_t len, bool base32);

/* Explains the encoding of at most EXPLAIN_BASE64_MAX bytes (asserted). */
void explain_base64_encode(FILE *to, const uint8_t *in, size_t len, bool base32);

/* Explains the decoding of at most EXPLAIN_BASE64_TEXT_MAX characters (asserted). Returns 0, or -1 where the text is
 * refused: then why is the last thing shown. Both do what crypto/base64.h and base32.h do (asserted). */
MUST_USE int explain_base64_decode(FILE *to, const char *text, size_t len, bool base32);

#endif
