/* SPDX-License-Identifier: MIT */
/* Frames: what the stream of bytes is cut into.
 *
 *      0       1         2        4
 *      +-------+---------+--------+------------------+
 *      | type  | version | length | body             |
 *      | u8    | u8 = 1  | u16    | length bytes     |
 *      +-------+---------+--------+------------------+
 *
 * Standard:    docs/protocol.md section 2.
 * Use it:      size_t frame_len;
 *              enum net_err err = frame_next(&type, &frame_len, in, in_len, &frame_any);
 *              if (err != NET_OK)      hang up
 *              else if (frame_len == 0) read more
 *              else                    the frame is in[0 .. frame_len-1]
 * Timing:      everything here is public.
 * Read next:   net/record.h for the frames of type 3, net/handshake.h for the others.
 */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "net/err.h"

enum frame_type { FRAME_CLIENT_HELLO = 1, FRAME_SERVER_HELLO = 2, FRAME_RECORD = 3, FRAME_ALERT = 4 };

#define FRAME_VERSION 1
#define FRAME_HEADER_LEN 4
#define FRAME_CLIENT_HELLO_MAX 1024 /* the largest body of each type */
#define FRAME_SERVER_HELLO_MAX 4096
#define FRAME_ALERT_MAX 256
#define FRAME_BODY_MAX 16448 /* a Record's, and so the largest of all */
#define FRAME_MAX_LEN (FRAME_HEADER_LEN + FRAME_BODY_MAX)

/* The largest body that a frame of this type may have, in bytes; 0 for a type that doesn't exist (any int is taken).
 * The calls below check it; on its own it is for tests. */
size_t frame_body_max(enum frame_type type);

/* What may come now: max[type] is the longest body that a frame of this type may have, at most frame_body_max; 0 where
 * the type is out of turn. */
struct frame_turn {
    size_t max[FRAME_ALERT + 1];
};

/* All types at their own limits. */
extern const struct frame_turn frame_any;

/* The longest frame that turn lets come, with its header; 0 where none may. */
size_t frame_turn_len(const struct frame_turn *turn);

/* Looks at the start of in. NET_OK and *frame_len > 0: a whole frame of *type is there, frame_len bytes with its
 * header. NET_OK and *frame_len = 0: what is there could become a frame, and more is needed (never more than
 * frame_turn_len in all). Else an error, found at the first byte that shows it: a type that doesn't exist or is out of
 * turn and a wrong version as soon as that byte arrives, and a length over the turn's limit before any of the body
 * does, often at the first of its two bytes. */
enum net_err frame_next(enum frame_type *type, size_t *frame_len, const uint8_t *in, size_t in_len,
                        const struct frame_turn *turn);

/* Writes a header. body_len must be within the type's limit (asserted). */
void frame_header(uint8_t out[static FRAME_HEADER_LEN], enum frame_type type, size_t body_len);

#endif
