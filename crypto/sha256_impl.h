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

#include "crypto/sha256.h"

struct sha256_impl {
    const char *name;

    /* Whether this processor can run it: 1 or 0. */
    int (*usable)(void);

    /* Replaces the chaining value h by the one after `blocks` blocks of 64 bytes. */
    void (*compress)(uint32_t h[8], const uint8_t *data, size_t blocks);
};

/* All of them, fastest first, NULL after the last. sha256_ref is the last: what the others are compared with. */
extern const struct sha256_impl *const sha256_impls[];

extern const struct sha256_impl sha256_ni, sha256_armv8, sha256_unrolled, sha256_ref;

/* As sha256_init, with a backend of the caller's choice, which must be usable. */
void sha256_init_with(struct sha256 *s, const struct sha256_impl *impl);

#endif
