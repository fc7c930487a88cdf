/* Five bits are a character, eight characters are five bytes. Computed, not looked up: see base64.c. */
#include "crypto/base32.h"

/* 0xff where low <= x <= high, else 0; all between 0 and 255. */
static unsigned in_range(unsigned x, unsigned low, unsigned high)
{
    return ((low - 1 - x) & (x - high - 1)) >> 8 & 0xff;
}

/* RFC 4648, table 3: 0-25 A-Z, 26-31 2-7. */
static char character(unsigned v)
{
    return (char)((in_range(v, 0, 25) & (v + 'A')) | (in_range(v, 26, 31) & (v - 26 + '2')));
}

/* The value of a character; bit 8 is set where it is none of the alphabet. */
static unsigned value(char character)
{
    unsigned c = (unsigned char)character;
    unsigned upper = in_range(c, 'A', 'Z'), digit = in_range(c, '2', '7');
    return (upper & (c - 'A')) | (digit & (c - '2' + 26)) | (~(upper | digit) & 0x80) << 1;
}

size_t base32_encoded_len(size_t len)
{
    return BASE32_LEN(len);
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
    size_t pad = 0;
    while (pad < 6 && pad < in_len && in[in_len - 1 - pad] == '=')
        pad++;
    return pad;
}

int base32_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len)
{
    size_t pad = padding(in, in_len), len = (in_len - pad) * 5 / 8;
    if (in_len % 8 != 0 || pad == 2 || pad == 5 || len > out_cap)
        return -1;
    unsigned wrong = 0;
    uint64_t v = 0;
    for (size_t i = 0, o = 0; i < in_len; i++) {
        unsigned five = i < in_len - pad ? value(in[i]) : 0;
        wrong |= five & 0x100;
        v = v << 5 | (five & 31);
        if (i % 8 == 7)
            for (size_t j = 0; j < 5 && o < len; j++)
                out[o++] = (uint8_t)(v >> (32 - 8 * j));
    }
    uint64_t unused = (1ull << (40 - 8 * (len % 5))) - 1; /* bits of the last eight characters beyond the bytes */
    if (wrong != 0 || (len % 5 != 0 && (v & unused) != 0))
        return -1;
    *out_len = len;
    return 0;
}
