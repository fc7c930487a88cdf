/* SPDX-License-Identifier: MIT */
/* What has to be asked for before something is done: question after question, each of which one line answers. A form
 * waits for nothing. It says which question is to be put and takes the answer; loop.c puts it and reads the line.
 *
 * Use it:      form_begin(&form, FORM_OWN | FORM_NEW, done);
 *              while (form_asks(&form, &hide) != NULL) { put it, read a line; form_answer(...); }
 *              if (form.why[0] == '\0') ... form.own.password, form.own.code, form.next.password ...
 *              form_wipe(&form);
 * Timing:      a password's length may show.
 * Read next:   loop.c, which fills forms in; settings.c and signin.c, which begin them.
 *
 * In a script the answers are its next lines, and each question is put once: the password and the code (which may be
 * empty), and the new password. All of these are taken even where the first will not do, so that none of them is ever
 * taken for something to say.
 */
#ifndef APP_CLIENT_FORM_H
#define APP_CLIENT_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "app/client/line/line.h"
#include "app/client/secret.h"
#include "app/terminal/new_password.h"
#include "net/why.h"

/* What is asked for, in this order. */
#define FORM_NAME 1 /* a line that may be seen; the question is form.name_question */
#define FORM_OWN 2  /* the current password, and a code */
#define FORM_NEW 4  /* a new password, at a terminal twice */
#define FORM_KEY 8  /* a key's password */

#define FORM_ANSWER_MAX PASSWORD_MAX_LEN /* bytes of an answer that are looked at */

struct conversation;

enum form_at { FORM_AT_NAME, FORM_AT_PASSWORD, FORM_AT_CODE, FORM_AT_NEW, FORM_AT_END };

struct form {
    unsigned fields; /* of those above */
    enum form_at at;
    char name_question[LINE_PROMPT_LEN];
    char name[NAME_MAX_LEN + 2]; /* one byte more than a name has, so that a longer one is not cut to a name */
    struct secret own;
    struct new_password next;
    char why[WHY_LEN];                         /* why it could not be filled in, or empty */
    void (*filled_in)(struct conversation *c); /* NULL: there is no form */
};

/* An empty form; what was in it is wiped. filled_in is what the loop calls when there is nothing more to ask. */
void form_begin(struct form *f, unsigned fields, void (*filled_in)(struct conversation *c));

/* The question that is to be put now, or NULL: none. hide: what is typed must not be seen. Valid until the
 * next call. */
const char *form_asks(const struct form *f, bool *hide);

/* Takes the answer to it: len bytes, more than FORM_ANSWER_MAX where it was too long, -1 where there is none, as the
 * user gave up, the input or the connection ended or a signal came. What will not do is said, and a person is asked
 * again. In the chat a person gives up by an empty password, too; and what may be a password is from now on never said,
 * whatever comes of it. */
void form_answer(struct form *f, struct line *line, const char *text, ssize_t len);

void form_wipe(struct form *f);

#endif
