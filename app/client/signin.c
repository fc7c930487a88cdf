/* SPDX-License-Identifier: MIT */
#include "app/client/signin.h"

#include <stdio.h>
#include <string.h>

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

static int get_user(struct dialog *d, const struct arguments *a, char why[static SECRET_WHY_LEN])
{
    char typed[NAME_MAX_LEN + 2]; /* one more than fits, so that a longer one is not cut to a shorter */
    memcpy(d->user, a->user, sizeof d->user);
    while (d->user[0] == '\0') {
        if (secret_ask_line(&d->line, typed, sizeof typed, "user name: ", why) != 0)
            return -1;
        if (!name_valid(typed, strlen(typed)))
            display_line(stderr, "%s", message_error_text(MESSAGE_E_BAD_NAME));
        else if (a->new_account && name_reserved(typed))
            display_line(stderr, "%s", NAME_RESERVED_TEXT);
        else
            strcpy(d->user, typed);
    }
    return 0;
}

static int get_secret(struct dialog *d, struct secret *s, const struct arguments *a, struct secret *given,
                      char why[static SECRET_WHY_LEN])
{
    if (a->password_file == NULL)
        return secret_ask(&d->line, s, a->new_account, why);
    *s = *given;
    secret_wipe(given);
    given_secrets_add(&d->line.given, s->password, s->password_len);
    return 0;
}

static bool create(struct dialog *d, const struct arguments *a, const struct secret *s)
{
    struct message m = {.type = MESSAGE_REGISTER};
    memcpy(m.registration.name, d->user, sizeof m.registration.name);
    snprintf(m.registration.email, sizeof m.registration.email, "%s", a->email);
    m.registration.password = (struct message_bytes){s->password, s->password_len};
    if (dialog_request(d, &m, "")) {
        line_show(&d->line, stdout, "* registered %s", d->user);
        return true;
    }
    if (!d->ended && !d->interrupted)
        dialog_complain(d, "not registered: %s%s", d->error_text,
                        d->error == MESSAGE_E_NAME_TAKEN
                            ? ": if it is yours, log in without --register; else choose another one"
                            : "");
    return false;
}

static bool log_in(struct dialog *d, const struct secret *s)
{
    struct message m = {.type = MESSAGE_LOG_IN};
    memcpy(m.log_in.name, d->user, sizeof m.log_in.name);
    m.log_in.password = (struct message_bytes){s->password, s->password_len};
    memcpy(m.log_in.code, s->code, sizeof m.log_in.code);
    bool in = dialog_request(d, &m, "");
    ct_wipe(&m, sizeof m);
    return in;
}

/* The server does not say which of the three it was; but only who gave a code can have given one that was used. */
static const char *hint(const struct dialog *d, bool with_code)
{
    return with_code && d->error == MESSAGE_E_LOGIN_FAILED ? "; each code counts once: wait for the next one" : "";
}

/* At a terminal a mistyped password may be typed again. */
static int log_in_trying(struct dialog *d, const struct arguments *a, struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (int tries = 1; !log_in(d, s); tries++) {
        bool with_code = s->code[0] != '\0';
        secret_wipe(s);
        if (d->ended || d->interrupted)
            return -1;
        bool again = a->password_file == NULL && d->error == MESSAGE_E_LOGIN_FAILED && tries < SIGNIN_TRIES;
        if (!again) {
            dialog_complain(d, "not logged in: %s%s", d->error_text, hint(d, with_code));
            return -1;
        }
        display_line(stderr, "%s%s", message_error_text(MESSAGE_E_LOGIN_FAILED), hint(d, with_code));
        if (secret_ask(&d->line, s, false, why) != 0) {
            if (!d->ended)
                dialog_complain(d, "not logged in: %s", why);
            return -1;
        }
    }
    line_show(&d->line, stdout, "* logged in as %s, in " MESSAGE_LOBBY, d->user);
    return 0;
}

int signin(struct dialog *d, const struct arguments *a, struct secret *given)
{
    char why[SECRET_WHY_LEN];
    struct secret s;
    if (get_user(d, a, why) != 0 || get_secret(d, &s, a, given, why) != 0) {
        if (!d->ended)
            dialog_complain(d, "not logged in: %s", why);
        return -1;
    }
    int failed = a->new_account && !create(d, a, &s) ? -1 : log_in_trying(d, a, &s, why);
    secret_wipe(&s);
    return failed;
}
