/* SPDX-License-Identifier: MIT */
/* What options say of each other is checked when all have been read, but for --pin and --ca, of which the second to be
 * read is refused. The first thing that is wrong is told, and nothing is done.
 *
 * The command line is read by itself first, as it says which file there is and which of its lines count; then once
 * more, over what these have said. */
#include "app/client/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "app/client/arguments_impl.h"
#include "app/client/config.h"

static const char help[] = "usage: glasschat [[USER@]HOST[:PORT]] [options]\n"
                           "\n"
                           "Chats through the glasschat server at HOST, port " ARGUMENTS_DEFAULT_PORT
                           " unless said otherwise;\n"
                           "without HOST, through the one that the file config in --home names.\n"
                           "\n"
                           "  --register            make the account first; needs --email\n"
                           "  --email E             the new account's e-mail address\n"
                           "  --password-file F     the password is F's first line, the second factor's\n"
                           "                        code its second; mode 0600\n"
                           "  --pin SHA256:...      believe only the server whose key has this fingerprint\n"
                           "  --remember            with --pin: that key is the one known from now on,\n"
                           "                        whichever was before\n"
                           "  --ca FILE             believe only what this authority certified: its\n"
                           "                        certificate or PEM public key\n"
                           "  --user-ca FILE        believe only the users whose keys this authority\n"
                           "                        certified; as --ca takes it\n"
                           "  --identity-password-file F\n"
                           "                        your own key's password is F's first line, and not the\n"
                           "                        account's\n"
                           "  --home DIR            your own key, known servers and users; ~/.glasschat\n"
                           "  --room NAME           join this room after the login; can be given again, for\n"
                           "                        one more\n"
                           "  --suite S             offer only this suite: aes-128-cbc or aes-256-cbc\n"
                           "  --group G             offer only this: ffdhe2048, ffdhe3072 or ffdhe4096\n"
                           "  --reconnect           connect again by itself after the connection was cut;\n"
                           "                        keeps the password in memory\n"
                           "  --color W             colours: auto, always or never; auto is on a terminal,\n"
                           "                        unless NO_COLOR is set\n"
                           "  --times               the time before each line; into a pipe with its date,\n"
                           "                        in UTC\n"
                           "  --bell                ring where a line has your name in it, and for what is\n"
                           "                        said to you alone\n"
                           "  --explain             tell each step of the handshake and each message with\n"
                           "                        its values, secret ones too\n"
                           "  --explain-full        the same, and show long values and the commands that\n"
                           "                        need them\n"
                           "  --record FILE         write all these values to FILE, which must not be there\n"
                           "                        yet\n"
                           "  --no-config           read no file config\n"
                           "  --help, --version     say so, and stop\n"
                           "\n"
                           "The file config has a line for each option, as `pin SHA256:...`, and for\n"
                           "`server HOST` and `user NAME`. What is said here wins over it; --no-explain\n"
                           "takes back an `explain` that stands there.\n"
                           "\n"
                           "A line that is typed is said in the current room; /help lists the commands.\n"
                           "Without a terminal, lines are read from the standard input, and at its end the\n"
                           "client waits for the answers and leaves; where a command asks for a password, a\n"
                           "code or a name, the next lines are the answers. A line that is not understood\n"
                           "ends the run, and what follows it is not said. What arrives is written to the\n"
                           "standard output, one line a message. Exit status: 0 done, 1 failed, 2 wrong\n"
                           "usage.\n";

void arguments_help(FILE *to)
{
    fputs(help, to);
}

static void begin(struct arguments *a)
{
    struct handshake_config offers;
    *a = (struct arguments){.rule = TRUST_KNOWN};
    handshake_config_default(&offers, HANDSHAKE_CLIENT);
    a->suites_len = offers.suites_len;
    memcpy(a->suites, offers.suites, offers.suites_len);
    a->groups_len = offers.groups_len;
    memcpy(a->groups, offers.groups, offers.groups_len);
}

/* --- The command line --------------------------------------------------------------------------------------------- */

/* `--no-x` takes back a flag that can stand in the file. */
static bool take_flag(struct arguments *a, const char *name)
{
    const struct option *o = option_find(name, strlen(name));
    bool on = o != NULL;
    if (!on && strncmp(name, "no-", 3) == 0)
        o = option_find(name + 3, strlen(name + 3));
    if (o == NULL || o->take != NULL || (!on && (o->is & OPTION_LINE_ONLY) != 0))
        return false;
    option_set(o, a, on);
    return true;
}

/* One argument, and the next one where it is an option's value: how many were used, or -1. */
static int take(struct arguments *a, char **argv, char why[static WHY_LEN])
{
    const char *text = argv[0];
    if (text[0] != '-')
        return option_take_target(a, text, why) == 0 ? 1 : -1;
    bool named = strncmp(text, "--", 2) == 0;
    size_t len = strcspn(text, "=");
    if (named && take_flag(a, text + 2))
        return 1;
    const struct option *o = named ? option_find(text + 2, len - 2) : NULL;
    if (o == NULL || o->take == NULL || (o->is & OPTION_FILE_ONLY) != 0)
        return why_say(why, "unknown option '%.100s': glasschat --help lists them", text);
    const char *value = text[len] == '=' ? text + len + 1 : argv[1];
    if (value == NULL)
        return why_say(why, "%s needs a value: glasschat --help", text);
    if (o->take(a, value, why) != 0)
        return -1;
    return text[len] == '=' ? 1 : 2;
}

static int take_all(struct arguments *a, int argc, char **argv, char why[static WHY_LEN])
{
    for (int i = 1; i < argc;) {
        int used = take(a, argv + i, why);
        if (used < 0)
            return -1;
        i += used;
    }
    return 0;
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

struct file {
    const struct arguments *line; /* what the command line says */
    const struct arguments *all;  /* what all of the file says, by which it is known which lines count; or NULL: all */
    uint64_t seen;                /* a bit for each option */
    size_t bound;                 /* the first line that is a server's, or 0 */
};

static bool is_same_server(const struct sock_name *a, const struct sock_name *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0;
}

/* Whether a line counts beside the command line.
 * CAUTION: a password would be sent to a server that it isn't for: tests/test_config.c: test_another_server. */
static bool counts(const struct file *f, const struct option *o)
{
    const struct arguments *line = f->line, *all = f->all;
    bool server = line->server.host[0] == '\0' || is_same_server(&line->server, &all->server);
    bool user = line->user[0] == '\0' || all->user[0] == '\0' || strcmp(line->user, all->user) == 0;
    return !option_gives_way(o, line) && (server || (o->is & OPTION_OF_SERVER) == 0) &&
           (user || (o->is & OPTION_OF_USER) == 0);
}

/* The name of a file, kept in *a: it begins where the configuration file is. NULL with why. */
static const char *keep(struct arguments *a, const char *home, const char *value, char why[static WHY_LEN])
{
    const char *own = getenv("HOME");
    char *kept = a->kept + a->kept_len;
    size_t room = sizeof a->kept - a->kept_len;
    int len;
    if (value[0] == '/')
        len = snprintf(kept, room, "%s", value);
    else if (value[0] != '~')
        len = snprintf(kept, room, "%s/%s", home, value);
    else if (value[1] == '/' && own != NULL && own[0] != '\0')
        len = snprintf(kept, room, "%s/%s", own, value + 2);
    else
        return why_say(why, "~ stands for your own folder alone, before a slash: write the whole name"), NULL;
    if (len < 0 || (size_t)len >= room)
        return why_say(why, "the names of files are too long"), NULL;
    a->kept_len += (size_t)len + 1;
    return kept;
}

/* What a line is about; NULL with why. */
static const struct option *option_of(const struct config *c, char why[static WHY_LEN])
{
    const struct option *o = option_find(c->word, strlen(c->word));
    if (strcmp(c->word, "password") == 0)
        why_say(why, "no password may stand here: put it into a file for you alone (mode 0600), and name that with "
                     "password-file");
    else if (o == NULL)
        why_say(why, "unknown word '%s': it must be server, user, or an option of glasschat --help without its dashes",
                c->word);
    else if ((o->is & OPTION_LINE_ONLY) != 0)
        why_say(why, "%s may not stand here: say --%s when you want it", o->name, o->name);
    else if (o->take == NULL && c->value[0] != '\0')
        why_say(why, "%s takes no value", o->name);
    else if (o->take != NULL && c->value[0] == '\0')
        why_say(why, "%s needs a value", o->name);
    else
        return o;
    return NULL;
}

static int take_line(struct arguments *a, struct file *f, const struct config *c, char why[static WHY_LEN])
{
    const struct option *o = option_of(c, why);
    if (o == NULL)
        return -1;
    uint64_t bit = (uint64_t)1 << option_number(o);
    if ((f->seen & bit) != 0 && (o->is & OPTION_AGAIN) == 0)
        return why_say(why, "%s stands here a second time", o->name);
    f->seen |= bit;
    if (f->bound == 0 && (o->is & OPTION_OF_SERVER) != 0)
        f->bound = c->number;
    if (f->all != NULL && !counts(f, o))
        return 0;
    if (o->take == NULL) {
        option_set(o, a, true);
        return 0;
    }
    const char *value = (o->is & OPTION_PATH) != 0 ? keep(a, f->line->home, c->value, why) : c->value;
    return value != NULL ? o->take(a, value, why) : -1;
}

static int take_lines(struct arguments *a, struct file *f, const char *text, size_t len, char why[static WHY_LEN])
{
    struct config c;
    char what[WHY_LEN];
    int found;
    config_begin(&c, text, len);
    while ((found = config_next(&c, what)) > 0)
        if ((found = take_line(a, f, &c, what)) < 0)
            break;
    if (found == 0 && f->all == NULL && f->bound != 0 && a->server.host[0] == '\0') {
        c.number = f->bound;
        found = why_say(what, "it belongs to a server: say which one, in a line `server HOST`");
    }
    return found == 0 ? 0 : why_say(why, "%s/" CONFIG_FILE " line %zu: %s", f->line->home, c.number, what);
}

/* First all of it, so that a line is wrong whether or not it counts this time. */
static int take_file(struct arguments *a, const struct arguments *line, const char *text, size_t len,
                     char why[static WHY_LEN])
{
    struct arguments all;
    struct file f = {.line = line};
    begin(&all);
    if (take_lines(&all, &f, text, len, why) != 0)
        return -1;
    f = (struct file){.line = line, .all = &all};
    return take_lines(a, &f, text, len, why);
}

/* --- Both --------------------------------------------------------------------------------------------------------- */

static int find_home(struct arguments *a, char why[static WHY_LEN])
{
    const char *home = getenv("HOME");
    if (a->home[0] != '\0')
        return 0;
    if (home == NULL || *home == '\0' || strlen(home) + sizeof "/.glasschat" > sizeof a->home)
        return why_say(why, "HOME is not set: say --home DIR");
    snprintf(a->home, sizeof a->home, "%s/.glasschat", home);
    return 0;
}

static int check_together(struct arguments *a, char why[static WHY_LEN])
{
    a->explain |= a->explain_full;
    if (a->server.host[0] == '\0')
        return why_say(why,
                       "which server? glasschat [USER@]HOST[:PORT], or a line `server HOST` in %s/" CONFIG_FILE
                       "; glasschat --help tells more",
                       a->home);
    if (a->remember && a->rule != TRUST_PIN)
        return why_say(why, "--remember goes with --pin only: it is for a key whose fingerprint you have compared");
    if (a->new_account != (a->email != NULL))
        return why_say(why, a->new_account ? "--register needs --email" : "--email goes with --register only");
    if (a->reconnect && (a->explain || a->record != NULL))
        return why_say(
            why, "--explain and --record are about one connection: not with --reconnect; --no-reconnect takes it back");
    return 0;
}

int arguments_parse_with(struct arguments *a, int argc, char **argv, const char *text, size_t len,
                         char why[static WHY_LEN])
{
    struct arguments line;
    begin(&line);
    begin(a);
    if (take_all(&line, argc, argv, why) != 0)
        return -1;
    if (!line.help && !line.version && find_home(&line, why) != 0)
        return -1;
    if (text != NULL && take_file(a, &line, text, len, why) != 0)
        return -1;
    memcpy(a->home, line.home, sizeof a->home);
    if (take_all(a, argc, argv, why) != 0)
        return -1;
    return a->help || a->version ? 0 : check_together(a, why);
}

/* The file that the command line lets be read. NULL with why, or without one: none. */
static char *read_file(int argc, char **argv, size_t *len, char why[static WHY_LEN])
{
    struct arguments line;
    begin(&line);
    why[0] = '\0';
    if (take_all(&line, argc, argv, why) != 0 || line.help || line.version || line.no_config)
        return NULL;
    return find_home(&line, why) == 0 ? config_read(line.home, len, why) : NULL;
}

int arguments_parse(struct arguments *a, int argc, char **argv, char why[static WHY_LEN])
{
    size_t len = 0;
    char *text = read_file(argc, argv, &len, why);
    int failed = -1;
    if (text != NULL || why[0] == '\0')
        failed = arguments_parse_with(a, argc, argv, text, len, why);
    free(text);
    return failed;
}
