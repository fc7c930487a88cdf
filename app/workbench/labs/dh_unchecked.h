/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman that takes whatever public value comes. Only the workbench links it.
 *
 * Standard:    NIST SP 800-56A rev. 3 section 5.7.1.1 without section 5.6.2.3.1, which checks the value first.
 * Use it:      lab_dh_unchecked(z, group, x, peer);
 * Timing:      as crypto/dh.h: what is wrong here is no matter of time.
 * Read next:   dh_derive in crypto/dh.h, which refuses; docs/labs/public-key-one.md and small-subgroup.md.
 */
#ifndef APP_WORKBENCH_LABS_DH_UNCHECKED_H
#define APP_WORKBENCH_LABS_DH_UNCHECKED_H

#include <stdint.h>

#include "crypto/dh_group.h"

/* z = peer^x mod p. z and peer have group->p_len bytes, x has group->x_len. */
void lab_dh_unchecked(uint8_t *z, const struct dh_group *group, const uint8_t *x, const uint8_t *peer);

#endif
