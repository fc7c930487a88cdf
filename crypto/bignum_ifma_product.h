/* SPDX-License-Identifier: MIT */
/* Montgomery's product on AVX-512 IFMA, to be inlined by crypto/bignum_ifma.c, which makes powers of it.
 *
 * Standard:    Intel SDM vol. 2C, VPMADD52LUQ, VPMADD52HUQ; Handbook of Applied Cryptography, algorithm 14.36.
 * Use it:      modulus_init(&k, 0, m, 48);  to_digits(&a, 0, a_limbs, 48);
 *              multiply(&r, &a, &k.r2, &k, 48, 1);                    a in Montgomery's form
 *              result(r_limbs, &r, 0, m, 48);                         r mod m
 *              n is the number's limbs, a constant where it is inlined; `numbers` how many lie side by side, 1 or 2
 * Timing:      depends on n alone. What is secret is the caller's to wipe.
 * Read next:   crypto/bignum_ifma.c.
 *
 * Two instructions multiply eight pairs of 52-bit digits at once, and add the lower, or the upper, 52 bits of each
 * product to a lane of 64:
 *
 *      a number      digit 0  digit 1 ... digit 7 | digit 8 ...        registers of eight digits, the lowest first
 *      times b_i     digit i of b stands in all eight lanes: a row of the schoolbook product in as many instructions
 *                    as a has registers, for its lower halves, and as many for its upper ones, a lane further up
 *
 * The 12 bits above each digit take up the carries of all rows, so that nothing is carried until the end. That is why
 * the digits are not of 64 bits: with those each addition could overflow, and its carry would have to wait for the
 * carry of the lane below.
 *
 * After each row a multiple of m is added that makes the lowest digit 0, and all lanes move down by one. R, which is 2
 * to the bits of all digits, is more than 4m, so what comes out of numbers below 2m is below 2m again: (a b + y m) / R
 * < (4 m^2 + R m) / R < 2m. Nothing has to be compared in between, and only the last result is brought below m.
 */
#ifndef CRYPTO_BIGNUM_IFMA_PRODUCT_H
#define CRYPTO_BIGNUM_IFMA_PRODUCT_H

#include <immintrin.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/unroll.h"

_Static_assert(GMP_NUMB_BITS == 64, "digits are cut out of limbs of 64 bits");

#define INLINE static inline __attribute__((always_inline))
#define DIGIT_BITS 52
#define DIGIT_MASK ((UINT64_C(1) << DIGIT_BITS) - 1)
#define LANES 8
#define DIGITS(n) ((64 * (size_t)(n) + 2 + DIGIT_BITS - 1) / DIGIT_BITS) /* the two bits are for R > 4m */
#define VECTORS(n) ((DIGITS(n) + LANES - 1) / LANES)
#define VECTORS_MAX 10 /* of 4,096 bits; two of 1,536 bits have 8 */
#define LANES_MAX (LANES * VECTORS_MAX)

/* One number, or two side by side, each in VECTORS(n) registers' worth of digits. */
struct digits {
    alignas(64) uint64_t d[LANES_MAX];
};

/* What a product needs to know of m: -m^-1 mod 2^52, and R^2 mod m, which leads into Montgomery's form. */
struct modulus {
    struct digits m, r2;
    uint64_t minus_inverse[2];
};

/* --- Limbs and digits --------------------------------------------------------------------------------------------- */

/* Writes the digits of number `which` of those side by side. */
static inline void to_digits(struct digits *to, size_t which, const mp_limb_t *a, size_t n)
{
    uint64_t *d = to->d + which * LANES * VECTORS(n);
    for (size_t i = 0; i < LANES * VECTORS(n); i++) {
        size_t limb = DIGIT_BITS * i / 64, shift = DIGIT_BITS * i % 64;
        uint64_t low = limb < n ? a[limb] >> shift : 0;
        uint64_t high = shift > 64 - DIGIT_BITS && limb + 1 < n ? a[limb + 1] << (64 - shift) : 0;
        d[i] = (low | high) & DIGIT_MASK;
    }
}

static inline void to_limbs(mp_limb_t *a, const struct digits *from, size_t which, size_t n)
{
    const uint64_t *d = from->d + which * LANES * VECTORS(n);
    memset(a, 0, n * sizeof *a);
    for (size_t i = 0; i < DIGITS(n); i++) {
        size_t limb = DIGIT_BITS * i / 64, shift = DIGIT_BITS * i % 64;
        if (limb < n)
            a[limb] |= d[i] << shift;
        if (shift > 64 - DIGIT_BITS && limb + 1 < n)
            a[limb + 1] |= d[i] >> (64 - shift);
    }
}

/* Takes a number below 2m to below m: a is its lowest n limbs, and above the one bit that it may have beyond them. */
static inline void subtract_once(mp_limb_t *a, uint64_t above, const mp_limb_t *m, size_t n)
{
    mp_limb_t less[BIGNUM_MAX_LIMBS], borrow = 0;
    for (size_t i = 0; i < n; i++) {
        less[i] = a[i] - m[i] - borrow;
        borrow = ((~a[i] & m[i]) | ((~a[i] | m[i]) & less[i])) >> 63; /* Hacker's Delight, section 2-16 */
    }
    mp_limb_t keep = 0 - (mp_limb_t)ct_barrier((uint32_t)(borrow & ~above));
    for (size_t i = 0; i < n; i++)
        a[i] = (a[i] & keep) | (less[i] & ~keep);
    ct_wipe(less, n * sizeof *less);
}

/* r = the number, below 2m as it is, mod m. */
static inline void result(mp_limb_t *r, const struct digits *from, size_t which, const mp_limb_t *m, size_t n)
{
    const uint64_t *d = from->d + which * LANES * VECTORS(n);
    to_limbs(r, from, which, n);
    subtract_once(r, d[64 * n / DIGIT_BITS] >> (64 * n % DIGIT_BITS) & 1, m, n);
}

/* R is 2 to the bits of all digits, so R^2 is 2 to twice as many. */
static inline void modulus_init(struct modulus *to, size_t which, const mp_limb_t *m, size_t n)
{
    mp_limb_t r2[BIGNUM_MOD_MAX_LIMBS] = {0};
    size_t bits = 2 * DIGIT_BITS * DIGITS(n);
    r2[bits / 64] = (mp_limb_t)1 << (bits % 64);
    bignum_mod(r2, r2, (mp_size_t)(bits / 64 + 1), m, (mp_size_t)n);
    to_digits(&to->r2, which, r2, n);
    to_digits(&to->m, which, m, n);
    to->minus_inverse[which] = bignum_minus_inverse(m[0]) & DIGIT_MASK;
    ct_wipe(r2, sizeof r2);
}

/* --- Montgomery's product ----------------------------------------------------------------------------------------- */

/* Carries from each lane into the one above. First what is above 52 bits, all lanes at once. What is left then to carry
 * is a 1 where that made a lane full, and it may run on through lanes that are all ones: eight lanes are eight bits of
 * an ordinary addition, in which a 1 runs on by itself. */
INLINE void carry(__m512i x[], size_t vectors)
{
    const __m512i mask = _mm512_set1_epi64((long long)DIGIT_MASK);
    __m512i below = _mm512_setzero_si512();
    unsigned into = 0;
    UNROLL
    for (size_t v = 0; v < vectors; v++) {
        __m512i above = _mm512_srli_epi64(x[v], DIGIT_BITS);
        x[v] = _mm512_add_epi64(_mm512_and_si512(x[v], mask), _mm512_alignr_epi64(above, below, LANES - 1));
        below = above;
        unsigned full = _mm512_cmpgt_epu64_mask(x[v], mask), ones = _mm512_cmpeq_epu64_mask(x[v], mask);
        unsigned sum = ones + (full << 1 | into);
        x[v] = _mm512_mask_add_epi64(x[v], (__mmask8)(sum ^ ones), x[v], _mm512_set1_epi64(1));
        x[v] = _mm512_and_si512(x[v], mask);
        into = sum >> LANES;
    }
}

/* One row: acc = (acc + a b_i + y m) / 2^52. The row waits for its y, and the next y for the next acc[0], which is
 * wanted with its a[0] b_i in it already, as this one was: what it gets of this row and of the next without y is put
 * together in `beside`, so that only one product with y stands between the two. */
INLINE void row(__m512i acc[], const __m512i a[], const __m512i m[], uint64_t b_i, uint64_t b_next,
                uint64_t minus_inverse, size_t vectors)
{
    const __m512i zero = _mm512_setzero_si512(), b = _mm512_set1_epi64((long long)b_i);
    UNROLL
    for (size_t v = 1; v < vectors; v++)
        acc[v] = _mm512_madd52lo_epu64(acc[v], a[v], b);
    __m512i y = _mm512_madd52lo_epu64(zero, acc[0], _mm512_set1_epi64((long long)minus_inverse));
    y = _mm512_broadcastq_epi64(_mm512_castsi512_si128(y));
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        acc[v] = _mm512_madd52lo_epu64(acc[v], m[v], y);
    __m512i beside = _mm512_madd52hi_epu64(zero, a[0], b);
    beside = _mm512_madd52lo_epu64(beside, a[0], _mm512_set1_epi64((long long)b_next));
    __m512i carried = _mm512_srli_epi64(acc[0], DIGIT_BITS); /* lane 0 has 52 zeros, and above them what it carries */
    beside = _mm512_mask_add_epi64(beside, 1, beside, carried);
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        acc[v] = _mm512_alignr_epi64(v + 1 < vectors ? acc[v + 1] : zero, acc[v], 1);
    acc[0] = _mm512_add_epi64(acc[0], beside);
    UNROLL
    for (size_t v = 1; v < vectors; v++)
        acc[v] = _mm512_madd52hi_epu64(acc[v], a[v], b);
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        acc[v] = _mm512_madd52hi_epu64(acc[v], m[v], y);
}

INLINE void load(__m512i to[], const uint64_t *from, size_t vectors)
{
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        to[v] = _mm512_load_si512(from + LANES * v);
}

INLINE void store(uint64_t *to, const __m512i from[], size_t vectors)
{
    UNROLL
    for (size_t v = 0; v < vectors; v++)
        _mm512_store_si512(to + LANES * v, from[v]);
}

/* r = a b / R mod m, below 2m, for `numbers` side by side; r may be a or b. The rows of the two wait for nothing of
 * each other, so that one's fill the time in which the other's y is being worked out. */
INLINE void multiply(struct digits *r, const struct digits *a, const struct digits *b, const struct modulus *k,
                     size_t n, size_t numbers)
{
    const size_t vectors = VECTORS(n), lanes = LANES * vectors;
    const __m512i zero = _mm512_setzero_si512();
    __m512i acc[2][VECTORS_MAX], x[2][VECTORS_MAX], m[2][VECTORS_MAX];
    UNROLL
    for (size_t j = 0; j < numbers; j++) {
        load(x[j], a->d + lanes * j, vectors);
        load(m[j], k->m.d + lanes * j, vectors);
        acc[j][0] = _mm512_madd52lo_epu64(zero, x[j][0], _mm512_set1_epi64((long long)b->d[lanes * j]));
        UNROLL
        for (size_t v = 1; v < vectors; v++)
            acc[j][v] = zero;
    }
    for (size_t i = 0; i < DIGITS(n); i++)
        UNROLL
    for (size_t j = 0; j < numbers; j++) {
        uint64_t next = i + 1 < DIGITS(n) ? b->d[lanes * j + i + 1] : 0;
        row(acc[j], x[j], m[j], b->d[lanes * j + i], next, k->minus_inverse[j], vectors);
    }
    UNROLL
    for (size_t j = 0; j < numbers; j++) {
        carry(acc[j], vectors);
        store(r->d + lanes * j, acc[j], vectors);
    }
}

#endif
