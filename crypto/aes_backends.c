/* SPDX-License-Identifier: MIT */
/* Which backend encrypts: the first of the list that this processor can run. Another list, with your own code alone in
 * it, say, makes everything that is built on AES use that. */
#include <assert.h>
#include <stddef.h>

#include "crypto/aes_impl.h"
#include "crypto/cpu.h"

const struct aes_impl *const aes_impls[] = {
#if CPU_X86_BACKENDS
    &aes_vaes,     &aes_ni,
#endif
#if CPU_ARM_BACKENDS
    &aes_armv8,
#endif
    &aes_bitslice, &aes_ref, NULL,
};

/* The search ends before aes_ref: aes_bitslice runs on every machine, and takes each length. */
void aes_key_init(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    size_t i = 0;
    while (!aes_impls[i]->usable() || (key_len == AES192_KEY_LEN && !aes_impls[i]->has_192))
        i++;
    assert(aes_impls[i] != &aes_ref);
    aes_key_init_with(k, aes_impls[i], key, key_len);
}
