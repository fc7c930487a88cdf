/* SPDX-License-Identifier: MIT */
/* The fields of a form are asked for in the order of enum form_at; those that it does not have are passed over. A
 * person whose answer will not do is asked again; a script goes on, and the first thing that was wrong is
 * remembered. */
#include "app/client/form.h"

#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "crypto/ct.h"

#define GIVEN_SECRET_MIN 4 /* bytes: what is shorter may be a word that somebody wants to say */

void form_wipe(struct form *f)
{
    ct_wipe(f, sizeof *f);
}

static bool has_field(const struct form *f, enum form_at at)
{
    static const unsigned field[] = {[FORM_AT_NAME] = FORM_NAME,
                                     [FORM_AT_PASSWORD] = FORM_OWN | FORM_KEY,
                                     [FORM_AT_CODE] = FORM_OWN,
                                     [FORM_AT_NEW] = FORM_NEW,
                                     [FORM_AT_END] = 0};
    return (f->fields & field[at]) != 0;
}

/* To the first field from here on that it has. */
static void go_to(struct form *f, enum form_at at)
{
    while (at < FORM_AT_END && !has_field(f, at))
        at++;
    f->at = at;
}

void form_begin(struct form *f, unsigned fields, void (*filled_in)(struct conversation *c))
{
    form_wipe(f);
    f->fields = fields;
    f->filled_in = filled_in;
    go_to(f, FORM_AT_NAME);
}

const char *form_asks(const struct form *f, bool *hide)
{
    *hide = f->at == FORM_AT_PASSWORD || f->at == FORM_AT_NEW;
    if (f->filled_in == NULL)
        return NULL;
    switch (f->at) {
    case FORM_AT_NAME:
        return f->name_question;
    case FORM_AT_PASSWORD:
        return "password: ";
    case FORM_AT_CODE:
        return "unused code (Enter if none): ";
    case FORM_AT_NEW:
        return new_password_question(&f->next);
    case FORM_AT_END:
        break;
    }
    return NULL;
}

/* What will not do is said, and a person is asked again. */
static void refuse(struct form *f, const struct line *line, const char *text)
{
    if (line->terminal) {
        display_line(stderr, "%s", text);
        return;
    }
    if (f->why[0] == '\0')
        why_say(f->why, "%s", text);
    go_to(f, f->at + 1);
}

static void give_up(struct form *f, struct line *line)
{
    if (line->terminal)
        (void)line_discard_typed(line); /* the answers that were to come */
    if (f->why[0] == '\0')
        why_say(f->why, "%s", line->terminal ? "nothing was typed" : "the input ended where an answer was expected");
    f->at = FORM_AT_END;
}

static void take_name(struct form *f, const char *text, size_t len)
{
    if (len >= sizeof f->name || memchr(text, '\0', len) != NULL)
        len = 0; /* too long is as good as nothing, and so is what would end early */
    memcpy(f->name, text, len);
    f->name[len] = '\0';
    go_to(f, f->at + 1);
}

static void take_password(struct form *f, const struct line *line, const char *text, size_t len)
{
    if (!password_valid(len)) {
        refuse(f, line, message_error_text(MESSAGE_E_BAD_PASSWORD));
        return;
    }
    memcpy(f->own.password, text, len);
    f->own.password_len = len;
    go_to(f, f->at + 1);
}

static void take_code(struct form *f, const struct line *line, const char *text, size_t len)
{
    if (len > MESSAGE_CODE_LEN || !password_code_valid(text, len)) {
        refuse(f, line, "a code has six digits");
        return;
    }
    memcpy(f->own.code, text, len);
    f->own.code[len] = '\0';
    go_to(f, f->at + 1);
}

/* A script need not repeat it. */
static void take_new(struct form *f, const struct line *line, const char *text, size_t len)
{
    const char *wrong = new_password_answer(&f->next, text, len);
    if (wrong != NULL)
        refuse(f, line, wrong);
    else if (f->next.repeated || !line->terminal)
        go_to(f, f->at + 1);
}

static void take(struct form *f, struct line *line, const char *text, size_t len)
{
    switch (f->at) {
    case FORM_AT_NAME:
        take_name(f, text, len);
        break;
    case FORM_AT_PASSWORD:
        take_password(f, line, text, len);
        break;
    case FORM_AT_CODE:
        take_code(f, line, text, len);
        break;
    case FORM_AT_NEW:
        take_new(f, line, text, len);
        break;
    case FORM_AT_END:
        break;
    }
}

/* A script may answer once more than it was asked, and a person too early or too late. */
static bool is_secret(bool hidden, const char *text, size_t len)
{
    return hidden ? len >= GIVEN_SECRET_MIN : len > 0 && password_code_valid(text, len);
}

void form_answer(struct form *f, struct line *line, const char *text, ssize_t len)
{
    bool hidden, in_chat = line->editor != NULL;
    (void)form_asks(f, &hidden);
    if (len < 0 || (len == 0 && hidden && in_chat && line->terminal)) {
        give_up(f, line);
        return;
    }
    if (len <= FORM_ANSWER_MAX && is_secret(hidden, text, (size_t)len))
        given_secrets_add(&line->given, text, (size_t)len);
    take(f, line, text, (size_t)len);
}
