/* SPDX-License-Identifier: MIT */
/* A Record from somebody without the keys, and one from somebody with them. The first byte of the input chooses: if it
 * is even, the rest is a frame as it came; if odd, the rest is padded plaintext that is sealed as it is, so that the
 * fuzzer gets past the tag. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/bytes.h"
#include "net/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t secret[RECORD_SECRET_LEN] = {1, 2, 3};

/* Seals whole blocks of anything under the number 0; returns the frame's length. */
static size_t seal_anything(const struct record *r, uint8_t *frame, const uint8_t *plaintext, size_t blocks)
{
    static const uint8_t iv[16] = {9};
    uint8_t ad[12] = {0};
    frame_header(frame, FRAME_RECORD, 16 + 16 * blocks + 32);
    memcpy(ad + 8, frame, FRAME_HEADER_LEN);
    memcpy(frame + FRAME_HEADER_LEN, iv, sizeof iv);
    etm_seal(&r->key, frame + FRAME_HEADER_LEN + 16, iv, ad, sizeof ad, plaintext, blocks);
    return FRAME_HEADER_LEN + 16 + 16 * blocks + 32;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t frame[FRAME_MAX_LEN];
    struct record r;
    if (size < 1 || size - 1 > FRAME_MAX_LEN)
        return 0;
    record_init(&r, SUITE_AES128, secret, NULL);
    size_t frame_len = size - 1, payload_len = 0;
    if (data[0] % 2 == 0)
        memcpy(frame, data + 1, frame_len);
    else if (frame_len >= 16 && frame_len <= RECORD_PAYLOAD_MAX + 16)
        frame_len = seal_anything(&r, frame, data + 1, frame_len / 16);
    else
        return 0;
    enum content_type type;
    uint8_t *payload = NULL;
    enum net_err err = record_open(&r, frame, frame_len, &type, &payload, &payload_len);
    assert(err == r.failed);
    assert(err != NET_OK || (payload_len <= RECORD_PAYLOAD_MAX && (int)type <= CONTENT_FINISHED));
    assert(err != NET_OK || (payload > frame && payload + payload_len < frame + frame_len));
    record_wipe(&r);
    return 0;
}
