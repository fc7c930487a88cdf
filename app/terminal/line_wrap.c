/* SPDX-License-Identifier: MIT */
/* The text is walked one character at a time. Before each character it is known whether it still fits into the row, and
 * before the first one of a word, whether the whole word does. */
#define _XOPEN_SOURCE 700 /* wcwidth belongs to the X/Open part of POSIX */
#include "app/terminal/line_wrap.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "app/message/text.h"

#define TAB_WIDTH 8
#define AUTO_WRAP_OFF "\033[?7l"
#define AUTO_WRAP_ON "\033[?7h"
#define LINE_END "\n"
#define INDENT "    "
#define LEFT_TO_RIGHT_MARK "\xe2\x80\x8e" /* U+200E: takes no column */

_Static_assert(sizeof INDENT - 1 == LINE_WRAP_INDENT, "the indent is as wide as the header says");

size_t line_wrap_width(uint32_t character)
{
    int width = wcwidth((wchar_t)character);
    return width < 0 ? 1 : (size_t)width;
}

size_t line_wrap_columns(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

bool line_wrap_breaks(const struct line_wrap *wrap)
{
    return wrap->columns > 3 * LINE_WRAP_INDENT;
}

/* What is not printed yet. */
struct rest {
    const char *text;
    size_t len;
    bool ascii;
};

/* Takes one character off the front; its width, given the column where it would stand. */
static size_t take(struct rest *rest, struct text_glyph *glyph, size_t column)
{
    size_t n = text_take(glyph, rest->text, rest->len, rest->ascii);
    rest->text += n;
    rest->len -= n;
    if (glyph->character == '\t')
        return TAB_WIDTH - column % TAB_WIDTH;
    return rest->ascii ? glyph->len : line_wrap_width(glyph->character);
}

/* How many columns there are up to the next blank, or more than max. */
static size_t word_width(struct rest rest, size_t max)
{
    struct text_glyph glyph;
    size_t width = 0;
    while (rest.len > 0 && *rest.text != ' ' && *rest.text != '\t' && width <= max)
        width += take(&rest, &glyph, 0);
    return width;
}

/* Letters that are written from the right, such as Hebrew and Arabic, have these parts of Unicode to themselves. */
static bool is_written_from_the_right(uint32_t c)
{
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc) ||
           (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

/* What a row begins with that continues the one before.
 * CAUTION: without the mark some terminals begin a row at the right edge if its first letter does, so that its end
 * stands where lines begin: test_a_row_begins_at_the_left */
static const char *indent_for(struct rest rest)
{
    while (rest.len > 0) {
        struct text_glyph glyph;
        (void)take(&rest, &glyph, 0);
        if (is_written_from_the_right(glyph.character))
            return INDENT LEFT_TO_RIGHT_MARK;
    }
    return INDENT;
}

static void put(const struct line_wrap *wrap, const char *text)
{
    if (*text != '\0')
        wrap->put(wrap->arg, text, strlen(text));
}

/* The part that a byte stands in, or NULL. */
static const struct line_wrap_part *part_at(const struct line_wrap *wrap, size_t at)
{
    for (size_t i = 0; i < wrap->parts_len; i++)
        if (at >= wrap->parts[i].at && at < wrap->parts[i].end)
            return &wrap->parts[i];
    return NULL;
}

/* What follows looks as part says; NULL: plain. Returns it. */
static const struct line_wrap_part *look_as(const struct line_wrap *wrap, const struct line_wrap_part *before,
                                            const struct line_wrap_part *part)
{
    if (before != part && before != NULL)
        put(wrap, LINE_WRAP_PLAIN);
    if (before != part && part != NULL)
        put(wrap, part->on);
    return part;
}

void line_wrap_print(const struct line_wrap *wrap, const void *text, size_t len)
{
    /* The last column stays free: terminals differ in when they go on to the next line after filling it. */
    size_t end = line_wrap_breaks(wrap) ? wrap->columns - 1 : SIZE_MAX, column = 0;
    const char *row_end = wrap->clip ? AUTO_WRAP_ON LINE_END : LINE_END, *row = wrap->clip ? AUTO_WRAP_OFF : "";
    struct rest rest = {text, len, wrap->ascii};
    const char *indent = indent_for(rest);
    const struct line_wrap_part *part = NULL;
    bool at_word = true; /* a word begins here */
    put(wrap, row);
    while (rest.len > 0) {
        struct rest next = rest;
        struct text_glyph glyph;
        if (*rest.text == ' ' && column >= end) { /* the row's end stands for it */
            (void)take(&rest, &glyph, column);
            at_word = true;
            continue;
        }
        size_t width = take(&next, &glyph, column), word = at_word ? word_width(rest, end) : 0;
        bool word_waits = word > 0 && column > LINE_WRAP_INDENT && column + word > end &&
                          word <= end - LINE_WRAP_INDENT;
        if (word_waits || column + width > end) {
            part = look_as(wrap, part, NULL);
            put(wrap, row_end);
            put(wrap, row);
            put(wrap, indent);
            column = LINE_WRAP_INDENT;
            next = rest;
            width = take(&next, &glyph, column);
        }
        part = look_as(wrap, part, part_at(wrap, len - rest.len));
        wrap->put(wrap->arg, glyph.bytes, glyph.len);
        column += width;
        at_word = *rest.text == ' ' || *rest.text == '\t';
        rest = next;
    }
    (void)look_as(wrap, part, NULL);
    put(wrap, row_end);
}
