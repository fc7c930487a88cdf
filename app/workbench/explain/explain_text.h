/* SPDX-License-Identifier: MIT */
/* `glass explain --session FILE`: a recording told as `glasschat --explain` tells a connection.
 *
 * Use it:      return explain_text(session, full);
 * Errors:      what can't be read ends the program with status 1.
 * Timing:      CAUTION: prints what the recording has: every key, and the password.
 * Read next:   app/dissect/narrator.h, which tells; app/dissect/recording.h, what is read.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_TEXT_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_TEXT_H

#include <stdbool.h>

/* full: long values and the commands that need them, too. Returns the exit status. */
int explain_text(const char *session, bool full);

#endif
