/* SPDX-License-Identifier: MIT */
/* What the usual mistakes make of SHA-256, to tell whoever made one which it was.
 *
 * Standard:    FIPS 180-4, 5.1.1 and 6.2.2.
 * Use it:      const char *hint = sha256_mistake_in_digest(yours, h, 0, message, len);
 *              if (hint != NULL)
 *                  check_hint(c, "%s", hint);
 *              Each returns what was done, NULL where it can't tell.
 * Timing:      nothing secret: test values.
 * Read next:   exercise_sha256.c, which asks; crypto/sha256_ref.c, what is right.
 */
#ifndef APP_WORKBENCH_EXERCISES_SHA256_MISTAKES_H
#define APP_WORKBENCH_EXERCISES_SHA256_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

/* W: the right schedule; t: the first word that is wrong, and `yours` what it was. */
const char *sha256_mistake_in_schedule(const uint32_t W[64], size_t t, uint32_t yours);

/* v: the working variables before the round; yours: after it, wrong. */
const char *sha256_mistake_in_round(const uint32_t v[8], uint32_t K_t, uint32_t W_t, const uint32_t yours[8]);

/* h: the chaining value before the blocks. */
const char *sha256_mistake_in_compress(const uint32_t h[8], const uint8_t *data, size_t blocks,
                                       const uint32_t yours[8]);

/* The digest of a message of which h stands for the first `done` bytes, and message has the rest, len bytes. */
const char *sha256_mistake_in_digest(const uint8_t yours[32], const uint32_t h[8], uint64_t done,
                                     const uint8_t *message, size_t len);

#endif
