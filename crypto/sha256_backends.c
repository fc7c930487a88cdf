/* SPDX-License-Identifier: MIT */
/* Which backend hashes: the first of the list that this processor can run. Another list, with your own code alone in
 * it, say, makes everything that is built on SHA-256 use that. */
#include <stddef.h>

#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"

const struct sha256_impl *const sha256_impls[] = {
#if CPU_X86_BACKENDS
    &sha256_ni,
#endif
#if CPU_ARM_BACKENDS
    &sha256_armv8,
#endif
    &sha256_unrolled, &sha256_ref, NULL,
};

const struct sha256_impl *sha256_fastest(void)
{
    const struct sha256_impl *const *impl = sha256_impls;
    while (!(*impl)->usable())
        impl++;
    return *impl;
}

void sha256_compress_two(const struct sha256_impl *impl, uint32_t g[static 8], const uint8_t *a, uint32_t h[static 8],
                         const uint8_t *b)
{
    if (impl->compress_two != NULL) {
        impl->compress_two(g, a, h, b);
        ct_wipe_stack(CT_STACK_REGISTERS); /* both chains at once hardly fit */
    } else {
        impl->compress(g, a, 1);
        impl->compress(h, b, 1);
        ct_wipe_stack(CT_STACK_LEN); /* the words of portable code are more than registers hold */
    }
}
