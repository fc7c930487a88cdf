/* SPDX-License-Identifier: MIT */
/* Practice on a terminal: waits for keys and for saves at once.
 *
 * Standard:    POSIX termios, as app/terminal/tty.h uses it.
 * Use it:      if (practice_view_can()) practice_view(&session);
 * Timing:      nothing secret.
 * Read next:   practice.h, which key does what; watch.h, how a save is heard of.
 *
 * Ctrl-Z stops as elsewhere; Ctrl-C ends, also while something is being graded.
 */
#ifndef APP_WORKBENCH_PRACTICE_PRACTICE_VIEW_H
#define APP_WORKBENCH_PRACTICE_PRACTICE_VIEW_H

#include "app/workbench/practice/practice_session.h"

/* Whether standard input and output are a terminal. */
bool practice_view_can(void);

/* Milliseconds of the clock that practice goes by. */
int64_t practice_view_now(void);

/* Until q or a signal that child_catch_signals has caught; the terminal is as before then. -1: it can't be had. */
MUST_USE int practice_view(struct practice_session *s);

#endif
