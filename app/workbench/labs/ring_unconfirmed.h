/* SPDX-License-Identifier: MIT */
/* The exchange of many without its last round: who has a key takes it to be everybody's. Only the workbench links it.
 *
 *      round one   z                       as in crypto/ring.h
 *      round two   X, signed               as there: every value is checked, and so is the product of all X
 *      then        the key is used         no confirmation is sent, and none waited for
 *
 * Standard:    Burmester and Desmedt 1994, with the signatures of Katz and Yung 2003: that is all that they promise.
 *              Insiders are the subject of J. Katz, J. S. Shin, "Modeling insider attacks on group key-exchange
 *              protocols", CCS 2005, who add a signed confirmation.
 * Use it:      ... as crypto/ring.h, to the last ring_verify, then
 *              if (lab_ring_unconfirmed(key, &r) != 0) refuse;
 * Timing:      that of crypto/ring.h.
 * Read next:   crypto/ring.h, with ring_confirm; docs/labs/split-ring.md.
 */
#ifndef APP_WORKBENCH_LABS_RING_UNCONFIRMED_H
#define APP_WORKBENCH_LABS_RING_UNCONFIRMED_H

#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/ring.h"

/* The key; -1 where the X do not multiply to 1. r_self is wiped. */
MUST_USE int lab_ring_unconfirmed(uint8_t key[static RING_KEY_LEN], struct ring *r);

#endif
