/* SPDX-License-Identifier: MIT */
/* An option's value is checked where the option is read; what options say of each other, when all have been read. The
 * first thing that is wrong is told, and nothing is done. */
#include "app/client/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "app/message/email.h"
#include "net/fingerprint.h"

void arguments_help(FILE *to)
{
    fputs("usage: glasschat [USER@]HOST[:PORT] [options]\n"
          "\n"
          "Chats through the glasschat server at HOST, port " ARGUMENTS_DEFAULT_PORT " unless said otherwise.\n"
          "\n"
          "  --register            make the account first; needs --email\n"
          "  --email E             the new account's e-mail address\n"
          "  --password-file F     the password is F's first line, the second factor's code its second; mode 0600\n"
          "  --pin SHA256:...      believe only the server whose key has this fingerprint\n"
          "  --remember            with --pin: that key is the one known from now on, whichever was before\n"
          "  --ca FILE             believe only what this authority certified: its certificate or PEM public key\n"
          "  --user-ca FILE        believe only the users whose keys this authority certified; as --ca takes it\n"
          "  --identity-password-file F  your own key's password is F's first line, and not the account's\n"
          "  --home DIR            where your own key and those of known servers and users are kept; ~/.glasschat\n"
          "  --suite S             offer only this suite: aes-128-cbc or aes-256-cbc\n"
          "  --group G             offer only this group: ffdhe2048, ffdhe3072 or ffdhe4096\n"
          "  --reconnect           connect again by itself after the connection was cut; keeps the password in memory\n"
          "  --color W             colours on a terminal: auto, always or never; NO_COLOR is never, always is in a "
          "pipe too\n"
          "  --times               the time before each line; into a pipe with its date, in UTC\n"
          "  --bell                ring where a line has your name in it, and for what is said to you alone\n"
          "  --explain             tell each step of the handshake and each message with its values, secret ones too\n"
          "  --explain-full        the same, and show long values and the commands that need them\n"
          "  --record FILE         write all these values to FILE, which must not be there yet\n"
          "  --help, --version     say so, and stop\n"
          "\n"
          "A line that is typed is said in the current room; /help lists the commands. Without a terminal, lines are\n"
          "read from the standard input, and at its end the client waits for the answers and leaves; where a command\n"
          "asks for a password, a code or a name, the next lines are the answers. A line that is not understood ends\n"
          "the run, and what follows it is not said. What arrives is written to the standard output, one line a\n"
          "message. Exit status: 0 done, 1 failed, 2 wrong usage.\n",
          to);
}

static int take_target(struct arguments *a, const char *text, char why[static WHY_LEN])
{
    const char *at = strchr(text, '@');
    if (a->server.host[0] != '\0')
        return why_say(why, "only one [USER@]HOST[:PORT] can be given: '%.100s' is too many", text);
    if (at != NULL) {
        if (!name_valid(text, (size_t)(at - text)))
            return why_say(why, "'%.*s' is no user name: 1 to 32 of a-z 0-9 _ -, starting with a letter",
                           at - text > 100 ? 100 : (int)(at - text), text);
        memcpy(a->user, text, (size_t)(at - text));
        text = at + 1;
    }
    for (const char *p = text; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return why_say(why, "the host's name may have only printable ASCII characters: an international name is "
                                "written as xn--...");
    if (sock_parse(&a->server, text, ARGUMENTS_DEFAULT_PORT) != 0)
        return why_say(why, "'%.100s' is not HOST or HOST:PORT ([::1]:7447 for IPv6)", text);
    return 0;
}

static int take_pin(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    a->rule = TRUST_PIN;
    if (fingerprint_parse(a->pin, value, strlen(value)) == 0)
        return 0;
    return why_say(why, "--pin takes a whole fingerprint, SHA256: and 44 characters, as the server prints it");
}

static int take_email(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    a->email = value;
    return email_valid(value, strlen(value)) ? 0 : why_say(why, "'%.100s' is not an e-mail address", value);
}

static int take_home(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    if (*value == '\0' || strlen(value) >= sizeof a->home)
        return why_say(why, "--home takes the name of a folder");
    strcpy(a->home, value);
    return 0;
}

static int take_suite(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    a->suites_len = 1;
    a->suites[0] = strcmp(value, "aes-128-cbc") == 0 ? SUITE_AES128 : SUITE_AES256;
    if (a->suites[0] == SUITE_AES128 || strcmp(value, "aes-256-cbc") == 0)
        return 0;
    return why_say(why, "--suite takes aes-128-cbc or aes-256-cbc, not '%.100s'", value);
}

static int take_group(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    const struct dh_group *group = dh_group_by_name(value);
    if (group == NULL)
        return why_say(why, "--group takes ffdhe2048, ffdhe3072 or ffdhe4096, not '%.100s'", value);
    a->groups_len = 1;
    a->groups[0] = (uint8_t)group->id;
    return 0;
}

static int take_password_file(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    (void)why;
    a->password_file = value;
    return 0;
}

static int take_user_ca(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    (void)why;
    a->user_ca = value;
    return 0;
}

static int take_identity_password_file(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    (void)why;
    a->identity_password_file = value;
    return 0;
}

static int take_record(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    a->record = value;
    return *value != '\0' ? 0 : why_say(why, "--record takes the name of a new file");
}

static int take_ca(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    (void)why;
    a->rule = TRUST_CA;
    a->ca = value;
    return 0;
}

static int take_color(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    if (style_when_by_name(&a->color, value) == 0)
        return 0;
    return why_say(why, "--color takes " STYLE_WHEN_WORDS ", not '%.100s'", value);
}

static const struct {
    const char *name;
    int (*take)(struct arguments *a, const char *value, char why[static WHY_LEN]);
} with_value[] = {
    {"--email", take_email},     {"--password-file", take_password_file},
    {"--pin", take_pin},         {"--ca", take_ca},
    {"--home", take_home},       {"--suite", take_suite},
    {"--group", take_group},     {"--record", take_record},
    {"--user-ca", take_user_ca}, {"--identity-password-file", take_identity_password_file},
    {"--color", take_color},
};

static bool *flag(struct arguments *a, const char *name)
{
    return strcmp(name, "--register") == 0       ? &a->new_account
           : strcmp(name, "--remember") == 0     ? &a->remember
           : strcmp(name, "--reconnect") == 0    ? &a->reconnect
           : strcmp(name, "--times") == 0        ? &a->times
           : strcmp(name, "--bell") == 0         ? &a->bell
           : strcmp(name, "--explain") == 0      ? &a->explain
           : strcmp(name, "--explain-full") == 0 ? &a->explain_full
           : strcmp(name, "--help") == 0         ? &a->help
           : strcmp(name, "--version") == 0      ? &a->version
                                                 : NULL;
}

/* One argument, and the next one where it is an option's value: how many were used, or -1. */
static int take(struct arguments *a, char **argv, char why[static WHY_LEN])
{
    const char *text = argv[0];
    if (text[0] != '-')
        return take_target(a, text, why) == 0 ? 1 : -1;
    bool *set = flag(a, text);
    if (set != NULL) {
        *set = true;
        return 1;
    }
    size_t len = strcspn(text, "=");
    for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++) {
        if (strlen(with_value[i].name) != len || strncmp(text, with_value[i].name, len) != 0)
            continue;
        const char *value = text[len] == '=' ? text + len + 1 : argv[1];
        if (value == NULL)
            return why_say(why, "%s needs a value: glasschat --help", text);
        if (with_value[i].take(a, value, why) != 0)
            return -1;
        return text[len] == '=' ? 1 : 2;
    }
    return why_say(why, "unknown option '%.100s': glasschat --help lists them", text);
}

static int check_together(struct arguments *a, bool pinned, char why[static WHY_LEN])
{
    a->explain |= a->explain_full;
    if (a->server.host[0] == '\0')
        return why_say(why, "which server? glasschat [USER@]HOST[:PORT], or glasschat --help");
    if (pinned && a->ca != NULL)
        return why_say(why, "--pin and --ca are two ways to know the server: choose one");
    if (a->remember && !pinned)
        return why_say(why, "--remember goes with --pin only: it is for a key whose fingerprint you have compared");
    if (a->new_account != (a->email != NULL))
        return why_say(why, a->new_account ? "--register needs --email" : "--email goes with --register only");
    if (a->reconnect && (a->explain || a->record != NULL))
        return why_say(why, "--reconnect does not go with --explain or --record: those are about one connection");
    if (a->home[0] == '\0') {
        const char *home = getenv("HOME");
        if (home == NULL || *home == '\0' || strlen(home) + sizeof "/.glasschat" > sizeof a->home)
            return why_say(why, "HOME is not set: say --home DIR");
        snprintf(a->home, sizeof a->home, "%s/.glasschat", home);
    }
    return 0;
}

int arguments_parse(struct arguments *a, int argc, char **argv, char why[static WHY_LEN])
{
    struct handshake_config offers;
    bool pinned = false;
    *a = (struct arguments){.rule = TRUST_KNOWN};
    handshake_config_default(&offers, HANDSHAKE_CLIENT);
    a->suites_len = offers.suites_len;
    memcpy(a->suites, offers.suites, offers.suites_len);
    a->groups_len = offers.groups_len;
    memcpy(a->groups, offers.groups, offers.groups_len);
    for (int i = 1; i < argc;) {
        int used = take(a, argv + i, why);
        if (used < 0)
            return -1;
        pinned = pinned || a->rule == TRUST_PIN;
        i += used;
    }
    return a->help || a->version ? 0 : check_together(a, pinned, why);
}
