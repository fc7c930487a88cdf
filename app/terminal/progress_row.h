/* SPDX-License-Identifier: MIT */
/* One row on a terminal that says how far long work is, and that is gone when the work is done.
 *
 * It stands on standard error, and only where that is a terminal that obeys, whose width is known, and in whose
 * foreground this process is; elsewhere nothing at all happens, nor where the program uses SIGALRM itself. Work that
 * ends within half a second shows none. A line that is printed by display.h takes the row's place. A signal that ends
 * or stops the process erases it first, where the program has not caught that signal itself: Ctrl-C leaves nothing in
 * front of the shell's prompt.
 *
 * Standard:    ECMA-48: CR, and CSI K; POSIX tcgetpgrp, setitimer, and its list of what a signal handler may call.
 * Use it:      progress_row_begin("hashing passwords", "accounts");
 *              for (...) progress_row_at(done, of);      "hashing passwords: 37 of 300 accounts, 12 s left"
 *              progress_row_end();
 * Timing:      nothing secret.
 * Threads:     the first one's alone.
 * Read next:   progress_row.c; display.h.
 */
#ifndef APP_TERMINAL_PROGRESS_ROW_H
#define APP_TERMINAL_PROGRESS_ROW_H

#include <stddef.h>
#include <stdint.h>

#define PROGRESS_ROW_MAX 120 /* bytes of a row */
#define PROGRESS_ROW_PERCENT "%"

/* Work begins: what is done, in printable ASCII, and the unit of what is counted: a noun, PROGRESS_ROW_PERCENT, or NULL
 * where nobody knows how long it takes; then the row says how long it has taken so far. One work at a time; unit must
 * live until its end. The row is drawn by a timer, five times a second: until the end SIGALRM is the row's, and what
 * the work waits for may be interrupted by it (EINTR). errno stays as it is, here and at the end. */
void progress_row_begin(const char *what, const char *unit);

/* What is done now is something else; it is still the same work. */
void progress_row_what(const char *what);

/* So much is done, at most `of`; two numbers are noted. How long the rest takes is told from the speed since the first
 * call. */
void progress_row_at(uint64_t done, uint64_t of);

/* The work is done; nothing remains of the row. Does nothing where none has begun. */
void progress_row_end(void);

/* How far the work is, for progress_row_words. */
struct progress_row {
    const char *what, *unit;  /* as for progress_row_begin */
    uint64_t done, of, first; /* first: what was done already at the first call; of 0: no call yet */
    uint64_t ms, counted_ms;  /* since it began, and since the first call */
};

/* The row's words, no more than the columns; returns their length. A step of the above, for its tests. */
size_t progress_row_words(char out[static PROGRESS_ROW_MAX], const struct progress_row *p, size_t columns);

#endif
