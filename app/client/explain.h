/* SPDX-License-Identifier: MIT */
/* --explain: every value of the handshake and of each Record, as it comes to be.
 *
 * Standard:    docs/protocol.md sections 4 to 6; net/trace.h has the names.
 * Use it:      struct trace trace = explain_trace(&line);
 *              explain_warn(&line);
 * Timing:      CAUTION: this prints secrets, the session's keys and the password among them. Only the option --explain
 *              leads here.
 * Read next:   net/trace.h
 */
#ifndef APP_CLIENT_EXPLAIN_H
#define APP_CLIENT_EXPLAIN_H

#include "app/client/line.h"
#include "net/trace.h"

/* Prints to the standard error; line must live as long as the trace is in use. */
struct trace explain_trace(struct line *line);
void explain_warn(struct line *line);

#endif
