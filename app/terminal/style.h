/* SPDX-License-Identifier: MIT */
/* How a line looks that is shown: a colour for who speaks, faint what the program says itself, the time before it, and
 * set off what has one's own name in it.
 *
 *      09:41 [lobby] alice: hello              the time dim, the name in its colour
 *      09:41 @ [lobby] bob: alice, look        has the name of who reads, which is bold here, and a mark before it
 *      09:41 * bob left lobby                  dim
 *      * 2026-12-02                            another day begins: with times, on a terminal
 *
 * Nothing is said by the colour alone: whoever sees none reads the same names, `* ` and `@ `. A name has one of a few
 * colours, the same everywhere and for ever, as it is the name's hash that chooses. So a colour proves nothing, and
 * names that look alike (confusable.h) share one: in words it is told which is which.
 *
 * Standard:    ECMA-48, SGR: 1 bold, 2 faint, 7 reversed, and ISO 8613-6: 38 ; 5 ; N, colour N of xterm's 256; NO_COLOR
 *              (no-color.org); WCAG 2.2, 1.4.3: contrast.
 * Use it:      struct style style = {0};                   plain, as all of it was never there
 *              style_init(&style, STYLE_AUTO, times, bell, STDOUT_FILENO);
 *              struct style_line line;
 *              if (style_day(&style, &line, now)) ... it is shown first
 *              style_said(&style, &line, &said);
 *              display_parts(stdout, line.text, line.len, line.parts, line.parts_len);
 * Timing:      nothing secret is known here; a line may have a secret in it, and its owner wipes it.
 * Read next:   line_wrap.h, which puts a part's looks around what the filter lets through; app/client/line/line.h and
 *              app/server/console.c, which show lines.
 */
#ifndef APP_TERMINAL_STYLE_H
#define APP_TERMINAL_STYLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/terminal/display.h"
#include "app/terminal/line_wrap.h"
#include "crypto/bytes.h"

/* --color: auto is on a terminal that obeys, unless NO_COLOR is set. */
enum style_when { STYLE_AUTO, STYLE_ALWAYS, STYLE_NEVER };
#define STYLE_WHEN_WORDS "auto, always or never"

/* -1 where it is none of these words. */
MUST_USE int style_when_by_name(enum style_when *when, const char *name);

/* All zero: lines are what they were. */
struct style {
    bool colours; /* bold and dim, too */
    bool marks;   /* a mark before a line that has one's own name in it */
    bool times;
    bool dates; /* each time has its date, and is UTC: a program reads it */
    bool bell;
    int day; /* of the last line, on a terminal */
};

/* fd: where lines go. On a terminal times are HH:MM in local time, elsewhere as 2026-12-01T09:41:00Z. The bell is for
 * terminals alone. Reads the time zone: call it before a sandbox takes the files away. */
void style_init(struct style *s, enum style_when when, bool times, bool bell, int fd);

#define STYLE_PARTS_MAX 16

/* A line, ready for display_parts. */
struct style_line {
    bool rings; /* the bell is wanted with it */
    size_t len, parts_len;
    struct line_wrap_part parts[STYLE_PARTS_MAX];
    char text[DISPLAY_LINE_MAX];
};

/* What somebody says. What stands around the name and the text is the program's: "[lobby] ", "alice", ": ", "hello". */
struct style_said {
    uint64_t time;              /* Unix seconds: the server's, where it says one */
    const char *before, *after; /* around the name */
    const char *sender, *shown; /* the name, and as seen_names_print shows it */
    const char *text;
    size_t text_len;
    const char *you; /* the name of who reads */
    bool to_you;     /* ... to whom alone it was said: it rings */
};
void style_said(const struct style *s, struct style_line *line, const struct style_said *said);

/* The program's own line. One whose format begins with `* ` is dim, and has the time before it; tables and errors have
 * neither. CAUTION: the format must be a literal, as it is what decides: test_words_of_others_are_never_dim. */
void style_words(const struct style *s, struct style_line *line, uint64_t now, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

/* True where a line of that time is the first of another day: then there is one with the date. */
bool style_day(struct style *s, struct style_line *line, uint64_t time);

#endif
