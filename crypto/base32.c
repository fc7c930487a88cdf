/* SPDX-License-Identifier: MIT */
/* Five bits are a character, eight characters are five bytes. Computed, not looked up: see base64.c. */
#include "crypto/base32.h"

#include "crypto/ct.h"

/* RFC 4648, table 3: 0-25 A-Z, 26-31 2-7. */
static char character(unsigned v)
{
    return (char)((ct_in_range(v, 0, 25) & (v + 'A')) | (ct_in_range(v, 26, 31) & (v - 26 + '2')));
}

/* The value of a character; bit 8 is set where it is none of the alphabet. */
static unsigned value(char character)
{
    unsigned c = (unsigned char)character;
    unsigned upper = ct_in_range(c, 'A', 'Z'), digit = ct_in_range(c, '2', '7');
    return (upper & (c - 'A')) | (digit & (c - '2' + 26)) | (~(upper | digit) & 0x100);
}

void base32_encode(char *out, const uint8_t *in, size_t len)
{
    for (; len > 0; in += 5) {
        size_t n = len < 5 ? len : 5;
        uint64_t v = 0;
        for (size_t i = 0; i < 5; i++)
            v = v << 8 | (i < n ? in[i] : 0u);
        size_t characters = (8 * n + 4) / 5;
        for (size_t i = 0; i < 8; i++)
            *out++ = i < characters ? character((unsigned)(v >> (35 - 5 * i)) & 31) : '=';
        len -= n;
    }
    *out = '\0';
}

/* How many characters at the end are padding, at most 6; any other = is no character of the alphabet. */
static size_t padding(const char *in, size_t in_len)
{
    size_t pad = 0, more = 1;
    for (size_t i = 0; i < 6 && i < in_len; i++) {
        more &= in[in_len - 1 - i] == '=';
        pad += more;
    }
    ct_public(&pad, sizeof pad); /* it follows from the length of what is encoded */
    return pad;
}

/* Whether all len characters are of the alphabet, and the lowest `unused` bits of the last one are zeros (RFC 4648,
 * 3.5). All are looked at, wherever the first wrong one is. */
static int valid(const char *in, size_t len, size_t unused)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < len; i++)
        wrong |= value(in[i]) & 0x100;
    if (unused > 0)
        wrong |= value(in[len - 1]) & ((1u << unused) - 1);
    ct_public(&wrong, sizeof wrong); /* the verdict */
    return wrong == 0;
}

int base32_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len)
{
    size_t pad = padding(in, in_len), characters = in_len - pad, len = characters / 8 * 5 + characters % 8 * 5 / 8;
    size_t unused = characters % 8 * 5 % 8;
    if (in_len % 8 != 0 || pad == 2 || pad == 5 || len > out_cap || !valid(in, characters, unused))
        return -1;
    uint32_t bits = 0; /* the newest at the bottom; what was written already moves out at the top */
    size_t waiting = 0;
    for (size_t i = 0, o = 0; i < characters; i++) {
        bits = bits << 5 | (value(in[i]) & 31);
        waiting += 5;
        if (waiting >= 8) {
            waiting -= 8;
            out[o++] = (uint8_t)(bits >> waiting);
        }
    }
    *out_len = len;
    return 0;
}
