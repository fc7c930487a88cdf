/* SPDX-License-Identifier: MIT */
/* A handshake in which nobody shows who they are: two public values, and then Records. Only the workbench links it.
 *
 *      client                server
 *      y_c [256]  ---------->
 *                 <----------  y_s [256]
 *      Record     ---------->
 *                 <----------  Record
 *
 *      Z     = ffdhe2048's                     T = SHA-256(y_c || y_s)         prk = HKDF-Extract(no salt, Z)
 *      c_secret, s_secret: from prk and T as docs/protocol.md section 5.1 says; Records with AES-128, as in section 6
 *
 * Standard:    W. Diffie and M. Hellman, 1976; RFC 7919 (the group), RFC 5869 (HKDF). What is missing is a signature.
 * Use it:      struct lab_dh_unsigned d;
 *              lab_dh_unsigned_init(&d, &rng);
 *              ... send d.pair.y, receive the peer's ...
 *              if (lab_dh_unsigned_finish(&d, true, peer) == 0) ...    d.send and d.receive are ready
 *              lab_dh_unsigned_wipe(&d);
 * Timing:      that of crypto/dh.h.
 * Read next:   net/handshake.h, with the signature; docs/labs/man-in-the-middle.md.
 */
#ifndef APP_WORKBENCH_LABS_DH_UNSIGNED_H
#define APP_WORKBENCH_LABS_DH_UNSIGNED_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/dh.h"
#include "crypto/rng.h"
#include "net/record.h"

#define LAB_DH_UNSIGNED_LEN 256 /* bytes of a public value */

struct lab_dh_unsigned {
    struct dh_key_pair pair;
    struct record send, receive; /* once it is finished */
};

void lab_dh_unsigned_init(struct lab_dh_unsigned *d, struct rng *rng);

/* Takes the peer's value, whoever the peer is. -1 where it is no good value of the group. */
MUST_USE int lab_dh_unsigned_finish(struct lab_dh_unsigned *d, bool is_client,
                                    const uint8_t peer[static LAB_DH_UNSIGNED_LEN]);

void lab_dh_unsigned_wipe(struct lab_dh_unsigned *d);

#endif
