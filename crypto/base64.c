/* SPDX-License-Identifier: MIT */
/* Six bits are a character. A table would be read at a secret index, which the cache shows; so the characters are
 * computed by comparisons that become masks, the same work for every value. */
#include "crypto/base64.h"

#include "crypto/ct.h"

/* RFC 4648, table 1: 0-25 A-Z, 26-51 a-z, 52-61 0-9, 62 +, 63 /. */
static char character(unsigned v)
{
    unsigned c = (ct_in_range(v, 0, 25) & (v + 'A')) | (ct_in_range(v, 26, 51) & (v - 26 + 'a')) |
                 (ct_in_range(v, 52, 61) & (v - 52 + '0')) | (ct_in_range(v, 62, 62) & '+') |
                 (ct_in_range(v, 63, 63) & '/');
    return (char)c;
}

/* The value of a character; bit 8 is set where it is none of the alphabet. */
static unsigned value(char character)
{
    unsigned c = (unsigned char)character;
    unsigned upper = ct_in_range(c, 'A', 'Z'), lower = ct_in_range(c, 'a', 'z'), digit = ct_in_range(c, '0', '9');
    unsigned plus = ct_in_range(c, '+', '+'), slash = ct_in_range(c, '/', '/');
    unsigned known = upper | lower | digit | plus | slash;
    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) | (plus & 62) | (slash & 63) |
           (~known & 0x100);
}

size_t base64_encoded_len(size_t len)
{
    return BASE64_LEN(len);
}

void base64_encode(char *out, const uint8_t *in, size_t len)
{
    for (; len > 0; in += 3) {
        size_t n = len < 3 ? len : 3;
        unsigned v = (unsigned)in[0] << 16 | (n > 1 ? (unsigned)in[1] << 8 : 0) | (n > 2 ? in[2] : 0u);
        *out++ = character(v >> 18);
        *out++ = character(v >> 12 & 63);
        *out++ = n > 1 ? character(v >> 6 & 63) : '=';
        *out++ = n > 2 ? character(v & 63) : '=';
        len -= n;
    }
    *out = '\0';
}

/* How many of the last four characters are padding; the rest of the text may have none, which valid() sees to. */
static size_t padding(const char *in, size_t in_len)
{
    if (in_len == 0)
        return 0;
    size_t last = in[in_len - 1] == '=', both = last & (in[in_len - 2] == '='), pad = last + both;
    ct_public(&pad, sizeof pad); /* it follows from the length of what is encoded */
    return pad;
}

/* Whether all len characters are of the alphabet, and the bits of the last one that no byte uses are zeros (RFC 4648,
 * 3.5): with 1 or 2 characters of padding those are 2 or 4 bits. All are looked at, wherever the first wrong one is. */
static int valid(const char *in, size_t len, size_t pad)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < len; i++)
        wrong |= value(in[i]) & 0x100;
    if (pad > 0)
        wrong |= value(in[len - 1]) & ((1u << 2 * pad) - 1);
    ct_public(&wrong, sizeof wrong); /* the verdict */
    return wrong == 0;
}

int base64_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len)
{
    if (in_len % 4 != 0)
        return -1;
    size_t pad = padding(in, in_len), characters = in_len - pad, len = in_len / 4 * 3 - pad;
    if (len > out_cap || !valid(in, characters, pad))
        return -1;
    uint32_t bits = 0; /* the newest at the bottom; what was written already moves out at the top */
    for (size_t i = 0, o = 0; i < characters; i++) {
        bits = bits << 6 | (value(in[i]) & 63);
        if (i % 4 != 0)
            out[o++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    *out_len = len;
    return 0;
}
