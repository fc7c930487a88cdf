/* SPDX-License-Identifier: MIT */
/* Counted anew each time: the lists are short. */
#include "tests/bignum_backends.h"

#include <assert.h>

#include "tests/bignum_modelled.h"

#define MOST 8

static size_t fill(const struct bignum_impl *found[static MOST])
{
    size_t n = 0;
    for (size_t i = 0; bignum_impls[i] != NULL; i++)
        if (bignum_impls[i]->usable())
            found[n++] = bignum_impls[i];
#if CPU_X86_BACKENDS
    found[n++] = &bignum_modelled;
#endif
    return n;
}

size_t bignum_backends(void)
{
    const struct bignum_impl *found[MOST];
    return fill(found);
}

const struct bignum_impl *bignum_backend(size_t i)
{
    const struct bignum_impl *found[MOST];
    assert(i < fill(found));
    return found[i];
}
