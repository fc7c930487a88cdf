/* SPDX-License-Identifier: MIT */
/* What a program prints is a result only once it has left: a disk that is full must not look like success, nor a file
 * that may not grow end the program without a word.
 *
 * Use it:      output_check_at_exit("glass");      first thing in main; then print to stdout, and forget about it
 * Timing:      nothing secret.
 * Read next:   the three main.c; tests/integration/test_output.py, which goes through all commands.
 */
#ifndef NET_OUTPUT_H
#define NET_OUTPUT_H

/* However the program ends but by a signal or _exit: where anything that was written to stdout did not get there, there
 * is one line on stderr, which begins with the program's name, and the status is 1. program is kept. From now on a
 * write beyond the limit on a file's size is an error like others, and no signal. */
void output_check_at_exit(const char *program);

/* From now on what a pipe or a socket at stdout or stderr does not take at once is lost, and that is an error like
 * others: a program that is told to end must not wait for a reader that never reads. A write that is waiting fails too,
 * once the signal's handler returns. At the exit the two are as they were before, as other programs may have them as
 * well. May be called by a handler. */
void output_wait_no_more(void);

#endif
