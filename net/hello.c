/* SPDX-License-Identifier: MIT */
/* Decoding walks over the frame with one helper, take, that can't go past the end: once something was missing, every
 * later take gives NULL and the frame is malformed. Encoding is the same walk with put. */
#include "net/hello.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"

struct walk {
    const uint8_t *next;
    size_t left;
    bool short_of; /* something was asked for that wasn't there */
};

static const uint8_t *take(struct walk *w, size_t len)
{
    if (w->short_of || w->left < len) {
        w->short_of = true;
        return NULL;
    }
    const uint8_t *p = w->next;
    w->next += len;
    w->left -= len;
    return p;
}

static uint8_t take_u8(struct walk *w)
{
    const uint8_t *p = take(w, 1);
    return p != NULL ? p[0] : 0;
}

static uint16_t take_u16(struct walk *w)
{
    const uint8_t *p = take(w, 2);
    return p != NULL ? bytes_load_be16(p) : 0;
}

/* A value after its length; *len is set even where there is not so much. */
static const uint8_t *take_list(struct walk *w, size_t *len)
{
    *len = take_u8(w);
    return take(w, *len);
}

static const uint8_t *take_long(struct walk *w, size_t *len)
{
    *len = take_u16(w);
    return take(w, *len);
}

static struct walk walk_body(const uint8_t *frame, size_t frame_len)
{
    assert(frame_len >= FRAME_HEADER_LEN);
    return (struct walk){.next = frame + FRAME_HEADER_LEN, .left = frame_len - FRAME_HEADER_LEN};
}

static bool at_end(const struct walk *w)
{
    return !w->short_of && w->left == 0;
}

static bool list_ok(size_t len)
{
    return len >= 1 && len <= HELLO_LIST_MAX;
}

enum net_err hello_decode_client(struct hello_client *hello, const uint8_t *frame, size_t frame_len)
{
    struct walk w = walk_body(frame, frame_len);
    hello->random = take(&w, HELLO_RANDOM_LEN);
    hello->suites = take_list(&w, &hello->suites_len);
    hello->groups = take_list(&w, &hello->groups_len);
    hello->group = take_u8(&w);
    hello->public_value = take_long(&w, &hello->public_value_len);
    return at_end(&w) && list_ok(hello->suites_len) && list_ok(hello->groups_len) ? NET_OK : NET_ERR_MALFORMED;
}

enum net_err hello_decode_server(struct hello_server *hello, const uint8_t *frame, size_t frame_len)
{
    size_t signature_len;
    struct walk w = walk_body(frame, frame_len);
    hello->random = take(&w, HELLO_RANDOM_LEN);
    hello->suite = take_u8(&w);
    hello->public_value = take_long(&w, &hello->public_value_len);
    hello->certificate = take_long(&w, &hello->certificate_len);
    hello->signed_len = frame_len - w.left;
    hello->signature = take_long(&w, &signature_len);
    return at_end(&w) && hello->certificate_len <= CERTIFICATE_MAX_LEN && signature_len == RSA_SIGNATURE_LEN
               ? NET_OK
               : NET_ERR_MALFORMED;
}

enum net_err hello_decode_alert(struct hello_alert *alert, const uint8_t *frame, size_t frame_len)
{
    struct walk w = walk_body(frame, frame_len);
    alert->code = take_u8(&w);
    alert->data = take_list(&w, &alert->data_len);
    return at_end(&w) && alert->data_len <= HELLO_LIST_MAX ? NET_OK : NET_ERR_MALFORMED;
}

static uint8_t *put(uint8_t *p, const uint8_t *data, size_t len)
{
    if (len > 0)
        memcpy(p, data, len);
    return p + len;
}

static uint8_t *put_list(uint8_t *p, const uint8_t *data, size_t len)
{
    *p = (uint8_t)len;
    return put(p + 1, data, len);
}

static uint8_t *put_long(uint8_t *p, const uint8_t *data, size_t len)
{
    bytes_store_be16(p, (uint16_t)len);
    return put(p + 2, data, len);
}

static size_t put_header(uint8_t *frame, enum frame_type type, const uint8_t *end)
{
    size_t frame_len = (size_t)(end - frame);
    frame_header(frame, type, frame_len - FRAME_HEADER_LEN);
    return frame_len;
}

size_t hello_encode_client(uint8_t out[static HELLO_CLIENT_MAX], const struct hello_client *hello)
{
    assert(list_ok(hello->suites_len) && list_ok(hello->groups_len));
    assert(hello->public_value_len <= DH_PUBLIC_MAX_LEN);
    uint8_t *p = out + FRAME_HEADER_LEN;
    p = put(p, hello->random, HELLO_RANDOM_LEN);
    p = put_list(p, hello->suites, hello->suites_len);
    p = put_list(p, hello->groups, hello->groups_len);
    *p++ = hello->group;
    p = put_long(p, hello->public_value, hello->public_value_len);
    return put_header(out, FRAME_CLIENT_HELLO, p);
}

size_t hello_encode_server(uint8_t out[static HELLO_SERVER_MAX], size_t *signed_len, const struct hello_server *hello)
{
    assert(hello->public_value_len <= DH_PUBLIC_MAX_LEN && hello->certificate_len <= CERTIFICATE_MAX_LEN);
    uint8_t *p = out + FRAME_HEADER_LEN;
    p = put(p, hello->random, HELLO_RANDOM_LEN);
    *p++ = hello->suite;
    p = put_long(p, hello->public_value, hello->public_value_len);
    p = put_long(p, hello->certificate, hello->certificate_len);
    *signed_len = (size_t)(p - out);
    bytes_store_be16(p, RSA_SIGNATURE_LEN);
    return put_header(out, FRAME_SERVER_HELLO, p + 2 + RSA_SIGNATURE_LEN);
}

size_t hello_encode_alert(uint8_t out[static HELLO_ALERT_MAX], const struct hello_alert *alert)
{
    assert(alert->data_len <= HELLO_LIST_MAX);
    out[FRAME_HEADER_LEN] = alert->code;
    uint8_t *p = put_list(out + FRAME_HEADER_LEN + 1, alert->data, alert->data_len);
    return put_header(out, FRAME_ALERT, p);
}
