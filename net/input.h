/* SPDX-License-Identifier: MIT */
/* Files that a user names and whose first bytes a program can't do without: a password, an authority's key.
 *
 * Use it:      int fd = input_open(path);
 *              ssize_t n = fd >= 0 ? input_read(fd, out, cap, true) : -1;
 *              if (n < 0) ... the path, and input_why(errno)
 * Timing:      the lengths may show. What is read is nowhere but in out.
 * Read next:   app/client/secret.c, app/server/operator/password_prompt.c, which read passwords.
 *
 * A pipe will do, as shells make one of `<(command)`: but one that nobody writes to must not keep a program for ever,
 * and it would do so without a word. A writer that has opened it may take longer, since it may ask somebody first.
 */
#ifndef NET_INPUT_H
#define NET_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "crypto/bytes.h"

#define INPUT_NOBODY_SECONDS 10  /* a pipe that nobody has opened to write */
#define INPUT_SILENT_SECONDS 120 /* one that somebody has open, from the beginning to the last byte that is wanted */

/* Opens it to be read, without waiting. -1 with errno, EISDIR for a folder. */
MUST_USE int input_open(const char *path);

/* Reads until cap bytes are there, or the end has come, or (line) the end of a line; returns how many. More than the
 * line may have come with it. -1 with errno, ETIMEDOUT where nobody wrote in time; then out may have a part. */
MUST_USE ssize_t input_read(int fd, void *out, size_t cap, bool line);

/* What to say of an errno of these two, after the file's name. */
const char *input_why(int error);

#endif
