/* SPDX-License-Identifier: MIT */
/* Long lines on a terminal, broken here and not by the terminal, so that what follows a break is indented.
 *
 * Without that, a sender that knows how wide a screen is can fill one line with spaces and let the rest of the message
 * begin at the next line's start, where it looks like a line of its own: `[lobby] alice: I agree`, said by somebody
 * else.
 *
 * A terminal may draw a character wider than wcwidth says, and would then break a row by itself. So while a row is
 * printed the terminal's auto-wrap is off: what does not fit is lost at the right edge, and nothing moves to the next
 * line. It is on again before the row's end is printed: a program that is killed between two rows leaves the terminal
 * as it was, and whatever is typed, above all in a line editor, wraps as usual.
 *
 * Some terminals take each row for a paragraph, and begin it at the side where its first letter does. So where a text
 * has letters that are written from the right, an invisible mark in each continued row says that it begins at the left.
 *
 * How a part of a line looks (style.h) goes around what the filter let through: no text can have an escape sequence of
 * its own, nor end the one around it. It ends with each row, too, so that the indent and what comes next are plain.
 *
 * Standard:    POSIX wcwidth, which needs a UTF-8 locale; ECMA-48 and DEC VT510: DECAWM, CSI ? 7 l and CSI ? 7 h, and
 *              SGR 0; Unicode Standard Annex 9, P2 and P3: a paragraph's direction, and U+200E, which decides it.
 * Use it:      line_wrap_print(&(struct line_wrap){.columns = 80, .put = to_queue, .arg = queue}, text, text_len);
 * Read next:   text.h, which characters come through; display.h, which knows the terminal.
 */
#ifndef APP_TERMINAL_LINE_WRAP_H
#define APP_TERMINAL_LINE_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_WRAP_INDENT 4

/* A part of a line that looks otherwise: its bytes from at up to end. on, an escape sequence, is put before what is
 * shown of it, and LINE_WRAP_PLAIN after it; in each row anew. They take no column. */
struct line_wrap_part {
    size_t at, end;
    const char *on;
};
#define LINE_WRAP_PLAIN "\033[0m"

/* Where a line goes and what it must become. */
struct line_wrap {
    size_t columns;                                        /* the terminal's width; 0: no breaking */
    bool ascii;                                            /* only ASCII, as text_take */
    bool clip;                                             /* auto-wrap off for each row */
    void (*put)(void *arg, const char *bytes, size_t len); /* len > 0; the last of a row ends in its newline */
    void *arg;
    const struct line_wrap_part *parts; /* none overlaps another; what stands in none is plain */
    size_t parts_len;
};

/* Gives put a line that shows these bytes, whatever they are, and its end. It is broken between words, and inside a
 * word only where that is longer than a row; blanks for which the row has no column are left out. */
void line_wrap_print(const struct line_wrap *wrap, const void *text, size_t len);

/* True where lines are broken: the width is known, and enough for it. Only there may clip be set, or text is lost. */
bool line_wrap_breaks(const struct line_wrap *wrap);

/* How many columns a character takes, at least 0. */
size_t line_wrap_width(uint32_t character);

/* How wide the terminal of a descriptor is; 0 where it is no terminal, or its width is unknown. */
size_t line_wrap_columns(int fd);

#endif
