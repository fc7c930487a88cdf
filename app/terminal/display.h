/* SPDX-License-Identifier: MIT */
/* What a person reads: lines on a terminal, and what kind of terminal that is.
 *
 * Standard:    POSIX setlocale, nl_langinfo(CODESET), isatty.
 * Use it:      display_init();                                       first thing in main
 *              display_line(stdout, "%s is locked", name);           the words in it may be a stranger's
 * Timing:      not for secrets, except what is told to their owner; a copy remains only in a FILE's buffer.
 * Threads:     display_init before the first starts; then any may print, and no line is mixed with another's.
 * Read next:   display.c; text.h and line_wrap.h, which say what becomes of a line.
 *
 * What one of the programs prints goes through here where words in it came from elsewhere: the network, a file, the
 * command line.
 *
 * - Whatever it goes to, no control character except tab comes through: today's file is tomorrow's `cat`.
 * - A terminal whose user's locale is not UTF-8, as LC_ALL, LC_CTYPE and LANG say, gets ASCII only. Nothing else tells
 *   the terminal's mode.
 * - On a terminal, rows are broken by us and not by it (line_wrap.h).
 * - A pipe or a file gets UTF-8 whatever the locale, and its lines whole: programs read it, the same everywhere.
 */
#ifndef APP_TERMINAL_DISPLAY_H
#define APP_TERMINAL_DISPLAY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "app/terminal/line_wrap.h"

#define DISPLAY_LINE_MAX 65536 /* bytes of a line that are looked at */

/* Looks at the user's locale and remembers what it says. LC_CTYPE is that locale's from now on where it is UTF-8, so
 * that wcwidth knows the characters, and else "C". Where it was never called, terminals get ASCII. */
void display_init(void);

/* True where the user's locale is UTF-8. */
bool display_utf8(void);

/* How lines must be made for what a descriptor leads to; sets everything except put and arg. */
struct line_wrap display_of(int fd);

/* True for a terminal that obeys escape sequences, as TERM says. */
bool display_obeys(int fd);

/* Prints a line and its end, in one piece where that has no more than DISPLAY_LINE_MAX bytes: to a terminal by one
 * write, whatever FILE's buffer; elsewhere by one fwrite, and then a failed write shows when FILE is flushed. Returns
 * -1 where a terminal doesn't take it. */
int display_line(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int display_vline(FILE *to, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Prints each line of a text so, a help text say, in which nothing is a stranger's. */
void display_text(FILE *to, const char *text);

/* The same as display_line of a line that was put together before, parts of which look otherwise. */
int display_parts(FILE *to, const char *line, size_t len, const struct line_wrap_part *parts, size_t parts_len);

/* What is called before a line is printed on a terminal; NULL: nothing. progress_row.h makes way for it so. */
void display_before_lines(void (*make_way)(void));

/* Prints this as it is, of any length, without an end: a question, whose answer is typed after it. Flushed. */
void display_ask(FILE *to, const char *question);

/* Erases the row in which the cursor is, perhaps a question and its answer. On a terminal that obeys no escape
 * sequences it stays, and a new row begins. Flushed. */
void display_erase_row(FILE *to);

#endif
