/* SPDX-License-Identifier: MIT */
/* GMP is what Diffie-Hellman and RSA use, on every machine: the arithmetic of this project is GMP's, and it has been
 * looked at by more people than ours. So the list is not in the order of speed, and no processor changes what is
 * picked; the others are there to be seen, measured and compared. */
#include <stddef.h>
#include <string.h>

#include "crypto/bignum_impl.h"
#include "crypto/cpu.h"

const struct bignum_impl *const bignum_impls[] = {
    &bignum_gmp,
#if CPU_X86_BACKENDS
    &bignum_ifma,
#endif
    NULL,
};

const struct bignum_impl *bignum_impl_by_name(const char *name)
{
    size_t i = 0;
    while (bignum_impls[i] != NULL && strcmp(bignum_impls[i]->name, name) != 0)
        i++;
    return bignum_impls[i];
}
