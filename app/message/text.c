/* SPDX-License-Identifier: MIT */
/* One predicate, text_allows, is the whole policy; text_valid refuses by it and text_take replaces by it. */
#include "app/message/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/message/utf8.h"

#define REPLACEMENT 0xfffdu
#define RETURN_SIGN 0x23ceu
#define NUMBER "\\u{"

bool text_allows(uint32_t c)
{
    if (c == '\t' || c == '\n')
        return true;
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) /* C0, DEL and C1, among them U+009B, an escape sequence's start */
        return false;
    switch (c) {
    /* clang-format off */
    case 0x061c: case 0x200e: case 0x200f:                           /* marks: Arabic letter, left-to-right ... */
    case 0x202a: case 0x202b: case 0x202c: case 0x202d: case 0x202e: /* embeddings and overrides */
    case 0x2066: case 0x2067: case 0x2068: case 0x2069:              /* isolates */
    case 0x2028: case 0x2029:                                        /* line and paragraph separator */
        /* clang-format on */
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

/* The character at p and whether it is allowed; U+FFFD for a byte that is not UTF-8. */
static size_t judge(uint32_t *c, bool *allowed, const uint8_t *p, size_t len)
{
    size_t n = utf8_decode(c, p, len);
    *allowed = n > 0 && text_allows(*c) && *c != '\n';
    if (n > 0)
        return n;
    *c = REPLACEMENT;
    return 1;
}

static void put_number(struct text_glyph *glyph, uint32_t c)
{
    int len = snprintf(glyph->bytes, sizeof glyph->bytes, NUMBER "%x}", (unsigned)c);
    assert(len > 0 && len <= TEXT_GLYPH_LEN);
    glyph->len = (size_t)len;
    glyph->character = 0;
}

static void put_character(struct text_glyph *glyph, uint32_t c)
{
    glyph->len = utf8_encode(glyph->bytes, c);
    glyph->bytes[glyph->len] = '\0';
    glyph->character = c;
}

/* Whether the text at p begins as a number does. */
static bool is_number(const uint8_t *p, size_t len)
{
    return len >= sizeof NUMBER - 1 && memcmp(p, NUMBER, sizeof NUMBER - 1) == 0;
}

size_t text_take(struct text_glyph *glyph, const void *text, size_t len, bool ascii)
{
    const uint8_t *p = text;
    uint32_t c;
    bool allowed;
    size_t n = judge(&c, &allowed, p, len);
    /* CAUTION: without the last condition a text could forge a number: test_nobody_can_forge_a_number */
    if (ascii && (!allowed || c > 0x7e || is_number(p, len)))
        put_number(glyph, c);
    else
        put_character(glyph, allowed ? c : c == '\n' ? RETURN_SIGN : REPLACEMENT);
    return n;
}
