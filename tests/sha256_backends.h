/* SPDX-License-Identifier: MIT */
/* Runs a check with each backend of SHA-256 that this machine can use, and says which it can't. */
#ifndef TESTS_SHA256_BACKENDS_H
#define TESTS_SHA256_BACKENDS_H

#include <stdio.h>

#include "crypto/sha256_impl.h"

static inline void each_sha256_backend(void (*check)(const struct sha256_impl *impl))
{
    for (size_t i = 0; sha256_impls[i] != NULL; i++)
        if (sha256_impls[i]->usable())
            check(sha256_impls[i]);
        else
            printf("skipped: sha256 %s (this processor lacks its instructions)\n", sha256_impls[i]->name);
}

#endif
