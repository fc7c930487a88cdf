/* SPDX-License-Identifier: MIT */
/* Runs a check with each backend of AES that this machine can use, and says which it can't. */
#ifndef TESTS_AES_BACKENDS_H
#define TESTS_AES_BACKENDS_H

#include <stdio.h>

#include "crypto/aes_impl.h"

static inline void each_aes_backend(void (*check)(const struct aes_impl *impl))
{
    for (size_t i = 0; aes_impls[i] != NULL; i++)
        if (aes_impls[i]->usable())
            check(aes_impls[i]);
        else
            printf("skipped: aes %s (this processor lacks its instructions)\n", aes_impls[i]->name);
}

/* As aes_key_init_with; where that backend takes no key of that length, with the one that aes_key_init picks. */
static inline void aes_key_init_like(struct aes_key *k, const struct aes_impl *impl, const uint8_t *key, size_t key_len)
{
    if (key_len == AES192_KEY_LEN && !impl->has_192)
        aes_key_init(k, key, key_len);
    else
        aes_key_init_with(k, impl, key, key_len);
}

#endif
