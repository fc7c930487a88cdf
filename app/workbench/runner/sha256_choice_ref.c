/* SPDX-License-Identifier: MIT */
/* In the place of crypto/sha256_backends.c: one backend, the standard as printed. What is built on SHA-256 then hashes
 * with a student's own sha256_ref.c, or with the given one. */
#include <stddef.h>

#include "crypto/sha256_impl.h"

const struct sha256_impl *const sha256_impls[] = {&sha256_ref, NULL};

const struct sha256_impl *sha256_fastest(void)
{
    return &sha256_ref;
}

void sha256_compress_two(const struct sha256_impl *impl, uint32_t g[static 8], const uint8_t *a, uint32_t h[static 8],
                         const uint8_t *b)
{
    impl->compress(g, a, 1);
    impl->compress(h, b, 1);
}
