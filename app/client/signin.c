#include "app/client/signin.h"

#include <stdio.h>
#include <string.h>

int signin_check(const struct arguments *a, bool terminal, char why[static SECRET_WHY_LEN])
{
    const char *text = NULL;
    if (!terminal && a->user[0] == '\0')
        text = "who are you? without a terminal to ask at, say USER@HOST";
    else if (!terminal && a->password_file == NULL)
        text = "without a terminal to ask at, the password must come from --password-file";
    if (text == NULL)
        return 0;
    snprintf(why, SECRET_WHY_LEN, "%s", text);
    return -1;
}

static int get_user(struct talk *t, const struct arguments *a, char why[static SECRET_WHY_LEN])
{
    char typed[NAME_MAX_LEN + 2]; /* one more than fits, so that a longer one is not cut to a shorter */
    memcpy(t->user, a->user, sizeof t->user);
    while (t->user[0] == '\0') {
        if (secret_ask_line(typed, sizeof typed, "user name: ", why) != 0)
            return -1;
        if (name_valid(typed, strlen(typed)))
            strcpy(t->user, typed);
        else
            fprintf(stderr, "%s\n", message_error_text(MESSAGE_E_BAD_NAME));
    }
    return 0;
}

static int get_secret(struct secret *s, const struct arguments *a, bool confirm, char why[static SECRET_WHY_LEN])
{
    if (a->password_file != NULL)
        return secret_from_file(s, a->password_file, why);
    return secret_ask(s, confirm, !confirm, why);
}

/* Sends and waits; true if the answer was ok. */
static bool succeeds(struct talk *t, struct message *m)
{
    return talk_ask(t, m, "") && talk_settle(t) && t->error == 0;
}

static bool create(struct talk *t, const struct arguments *a, const struct secret *s)
{
    struct message m = {.type = MESSAGE_REGISTER};
    memcpy(m.registration.name, t->user, sizeof m.registration.name);
    snprintf(m.registration.email, sizeof m.registration.email, "%s", a->email);
    m.registration.password = (struct message_bytes){s->password, s->password_len};
    if (succeeds(t, &m)) {
        line_show(&t->line, stdout, "* registered %s", t->user);
        return true;
    }
    if (!t->ended && !t->interrupted)
        talk_complain(t, "not registered: %s", t->error_text);
    return false;
}

static bool log_in(struct talk *t, const struct secret *s)
{
    struct message m = {.type = MESSAGE_LOG_IN};
    memcpy(m.log_in.name, t->user, sizeof m.log_in.name);
    m.log_in.password = (struct message_bytes){s->password, s->password_len};
    memcpy(m.log_in.code, s->code, sizeof m.log_in.code);
    return succeeds(t, &m);
}

/* At a terminal a mistyped password may be typed again. */
static int log_in_trying(struct talk *t, const struct arguments *a, struct secret *s, char why[static SECRET_WHY_LEN])
{
    for (int tries = 1; !log_in(t, s); tries++) {
        secret_wipe(s);
        if (t->ended || t->interrupted)
            return -1;
        bool again = a->password_file == NULL && t->error == MESSAGE_E_LOGIN_FAILED && tries < SIGNIN_TRIES;
        if (!again) {
            talk_complain(t, "not logged in: %s", t->error_text);
            return -1;
        }
        fprintf(stderr, "%s\n", message_error_text(MESSAGE_E_LOGIN_FAILED));
        if (secret_ask(s, false, true, why) != 0) {
            talk_complain(t, "%s", why);
            return -1;
        }
    }
    line_show(&t->line, stdout, "* logged in as %s, in " MESSAGE_LOBBY, t->user);
    return 0;
}

int signin(struct talk *t, const struct arguments *a)
{
    char why[SECRET_WHY_LEN];
    struct secret s;
    if (get_user(t, a, why) != 0 || get_secret(&s, a, a->new_account, why) != 0) {
        talk_complain(t, "%s", why);
        return -1;
    }
    int failed = a->new_account && !create(t, a, &s) ? -1 : log_in_trying(t, a, &s, why);
    secret_wipe(&s);
    return failed;
}
