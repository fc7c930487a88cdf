/* SPDX-License-Identifier: MIT */
/* The backends of SHA-256 of many messages.
 *
 * Standard:    FIPS 180-4, 6.2.2, each of them.
 * Use it:      for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
 *                  if (sha256_many_impls[i]->usable())
 *                      sha256_many_init_with(&s, sha256_many_impls[i], n);
 *              Only for sha256_many, what is built of it, the tests and the workbench.
 * Timing:      as crypto/sha256_many.h.
 * Read next:   crypto/sha256_x16.c.
 */
#ifndef CRYPTO_SHA256_MANY_IMPL_H
#define CRYPTO_SHA256_MANY_IMPL_H

#include <stdbool.h>

#include "crypto/sha256_many.h"

struct sha256_many_impl {
    const char *name;

    /* How many messages go side by side; 1: one after the other. */
    size_t lanes;

    /* Whether this processor can run it: 1 or 0. */
    bool (*usable)(void);

    /* As sha256_many_update and sha256_many_update_words. */
    void (*update)(struct sha256_many *s, const uint8_t *const data[], size_t blocks);
    void (*update_words)(struct sha256_many *s, const struct sha256_many_block *block);
};

/* All of them, fastest first, NULL after the last; sha256_many_portable is the last and runs everywhere. */
extern const struct sha256_many_impl *const sha256_many_impls[];

extern const struct sha256_many_impl sha256_x16, sha256_x2, sha256_many_portable;

/* The one that sha256_many_init picks. */
const struct sha256_many_impl *sha256_many_fastest(void);

/* As sha256_many_init, with a backend of the caller's choice, which must be usable. */
void sha256_many_init_with(struct sha256_many *s, const struct sha256_many_impl *impl, size_t n);

#endif
