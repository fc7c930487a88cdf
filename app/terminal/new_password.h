/* SPDX-License-Identifier: MIT */
/* A new password, asked for twice, as what is typed is not shown, until both are the same. It has the questions and
 * judges the answers; its caller asks the questions and reads the answers.
 *
 * Use it:      struct new_password new = {0};
 *              while (!new.repeated) { ask new_password_question(&new), read; wrong = new_password_answer(&new, ...); }
 *              ... new.password, new.password_len ...
 *              new_password_wipe(&new);
 * Timing:      its length may show.
 * Read next:   tty.h, which hides what is typed; app/client/form.c and app/server/operator/password_prompt.c, the two
 *              that ask.
 */
#ifndef APP_TERMINAL_NEW_PASSWORD_H
#define APP_TERMINAL_NEW_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/password.h"
#include "crypto/bytes.h"

/* All zero: nothing was typed. */
struct new_password {
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    bool typed;    /* once */
    bool repeated; /* and the same again: it is complete */
};

/* What to ask for now. */
const char *new_password_question(const struct new_password *n);

/* Takes the answer, without its line end. NULL where it will do; else what is wrong with it, to be said before the
 * question is asked again. After two that differ, the first question comes again. */
MUST_USE const char *new_password_answer(struct new_password *n, const void *text, size_t len);

void new_password_wipe(struct new_password *n);

#endif
