/* SPDX-License-Identifier: MIT */
/* Powers of 2, many of them modulo the same prime: what a key pair's public value is.
 *
 * Standard:    C. H. Lim, P. J. Lee, "More flexible exponentiation with precomputation" (CRYPTO '94), a comb; Handbook
 *              of Applied Cryptography, algorithm 14.117.
 * Use it:      dh_comb_power(pair->y, group, pair->x);               y = 2^x mod p, as dh.c's general power would
 * Timing:      as crypto/dh.h: the same steps for every exponent, and every entry of the table is read for each.
 * Read next:   crypto/dh_comb.c; crypto/dh.c.
 */
#ifndef CRYPTO_DH_COMB_H
#define CRYPTO_DH_COMB_H

#include <stdint.h>

#include "crypto/dh_group.h"

/* Writes 2^x mod p, group->p_len bytes, for an exponent of group->x_len bytes. The first call for a group makes its
 * table (about a millisecond, whichever thread comes first; it is public and stays). */
void dh_comb_power(uint8_t *out, const struct dh_group *group, const uint8_t *x);

#endif
