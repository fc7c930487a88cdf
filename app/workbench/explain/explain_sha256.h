/* SPDX-License-Identifier: MIT */
/* SHA-256, each value on the way from a message to its digest.
 *
 * Standard:    FIPS 180-4, section 6.2; laid out as the examples in appendix B of FIPS 180-2.
 * Use it:      explain_sha256(stdout, message, message_len);
 *              explain_sha256_round(stdout, message, message_len, 1, 16);        one round of the first block
 * Timing:      for a message that you choose: all of it is printed.
 * Read next:   crypto/sha256_ref.h, the steps that are called here; app/workbench/primitives/cmd_sha256.c.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_SHA256_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_SHA256_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/workbench/explain/show.h"

#define EXPLAIN_SHA256_MAX SHOW_INPUT_MAX
#define EXPLAIN_SHA256_ROUNDS 64

/* From the padding to the digest, every round of every block a row. message_len is at most EXPLAIN_SHA256_MAX
 * (asserted). */
void explain_sha256(FILE *to, const uint8_t *message, size_t message_len);

/* Round t, 0 to 63, of a block, 1 to explain_sha256_blocks(message_len) (both asserted), with every sum in it. */
void explain_sha256_round(FILE *to, const uint8_t *message, size_t message_len, size_t block, size_t t);

/* How many blocks the padded message has. */
size_t explain_sha256_blocks(size_t message_len);

#endif
