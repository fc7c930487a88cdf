/* SPDX-License-Identifier: MIT */
/* Bignum's backends: bases and exponents are secret, and where two powers go side by side the moduli as well, as an RSA
 * key's primes are.
 *
 * valgrind does not know the IFMA instructions, and the memory sanitizer can't follow GMP. So the backend on IFMA is
 * checked with its instructions in plain C (tests/ifma_model.h): the same source, the same steps, on every x86
 * processor. GMP's is checked under valgrind, with a public modulus here; in tests/ct/numbers.c it signs. */
#include <stdio.h>

#include "crypto/bignum_impl.h"
#include "tests/bignum_modelled.h"
#include "tests/ct/check.h"
#include "tests/ct/secret.h"

enum { E_LIMBS = BIGNUM_LIMBS(8), E_BITS = E_LIMBS * GMP_NUMB_BITS, HALF = BIGNUM_LIMBS(192), N = BIGNUM_LIMBS(384) };

struct numbers {
    mp_limb_t m[BIGNUM_MAX_LIMBS], base[BIGNUM_MAX_LIMBS], e[E_LIMBS], r[BIGNUM_MAX_LIMBS];
};

static void fill(struct numbers *a, size_t n)
{
    check_fill(a->m, sizeof a->m);
    a->m[0] |= 1;
    a->m[n - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
    check_secret(a->base, sizeof a->base);
    check_secret(a->e, sizeof a->e);
}

static void powm(const struct bignum_impl *impl, size_t n)
{
    struct numbers a;
    fill(&a, n);
    impl->powm(&(struct bignum_power){a.r, a.base, a.e, a.m}, E_BITS, (mp_size_t)n);
    check_output(a.r, n * sizeof *a.r);
}

static void powm_two(const struct bignum_impl *impl)
{
    struct numbers a[2];
    struct bignum_power two[2];
    for (size_t j = 0; j < 2; j++) {
        fill(&a[j], HALF);
#if defined(CT_NO_GMP)
        secret_mark(a[j].m, HALF * sizeof *a[j].m);
#endif
        two[j] = (struct bignum_power){a[j].r, a[j].base, a[j].e, a[j].m};
    }
    impl->powm_two(two, E_BITS, HALF);
    check_output(a[0].r, HALF * sizeof *a[0].r);
    check_output(a[1].r, HALF * sizeof *a[1].r);
}

/* powm_public may do as it likes: all that it gets is public. */
static void powm_e(const struct bignum_impl *impl)
{
    struct numbers a;
    fill(&a, N);
    impl->powm_e(a.r, a.base, 65537, a.m, N);
    check_output(a.r, N * sizeof *a.r);
    check_fill(a.base, sizeof a.base);
    impl->powm_public(a.r, a.base, 65537, a.m, N);
}

static void powers(const void *impl)
{
    powm(impl, BIGNUM_LIMBS(256));
    powm(impl, BIGNUM_LIMBS(384));
    powm(impl, BIGNUM_LIMBS(512));
    powm_two(impl);
    powm_e(impl);
}

void check_powers(void)
{
#if defined(CT_NO_GMP)
    check_run(CHECK_BACKEND, "bignum", "ifma", powers, &bignum_modelled);
#else
    for (size_t i = 0; bignum_impls[i] != NULL; i++)
        if (bignum_impls[i]->usable())
            check_run(CHECK_BACKEND, "bignum", bignum_impls[i]->name, powers, bignum_impls[i]);
        else
            check_unusable("bignum", bignum_impls[i]->name);
    check_run(CHECK_CODE, "bignum", "ifma, in plain C", powers, &bignum_modelled);
#endif
}

void check_list_powers(void)
{
#if !defined(CT_NO_GMP)
    for (size_t i = 0; bignum_impls[i] != NULL; i++)
        if (bignum_impls[i]->usable())
            printf("usable\tbignum\t%s\n", bignum_impls[i]->name);
#endif
}
