/* SPDX-License-Identifier: MIT */
/* The system calls that a running server makes, and no others.
 *
 * Use it:      if (server_calls_enter() == 0)      after PR_SET_NO_NEW_PRIVS
 * Timing:      nothing secret.
 * Read next:   server_calls.c, the list; app/sandbox/seccomp.h, which makes a filter of it.
 */
#ifndef APP_SERVER_BASE_SERVER_CALLS_H
#define APP_SERVER_BASE_SERVER_CALLS_H

#include "crypto/bytes.h"

/* As seccomp_enter, with the server's list: for all threads of the process and those that they start. */
MUST_USE int server_calls_enter(void);

#endif
