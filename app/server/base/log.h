/* SPDX-License-Identifier: MIT */
/* The server's log: one line an event, on stderr or in a file, `time level event key=value ...` or as JSON.
 *
 *      2026-11-21T07:43:12Z info login user=alice from=127.0.0.1:40022
 *      {"time":"2026-11-21T07:43:12Z","level":"info","event":"login","user":"alice","from":"127.0.0.1:40022"}
 *
 * Standard:    RFC 8259 for the JSON; all values are strings, and all bytes ASCII.
 * Use it:      log_event(LOG_INFO, "login", "user", name, "from", address, NULL);
 * Values:      whatever a stranger sent may be given as it is: a value with anything but plain printable characters is
 *              quoted and escaped, so that nobody can forge a field or a line or drive the operator's terminal. Never
 *              give it a password, a key or a message.
 * Threads:     any thread may log; a line is one write. It never waits: what isn't taken is left out and counted.
 * Read next:   app/server/base/log.c.
 */
#ifndef APP_SERVER_BASE_LOG_H
#define APP_SERVER_BASE_LOG_H

#include <stdint.h>

#include "crypto/bytes.h"

enum log_format { LOG_TEXT, LOG_JSON };
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

#define LOG_VALUE_MAX 256 /* bytes of a value that are shown; a longer one ends in "..." */
#define LOG_LINE_MAX 2048 /* a line that would be longer is cut; JSON loses its last fields and says "cut":true */

/* What is less important than this is left out. LOG_INFO until it is set; set it before the first thread starts. */
void log_set_level(enum log_level level);

/* LOG_TEXT until it is set; set it before the first thread starts. */
void log_set_format(enum log_format format);

/* From now on lines are appended to this file, made where it is not there, and no longer to stderr. -1 and errno where
 * it can't be opened. Before the first thread starts. */
MUST_USE int log_open(const char *path);

/* Opens the same path again, after log_open: a file that was renamed away meanwhile gets no more lines, the new file of
 * that name does. -1 and errno where that can't be opened: then lines go where they went. Threads may log meanwhile. */
MUST_USE int log_reopen(const char *path);

/* Back to stderr; after the last thread has ended. */
void log_close(void);

/* "error", "warn", "info" or "debug"; -1 for any other name. */
MUST_USE int log_level_by_name(enum log_level *level, const char *name);

/* Writes a line: after the event pairs of strings, key and value, and NULL at the end. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* How many lines of this level there were, written or not. */
uint64_t log_lines(enum log_level level);

/* A number as a value: text is LOG_NUMBER_MAX bytes of the caller's, and is returned. */
#define LOG_NUMBER_MAX 24
const char *log_number(char text[LOG_NUMBER_MAX], uint64_t n);

#endif
