/* SPDX-License-Identifier: MIT */
/* The exit statuses of glasschatd and its commands, and the line on stderr that says why one of them failed.
 *
 * Use it:      return complain(why);                       why says what to do next
 * Read next:   complain.c; app/terminal/display.h, through which the line goes.
 */
#ifndef APP_SERVER_OPERATOR_COMPLAIN_H
#define APP_SERVER_OPERATOR_COMPLAIN_H

enum exit_status { DONE = 0, FAILED = 1, WRONG_USAGE = 2 };

/* Prints "glasschatd: " and the reason on stderr. Returns FAILED. */
int complain(const char *why);

#endif
