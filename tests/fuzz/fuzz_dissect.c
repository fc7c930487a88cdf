/* SPDX-License-Identifier: MIT */
/* Any bytes: bits of the first byte say what they are dissected as. Leaves cover them, parts fill their whole, texts are
 * fit for a terminal (tests/dissected.h). And what net/hello.h and app/message/message.h accept has no malformed field,
 * while each hello or Alert that is refused has one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/message/message.h"
#include "net/hello.h"
#include "tests/dissected.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dissection d;

static void check_whole(size_t len)
{
    assert(dissected_fault(&d, len) == NULL);
}

static bool accepted(enum frame_type type, const uint8_t *frame, size_t len)
{
    struct hello_client client;
    struct hello_server server;
    struct hello_alert alert;
    if (type == FRAME_CLIENT_HELLO)
        return hello_decode_client(&client, frame, len) == NET_OK;
    if (type == FRAME_SERVER_HELLO)
        return hello_decode_server(&server, frame, len) == NET_OK;
    return hello_decode_alert(&alert, frame, len) == NET_OK;
}

/* As the body of a hello or an Alert. A certificate that is no certificate is accepted there, and refused later. */
static void check_hello(enum frame_type type, const uint8_t *body, size_t len)
{
    static uint8_t frame[FRAME_MAX_LEN];
    if (len > frame_body_max(type))
        return;
    frame_header(frame, type, len);
    memcpy(frame + FRAME_HEADER_LEN, body, len);
    len += FRAME_HEADER_LEN;
    dissect_frame(&d, frame, len);
    check_whole(len);
    if (accepted(type, frame, len))
        assert(!dissected_malformed(&d, 1));
    else
        assert(dissected_malformed(&d, 2));
}

static void check_message(const uint8_t *plaintext, size_t len)
{
    struct message m;
    if (len > 1 && plaintext[0] == 1 && message_decode(&m, plaintext + 1, len - 1) == MESSAGE_E_NONE)
        assert(!dissected_malformed(&d, DISSECTED_DEPTH_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const uint8_t *bytes = data + 1;
    size_t len = size - 1;
    switch (data[0] % 6) {
    case 0:
        dissect_frame(&d, bytes, len);
        check_whole(len);
        break;
    case 1:
    case 2:
        dissect_plaintext(&d, bytes, len, data[0] % 6 == 1);
        check_whole(len);
        if (data[0] % 6 == 2)
            check_message(bytes, len);
        break;
    default:
        check_hello((enum frame_type[]){FRAME_CLIENT_HELLO, FRAME_SERVER_HELLO, FRAME_ALERT}[data[0] % 6 - 3], bytes,
                    len);
    }
    return 0;
}
