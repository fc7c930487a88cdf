/* SPDX-License-Identifier: MIT */
/* A new password for an account: typed twice at the terminal without being shown, or the first line of a file
 * or of what is piped in, for an operator whose files the server's user can't read.
 *
 * Standard:    POSIX termios: ECHO off, and the terminal is put back whatever signal comes.
 * Use it:      struct password_prompt p;
 *              if (password_prompt_get(&p, file_or_null, why) != 0) ...   password_prompt_wipe(&p);
 * Timing:      its length may show.
 * Read next:   account_cli.c.
 */
#ifndef APP_SERVER_OPERATOR_PASSWORD_PROMPT_H
#define APP_SERVER_OPERATOR_PASSWORD_PROMPT_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/password.h"
#include "crypto/bytes.h"
#include "net/why.h"

struct password_prompt {
    uint8_t bytes[PASSWORD_MAX_LEN + 6]; /* room for a byte order mark, CR, LF and one too many */
    size_t len;
};

/* path NULL: asks at the terminal, which standard input must be; "-": takes the first line of standard input, or asks
 * where that is a terminal. -1 with one line in why. */
MUST_USE int password_prompt_get(struct password_prompt *p, const char *path, char why[static WHY_LEN]);

void password_prompt_wipe(struct password_prompt *p);

#endif
