/* SPDX-License-Identifier: MIT */
/* Signals as something to be waited for, beside the server and the keyboard.
 *
 * Standard:    POSIX sigaction; a pipe to oneself, because a handler may do nothing but write, and poll then wakes.
 * Use it:      interrupt_init();
 *              poll on interrupt_fd();  while ((signal = interrupt_next()) != 0) ...
 * Read next:   app/client/loop.c
 *
 * Nothing ends the client in the middle of things: the terminal is put back and the server told before it goes.
 */
#ifndef APP_CLIENT_INTERRUPT_H
#define APP_CLIENT_INTERRUPT_H

#include "crypto/bytes.h"

/* Catches SIGTSTP, SIGCONT, SIGWINCH, and what would end the program: SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGALRM,
 * SIGUSR1, SIGUSR2, SIGXCPU. Ignores SIGPIPE. -1 with errno where the system refuses. */
MUST_USE int interrupt_init(void);

/* Readable while there is a signal to be taken. */
int interrupt_fd(void);

/* The next signal that came, or 0. */
int interrupt_next(void);

#endif
