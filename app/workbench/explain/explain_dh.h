/* SPDX-License-Identifier: MIT */
/* What `glass dh --explain` shows: the group, x bit by bit, how squaring and multiplying get to y = g^x mod p, each
 * check that a peer's value must pass, and Z.
 *
 * Standard:    NIST SP 800-56A rev. 3 sections 5.6.2.3.1 (the checks) and 5.7.1.1 (Z); RFC 7919 appendix A (groups).
 * Use it:      dh_pair_from_private(&pair, group, x, x_len);
 *              if (explain_dh(stdout, &pair, peer, peer_len, false) != 0) ...     the peer's value is refused
 * Timing:      depends on x, which is shown: for values that you choose, never for a real exponent.
 * Read next:   crypto/dh.c, the same in constant time; app/dissect/dh_pem.h, the keys for the openssl command.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_DH_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_DH_H

#include <stdbool.h>
#include <stdio.h>

#include "crypto/dh.h"

/* peer is NULL where there is none; its length may be wrong, which is the first of the checks. Where all is true long
 * values are shown whole, not only their ends, and so are the commands of openssl that compute the same. Returns 0, or
 * -1 where the peer's value is refused: then the check that refuses it is the last thing shown. y and Z are computed
 * here in the plainest way, and compared with what crypto/dh.h makes of them (asserted). */
MUST_USE int explain_dh(FILE *to, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len, bool all);

#endif
