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

#endif
