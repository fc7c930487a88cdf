/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman with a prime of 20 bits, as in more than one student's chat that was put on the web. Only the
 * workbench links it.
 *
 * Standard:    none. The group is made as those of RFC 7919 are: p = 2q + 1 with q prime, and 2 generates the squares.
 * It
 *              is only too small.
 * Use it:      uint32_t y = lab_dh_small_power(LAB_DH_SMALL_G, x), z = lab_dh_small_power(peer, x);
 * Timing:      branches on x; but x is found in a millisecond anyway.
 * Read next:   crypto/dh_group.h, with 2,048 bits and more; docs/labs/small-prime.md.
 */
#ifndef APP_WORKBENCH_LABS_DH_SMALL_H
#define APP_WORKBENCH_LABS_DH_SMALL_H

#include <stdint.h>

#define LAB_DH_SMALL_P 1048343u
#define LAB_DH_SMALL_G 2u

/* base^x mod p, for a base below p. */
uint32_t lab_dh_small_power(uint32_t base, uint32_t x);

#endif
