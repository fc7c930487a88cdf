/* SPDX-License-Identifier: MIT */
/* BER lets one write the same value in many ways, and two readers that take different ways for granted can be made to
 * see different keys in one file. DER picks the shortest, and everything else is refused here. A length is never
 * believed before it has been compared with what is left.
 */
#include "crypto/der.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"

/* What an INTEGER's length says of its value: whether a byte in front is 0, whether the topmost bit of all is set. */
static int is_zero(uint8_t byte)
{
    int zero = byte == 0;
    ct_public(&zero, sizeof zero); /* der.h: leading zero bytes may leak */
    return zero;
}

static int has_top_bit(uint8_t byte)
{
    int top = byte >> 7;
    ct_public(&top, sizeof top); /* der.h: the sign's byte, and so its length, may leak */
    return top;
}

/* X.690 section 8.1.3 with 10.1: the shortest form. Sets *header_len to the bytes of tag and length. */
static int read_length(const struct der *in, size_t *header_len, size_t *len)
{
    if (in->len < 2)
        return -1;
    ct_public(in->data, 2); /* der.h: tags and lengths may leak */
    uint8_t first = in->data[1];
    if (first < 0x80) {
        *header_len = 2;
        *len = first;
        return 0;
    }
    size_t count = first & 0x7f;
    if (count < 1 || count > 2 || in->len < 2 + count)
        return -1;
    ct_public(in->data + 2, count); /* the same */
    *header_len = 2 + count;
    *len = count == 1 ? in->data[2] : bytes_load_be16(in->data + 2);
    return *len < (count == 1 ? 0x80 : 0x100) ? -1 : 0;
}

int der_take(struct der *in, enum der_tag tag, struct der *content)
{
    size_t header_len, len;
    if (read_length(in, &header_len, &len) != 0 || in->data[0] != tag || len > in->len - header_len)
        return -1;
    content->data = in->data + header_len;
    content->len = len;
    in->data += header_len + len;
    in->len -= header_len + len;
    return 0;
}

bool der_next_is(const struct der *in, enum der_tag tag)
{
    if (in->len == 0)
        return false;
    ct_public(in->data, 1); /* der.h: tags may leak */
    return in->data[0] == tag;
}

/* X.690 section 8.3: at least one byte, the topmost bit is the sign, and the first nine bits are not all alike. */
int der_integer(struct der *in, struct der *value)
{
    struct der rest = *in, content;
    if (der_take(&rest, DER_INTEGER, &content) != 0 || content.len == 0 || has_top_bit(content.data[0]))
        return -1;
    if (is_zero(content.data[0])) { /* there only to keep the sign clear, or because the number is 0 */
        if (content.len > 1 && !has_top_bit(content.data[1]))
            return -1;
        content.data++;
        content.len--;
    }
    *in = rest;
    *value = content;
    return 0;
}

int der_small(struct der *in, uint32_t *value)
{
    struct der rest = *in, number;
    uint8_t bytes[4];
    if (der_integer(&rest, &number) != 0 || der_number(bytes, sizeof bytes, &number) != 0)
        return -1;
    ct_public(bytes, sizeof bytes); /* a version, a count: never part of a key */
    *in = rest;
    *value = bytes_load_be32(bytes);
    return 0;
}

int der_expect(struct der *in, const uint8_t *bytes, size_t bytes_len)
{
    if (in->len < bytes_len)
        return -1;
    int same = ct_equal(in->data, bytes, bytes_len);
    ct_public(&same, sizeof same); /* the verdict */
    if (!same)
        return -1;
    in->data += bytes_len;
    in->len -= bytes_len;
    return 0;
}

bool der_end(const struct der *in)
{
    return in->len == 0;
}

int der_number(uint8_t *out, size_t out_len, const struct der *value)
{
    if (value->len > out_len)
        return -1;
    memset(out, 0, out_len - value->len);
    memcpy(out + out_len - value->len, value->data, value->len);
    return 0;
}

struct der_writer der_writer(uint8_t *buf, size_t cap)
{
    return (struct der_writer){.end = buf + cap, .cap = cap};
}

void der_put(struct der_writer *w, const uint8_t *bytes, size_t bytes_len)
{
    assert(bytes_len <= w->cap - w->len);
    w->len += bytes_len;
    memcpy(w->end - w->len, bytes, bytes_len);
}

void der_put_integer(struct der_writer *w, const uint8_t *value, size_t value_len)
{
    static const uint8_t sign = 0;
    size_t before = w->len;
    while (value_len > 1 && is_zero(value[0])) {
        value++;
        value_len--;
    }
    der_put(w, value, value_len);
    if (has_top_bit(value[0]))
        der_put(w, &sign, 1);
    der_put_header(w, DER_INTEGER, w->len - before);
}

void der_put_header(struct der_writer *w, enum der_tag tag, size_t content_len)
{
    assert(content_len <= 0xffff);
    uint8_t high = (uint8_t)(content_len >> 8), low = (uint8_t)content_len;
    if (content_len < 0x80)
        der_put(w, (const uint8_t[]){(uint8_t)tag, low}, 2);
    else if (content_len < 0x100)
        der_put(w, (const uint8_t[]){(uint8_t)tag, 0x81, low}, 3);
    else
        der_put(w, (const uint8_t[]){(uint8_t)tag, 0x82, high, low}, 4);
}
