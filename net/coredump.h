/* SPDX-License-Identifier: MIT */
/* A crash must not leave passwords and keys in a file: no program here has its memory written down at its end.
 *
 * Standard:    POSIX setrlimit (RLIMIT_CORE); Linux core(5).
 * Use it:      coredump_forbid();        early in main, before anything secret is read
 * Timing:      nothing secret.
 * Read next:   the three main.c; app/server/base/sandbox.h, which forbids it to the server once more.
 */
#ifndef NET_COREDUMP_H
#define NET_COREDUMP_H

/* From now on there is no core file of this process or its children, whatever ends them, nor is one given to a program.
 * For good: the hard limit goes too. Where that is 0 already, only root can set the 1 for which Linux asks no program:
 * then there is no file, but a program that is there for core files gets one. */
void coredump_forbid(void);

#endif
