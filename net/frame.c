/* A frame's header says its type, the protocol's version and the length of what follows. A stranger wrote it, so each
 * field is checked as soon as it is there, against one table, before a single byte of the body is waited for: nobody
 * can make us reserve or read more than a frame of that type may have. */
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

enum net_err frame_next(enum frame_type *type, size_t *frame_len, const uint8_t *in, size_t in_len)
{
    *frame_len = 0;
    if (in_len < 1)
        return NET_OK;
    size_t max = frame_body_max((enum frame_type)in[0]);
    if (max == 0)
        return NET_ERR_FRAME_TYPE;
    if (in_len < 2)
        return NET_OK;
    if (in[1] != FRAME_VERSION)
        return NET_ERR_FRAME_VERSION;
    if (in_len < FRAME_HEADER_LEN)
        return NET_OK;
    size_t body_len = bytes_load_be16(in + 2);
    if (body_len > max)
        return NET_ERR_FRAME_LENGTH;
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
