/* SPDX-License-Identifier: MIT */
/* A call between two users under one secret for ever: Diffie-Hellman of their own two keys, once, and nothing changes
 * after that. Only the workbench links it.
 *
 *      Z        = the shared secret of both users' long-lived values
 *      prk      = HKDF-Extract(no salt, Z)
 *      secret   = HKDF-Expand(prk, "caller", 32), HKDF-Expand(prk, "callee", 32)      one for each direction
 *
 * Standard:    none. Records as in docs/protocol.md sections 5 and 6, without what section 8.4 does with the secrets.
 * Use it:      if (lab_call_static_init(&c, &own, peer, true) != 0) refuse;
 *              len = lab_call_static_seal(&c, &rng, frame, sizeof frame, text, text_len);
 *              if (lab_call_static_open(&c, text, &text_len, frame, len) == 0) ... show the text
 * Timing:      that of net/record.h: what is wrong here is not seen by a clock.
 * Read next:   net/ratchet.h, what it leaves out; docs/labs/stolen-memory.md.
 */
#ifndef APP_WORKBENCH_LABS_CALL_STATIC_H
#define APP_WORKBENCH_LABS_CALL_STATIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/dh.h"
#include "net/record.h"

struct lab_call_static {
    struct record send, receive;
};

/* -1 where the peer's value is none. */
MUST_USE int lab_call_static_init(struct lab_call_static *c, const struct dh_key_pair *own, const uint8_t *peer,
                                  bool caller);

/* Seals a text for which frame has room (asserted), and returns the length of the frame. */
size_t lab_call_static_seal(struct lab_call_static *c, struct rng *rng, uint8_t *frame, size_t frame_cap,
                            const char *text, size_t text_len);

/* text has room for frame_len bytes and gets no NUL. -1 where it is not the peer's next Record. */
MUST_USE int lab_call_static_open(struct lab_call_static *c, uint8_t *text, size_t *text_len, const uint8_t *frame,
                                  size_t frame_len);

#endif
