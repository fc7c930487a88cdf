/* SPDX-License-Identifier: MIT */
/* A line of a chat under the secret Z of a Diffie-Hellman exchange, for the labs that are about finding Z.
 *
 *      secret = HKDF-Extract(no salt, Z)         line = a Record of AES-128 under it, the first of its session
 *
 * Standard:    RFC 5869 section 2.2; docs/protocol.md section 5.
 * Use it:      sealed_line_make(frame, &frame_len, &rng, "hello", z, z_len);
 *              if (sealed_line_open(text, frame, frame_len, z, z_len)) ...    it was this Z
 * Timing:      that of net/record.h.
 * Read next:   net/record.h.
 *
 * glasschat itself derives more carefully: from both hellos too (net/handshake.h). To know Z would be enough there as
 * well, since the hellos are public.
 */
#ifndef APP_WORKBENCH_ATTACKS_SEALED_LINE_H
#define APP_WORKBENCH_ATTACKS_SEALED_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/workbench/attacks/lab.h"
#include "net/record.h"

#define SEALED_LINE_MAX (RECORD_FRAME_MIN + LAB_SECRET_MAX + 16)

/* text has at most LAB_SECRET_MAX bytes (asserted); frame gets at most SEALED_LINE_MAX. */
void sealed_line_make(uint8_t *frame, size_t *frame_len, struct rng *rng, const char *text, const uint8_t *z,
                      size_t z_len);

/* False where it is not sealed under this Z, or too long; text has room for LAB_SECRET_MAX + 1 bytes. */
bool sealed_line_open(char *text, const uint8_t *frame, size_t frame_len, const uint8_t *z, size_t z_len);

#endif
