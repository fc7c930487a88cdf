/* SPDX-License-Identifier: MIT */
/* Any bytes as the body of a hello or of an Alert: bits of the first byte choose which. What is accepted points into
 * the frame, keeps its limits, and is written again as the very same bytes. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net/hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t frame[FRAME_MAX_LEN], again[HELLO_SERVER_MAX];

static void check_again(size_t again_len, size_t len)
{
    assert(again_len == len && memcmp(again, frame, len) == 0);
}

static void check_client(size_t len)
{
    struct hello_client hello;
    if (hello_decode_client(&hello, frame, len) != NET_OK)
        return;
    assert(hello.suites_len >= 1 && hello.suites_len <= HELLO_LIST_MAX);
    assert(hello.groups_len >= 1 && hello.groups_len <= HELLO_LIST_MAX);
    if (hello.public_value_len <= DH_PUBLIC_MAX_LEN)
        check_again(hello_encode_client(again, &hello), len);
}

static void check_server(size_t len)
{
    struct hello_server hello;
    size_t signed_len;
    if (hello_decode_server(&hello, frame, len) != NET_OK)
        return;
    assert(hello.certificate_len >= 1 && hello.certificate_len <= CERTIFICATE_MAX_LEN);
    assert(hello.signature > frame && hello.signature + RSA_SIGNATURE_LEN <= frame + len);
    if (hello.public_value_len > DH_PUBLIC_MAX_LEN)
        return;
    size_t again_len = hello_encode_server(again, &signed_len, &hello);
    assert(signed_len == hello.signed_len);
    memcpy(again + again_len - RSA_SIGNATURE_LEN, hello.signature, RSA_SIGNATURE_LEN);
    check_again(again_len, len);
}

static void check_alert(size_t len)
{
    struct hello_alert alert;
    if (hello_decode_alert(&alert, frame, len) != NET_OK)
        return;
    assert(alert.data_len <= HELLO_LIST_MAX);
    check_again(hello_encode_alert(again, &alert), len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum frame_type types[] = {FRAME_CLIENT_HELLO, FRAME_SERVER_HELLO, FRAME_ALERT};
    if (size < 1)
        return 0;
    enum frame_type type = types[data[0] % 3];
    size_t body_len = size - 1;
    if (body_len > frame_body_max(type))
        return 0;
    frame_header(frame, type, body_len);
    memcpy(frame + FRAME_HEADER_LEN, data + 1, body_len);
    if (type == FRAME_CLIENT_HELLO)
        check_client(FRAME_HEADER_LEN + body_len);
    else if (type == FRAME_SERVER_HELLO)
        check_server(FRAME_HEADER_LEN + body_len);
    else
        check_alert(FRAME_HEADER_LEN + body_len);
    return 0;
}
