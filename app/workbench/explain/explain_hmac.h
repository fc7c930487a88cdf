/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256, each value on the way from a key and a text to the tag.
 *
 * Standard:    FIPS 198-1, section 4: the steps of its table 1; the same as RFC 2104.
 * Use it:      explain_hmac(stdout, key, key_len, text, text_len);
 * Timing:      for values that you choose: the key is printed too.
 * Read next:   crypto/hmac.h, where the two keyed blocks are hashed once a key; explain_sha256.h, for each hash.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_HMAC_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_HMAC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/workbench/explain/show.h"

/* Bytes: key and text are in hex in the command that computes the same. */
#define EXPLAIN_HMAC_KEY_MAX 4096
#define EXPLAIN_HMAC_TEXT_MAX SHOW_INPUT_MAX

/* Both lengths may be 0, and are at most those (asserted). */
void explain_hmac(FILE *to, const uint8_t *key, size_t key_len, const uint8_t *text, size_t text_len);

#endif
