/* SPDX-License-Identifier: MIT */
/* glass load MODE ... : puts a server under load and says how it took it. Bounded in count and in time; only for
 * servers on this machine, unless asked twice. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app/workbench/commands.h"
#include "app/workbench/load/load.h"
#include "app/workbench/load/load_sends.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"

#define USAGE "glass load MODE --clients N [OPTION]..., see --help"
#define PORT "7447"

static const char help[] =
    "usage: glass load MODE --clients N [OPTION]...\n"
    "\n"
    "N clients in one process come to a server, and what that took is counted. MODE is what they do then:\n"
    "  room        all talk in the lobby: each text goes to all the others\n"
    "  pairs       two talk in a room of their own\n"
    "  idle        they are in the lobby and say nothing\n"
    "  joins       all join one more room, and hear of the others\n"
    "  logins      they log in, and stay\n"
    "  handshakes  they shake hands, and stay\n"
    "  hellos      they begin a handshake, and leave it\n"
    "  sends       no server: what the kernel takes to send as much to as many sockets\n"
    "\n"
    "  --connect HOST:PORT   the server; 127.0.0.1:7447\n"
    "  --accounts FILE       of N accounts, as for `glasschatd account add --from FILE`, which makes them; all modes\n"
    "                        that log in need it\n"
    "  --server-pid PID      the server's processor time and memory are looked up too\n"
    "  --seconds S           of talk or rest that are measured; 10\n"
    "  --rate R              deliveries a second, to all together; without it, as fast as it goes\n"
    "  --in-flight N         texts that are under way as fast as it goes; 64\n"
    "  --text-bytes N        a text's length; 100\n"
    "  --at-once N           clients that are arriving at a time; 64\n"
    "  --pin SHA256:...      believe only the server whose key has this fingerprint\n"
    "  --json FILE, --svg FILE\n"
    "                        the result as JSON; the deliveries of each second as a chart\n"
    "  --remote --really     a server on another machine, with its operator's consent\n";

static const struct {
    const char *name;
    enum swarm_goal goal;
    enum load_after after;
} modes[] = {
    {"room", SWARM_LOBBY, LOAD_TALK},   {"pairs", SWARM_PAIRS, LOAD_TALK},  {"idle", SWARM_LOBBY, LOAD_REST},
    {"joins", SWARM_LOBBY, LOAD_JOIN},  {"logins", SWARM_LOGIN, LOAD_REST}, {"handshakes", SWARM_HANDSHAKE, LOAD_REST},
    {"hellos", SWARM_HELLO, LOAD_REST}, {"sends", SWARM_HELLO, LOAD_SENDS},
};

/* Only what is this machine whatever a name service says. */
static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

/* A line of FILE is `name <tab> e-mail <tab> password`, as `glasschatd account add --from FILE` takes it. */
static struct swarm_account *read_accounts(const char *file, size_t count)
{
    char line[sizeof(struct swarm_account) + EMAIL_MAX_LEN + 4], *tab, *second;
    FILE *f = fopen(file, "r");
    if (f == NULL)
        args_fail("%s can't be read: %s", file, strerror(errno));
    struct swarm_account *accounts = calloc(count, sizeof *accounts);
    if (accounts == NULL)
        args_fail("out of memory");
    for (size_t i = 0; i < count; i++) {
        if (fgets(line, sizeof line, f) == NULL)
            args_fail("%s has %zu accounts, and there are to be %zu clients", file, i, count);
        line[strcspn(line, "\r\n")] = '\0';
        tab = strchr(line, '\t');
        second = tab != NULL ? strchr(tab + 1, '\t') : NULL;
        if (second == NULL || tab - line > NAME_MAX_LEN || strlen(second + 1) > PASSWORD_MAX_LEN)
            args_fail("%s, line %zu, is not `name <tab> e-mail <tab> password`", file, i + 1);
        snprintf(accounts[i].name, sizeof accounts[i].name, "%.*s", (int)(tab - line), line);
        snprintf(accounts[i].password, sizeof accounts[i].password, "%s", second + 1);
    }
    fclose(f);
    ct_wipe(line, sizeof line);
    return accounts;
}

/* Each client is a descriptor. */
static void allow_descriptors(size_t clients)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < clients + 32)
        args_fail("%zu clients need more descriptors than this shell allows: ulimit -n %zu", clients, clients + 100);
}

static void write_file(const struct load *l, void (*write)(const struct load *l, FILE *f), const char *name)
{
    if (name == NULL)
        return;
    FILE *f = fopen(name, "w");
    if (f != NULL)
        write(l, f);
    if (f == NULL || (ferror(f) | fclose(f)) != 0)
        args_fail("%s can't be written: %s", name, strerror(errno));
}

struct texts {
    const char *accounts, *connect, *clients, *seconds, *rate, *in_flight, *text_bytes, *at_once, *server_pid;
    const char *pin, *json, *svg;
    bool remote, really;
};

static void read_numbers(struct load *l, const struct texts *t)
{
    l->options.clients = (size_t)args_number(args_need(t->clients, "clients", USAGE), 1, 100000, "clients", USAGE);
    l->seconds = t->seconds == NULL ? 10 : (double)args_number(t->seconds, 1, 3600, "seconds", USAGE);
    l->rate = t->rate == NULL ? 0 : (double)args_number(t->rate, 1, 10000000, "rate", USAGE);
    l->in_flight = t->in_flight == NULL ? 64 : (size_t)args_number(t->in_flight, 1, 100000, "in-flight", USAGE);
    l->options.text_len = 100;
    if (t->text_bytes != NULL)
        l->options.text_len = (size_t)args_number(t->text_bytes, 16, TEXT_MAX_LEN, "text-bytes", USAGE);
    l->options.at_once = t->at_once == NULL ? 64 : (size_t)args_number(t->at_once, 1, 100000, "at-once", USAGE);
    l->server_pid = t->server_pid == NULL ? 0 : (long)args_number(t->server_pid, 1, 1 << 30, "server-pid", USAGE);
}

static void read_server(struct load *l, const struct texts *t, uint8_t pin[CERTIFICATE_FINGERPRINT_LEN])
{
    if (sock_parse(&l->options.server, t->connect == NULL ? "127.0.0.1" : t->connect, PORT) != 0)
        args_wrong("--connect takes HOST or HOST:PORT", USAGE);
    if (!is_loopback(l->options.server.host) && !(t->remote && t->really))
        args_wrong("this is no address of this machine; a server elsewhere is put under load only with --remote and "
                   "--really, and with its operator's consent",
                   USAGE);
    if (t->pin != NULL && fingerprint_parse(pin, t->pin, strlen(t->pin)) != 0)
        args_wrong("--pin takes SHA256: and the base64 of 32 bytes, as the server prints it", USAGE);
    if (t->pin == NULL && !is_loopback(l->options.server.host))
        args_wrong("a server elsewhere needs --pin, or the passwords might go to anybody", USAGE);
    l->options.pin = t->pin != NULL ? pin : NULL;
}

static void read_mode(struct load *l, const char *name)
{
    size_t i = 0;
    while (i < sizeof modes / sizeof modes[0] && strcmp(modes[i].name, name) != 0)
        i++;
    if (i == sizeof modes / sizeof modes[0])
        args_wrong("the mode is room, pairs, idle, joins, logins, handshakes, hellos or sends", USAGE);
    l->mode = modes[i].name;
    l->options.goal = modes[i].goal;
    l->after = modes[i].after;
}

static void check_talk(const struct load *l, const struct texts *t)
{
    if (l->after == LOAD_TALK && l->options.clients < 2)
        args_wrong("it takes two to talk: --clients 2 or more", USAGE);
    if (l->after == LOAD_TALK && l->rate > 0 && l->rate * l->seconds < load_readers(l))
        args_wrong("--rate is in deliveries, and comes to less than one text", USAGE);
    if (l->after == LOAD_SENDS)
        (void)args_need(t->rate, "rate", USAGE);
}

int cmd_load(struct args *args)
{
    static struct load l;
    struct texts t = {0};
    uint8_t pin[CERTIFICATE_FINGERPRINT_LEN];
    /* clang-format off */
    const struct args_option options[] = {
        {"accounts", &t.accounts, NULL}, {"connect", &t.connect, NULL}, {"clients", &t.clients, NULL},
        {"seconds", &t.seconds, NULL}, {"rate", &t.rate, NULL}, {"in-flight", &t.in_flight, NULL},
        {"text-bytes", &t.text_bytes, NULL},
        {"at-once", &t.at_once, NULL}, {"server-pid", &t.server_pid, NULL}, {"pin", &t.pin, NULL},
        {"json", &t.json, NULL}, {"svg", &t.svg, NULL}, {"remote", NULL, &t.remote}, {"really", NULL, &t.really}, {0}};
    /* clang-format on */
    args_help(args, help);
    args_parse(args, options, 1, 1, USAGE);
    read_mode(&l, args->value[0]);
    read_numbers(&l, &t);
    read_server(&l, &t, pin);
    check_talk(&l, &t);
    struct swarm_account *accounts = NULL;
    if (l.options.goal >= SWARM_LOGIN)
        accounts = read_accounts(args_need(t.accounts, "accounts", USAGE), l.options.clients);
    l.options.accounts = accounts;
    allow_descriptors(l.options.clients);
    int failed = l.after == LOAD_SENDS ? load_sends(&l) : load_run(&l);
    if (accounts != NULL)
        ct_wipe(accounts, l.options.clients * sizeof *accounts);
    free(accounts);
    load_print(&l);
    write_file(&l, load_write_json, t.json);
    write_file(&l, load_write_svg, t.svg);
    if (failed != 0)
        args_fail("%zu of %zu clients did not arrive or broke down; the first: %s", l.failed, l.options.clients,
                  l.why[0] != '\0' ? l.why : "there was no time left");
    return STATUS_DONE;
}
