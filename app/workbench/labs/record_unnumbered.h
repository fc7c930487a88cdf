/* SPDX-License-Identifier: MIT */
/* Records whose tag leaves out the sequence number. Only the workbench links it.
 *
 *      plaintext  = u8 content type || payload || PKCS#7 padding to 16
 *      tag        = HMAC-SHA-256(mac_key, frame header || iv || ciphertext)
 *
 * Standard:    docs/protocol.md section 6, without the number.
 * Use it:      len = lab_record_unnumbered_seal(&key, &rng, frame, text, text_len);
 *              if (lab_record_unnumbered_open(&key, text, &text_len, frame, len) == 0) ... act on the text
 * Timing:      that of crypto/etm.h: what is wrong here is not seen by a clock.
 * Read next:   net/record.h, with the number; docs/labs/replay.md.
 */
#ifndef APP_WORKBENCH_LABS_RECORD_UNNUMBERED_H
#define APP_WORKBENCH_LABS_RECORD_UNNUMBERED_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/etm.h"
#include "crypto/rng.h"

#define LAB_RECORD_UNNUMBERED_MAX 1024 /* bytes of a frame */

/* Seals a text that fits (asserted) and returns the length of the frame. They don't overlap. */
size_t lab_record_unnumbered_seal(const struct etm_key *key, struct rng *rng,
                                  uint8_t frame[static LAB_RECORD_UNNUMBERED_MAX], const char *text, size_t text_len);

/* text has room for frame_len bytes and gets no NUL. -1, with text as it was, where it is no Record under this key. */
MUST_USE int lab_record_unnumbered_open(const struct etm_key *key, uint8_t *text, size_t *text_len,
                                        const uint8_t *frame, size_t frame_len);

#endif
