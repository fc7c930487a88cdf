/* SPDX-License-Identifier: MIT */
/* GMP knows two kinds of functions. mpz_* take numbers of any size and drop leading zeros, so that both the time they
 * take and the memory they touch say something of the values. mpn_sec_* take arrays of a given number of limbs and do
 * the same steps whatever is in them, reading a whole table of powers to pick one entry. Secrets go only through the
 * second kind, and this file gives them a convenient face: scratch memory of a fixed size, wiped, and conversions to
 * and from bytes that look at every byte (mpz_export stops at the highest one that is not zero).
 */
#include "crypto/bignum.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"

/* Enough for the greediest call, a 2,048-bit modulus under an exponent as long: 9,216 bytes with GMP 6 on x86-64, and
 * 17,408 on arm64, for which GMP was tuned to larger tables. */
#define SCRATCH_LIMBS (20480 / BIGNUM_LIMB_LEN)

void bignum_from_bytes(mp_limb_t *r, const uint8_t *in, size_t in_len)
{
    assert(in_len % BIGNUM_LIMB_LEN == 0);
    for (size_t i = 0; i < BIGNUM_LIMBS(in_len); i++) {
        const uint8_t *limb = in + in_len - (i + 1) * BIGNUM_LIMB_LEN;
        mp_limb_t v = 0;
        for (size_t j = 0; j < BIGNUM_LIMB_LEN; j++)
            v = v << 8 | limb[j];
        r[i] = v;
    }
}

void bignum_to_bytes(uint8_t *out, size_t out_len, const mp_limb_t *a)
{
    assert(out_len % BIGNUM_LIMB_LEN == 0);
    for (size_t i = 0; i < out_len; i++)
        out[out_len - 1 - i] = (uint8_t)(a[i / BIGNUM_LIMB_LEN] >> (i % BIGNUM_LIMB_LEN * 8));
}

/* CAUTION: mpz_powm here would leak the exponent. No test can see it; a measurement of cache or time can. */
void bignum_powm(mp_limb_t *r, const mp_limb_t *base, mp_size_t base_n, const mp_limb_t *e, size_t e_bits,
                 const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t scratch[SCRATCH_LIMBS];
    mp_size_t need = mpn_sec_powm_itch(base_n, e_bits, n);
    assert(n <= BIGNUM_MAX_LIMBS && need <= SCRATCH_LIMBS);
    mpn_sec_powm(r, base, base_n, e, e_bits, m, n, scratch);
    ct_wipe(scratch, (size_t)need * sizeof *scratch);
}

void bignum_mod(mp_limb_t *r, const mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t t[BIGNUM_MOD_MAX_LIMBS], scratch[SCRATCH_LIMBS];
    mp_size_t need = mpn_sec_div_r_itch(a_n, n);
    assert(a_n >= n && a_n <= BIGNUM_MOD_MAX_LIMBS && need <= SCRATCH_LIMBS);
    memcpy(t, a, (size_t)a_n * sizeof *t);
    mpn_sec_div_r(t, a_n, m, n, scratch); /* the remainder replaces the lowest limbs of t */
    memcpy(r, t, (size_t)n * sizeof *r);
    ct_wipe(t, (size_t)a_n * sizeof *t);
    ct_wipe(scratch, (size_t)need * sizeof *scratch);
}

void bignum_mul(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, mp_size_t n)
{
    mp_limb_t scratch[SCRATCH_LIMBS];
    mp_size_t need = mpn_sec_mul_itch(n, n);
    assert(need <= SCRATCH_LIMBS);
    mpn_sec_mul(r, a, n, b, n, scratch);
    ct_wipe(scratch, (size_t)need * sizeof *scratch);
}

void bignum_mulm(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t product[2 * BIGNUM_MAX_LIMBS];
    assert(n <= BIGNUM_MAX_LIMBS);
    bignum_mul(product, a, b, n);
    bignum_mod(r, product, 2 * n, m, n);
    ct_wipe(product, 2 * (size_t)n * sizeof *product);
}

void bignum_subm(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t borrow = mpn_cnd_sub_n(1, r, a, b, n);
    mpn_cnd_add_n(borrow, r, r, m, n);
}

/* r = t / B^n mod m, for t of 2n limbs below m B^n, which is used up. Adds the multiple of m to t that makes its lowest
 * limb 0, limb by limb, and drops those; what is left is below 2m. (Menezes, van Oorschot, Vanstone, Handbook of
 * Applied Cryptography, algorithm 14.32.) Each carry waits in the limb that became 0. */
static void reduce(mp_limb_t *r, mp_limb_t *t, const mp_limb_t *m, mp_limb_t minus_inverse, mp_size_t n)
{
    mp_limb_t reduced[BIGNUM_MAX_LIMBS];
    for (mp_size_t i = 0; i < n; i++)
        t[i] = mpn_addmul_1(t + i, m, n, t[i] * minus_inverse);
    mp_limb_t carry = mpn_cnd_add_n(1, r, t + n, t, n);
    mp_limb_t borrow = mpn_cnd_sub_n(1, reduced, r, m, n);
    mpn_cnd_sub_n(carry | (borrow ^ 1), r, r, m, n); /* below 2m: subtract where it was m or more */
    ct_wipe(reduced, (size_t)n * sizeof *reduced);
}

void bignum_montgomery(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m,
                       mp_limb_t minus_inverse, mp_size_t n)
{
    mp_limb_t t[2 * BIGNUM_MAX_LIMBS];
    assert(n <= BIGNUM_MAX_LIMBS);
    bignum_mul(t, a, b, n);
    reduce(r, t, m, minus_inverse, n);
    ct_wipe(t, 2 * (size_t)n * sizeof *t);
}

/* --- A public exponent -------------------------------------------------------------------------------------------- */

/* The three steps that can be done in constant time, or faster. */
struct steps {
    void (*remainder)(mp_limb_t *r, mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n); /* a is used up */
    void (*square)(mp_limb_t *r, const mp_limb_t *a, mp_size_t n);
    void (*multiply)(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, mp_size_t n);
};

static void remainder_secret(mp_limb_t *r, mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n)
{
    bignum_mod(r, a, a_n, m, n);
}

static void remainder_public(mp_limb_t *r, mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n)
{
    mp_limb_t quotient[BIGNUM_MAX_LIMBS + 1];
    mpn_tdiv_qr(quotient, r, 0, a, a_n, m, n);
}

static void square_secret(mp_limb_t *r, const mp_limb_t *a, mp_size_t n)
{
    mp_limb_t scratch[SCRATCH_LIMBS];
    mp_size_t need = mpn_sec_sqr_itch(n);
    assert(need <= SCRATCH_LIMBS);
    mpn_sec_sqr(r, a, n, scratch);
    ct_wipe(scratch, (size_t)need * sizeof *scratch);
}

static void multiply_public(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, mp_size_t n)
{
    mpn_mul_n(r, a, b, n);
}

/* Squares for each bit of e below the highest, and multiplies where it is 1: from a B^n mod m, which takes a division,
 * by Montgomery's products. The last one, for bit 0, is with base as it is, and with that leads out of that form. */
static void powm_by(const struct steps *by, mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m,
                    mp_size_t n)
{
    mp_limb_t t[2 * BIGNUM_MAX_LIMBS], form[BIGNUM_MAX_LIMBS], power[BIGNUM_MAX_LIMBS];
    mp_limb_t minus_inverse = bignum_minus_inverse(m[0]);
    size_t len = (size_t)n * sizeof *t;
    assert(n <= BIGNUM_MAX_LIMBS && e >= 3 && e % 2 == 1);
    memset(t, 0, len);
    memcpy(t + n, base, len);
    by->remainder(form, t, 2 * n, m, n);
    memcpy(power, form, len);
    unsigned bit = 1;
    while (bit <= e / 2)
        bit *= 2;
    while (bit > 1) {
        bit /= 2;
        by->square(t, power, n);
        reduce(power, t, m, minus_inverse, n);
        if ((e & bit) == 0)
            continue;
        by->multiply(t, power, bit > 1 ? form : base, n);
        reduce(power, t, m, minus_inverse, n);
    }
    memcpy(r, power, len);
    ct_wipe(t, 2 * len);
    ct_wipe(form, len);
    ct_wipe(power, len);
}

void bignum_powm_e(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n)
{
    static const struct steps constant_time = {remainder_secret, square_secret, bignum_mul};
    powm_by(&constant_time, r, base, e, m, n);
}

void bignum_powm_public(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n)
{
    static const struct steps fast = {remainder_public, mpn_sqr, multiply_public};
    powm_by(&fast, r, base, e, m, n);
}

int bignum_less(const mp_limb_t *a, const mp_limb_t *b, mp_size_t n)
{
    mp_limb_t difference[BIGNUM_MAX_LIMBS];
    assert(n <= BIGNUM_MAX_LIMBS);
    int borrow = (int)mpn_cnd_sub_n(1, difference, a, b, n);
    ct_wipe(difference, (size_t)n * sizeof *difference);
    return borrow;
}

int bignum_invert_public(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *m, mp_size_t n)
{
    bignum_setup();
    mpz_t a_mpz, m_mpz, inverse;
    mpz_init(inverse);
    int found = mpz_invert(inverse, mpz_roinit_n(a_mpz, a, n), mpz_roinit_n(m_mpz, m, n)) != 0;
    size_t used = found ? mpz_size(inverse) : 0;
    memset(r, 0, (size_t)n * sizeof *r);
    if (used != 0)
        memcpy(r, mpz_limbs_read(inverse), used * sizeof *r);
    mpz_clear(inverse);
    return found ? 0 : -1;
}

/* GMP's allocator, for what goes through an mpz_t. GMP can't go on without memory and has no way to say so; that must
 * not be the end of a server that only answers one stranger's hello. So each thread has a reserve, far more than the
 * inverse in a signature needs. What is taken from it is given back all at once, with its last block. */
static _Thread_local struct {
    _Alignas(max_align_t) uint8_t bytes[16384];
    size_t used, blocks;
} reserve;

static void *allocate(size_t len)
{
    void *p = malloc(len);
    if (p == NULL && len <= sizeof reserve.bytes - reserve.used) {
        p = reserve.bytes + reserve.used;
        reserve.used += (len + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
        reserve.blocks++;
    }
    if (p == NULL) {
        fputs("out of memory for a big number\n", stderr);
        abort();
    }
    return p;
}

static void wipe_and_free(void *p, size_t len)
{
    ct_wipe(p, len);
    if ((uintptr_t)p - (uintptr_t)reserve.bytes >= sizeof reserve.bytes)
        free(p);
    else if (--reserve.blocks == 0)
        reserve.used = 0;
}

/* realloc would leave a copy behind where it moves the block. */
static void *reallocate(void *old, size_t old_len, size_t new_len)
{
    void *p = allocate(new_len);
    memcpy(p, old, old_len < new_len ? old_len : new_len);
    wipe_and_free(old, old_len);
    return p;
}

static void set_allocator(void)
{
    mp_set_memory_functions(allocate, reallocate, wipe_and_free);
}

void bignum_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_allocator);
}
