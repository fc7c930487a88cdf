/* SPDX-License-Identifier: MIT */
/* Powers on GMP's constant-time functions: what crypto/bignum.c has, as a backend. */
#include "crypto/bignum_impl.h"

static bool usable(void)
{
    return true;
}

static void powm(const struct bignum_power *p, size_t e_bits, mp_size_t n)
{
    bignum_powm(p->r, p->base, n, p->e, e_bits, p->m, n);
}

/* One after the other: GMP has nothing that would do them together. */
static void powm_two(const struct bignum_power p[2], size_t e_bits, mp_size_t n)
{
    powm(&p[0], e_bits, n);
    powm(&p[1], e_bits, n);
}

const struct bignum_impl bignum_gmp = {
    .name = "gmp",
    .usable = usable,
    .powm = powm,
    .powm_two = powm_two,
    .powm_e = bignum_powm_e,
    .powm_public = bignum_powm_public,
};
