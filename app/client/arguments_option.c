/* SPDX-License-Identifier: MIT */
/* An option's value is checked where the option is read. */
#include "app/client/arguments_impl.h"

#include <stdio.h>
#include <string.h>

#include "app/message/email.h"
#include "net/fingerprint.h"

#define TWO_WAYS "--pin and --ca are two ways to know the server: choose one"

/* --- Values ------------------------------------------------------------------------------------------------------- */

static int take_user(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    size_t len = strlen(value);
    if (!name_valid(value, len))
        return why_say(why, "'%.100s' is no user name: 1 to 32 of a-z 0-9 _ -, starting with a letter", value);
    memcpy(a->user, value, len + 1);
    return 0;
}

static int take_server(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    if (strchr(value, ' ') != NULL)
        return why_say(why, "'%.100s' is not HOST or HOST:PORT: there is a blank in it", value);
    for (const char *p = value; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return why_say(why, "the host's name may have only printable ASCII characters: an international name is "
                                "written as xn--...");
    if (strchr(value, '@') != NULL || sock_parse(&a->server, value, ARGUMENTS_DEFAULT_PORT) != 0)
        return why_say(why, "'%.100s' is not HOST or HOST:PORT ([::1]:7447 for IPv6)", value);
    return 0;
}

int option_take_target(struct arguments *a, const char *text, char why[static WHY_LEN])
{
    const char *at = strchr(text, '@');
    char user[NAME_MAX_LEN + 2]; /* one that is too long stays so */
    if (a->server.host[0] != '\0')
        return why_say(why, "only one [USER@]HOST[:PORT] can be given: '%.100s' is too many", text);
    if (at != NULL) {
        snprintf(user, sizeof user, "%.*s", at - text > NAME_MAX_LEN + 1 ? NAME_MAX_LEN + 1 : (int)(at - text), text);
        if (take_user(a, user, why) != 0)
            return -1;
        text = at + 1;
    }
    return take_server(a, text, why);
}

static int take_room(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    if (!name_room_valid(value, strlen(value)))
        return why_say(why, "'%.100s' is no room: 1 to 32 of a-z 0-9 _ -, starting with a letter, or a + before them",
                       value);
    if (a->rooms_len == ARGUMENTS_ROOMS_MAX)
        return why_say(why, "you can be in %d rooms and the lobby at a time", ARGUMENTS_ROOMS_MAX);
    strcpy(a->rooms[a->rooms_len++], value);
    return 0;
}

static int take_pin(struct arguments *a, const char *value, char why[static WHY_LEN])
{
    if (a->rule == TRUST_CA)
        return why_say(why, TWO_WAYS);
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
    if (a->rule == TRUST_PIN)
        return why_say(why, TWO_WAYS);
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

/* --- The table ---------------------------------------------------------------------------------------------------- */

static const struct option options[] = {
    {"server", OPTION_FILE_ONLY | OPTION_OF_SERVER, take_server, 0},
    {"user", OPTION_FILE_ONLY | OPTION_OF_SERVER | OPTION_OF_USER, take_user, 0},
    {"register", OPTION_LINE_ONLY, NULL, offsetof(struct arguments, new_account)},
    {"email", OPTION_LINE_ONLY, take_email, 0},
    {"password-file", OPTION_OF_SERVER | OPTION_OF_USER | OPTION_PATH, take_password_file, 0},
    {"pin", OPTION_OF_SERVER, take_pin, 0},
    {"remember", OPTION_LINE_ONLY, NULL, offsetof(struct arguments, remember)},
    {"ca", OPTION_OF_SERVER | OPTION_PATH, take_ca, 0},
    {"user-ca", OPTION_OF_SERVER | OPTION_PATH, take_user_ca, 0},
    {"identity-password-file", OPTION_OF_SERVER | OPTION_OF_USER | OPTION_PATH, take_identity_password_file, 0},
    {"home", OPTION_LINE_ONLY, take_home, 0},
    {"room", OPTION_OF_SERVER | OPTION_OF_USER | OPTION_AGAIN, take_room, 0},
    {"suite", 0, take_suite, 0},
    {"group", 0, take_group, 0},
    {"reconnect", 0, NULL, offsetof(struct arguments, reconnect)},
    {"color", 0, take_color, 0},
    {"times", 0, NULL, offsetof(struct arguments, times)},
    {"bell", 0, NULL, offsetof(struct arguments, bell)},
    {"explain", 0, NULL, offsetof(struct arguments, explain)},
    {"explain-full", 0, NULL, offsetof(struct arguments, explain_full)},
    {"record", OPTION_LINE_ONLY, take_record, 0},
    {"no-config", OPTION_LINE_ONLY, NULL, offsetof(struct arguments, no_config)},
    {"help", OPTION_LINE_ONLY, NULL, offsetof(struct arguments, help)},
    {"version", OPTION_LINE_ONLY, NULL, offsetof(struct arguments, version)},
};

#define OPTIONS (sizeof options / sizeof *options)

const struct option *option_find(const char *name, size_t len)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

_Static_assert(OPTIONS <= 64, "a word of 64 bits has one for each");

size_t option_number(const struct option *o)
{
    return (size_t)(o - options);
}

void option_set(const struct option *flag, struct arguments *a, bool on)
{
    *(bool *)((char *)a + flag->flag) = on;
}

bool option_gives_way(const struct option *o, const struct arguments *line)
{
    return ((o->take == take_pin || o->take == take_ca) && line->rule != TRUST_KNOWN) ||
           (o->take == take_room && line->rooms_len > 0) || (o->take == take_server && line->server.host[0] != '\0');
}
