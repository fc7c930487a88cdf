/* Long lines on a terminal, broken here and not by the terminal, so that what follows a break is set in.
 *
 * Without that, whoever knows how wide a screen is can fill one line with spaces and let the rest of the message begin
 * at the next line's start, where it looks like a line of its own: `[lobby] alice: I agree`, said by somebody else.
 *
 * Standard:    POSIX wcwidth, which needs a UTF-8 locale; without one each character is taken to be one column wide.
 * Use it:      wrap_print(stdout, shown, 80);
 * Read next:   line.c
 */
#ifndef CLIENT_WRAP_H
#define CLIENT_WRAP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define WRAP_INDENT 4

/* Prints valid UTF-8 (what text_show made), and a line's end. columns is the terminal's width; 0: no breaking. Lines
 * are broken between words, and inside a word only where it is longer than a line. */
void wrap_print(FILE *to, const char *text, size_t columns);

/* How many columns a character takes, at least 0. */
size_t wrap_width(uint32_t character);

/* How wide the terminal behind a descriptor is; 0 where it is no terminal. */
size_t wrap_columns(int fd);

#endif
