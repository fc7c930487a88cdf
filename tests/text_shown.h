/* SPDX-License-Identifier: MIT */
/* A whole text as a terminal in UTF-8 mode gets it, in one line: what text_take lets through, character after
 * character. app/terminal/display.c does the same with the rows of a screen. */
#ifndef TESTS_TEXT_SHOWN_H
#define TESTS_TEXT_SHOWN_H

#include <assert.h>
#include <string.h>

#include "app/message/text.h"

/* The most bytes that a text of len bytes may become, with a NUL. */
#define TEXT_SHOWN_LEN(len) (3 * (len) + 1)

/* out_cap is at least TEXT_SHOWN_LEN(len). Returns the length without the NUL. */
static inline size_t text_shown(char *out, size_t out_cap, const void *text, size_t len)
{
    assert(out_cap >= TEXT_SHOWN_LEN(len));
    const uint8_t *p = text;
    size_t written = 0;
    for (size_t i = 0; i < len;) {
        struct text_glyph glyph;
        i += text_take(&glyph, p + i, len - i, false);
        memcpy(out + written, glyph.bytes, glyph.len);
        written += glyph.len;
    }
    out[written] = '\0';
    return written;
}

#endif
