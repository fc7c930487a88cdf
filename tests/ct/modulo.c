/* SPDX-License-Identifier: MIT */
/* bignum_mod without GMP, for the build of the memory sanitizer, which can't follow GMP: doubling for each bit of a. */
#if defined(CT_NO_GMP)

#include <string.h>

#include "crypto/bignum.h"

/* r = 2 r + bit, less m where that is m or more; in constant time. */
static void double_and_add(mp_limb_t *r, mp_limb_t bit, const mp_limb_t *m, size_t n)
{
    mp_limb_t less[BIGNUM_MAX_LIMBS], borrow = 0;
    for (size_t i = 0; i < n; i++) {
        mp_limb_t out = r[i] >> (GMP_NUMB_BITS - 1);
        r[i] = r[i] << 1 | bit;
        bit = out;
        less[i] = r[i] - m[i] - borrow;
        borrow = ((~r[i] & m[i]) | ((~r[i] | m[i]) & less[i])) >> (GMP_NUMB_BITS - 1);
    }
    mp_limb_t keep = 0 - (borrow & ~bit);
    for (size_t i = 0; i < n; i++)
        r[i] = (r[i] & keep) | (less[i] & ~keep);
}

void bignum_mod(mp_limb_t *r, const mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t remainder[BIGNUM_MAX_LIMBS] = {0};
    for (size_t bit = (size_t)a_n * GMP_NUMB_BITS; bit-- > 0;)
        double_and_add(remainder, a[bit / GMP_NUMB_BITS] >> bit % GMP_NUMB_BITS & 1, m, (size_t)n);
    memcpy(r, remainder, (size_t)n * sizeof *r);
}

#else
typedef int modulo_is_gmps; /* a file must have something in it */
#endif
