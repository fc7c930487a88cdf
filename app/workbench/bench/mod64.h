/* SPDX-License-Identifier: MIT */
/* Numbers modulo an odd number below 2^63: small enough for a machine word, large enough to watch a discrete logarithm
 * get out of hand.
 *
 * Standard:    none; P. L. Montgomery, "Modular multiplication without trial division", 1985.
 * Use it:      struct mod64 m;
 *              mod64_init(&m, p);
 *              uint64_t a = mod64_in(&m, 5), b = mod64_mul(&m, a, a);      mod64_out(&m, b) is 25 mod p
 * Timing:      mod64_power branches on its exponent: for attacks, never for keys.
 * Read next:   app/workbench/bench/dlog.h, what it is for.
 *
 * A division takes the processor several times as long as a product. Montgomery's form holds a as a * 2^64 mod n; then
 * what has to be taken away after a product is a multiple of n that makes the lower 64 bits zero, and that multiple is
 * found by one more product. Equal numbers have equal forms, so that they may be compared and looked up as they are.
 */
#ifndef APP_WORKBENCH_BENCH_MOD64_H
#define APP_WORKBENCH_BENCH_MOD64_H

#include <stdbool.h>
#include <stdint.h>

struct mod64 {
    uint64_t n;       /* the modulus: odd, 3 to 2^63 - 1 */
    uint64_t inverse; /* -1 / n modulo 2^64 */
    uint64_t one;     /* 2^64 mod n: the form of 1 */
    uint64_t square;  /* 2^128 mod n */
};

/* The product of two words: its lower word is returned, *high is the upper. */
static inline uint64_t mod64_product(uint64_t a, uint64_t b, uint64_t *high)
{
#if defined(__SIZEOF_INT128__)
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    *high = (uint64_t)(product >> 64);
    return (uint64_t)product;
#else
    uint64_t a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xffffffff);
    *high = a1 * b1 + (middle >> 32) + (other >> 32);
    return other << 32 | (low & 0xffffffff);
#endif
}

/* Both in Montgomery's form and below n; so is the result. */
static inline uint64_t mod64_mul(const struct mod64 *m, uint64_t a, uint64_t b)
{
    uint64_t high, multiple, low = mod64_product(a, b, &high);
    mod64_product(low * m->inverse, m->n, &multiple);
    uint64_t r = high + multiple + (low != 0); /* the lower words add up to 2^64, or are both zero */
    return r >= m->n ? r - m->n : r;
}

/* n odd, from 3 to 2^63 - 1 (asserted). */
void mod64_init(struct mod64 *m, uint64_t n);

/* To Montgomery's form, from any a below n, and back; dlog only compares, so only tests go back. */
uint64_t mod64_in(const struct mod64 *m, uint64_t a);
uint64_t mod64_out(const struct mod64 *m, uint64_t a);

/* a in Montgomery's form, as the result; the exponent is a plain number. */
uint64_t mod64_power(const struct mod64 *m, uint64_t a, uint64_t exponent);

/* Whether n (below 2^63) is prime; no doubt is left, as for numbers of this size Miller and Rabin's test with the first
 * twelve primes as its bases is never wrong (Sorenson and Webster, 2015: right below 3.3 * 10^24). */
bool mod64_is_prime(uint64_t n);

#endif
