/* SPDX-License-Identifier: MIT */
/* Rows of at most 80 columns, so that they fit any terminal and a page in print. */
#include "app/workbench/explain/show.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "crypto/bytes.h"

#define PER_ROW 32 /* bytes: 2 + 12 columns before, 64 digits */
#define FOLD 11    /* bytes at either end of a folded value: RFC 7919's primes differ after 8 */
#define NOTE_MAX 1000

void show_heading(FILE *to, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    fputc('\n', to);
    vfprintf(to, format, values);
    fputc('\n', to);
    va_end(values);
}

/* How many bytes of text the row gets: up to the last blank that fits, or a whole word that is too long for any. */
static size_t row_of(const char *text)
{
    size_t len = strlen(text), last = 0;
    if (len <= SHOW_WIDTH)
        return len;
    for (size_t i = 0; i < len && (i <= SHOW_WIDTH || last == 0); i++)
        if (text[i] == ' ')
            last = i;
    return last > 0 ? last : len;
}

void show_note(FILE *to, const char *format, ...)
{
    char note[NOTE_MAX + 1];
    va_list values;
    va_start(values, format);
    vsnprintf(note, sizeof note, format, values);
    va_end(values);
    for (const char *text = note; *text != '\0';) {
        size_t row = row_of(text);
        fprintf(to, "%.*s\n", (int)row, text);
        text += row;
        text += strspn(text, " ");
    }
}

void show_value(FILE *to, const char *name, const uint8_t *data, size_t len)
{
    char hex[2 * PER_ROW + 1];
    if (len == 0)
        fprintf(to, "  %-*s(empty)\n", SHOW_NAME_WIDTH, name);
    for (size_t at = 0; at < len; at += PER_ROW) {
        hex_encode(hex, data + at, len - at < PER_ROW ? len - at : PER_ROW);
        fprintf(to, "  %-*s%s\n", SHOW_NAME_WIDTH, at == 0 ? name : "", hex);
    }
}

void show_folded(FILE *to, const char *name, const uint8_t *data, size_t len)
{
    char first[2 * FOLD + 1], last[2 * FOLD + 1];
    if (len <= PER_ROW) {
        show_value(to, name, data, len);
        return;
    }
    hex_encode(first, data, FOLD);
    hex_encode(last, data + len - FOLD, FOLD);
    show_text(to, name, "%s ... %s (%zu bytes)", first, last, len);
}

void show_text(FILE *to, const char *name, const char *format, ...)
{
    va_list values;
    fprintf(to, "  %-*s", SHOW_NAME_WIDTH, name);
    va_start(values, format);
    vfprintf(to, format, values);
    va_end(values);
    fputc('\n', to);
}

bool show_check(FILE *to, const char *name, bool passed, const char *why)
{
    show_text(to, name, "%s", passed ? "passed" : "refused");
    if (!passed)
        show_note(to, "%s", why);
    return passed;
}

void show_command(FILE *to, const char *format, ...)
{
    va_list values;
    fputs("  $ ", to);
    va_start(values, format);
    int len = vfprintf(to, format, values);
    va_end(values);
    assert(len <= SHOW_COMMAND_MAX);
    fputc('\n', to);
}

const char *show_feed(char *out, const uint8_t *data, size_t len)
{
    static const char before[] = "echo ", after[] = " | basenc -d --base16 | ";
    memcpy(out, before, sizeof before);
    char *hex = out + sizeof before - 1;
    hex_encode(hex, data, len);
    for (size_t i = 0; i < 2 * len; i++)
        if (hex[i] >= 'a')
            hex[i] = (char)(hex[i] - 'a' + 'A');
    memcpy(hex + 2 * len, after, sizeof after);
    return out;
}
