/* SPDX-License-Identifier: MIT */
/* Numbers for the exercise on DH that crypto/dh.h has no functions for: those near p, a peer's value that leads to a
 * given Z, and what the usual mistakes make of a power.
 *
 * Standard:    RFC 7919; SP 800-56A rev. 3 section 5.7.1.1.
 * Use it:      const char *hint = dh_mistake_in_power(yours, g, base, x);
 * Timing:      nothing secret: test values.
 * Read next:   exercise_dh.c, which asks; crypto/dh.c, what is right.
 */
#ifndef APP_WORKBENCH_EXERCISES_DH_NUMBERS_H
#define APP_WORKBENCH_EXERCISES_DH_NUMBERS_H

#include <stdbool.h>

#include "crypto/dh_group.h"

/* y = k, or p + k; it has p_len bytes, big-endian. */
void dh_near(uint8_t *y, const struct dh_group *g, bool from_p, long k);

/* The peer's value of which x makes z: peer^x = z mod p. z is in the subgroup of order q, and x is not 0. */
void dh_peer_for(uint8_t *peer, const struct dh_group *g, const uint8_t *x, const uint8_t *z);

/* What was done, where `yours` (p_len bytes) is what a known mistake makes of base^x mod p; NULL elsewhere. base has
 * p_len bytes; NULL is the 2 of a public value. */
const char *dh_mistake_in_power(const uint8_t *yours, const struct dh_group *g, const uint8_t *base, const uint8_t *x);

#endif
