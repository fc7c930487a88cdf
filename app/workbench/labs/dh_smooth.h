/* SPDX-License-Identifier: MIT */
/* A group for Diffie-Hellman whose prime looks like any other: p has 1,024 bits, and (p-1)/2 is no prime but a product
 * of small ones with a large one at its end. Only the workbench links it.
 *
 *      p - 1 = 2 * 3 * 5 * 7 * ... * 199 * q            the 45 odd primes below 200, and q of 752 bits
 *
 * Standard:    none. Groups with such cofactors were and are in use: RFC 5114 has three, and whoever makes a prime at
 *              random gets one.
 * Use it:      lab_dh_unchecked(y, &lab_dh_smooth, x, lab_dh_smooth_g);
 * Timing:      does not matter here.
 * Read next:   crypto/dh_group.h, whose primes are safe: (p-1)/2 is prime; docs/labs/small-subgroup.md.
 */
#ifndef APP_WORKBENCH_LABS_DH_SMOOTH_H
#define APP_WORKBENCH_LABS_DH_SMOOTH_H

#include <stdint.h>

#include "crypto/dh_group.h"

#define LAB_DH_SMOOTH_LEN 128

/* x has 32 bytes; id is none of RFC 7919's. */
extern const struct dh_group lab_dh_smooth;

/* Its generator, of order q: nothing is wrong with that. */
extern const uint8_t lab_dh_smooth_g[LAB_DH_SMOOTH_LEN];

#endif
