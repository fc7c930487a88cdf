/* SPDX-License-Identifier: MIT */
#include "app/client/signin.h"

#include <stdio.h>
#include <string.h>

#include "app/client/loop.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

int signin_check(const struct arguments *a, bool terminal, char why[static SECRET_WHY_LEN])
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
    snprintf(why, SECRET_WHY_LEN, "%s", text);
    return -1;
}

static int get_user(struct conversation *c, const struct arguments *a, char why[static SECRET_WHY_LEN])
{
    char typed[NAME_MAX_LEN + 2]; /* one more than fits, so that a longer one is not cut to a shorter */
    memcpy(c->user, a->user, sizeof c->user);
    while (c->user[0] == '\0') {
        if (secret_ask_line(&c->screen.line, typed, sizeof typed, "user name: ", why) != 0)
            return -1;
        if (!name_valid(typed, strlen(typed)))
            display_line(stderr, "%s", message_error_text(MESSAGE_E_BAD_NAME));
        else if (a->new_account && name_reserved(typed))
            display_line(stderr, "%s", NAME_RESERVED_TEXT);
        else
            strcpy(c->user, typed);
    }
    return 0;
}

static int get_secret(struct conversation *c, struct secret *s, const struct arguments *a, struct secret *given,
                      char why[static SECRET_WHY_LEN])
{
    if (a->password_file == NULL)
        return secret_ask(&c->screen.line, s, a->new_account, why);
    *s = *given;
    secret_wipe(given);
    given_secrets_add(&c->screen.line.given, s->password, s->password_len);
    return 0;
}

static bool create(struct conversation *c, const struct arguments *a, const struct secret *s)
{
    struct message m = {.type = MESSAGE_REGISTER};
    memcpy(m.registration.name, c->user, sizeof m.registration.name);
    snprintf(m.registration.email, sizeof m.registration.email, "%s", a->email);
    m.registration.password = (struct message_bytes){s->password, s->password_len};
    if (loop_request(c, &m, "")) {
        line_show(&c->screen.line, stdout, "* registered %s", c->user);
        return true;
    }
    if (!c->ended && !c->interrupted)
        screen_complain(&c->screen, "not registered: %s%s", c->error_text,
                        c->error == MESSAGE_E_NAME_TAKEN
                            ? ": if it is yours, log in without --register; else choose another one"
                            : "");
    return false;
}

static bool log_in(struct conversation *c, const struct secret *s)
{
    struct message m = {.type = MESSAGE_LOG_IN};
    memcpy(m.log_in.name, c->user, sizeof m.log_in.name);
    m.log_in.password = (struct message_bytes){s->password, s->password_len};
    memcpy(m.log_in.code, s->code, sizeof m.log_in.code);
    bool in = loop_request(c, &m, "");
    ct_wipe(&m, sizeof m);
    return in;
}

/* The server does not say which of the three it was; but only who gave a code can have given one that was used. */
static const char *hint(const struct conversation *c, bool with_code)
{
    return with_code && c->error == MESSAGE_E_LOGIN_FAILED ? "; each code counts once: wait for the next one" : "";
}

/* At a terminal a mistyped password may be typed again. */
static int log_in_trying(struct conversation *c, const struct arguments *a, struct secret *s,
                         char why[static SECRET_WHY_LEN])
{
    for (int tries = 1; !log_in(c, s); tries++) {
        bool with_code = s->code[0] != '\0';
        secret_wipe(s);
        if (c->ended || c->interrupted)
            return -1;
        bool again = a->password_file == NULL && c->error == MESSAGE_E_LOGIN_FAILED && tries < SIGNIN_TRIES;
        if (!again) {
            screen_complain(&c->screen, "not logged in: %s%s", c->error_text, hint(c, with_code));
            return -1;
        }
        display_line(stderr, "%s%s", message_error_text(MESSAGE_E_LOGIN_FAILED), hint(c, with_code));
        if (secret_ask(&c->screen.line, s, false, why) != 0) {
            if (!c->ended)
                screen_complain(&c->screen, "not logged in: %s", why);
            return -1;
        }
    }
    line_show(&c->screen.line, stdout, "* logged in as %s, in " MESSAGE_LOBBY, c->user);
    return 0;
}

int signin(struct conversation *c, const struct arguments *a, struct secret *given)
{
    char why[SECRET_WHY_LEN];
    struct secret s;
    if (get_user(c, a, why) != 0 || get_secret(c, &s, a, given, why) != 0) {
        if (!c->ended)
            screen_complain(&c->screen, "not logged in: %s", why);
        return -1;
    }
    int failed = a->new_account && !create(c, a, &s) ? -1 : log_in_trying(c, a, &s, why);
    secret_wipe(&s);
    return failed;
}
