/* SPDX-License-Identifier: MIT */
/* What `glass bignum --explain` shows: a power modulo a small number, by Montgomery's products of decimal digits and a
 * window of two bits, with every row as one would write it on paper.
 *
 * Standard:    Handbook of Applied Cryptography, algorithms 14.36 (the product) and 14.82 (the window).
 * Use it:      explain_bignum(stdout, 233, 46, 13);
 * Timing:      for numbers that you choose.
 * Read next:   crypto/bignum_ifma_product.h, the same with digits of 52 bits; docs/walkthrough/27-big-numbers-fast.md.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_BIGNUM_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_BIGNUM_H

#include <stdint.h>
#include <stdio.h>

#define EXPLAIN_BIGNUM_MODULUS_MAX UINT64_C(99999999)
#define EXPLAIN_BIGNUM_EXPONENT_MAX UINT64_C(65537)

/* base^exponent mod modulus, in the plainest way. */
uint64_t explain_bignum_power(uint64_t modulus, uint64_t base, uint64_t exponent);

/* modulus is 3 to EXPLAIN_BIGNUM_MODULUS_MAX and has no factor in common with 10; base is below it; exponent is at most
 * EXPLAIN_BIGNUM_EXPONENT_MAX. What comes out is compared with explain_bignum_power (asserted). */
void explain_bignum(FILE *to, uint64_t modulus, uint64_t base, uint64_t exponent);

#endif
