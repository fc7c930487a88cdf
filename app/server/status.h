/* SPDX-License-Identifier: MIT */
/* What the server has done since it started, in numbers: on SIGUSR1 to the log, for the operator as /status.
 *
 *      2026-11-21T07:43:12Z info status uptime=86400 connections=37 accepted=2014 refused=0 ... ended=1977
 *      2026-11-21T07:43:12Z info status: ended cause="it said good-bye" connections=1960
 *
 * Use it:      status_log(s);                           status_show(s, print, arg);
 * Timing:      nothing secret: totals, and nobody's name.
 * Read next:   counters.h, which counts; status.c; operator/status_cli.h, which asks for it from outside.
 *
 * What is there at the moment is not counted but looked up.
 */
#ifndef APP_SERVER_STATUS_H
#define APP_SERVER_STATUS_H

#include "app/server/server.h"

/* Everything as log lines: the numbers in one, and one for each cause of an end. */
void status_log(const struct server *s);

/* The same for people, and what is near its bound: what is unusual first. One call of print a line of at most 79
 * columns, without its line end. */
void status_show(const struct server *s, void (*print)(void *arg, const char *line), void *arg);

/* The same for `glasschatd status`: a call of print for each row, as operator/status_row.h encodes it. */
void status_tell(const struct server *s, void (*print)(void *arg, const char *line), void *arg);

#endif
