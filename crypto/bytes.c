/* SPDX-License-Identifier: MIT */
/* Hexadecimal without a table: a digit's value is found by arithmetic on its character, because an index into a table
 * leaves a trace of a key's nibbles in the cache. The byte order of integers is in bytes.h. */
#include "crypto/bytes.h"

#include "crypto/ct.h"

void bytes_xor(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(a[i] ^ b[i]);
}

/* For 10 and more, 9 - nibble is negative, and its bits above the eighth are all ones. */
static char hex_digit(unsigned nibble)
{
    return (char)(nibble + '0' + ((9 - nibble) >> 8 & ('a' - '9' - 1)));
}

void hex_encode(char *out, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex_digit(in[i] >> 4);
        out[2 * i + 1] = hex_digit(in[i] & 15);
    }
    out[2 * len] = '\0';
}

/* The value of a digit, or 0xffffffff for another character. */
static uint32_t hex_value(char c)
{
    uint32_t u = (uint8_t)c;
    uint32_t digit = ct_in_range(u, '0', '9'), upper = ct_in_range(u, 'A', 'F'), lower = ct_in_range(u, 'a', 'f');
    uint32_t value = (digit & (u - '0')) | (upper & (u - 'A' + 10)) | (lower & (u - 'a' + 10));
    return value | ~(digit | upper | lower);
}

int hex_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len)
{
    uint32_t wrong = 0;
    for (size_t i = 0; i < in_len; i++)
        wrong |= hex_value(in[i]) & 0x80000000u;
    ct_public(&wrong, sizeof wrong); /* the verdict */
    if (wrong != 0 || in_len % 2 != 0 || in_len / 2 > out_cap)
        return -1;
    for (size_t i = 0; i < in_len / 2; i++)
        out[i] = (uint8_t)(hex_value(in[2 * i]) << 4 | hex_value(in[2 * i + 1]));
    *out_len = in_len / 2;
    return 0;
}
