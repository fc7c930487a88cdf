/* SPDX-License-Identifier: MIT */
/* The terminal at standard input: hiding what is typed there, and whose it is while a shell's jobs come and go.
 *
 * Standard:    POSIX termios (ECHO, ICANON, ISIG) and job control (SIGTSTP, SIGCONT, SIGTTOU; XBD chapter 11.1.4).
 * Use it:      struct termios before;
 *              if (tty_hide(&before) == 0) {            what was typed ahead is gone, what is typed is not shown
 *                  ...                                  tty_hide_again(&before) after each stop
 *                  tty_give_back(&before);
 *              }
 * Timing:      nothing secret comes here.
 * Read next:   app/client/line/line_question.c, app/server/operator/password_prompt.c: the two that ask.
 *
 * CAUTION: a read of standard input after poll may wait for the next key, deaf to everything else: see tty_open_input;
 * tests/integration/test_tty.py: test_editor, test_password.
 *
 * CAUTION: a program that goes on after a stop must set the modes again, or a password is shown as it is typed;
 * tests/integration/test_commands_terminal.py: test_stopped_at_a_password, test_stopped_with_its_shell.
 */
#ifndef APP_TERMINAL_TTY_H
#define APP_TERMINAL_TTY_H

#include <stdbool.h>
#include <termios.h>

#include "crypto/bytes.h"

/* Waits until this process is in the foreground. Until then the terminal's modes are those that the shell sets for
 * itself while a command is typed, and reading them doesn't stop the process. -1: there is no terminal to be had. */
MUST_USE int tty_wait(void);

/* Waits until this process is in the foreground, throws away what was typed ahead, keeps the terminal's modes in
 * before, and sets those in which one line is typed, hidden except for its end. -1: as tty_wait. */
MUST_USE int tty_hide(struct termios *before);

/* Sets those modes again, whatever a shell made of them. -1: as tty_hide. */
int tty_hide_again(const struct termios *before);

/* Sets the modes of before, and throws away what was typed after the answer. Where a shell has the terminal meanwhile,
 * its modes are its own, and nothing is done. */
void tty_give_back(const struct termios *before);

/* True where this process is in the foreground, or there is no job control. */
bool tty_is_ours(void);

/* What to read standard input from, once poll says that there is something: its terminal, opened again so that a read
 * never waits but fails with EAGAIN, as Ctrl-C and Ctrl-Z throw away what poll has seen. (O_NONBLOCK on standard input
 * would be the shell's as well.) Standard input itself where that is no terminal, or can't be opened. */
int tty_open_input(void);
void tty_close_input(int fd);

/* Stops the process as SIGTSTP does, whatever that signal is set to, until a shell continues it with SIGCONT, whose
 * handler has then run. Where no shell could do that (it is the terminal's first program, or was started by ssh -t),
 * the system doesn't stop it. */
void tty_stop(void);

#endif
