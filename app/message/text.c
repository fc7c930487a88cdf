/* One predicate, text_allows, is the whole policy; text_valid refuses by it and text_show replaces by it. */
#include "app/message/text.h"

#include <assert.h>
#include <string.h>

#include "app/message/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define RETURN_SIGN "\xe2\x8f\x8e" /* U+23CE */

bool text_allows(uint32_t c)
{
    if (c == '\t' || c == '\n')
        return true;
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) /* C0, DEL and C1, among them U+009B, an escape sequence's start */
        return false;
    switch (c) {
    case 0x061c: case 0x200e: case 0x200f:                           /* marks: Arabic letter, left-to-right ... */
    case 0x202a: case 0x202b: case 0x202c: case 0x202d: case 0x202e: /* embeddings and overrides */
    case 0x2066: case 0x2067: case 0x2068: case 0x2069:              /* isolates */
    case 0x2028: case 0x2029:                                        /* line and paragraph separator */
        return false;
    default:
        return true;
    }
}

bool text_valid_up_to(const void *text, size_t len, size_t max)
{
    const uint8_t *p = text;
    if (len > max)
        return false;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = utf8_decode(&c, p + i, len - i);
        if (n == 0 || !text_allows(c))
            return false;
        i += n;
    }
    return true;
}

bool text_valid(const void *text, size_t len)
{
    return len >= 1 && text_valid_up_to(text, len, TEXT_MAX_LEN);
}

size_t text_show(char *out, size_t out_cap, const void *text, size_t len)
{
    assert(out_cap >= TEXT_SHOW_LEN(len));
    const uint8_t *p = text;
    size_t written = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t n = utf8_decode(&c, p + i, len - i);
        const void *shown = p + i;
        size_t shown_len = n;
        if (c == '\n' && n == 1) {
            shown = RETURN_SIGN;
            shown_len = 3;
        } else if (n == 0 || !text_allows(c)) {
            shown = REPLACEMENT;
            shown_len = 3;
        }
        memcpy(out + written, shown, shown_len);
        written += shown_len;
        i += n > 0 ? n : 1;
    }
    out[written] = '\0';
    return written;
}
