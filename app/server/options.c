/* SPDX-License-Identifier: MIT */
/* One table of options, each with the function that reads it; those of limits.h come from there, and so do their
 * defaults in the help. */
#include "app/server/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/store/verifier.h"
#include "app/terminal/display.h"
#include "crypto/bignum_impl.h"
#include "crypto/dh.h"
#include "net/handshake.h"

struct parser {
    struct options *options;
    char *why;
    bool listen_seen;
};

static int read_number(struct parser *p, uint32_t *number, const char *name, const char *value, uint32_t smallest,
                       uint32_t largest)
{
    size_t len = strlen(value);
    unsigned long parsed = len > 0 && len <= 9 && strspn(value, "0123456789") == len ? strtoul(value, NULL, 10) : 0;
    if (parsed < smallest || parsed > largest)
        return why_say(p->why, "%s takes a number from %u to %u, not '%.40s'", name, smallest, largest, value);
    *number = (uint32_t)parsed;
    return 0;
}

/* A number alone is an IPv4 address for whoever looks names up, and hardly ever meant as one: 0 is every address. */
static int read_listen(struct parser *p, const char *value)
{
    if (p->listen_seen)
        return why_say(p->why, "--listen is given twice, and there is one address: [::]:PORT is every one, IPv4 too");
    p->listen_seen = true;
    if (*value != '\0' && value[strspn(value, "0123456789")] == '\0')
        return why_say(p->why, "--listen takes HOST:PORT, and '%.40s' is no host: as 127.0.0.1:%.40s", value, value);
    if (sock_parse(&p->options->listen, value, OPTIONS_DEFAULT_PORT) == 0)
        return 0;
    return why_say(p->why, "--listen takes HOST:PORT, as 127.0.0.1:7447 or [::1]:7447, not '%.100s'", value);
}

static int read_data(struct parser *p, const char *value)
{
    if (*value == '\0')
        return why_say(p->why, "--data takes a directory");
    p->options->data = value;
    return 0;
}

static int read_log_level(struct parser *p, const char *value)
{
    if (log_level_by_name(&p->options->log_level, value) == 0)
        return 0;
    return why_say(p->why, "--log-level takes error, warn, info or debug, not '%.40s'", value);
}

static int read_log_format(struct parser *p, const char *value)
{
    bool json = strcmp(value, "json") == 0;
    if (!json && strcmp(value, "text") != 0)
        return why_say(p->why, "--log-format takes text or json, not '%.40s'", value);
    p->options->log_format = json ? LOG_JSON : LOG_TEXT;
    return 0;
}

static int read_log_file(struct parser *p, const char *value)
{
    if (*value == '\0')
        return why_say(p->why, "--log-file takes a file");
    p->options->log_file = value;
    return 0;
}

static int read_sandbox(struct parser *p, const char *value)
{
    p->options->no_sandbox = strcmp(value, "off") == 0;
    if (!p->options->no_sandbox && strcmp(value, "on") != 0)
        return why_say(p->why, "--sandbox takes on or off, not '%.40s'", value);
    return 0;
}

static int read_color(struct parser *p, const char *value)
{
    if (style_when_by_name(&p->options->color, value) == 0)
        return 0;
    return why_say(p->why, "--color takes " STYLE_WHEN_WORDS ", not '%.40s'", value);
}

/* The first --allow-group replaces the default list; the others add to it. */
static int read_group(struct parser *p, const char *value)
{
    struct options *o = p->options;
    const struct dh_group *group = dh_group_by_name(value);
    if (group == NULL)
        return why_say(p->why, "--allow-group takes ffdhe2048, ffdhe3072 or ffdhe4096, not '%.40s'", value);
    if (memchr(o->groups, (int)group->id, o->groups_len) == NULL)
        o->groups[o->groups_len++] = (uint8_t)group->id;
    return 0;
}

/* Not replaced by another where it can't run: whoever names one wants that one. */
static int read_bignum(struct parser *p, const char *value)
{
    bool known = strcmp(value, "gmp") == 0 || strcmp(value, "ifma") == 0;
    if (!known)
        return why_say(p->why, "--bignum takes gmp or ifma, not '%.40s'", value);
    const struct bignum_impl *impl = bignum_impl_by_name(value);
    if (impl == NULL || !impl->usable())
        return why_say(p->why, "--bignum %s: this processor lacks the AVX-512 IFMA instructions; leave it at gmp",
                       value);
    p->options->bignum = impl;
    return 0;
}

static int read_from(struct parser *p, const char *value)
{
    p->options->from = value;
    return 0;
}

static int read_password_file(struct parser *p, const char *value)
{
    p->options->password_file = value;
    return 0;
}

static int read_iterations(struct parser *p, const char *value)
{
    return read_number(p, &p->options->pbkdf2_iterations, "--pbkdf2-iterations", value, 1, VERIFIER_ITERATIONS_MAX);
}

static const struct {
    const char *name, *argument, *help;
    int (*read)(struct parser *p, const char *value);
} valued[] = {
    {"--listen", "HOST:PORT", "where to listen (127.0.0.1:7447; port 0: any free one)", read_listen},
    {"--data", "DIR", "where accounts and the server's key are kept (./glasschat-data)", read_data},
    {"--log-level", "L", "error, warn, info or debug (info)", read_log_level},
    {"--log-file", "FILE", "where the log goes (stderr); SIGHUP opens it again", read_log_file},
    {"--log-format", "F", "text or json, one object a line (text)", read_log_format},
    {"--sandbox", "S", "on or off: give up what is not needed after the start (on)", read_sandbox},
    {"--allow-group", "G", "ffdhe2048, ffdhe3072 or ffdhe4096, any number of times (the last two)", read_group},
    {"--bignum", "B", "gmp or ifma: what computes secrets and signatures of handshakes (gmp)", read_bignum},
    {"--pbkdf2-iterations", "N", "of password hashes made from now on, by `account` too (600000)", read_iterations},
    {"--color", "W", "the console's colours: auto, always or never (auto); NO_COLOR is never", read_color},
    {"--from", "FILE", "account add: an account a line, name, e-mail, password, tabs between; '-': input", read_from},
    {"--password-file", "FILE", "account add, reset: its first line is the password; '-': input's", read_password_file},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int read_flag(struct options *o, const char *name)
{
    bool *flag = strcmp(name, "--console") == 0                           ? &o->console
                 : strcmp(name, "--times") == 0                           ? &o->times
                 : strcmp(name, "--explain") == 0                         ? &o->explain
                 : strcmp(name, "--explain-full") == 0                    ? &o->explain_full
                 : strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 ? &o->help
                 : strcmp(name, "--json") == 0                            ? &o->json
                 : strcmp(name, "--version") == 0                         ? &o->version
                                                                          : NULL;
    if (flag == NULL)
        return -1;
    *flag = true;
    return 0;
}

#define LIMITS_READ(field, option, standard, smallest, largest, what)                                                  \
    if (strcmp(name, option) == 0)                                                                                     \
        return read_number(p, &p->options->limits.field, option, value, smallest, largest);
#define LIMITS_IS(field, option, standard, smallest, largest, what)                                                    \
    if (strcmp(name, option) == 0)                                                                                     \
        return true;

static bool takes_value(const char *name)
{
    for (size_t i = 0; i < COUNT(valued); i++)
        if (strcmp(name, valued[i].name) == 0)
            return true;
    LIMITS(LIMITS_IS)
    return false;
}

static int read_value(struct parser *p, const char *name, const char *value)
{
    for (size_t i = 0; i < COUNT(valued); i++)
        if (strcmp(name, valued[i].name) == 0)
            return valued[i].read(p, value);
    LIMITS(LIMITS_READ)
    return why_say(p->why, "unknown option %.60s", name);
}

/* `account VERB NAME...`, `key VERB` or `status`, with options anywhere among them. */
static int read_word(struct parser *p, const char *word)
{
    struct options *o = p->options;
    bool begun = o->account || o->key || o->status;
    if (!begun) {
        o->account = strcmp(word, "account") == 0;
        o->key = strcmp(word, "key") == 0;
        o->status = strcmp(word, "status") == 0;
        if (o->account || o->key || o->status)
            return 0;
    }
    if (!begun || o->status || o->words_len == OPTIONS_WORDS)
        return why_say(p->why, "unexpected argument '%.60s': see glasschatd --help", word);
    o->words[o->words_len++] = word;
    return 0;
}

/* Reads argv[*i], and its value where that is the next argument. */
static int read_option(struct parser *p, int argc, char **argv, int *i)
{
    char name[64];
    if (argv[*i][0] != '-')
        return read_word(p, argv[*i]);
    const char *equals = strchr(argv[*i], '=');
    size_t len = equals != NULL ? (size_t)(equals - argv[*i]) : strlen(argv[*i]);
    if (len >= sizeof name)
        return why_say(p->why, "unexpected argument '%.60s': see glasschatd --help", argv[*i]);
    memcpy(name, argv[*i], len);
    name[len] = '\0';
    if (equals == NULL && read_flag(p->options, name) == 0)
        return 0;
    if (!takes_value(name))
        return why_say(p->why, "unknown option '%s': see glasschatd --help", argv[*i]);
    if (equals != NULL)
        return read_value(p, name, equals + 1);
    if (*i + 1 >= argc)
        return why_say(p->why, "%s needs a value: see glasschatd --help", name);
    return read_value(p, name, argv[++*i]);
}

int options_parse(struct options *o, int argc, char **argv, char why[static WHY_LEN])
{
    struct parser p = {.options = o, .why = why};
    struct handshake_config standard;
    *o = (struct options){.data = "./glasschat-data", .log_level = LOG_INFO, .limits = LIMITS_DEFAULT};
    o->pbkdf2_iterations = VERIFIER_ITERATIONS;
    if (sock_parse(&o->listen, "127.0.0.1", OPTIONS_DEFAULT_PORT) != 0)
        return why_say(why, "no default address");
    for (int i = 1; i < argc; i++)
        if (read_option(&p, argc, argv, &i) != 0)
            return -1;
    if (!o->account && (o->from != NULL || o->password_file != NULL))
        return why_say(why, "--from and --password-file go with `glasschatd account`");
    if (o->json && !o->status)
        return why_say(why, "--json goes with `glasschatd status`");
    o->explain |= o->explain_full;
    if (o->groups_len == 0) {
        handshake_config_default(&standard, HANDSHAKE_SERVER);
        memcpy(o->groups, standard.groups, standard.groups_len);
        o->groups_len = standard.groups_len;
    }
    return 0;
}

#define LIMITS_HELP(field, option, standard, smallest, largest, what)                                                  \
    display_line(stdout, "  %-27s %s (%u)", option " N", what, (unsigned)(standard));

void options_help(void)
{
    display_text(
        stdout,
        "usage: glasschatd [OPTION]...\n"
        "       glasschatd [OPTION]... account VERB ...\n"
        "       glasschatd [--data DIR] key renew\n"
        "       glasschatd [--data DIR] status [--json]\n"
        "The server of glasschat, a secure chat that can be seen through. Stop it with Ctrl-C or SIGTERM.\n"
        "SIGUSR1 writes to the log what it has done, in numbers; SIGHUP opens the log file again.\n"
        "The second form changes the accounts in --data, whether the server runs or not:\n\n"
        "  account add --from FILE     many at once; all of them, or none where a line is wrong\n"
        "  account add NAME E-MAIL     one; its password is asked for\n"
        "  account list                name, e-mail, when made, locked or not, second factor or not; tabs between\n"
        "  account lock NAME           ends its session, and nobody can log in until: account unlock NAME\n"
        "  account reset NAME          gives it a new password, and ends its session and its second factor\n"
        "  account remove NAME         for ever: nobody can have that name again\n\n"
        "The third makes a new key for the server, certified by the old one, while the server does not run.\n"
        "The fourth asks the running server what it has done, in numbers: what is unusual first, each after a "
        "'!'.\n\n");
    for (size_t i = 0; i < COUNT(valued); i++)
        display_line(stdout, "  %s %-*s %s", valued[i].name, 26 - (int)strlen(valued[i].name), valued[i].argument,
                     valued[i].help);
    display_text(
        stdout,
        "  --console                   talk and listen here, in the server's own terminal\n"
        "  --times                     the console's lines have the time before them\n"
        "  --explain                   tell on stderr what is computed and said with each client, all keys too\n"
        "  --explain-full              the same, and show long values and the commands that need them\n"
        "  --json                      status: as one JSON object\n"
        "  --help, --version           say so, and stop\n"
        "\nBounds on what strangers can make grow:\n");
    LIMITS(LIMITS_HELP)
    display_text(stdout, "\nExit status: 0 done, 1 failed, 2 wrong usage.\n");
}
