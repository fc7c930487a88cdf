/* SPDX-License-Identifier: MIT */
/* A step is taken by the loop when what the one before it asked for has come: user_given, secret_given, create_account,
 * registered, logged_in. The last begins the chat, or goes back to the password. */
#include "app/client/signin.h"

#include <stdio.h>
#include <string.h>

#include "app/client/reconnect.h"
#include "app/client/rejoin.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

int signin_check(const struct arguments *a, bool terminal, char why[static WHY_LEN])
{
    const char *text = NULL;
    if (!terminal && a->user[0] == '\0')
        text = "who are you? without a terminal to ask at, say USER@HOST";
    else if (!terminal && a->password_file == NULL)
        text = "without a terminal to ask at, the password must come from --password-file";
    else if (a->new_account && name_reserved(a->user))
        text = NAME_RESERVED_TEXT;
    if (text == NULL)
        return 0;
    return why_say(why, "%s", text);
}

static void give_up(struct conversation *c)
{
    form_wipe(&c->form);
    c->quits = true;
}

/* --- What is asked for -------------------------------------------------------------------------------------------- */

static void secret_given(struct conversation *c);

static void ask_secret(struct conversation *c)
{
    const struct arguments *a = c->signin.arguments;
    if (a->password_file == NULL) {
        form_begin(&c->form, a->new_account ? FORM_NEW : FORM_OWN, secret_given);
        return;
    }
    form_begin(&c->form, 0, secret_given);
    c->form.own = *c->signin.given;
    secret_wipe(c->signin.given);
    given_secrets_add(&c->screen.line.given, c->form.own.password, c->form.own.password_len);
}

static void user_given(struct conversation *c);

static void ask_user(struct conversation *c)
{
    form_begin(&c->form, FORM_NAME, user_given);
    snprintf(c->form.name_question, sizeof c->form.name_question, "user name: ");
}

/* True where the form was filled in; else why not is said, unless the end of the connection was. */
static bool filled_in(struct conversation *c)
{
    if (c->form.why[0] == '\0')
        return true;
    if (!c->ended)
        screen_complain(&c->screen, "not logged in: %s", c->form.why);
    give_up(c);
    return false;
}

static void user_given(struct conversation *c)
{
    const char *name = c->form.name;
    if (!filled_in(c))
        return;
    if (!name_valid(name, strlen(name))) {
        display_line(stderr, "%s", message_error_text(MESSAGE_E_BAD_NAME));
        ask_user(c);
    } else if (c->signin.arguments->new_account && name_reserved(name)) {
        display_line(stderr, "%s", NAME_RESERVED_TEXT);
        ask_user(c);
    } else {
        strcpy(c->user, name);
        ask_secret(c);
    }
}

void signin_begin(struct conversation *c, const struct arguments *a, struct secret *given)
{
    c->signin = (struct signin){.arguments = a, .given = given};
    c->direct.arguments = a;
    memcpy(c->user, a->user, sizeof c->user);
    if (c->user[0] == '\0')
        ask_user(c);
    else
        ask_secret(c);
}

/* --- What is sent ------------------------------------------------------------------------------------------------- */

/* The server does not say which of the three it was; but only somebody who gave a code can have given one that was
 * used. */
static const char *hint(const struct conversation *c, bool with_code)
{
    return with_code && c->error == MESSAGE_E_LOGIN_FAILED ? "; each code counts once: wait for the next one" : "";
}

static void begin_chat(struct conversation *c)
{
    c->signin.done = true;
    line_show(&c->screen.line, stdout, "* logged in as %s, in " MESSAGE_LOBBY, c->user);
    reconnect_keep(c, &c->form.own);
    direct_begin(&c->direct, &c->form.own);
    form_wipe(&c->form);
    line_open(&c->screen.line);
    rejoin_begin(c, c->signin.arguments->rooms, c->signin.arguments->rooms_len);
}

/* At a terminal a mistyped password may be typed again. */
static void logged_in(struct conversation *c)
{
    const struct signin *s = &c->signin;
    bool with_code = c->form.own.code[0] != '\0';
    if (c->error == 0) {
        begin_chat(c);
    } else if (c->ended || c->interrupted) {
        give_up(c);
    } else if (s->arguments->password_file == NULL && c->error == MESSAGE_E_LOGIN_FAILED && s->tries < SIGNIN_TRIES) {
        display_line(stderr, "%s%s", message_error_text(MESSAGE_E_LOGIN_FAILED), hint(c, with_code));
        form_begin(&c->form, FORM_OWN, secret_given);
    } else {
        screen_complain(&c->screen, "not logged in: %s%s", c->error_text, hint(c, with_code));
        give_up(c);
    }
}

static void log_in(struct conversation *c)
{
    const struct secret *own = &c->form.own;
    struct message m = {.type = MESSAGE_LOG_IN, .log_in.password = {own->password, own->password_len}};
    memcpy(m.log_in.name, c->user, sizeof m.log_in.name);
    memcpy(m.log_in.code, own->code, sizeof m.log_in.code);
    c->signin.tries++;
    conversation_await(c, &m, "", logged_in);
    ct_wipe(&m, sizeof m);
}

static void registered(struct conversation *c)
{
    if (c->error == 0) {
        line_show(&c->screen.line, stdout, "* registered %s", c->user);
        direct_registered(&c->direct, &c->form.own);
    }
    if (c->error == 0 && !c->interrupted) {
        log_in(c);
        return;
    }
    if (c->error != 0 && !c->ended && !c->interrupted)
        screen_complain(&c->screen, "not registered: %s%s", c->error_text,
                        c->error == MESSAGE_E_NAME_TAKEN
                            ? ": if it is yours, log in without --register; else choose another one"
                            : "");
    give_up(c);
}

/* With the key that was made for it. */
static void create_account(void *arg, bool made)
{
    struct conversation *c = arg;
    const struct secret *own = &c->form.own;
    struct message m = {.type = MESSAGE_REGISTER, .registration.password = {own->password, own->password_len}};
    if (!made) {
        give_up(c);
        return;
    }
    m.registration.certificate.data = own_identity_next_certificate(&c->direct.own, &m.registration.certificate.len);
    memcpy(m.registration.name, c->user, sizeof m.registration.name);
    snprintf(m.registration.email, sizeof m.registration.email, "%s", c->signin.arguments->email);
    conversation_await(c, &m, "", registered);
}

/* It is what one logs in with. */
static void take_new_password(struct form *f)
{
    memcpy(f->own.password, f->next.password, f->next.password_len);
    f->own.password_len = f->next.password_len;
    new_password_wipe(&f->next);
}

/* The form is kept until the answer. */
static void secret_given(struct conversation *c)
{
    if (!filled_in(c))
        return;
    if (c->form.fields == FORM_NEW)
        take_new_password(&c->form);
    if (c->signin.arguments->new_account && c->signin.tries == 0)
        direct_make(&c->direct, &c->form.own, create_account);
    else
        log_in(c);
}
