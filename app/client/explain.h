/* SPDX-License-Identifier: MIT */
/* --explain: each step of the handshake and each Record told as it comes to be.
 *
 * Standard:    docs/protocol.md, whose sections and names it uses.
 * Use it:      explain_begin(&line, full);
 *              ... handshake_config.trace = explain_trace() ...
 *              explain_end();
 * Timing:      CAUTION: this prints secrets, the session's keys and the password among them. Only the option --explain
 *              turns it on, and it says so first.
 * Read next:   app/dissect/narrator.h, which tells.
 */
#ifndef APP_CLIENT_EXPLAIN_H
#define APP_CLIENT_EXPLAIN_H

#include <stdbool.h>

#include "app/client/line.h"
#include "net/trace.h"

/* Warns, and from now on tells on stderr through line, which must stay. full: long values and the commands that need
 * them too. One connection at a time: the client has no more. */
void explain_begin(struct line *line, bool full);

/* What it listens by, from explain_begin on; may be asked for before. */
const struct trace *explain_trace(void);

/* Tells what is left to tell and forgets everything. */
void explain_end(void);

#endif
