/* SPDX-License-Identifier: MIT */
/* Asking for a name, a password and a code: at the terminal, from a file, or from a script's next lines.
 *
 * Standard:    POSIX termios: the password is read with ECHO off, and the terminal is put back whatever happens.
 * Use it:      struct secret s;
 *              secret_from_file(&s, path, why)  or  secret_ask(&line, &s, is_new, why)
 *              ... s.password, s.password_len, s.code ...
 *              secret_wipe(&s);
 * Timing:      the password's length may show.
 * Read next:   app/client/signin.c
 */
#ifndef CLIENT_SECRET_H
#define CLIENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/client/line.h"
#include "app/message/message.h"
#include "crypto/bytes.h"

#define SECRET_WHY_LEN 512

struct secret {
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    char code[MESSAGE_CODE_LEN + 1]; /* empty: none */
};

/* The password is the first line, the code the second; line ends (LF or CRLF) are part of neither. The file may not be
 * readable by others. A pipe will do, and is waited for as net/input.h says. -1 with one line in why. */
MUST_USE int secret_from_file(struct secret *s, const char *path, char why[static SECRET_WHY_LEN]);

/* Asks at the terminal: for the password and the code, or, is_new, for a new password, twice. What arrives meanwhile is
 * shown above the question. Where the standard input is no terminal, the script's next lines are the answers: the
 * password and the code (which may be empty), or the new password, once; all of them are taken even where the first
 * will not do, so that none of them is ever taken for something to say. -1 with one line in why: the user gave up (in
 * the chat an empty password does that too), a signal came, the connection ended, or the script's answer will not
 * do. */
MUST_USE int secret_ask(struct line *line, struct secret *s, bool is_new, char why[static SECRET_WHY_LEN]);

/* Asks for one line that may be seen. out_cap counts the NUL. */
MUST_USE int secret_ask_line(struct line *line, char *out, size_t out_cap, const char *question,
                             char why[static SECRET_WHY_LEN]);

void secret_wipe(struct secret *s);

#endif
