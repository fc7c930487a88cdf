/* SPDX-License-Identifier: MIT */
/* The first byte says how many follow and narrows the second: that is all of RFC 3629's grammar.
 *
 *      00..7F
 *      C2..DF  80..BF
 *      E0      A0..BF  80..BF             (below: overlong)
 *      E1..EC  80..BF  80..BF
 *      ED      80..9F  80..BF             (above: surrogates)
 *      EE..EF  80..BF  80..BF
 *      F0      90..BF  80..BF  80..BF     (below: overlong)
 *      F1..F3  80..BF  80..BF  80..BF
 *      F4      80..8F  80..BF  80..BF     (above: beyond U+10FFFF)
 *
 * Decoding first and then looking at the result catches the same: values that a shorter form could hold, surrogates,
 * and values that are too large. */
#include "app/message/utf8.h"

/* The smallest character that needs so many bytes; shorter forms of it are overlong. */
static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};

size_t utf8_len(uint8_t first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc0 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    if (first >= 0xf0 && first < 0xf8)
        return 4;
    return 0;
}

size_t utf8_decode(uint32_t *character, const uint8_t *p, size_t len)
{
    size_t n = utf8_len(p[0]);
    if (n == 0 || n > len)
        return 0;
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < smallest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return n;
}

size_t utf8_encode(char out[static 4], uint32_t character)
{
    size_t n = 1;
    while (n < 4 && character >= smallest[n + 1])
        n++;
    for (size_t i = n; i-- > 1; character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3f));
    out[0] = (char)(n == 1 ? character : (0xf00u >> n & 0xff) | character);
    return n;
}
