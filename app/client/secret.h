/* SPDX-License-Identifier: MIT */
/* A password and a code: wiped after use, and read from the file of --password-file.
 *
 * Use it:      struct secret s;
 *              if (secret_from_file(&s, path, why) != 0) ... say why
 *              ... s.password, s.password_len, s.code ...
 *              secret_wipe(&s);
 * Timing:      the password's length may show.
 * Read next:   form.h, which asks for them.
 */
#ifndef APP_CLIENT_SECRET_H
#define APP_CLIENT_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "crypto/bytes.h"
#include "net/why.h"

struct secret {
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    char code[MESSAGE_CODE_LEN + 1]; /* empty: none */
};

/* The password is the first line, the code the second; line ends (LF or CRLF) are part of neither, nor is a byte
 * order mark in front. The file may not be readable by others. A pipe will do, and is waited for as net/input.h says.
 * -1 with one line in why. */
MUST_USE int secret_from_file(struct secret *s, const char *path, char why[static WHY_LEN]);

void secret_wipe(struct secret *s);

#endif
