/* SPDX-License-Identifier: MIT */
/* The system calls that a running server makes, and no others: a filter in the kernel, for all threads.
 *
 * Standard:    Linux, Documentation/userspace-api/seccomp_filter.rst; the program is classic BPF.
 * Use it:      if (seccomp_enter() == 0)      after PR_SET_NO_NEW_PRIVS
 * Timing:      nothing secret.
 * Read next:   seccomp.c, the list.
 */
#ifndef APP_SERVER_BASE_SECCOMP_H
#define APP_SERVER_BASE_SECCOMP_H

#include "crypto/bytes.h"

/* For all threads of the process and those that they start; it can't be undone. -1 where the kernel, or the emulator
 * that stands in for one, has no such filter. */
MUST_USE int seccomp_enter(void);

#endif
