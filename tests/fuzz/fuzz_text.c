/* SPDX-License-Identifier: MIT */
/* Any bytes: what text_take lets through is one line of valid text without anything a terminal obeys, in the room
 * promised, and a valid text without newlines comes out as it went in. */
#include <stdlib.h>
#include <string.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/message/text.h"
#include "tests/text_shown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a terminal without UTF-8 gets is ASCII, and says which text it was. */
static void check_ascii(const uint8_t *data, size_t size)
{
    char *out = malloc(TEXT_GLYPH_LEN * size + 1);
    size_t at = 0, marks = 0;
    if (out == NULL)
        abort();
    for (size_t i = 0; i < size;) {
        struct text_glyph glyph;
        i += text_take(&glyph, data + i, size - i, true);
        marks += glyph.character == 0;
        memcpy(out + at, glyph.bytes, glyph.len);
        at += glyph.len;
    }
    for (size_t i = 0; i < at; i++) {
        if (out[i] != '\t' && (out[i] < ' ' || out[i] > '~'))
            abort();
        marks -= at - i >= 3 && memcmp(out + i, "\\u{", 3) == 0;
    }
    if (marks != 0)
        abort();
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_ascii(data, size);
    char *shown = malloc(TEXT_SHOWN_LEN(size));
    if (shown == NULL)
        abort();
    size_t len = text_shown(shown, TEXT_SHOWN_LEN(size), data, size);
    if (len >= TEXT_SHOWN_LEN(size) || shown[len] != '\0' || memchr(shown, '\n', len) != NULL)
        abort();
    if (!text_valid_up_to(shown, len, len))
        abort();
    if (text_valid(data, size) && memchr(data, '\n', size) == NULL && (len != size || memcmp(shown, data, size) != 0))
        abort();
    free(shown);
    if (name_valid(data, size) && !text_valid(data, size))
        abort();
    if (email_valid(data, size) && !text_valid(data, size))
        abort();
    return 0;
}
