/* SPDX-License-Identifier: MIT */
/* Any bytes as a stream of frames: they are cut into frames that fit the table, or refused. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "net/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    while (size > 0) {
        enum frame_type type;
        size_t frame_len;
        if (frame_next(&type, &frame_len, data, size, &frame_any) != NET_OK || frame_len == 0)
            return 0;
        assert(frame_len <= size && frame_len >= FRAME_HEADER_LEN);
        assert(frame_len - FRAME_HEADER_LEN <= frame_body_max(type));
        data += frame_len;
        size -= frame_len;
    }
    return 0;
}
