/* SPDX-License-Identifier: MIT */
/* --explain: each step of the handshake and each Record told as it comes to be.
 *
 * Standard:    docs/protocol.md, whose sections and names it uses.
 * Use it:      explain_begin(&line, full);
 *              ... calls_config.trace = explain_call ...
 *              ... handshake_config.trace = explain_trace() ...
 *              explain_end();
 * Timing:      CAUTION: this prints secrets, the session's keys and the password among them. Only the option --explain
 *              turns it on, and it says so first.
 * Read next:   app/dissect/narrator.h, which tells.
 */
#ifndef APP_CLIENT_EXPLAIN_H
#define APP_CLIENT_EXPLAIN_H

#include <stdbool.h>

#include "app/client/line/line.h"
#include "app/peer/call.h"
#include "net/trace.h"

/* Warns, and from now on tells on stderr through line, which must stay. full: long values and the commands that need
 * them too. One connection at a time: the client has no more. */
void explain_begin(struct line *line, bool full);

/* What it listens by, from explain_begin on; may be asked for before. */
const struct trace *explain_trace(void);

/* What a call reports (call_trace of app/peer/call.h; arg is NULL): on the thread of the screen alone. */
void explain_call(void *arg, const struct call *call, const char *name, const uint8_t *data, size_t len);

/* Tells what is left to tell and forgets everything. */
void explain_end(void);

#endif
