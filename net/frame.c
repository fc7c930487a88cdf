/* SPDX-License-Identifier: MIT */
/* A frame's header says its type, the protocol's version and the length of what follows. A stranger wrote it, so each
 * field is checked as soon as it is there, against what may come now, before a single byte of the body is waited for:
 * nobody can make us reserve or read more than the frame that we wait for may have. */
#include "net/frame.h"

#include <assert.h>

#include "crypto/bytes.h"

size_t frame_body_max(enum frame_type type)
{
    switch ((int)type) {
    case FRAME_CLIENT_HELLO:
        return FRAME_CLIENT_HELLO_MAX;
    case FRAME_SERVER_HELLO:
        return FRAME_SERVER_HELLO_MAX;
    case FRAME_RECORD:
        return FRAME_BODY_MAX;
    case FRAME_ALERT:
        return FRAME_ALERT_MAX;
    default:
        return 0;
    }
}

const struct frame_turn frame_any = {{[FRAME_CLIENT_HELLO] = FRAME_CLIENT_HELLO_MAX,
                                      [FRAME_SERVER_HELLO] = FRAME_SERVER_HELLO_MAX,
                                      [FRAME_RECORD] = FRAME_BODY_MAX,
                                      [FRAME_ALERT] = FRAME_ALERT_MAX}};

size_t frame_turn_len(const struct frame_turn *turn)
{
    size_t max = 0;
    for (size_t type = 0; type <= FRAME_ALERT; type++)
        if (turn->max[type] > max)
            max = turn->max[type];
    return max == 0 ? 0 : FRAME_HEADER_LEN + max;
}

/* As much of a header as is there: whether it can still become one that may come now.
 * CAUTION: what is not refused here is waited for, and kept until it is whole; tests/test_session_refusals.c:
 * test_refused_at_the_first_byte. */
static enum net_err check_header(const uint8_t *in, size_t in_len, const struct frame_turn *turn)
{
    if (in_len < 1)
        return NET_OK;
    if (frame_body_max((enum frame_type)in[0]) == 0)
        return NET_ERR_FRAME_TYPE;
    size_t max = turn->max[in[0]];
    if (max == 0)
        return NET_ERR_OUT_OF_TURN;
    if (in_len >= 2 && in[1] != FRAME_VERSION)
        return NET_ERR_FRAME_VERSION;
    size_t least = in_len >= 4 ? bytes_load_be16(in + 2) : in_len == 3 ? (size_t)in[2] << 8 : 0;
    return least > max ? NET_ERR_FRAME_LENGTH : NET_OK;
}

enum net_err frame_next(enum frame_type *type, size_t *frame_len, const uint8_t *in, size_t in_len,
                        const struct frame_turn *turn)
{
    *frame_len = 0;
    enum net_err err = check_header(in, in_len, turn);
    if (err != NET_OK || in_len < FRAME_HEADER_LEN)
        return err;
    size_t body_len = bytes_load_be16(in + 2);
    if (in_len - FRAME_HEADER_LEN < body_len)
        return NET_OK;
    *type = (enum frame_type)in[0];
    *frame_len = FRAME_HEADER_LEN + body_len;
    return NET_OK;
}

void frame_header(uint8_t out[static FRAME_HEADER_LEN], enum frame_type type, size_t body_len)
{
    assert(frame_body_max(type) != 0 && body_len <= frame_body_max(type));
    out[0] = (uint8_t)type;
    out[1] = FRAME_VERSION;
    bytes_store_be16(out + 2, (uint16_t)body_len);
}
