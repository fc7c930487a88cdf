/* SPDX-License-Identifier: MIT */
/* The backends of SHA-256: several pieces of code that compress the same blocks.
 *
 * Standard:    FIPS 180-4, 6.2.2, each of them.
 * Use it:      for (size_t i = 0; sha256_impls[i] != NULL; i++)
 *                  if (sha256_impls[i]->usable())
 *                      sha256_init_with(&s, sha256_impls[i]);
 *              Only for SHA-256 itself, what is built of its blocks, the tests and the workbench.
 * Timing:      depends on the number of blocks.
 * Read next:   crypto/sha256_ref.h, the steps of the standard under their names.
 */
#ifndef CRYPTO_SHA256_IMPL_H
#define CRYPTO_SHA256_IMPL_H

#include <stdbool.h>

#include "crypto/sha256.h"

struct sha256_impl {
    const char *name;

    /* Whether this processor can run it: 1 or 0. */
    bool (*usable)(void);

    /* Replaces the chaining value h by the one after `blocks` blocks of 64 bytes. */
    void (*compress)(uint32_t h[8], const uint8_t *data, size_t blocks);

    /* compress of one block a into g and of one block b into h, side by side. NULL where that is no faster than two
     * calls. */
    void (*compress_two)(uint32_t g[8], const uint8_t *a, uint32_t h[8], const uint8_t *b);

    /* As sha256_finish, the padding done: compresses `blocks` blocks of data and then the last_blocks (1 or 2) of last.
     * h stays. NULL where that is no faster than compress. For short messages it is: the state never leaves the
     * registers. */
    void (*finish)(uint8_t digest[SHA256_DIGEST_LEN], const uint32_t h[8], const uint32_t *outer, const uint8_t *data,
                   size_t blocks, const uint8_t *last, size_t last_blocks);
};

/* All of them, fastest first, NULL after the last. sha256_ref is the last: what the others are compared with. */
extern const struct sha256_impl *const sha256_impls[];

extern const struct sha256_impl sha256_ni, sha256_armv8, sha256_unrolled, sha256_ref;

/* The one that sha256_init picks. */
const struct sha256_impl *sha256_fastest(void);

/* As sha256_init, with a backend of the caller's choice, which must be usable. */
void sha256_init_with(struct sha256 *s, const struct sha256_impl *impl);

/* What follows is for hmac alone, as are its arguments outer: NULL for the digest of the message; or the chaining value
 * after the outer key's block, and then the digest is hashed again from there, which makes it the tag of HMAC. */

/* The digest of a message of which h stands for the first `done` bytes, a multiple of 64, and data has the rest. digest
 * may lie inside data. */
void sha256_finish(uint8_t digest[static SHA256_DIGEST_LEN], const struct sha256_impl *impl, const uint32_t h[static 8],
                   const uint32_t *outer, uint64_t done, const void *data, size_t len);

/* sha256_update and sha256_final in one. */
void sha256_last(struct sha256 *s, uint8_t digest[static SHA256_DIGEST_LEN], const uint32_t *outer, const void *data,
                 size_t len);

/* One block into each of two chaining values, neither of which waits for the other. */
void sha256_compress_two(const struct sha256_impl *impl, uint32_t g[static 8], const uint8_t *a, uint32_t h[static 8],
                         const uint8_t *b);

#endif
