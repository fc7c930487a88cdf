/* SPDX-License-Identifier: MIT */
/* One loop: the treacherous server's turns, and a line of the input where there is one. */
#include "app/workbench/attacks/cmd_treacherous.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/workbench/io.h"
#include "app/workbench/labs/misdeed.h"
#include "app/workbench/labs/treacherous.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "net/fingerprint.h"

#define USAGE "glass lab treacherous --server HOST:PORT [--listen HOST:PORT] [--key FILE] [--tap FILE] [--misdeed LINE]"
#define PORT "7447"
#define LINE_MAX_LEN 128

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "A server that betrays its users, between them and a real glasschatd.\n"
                           "\n"
                           "  --server HOST:PORT  the glasschatd that it passes everything on to\n"
                           "  --listen HOST:PORT  where it waits for clients; 127.0.0.1:0\n"
                           "  --key FILE          a server's key, such as DATA/server.key; else a new one\n"
                           "  --tap FILE          where it writes all that it reads, passwords too\n"
                           "  --misdeed LINE      what it does at first; later ones are lines of its input,\n"
                           "                      whose end ends it\n"
                           "\n"
                           "Misdeeds:\n";

struct options {
    const char *server, *listen, *key, *tap, *misdeed;
};

static void print_help(void)
{
    fputs(help, stdout);
    for (const struct misdeed *m = misdeed_all; m->name != NULL; m++)
        display_line(stdout, "  %-13s %-12s %s", m->name, m->words, m->what);
}

/* The key that was given, or a new one; with a certificate for 127.0.0.1. */
static void make_identity(struct identity *identity, const char *file, struct rng *rng)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "127.0.0.1", .not_after = UINT64_MAX};
    size_t len;
    if (file == NULL) {
        rsa_generate(&identity->key, rng);
    } else {
        uint8_t *pem = io_read_file(file, PEM_FILE_MAX_LEN, &len);
        enum pem_result result = pem_decode_private(&identity->key, (const char *)pem, len, NULL, 0);
        ct_wipe(pem, len);
        free(pem);
        if (result != PEM_OK)
            args_fail("%s %s", file, pem_result_words(result));
    }
    if (certificate_sign_self(&c, &identity->key, rng) != NET_OK)
        args_fail("this machine computes wrongly");
    identity->certificate_len = certificate_encode(identity->certificate, &c);
}

static void parse_name(struct sock_name *name, const char *text, const char *option)
{
    char why[WHY_LEN];
    snprintf(why, sizeof why, "--%s takes HOST or HOST:PORT", option);
    if (sock_parse(name, text, PORT) != 0)
        args_wrong(why, USAGE);
}

static void say_ready(const struct treacherous *t, const struct identity *identity)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    char key[FINGERPRINT_TEXT_LEN];
    certificate_fingerprint(fingerprint, identity->key.n);
    fingerprint_print(key, fingerprint);
    display_line(stdout, "listening on 127.0.0.1:%u key %s", sock_local_port(t->listener), key);
    fflush(stdout);
}

static void choose(struct misdeeds *d, const char *line)
{
    if (misdeeds_choose(d, line) == 0)
        display_line(stdout, "misdeed %s", line);
    else
        display_line(stdout, "no such misdeed: %s", line);
    fflush(stdout);
}

/* The lines that have come. False at the end of the input. */
static bool read_lines(struct misdeeds *d, char line[static LINE_MAX_LEN], size_t *len)
{
    ssize_t n = read(STDIN_FILENO, line + *len, LINE_MAX_LEN - 1 - *len);
    if (n <= 0)
        return false;
    *len += (size_t)n;
    line[*len] = '\0';
    for (char *end; (end = strchr(line, '\n')) != NULL;) {
        *end = '\0';
        choose(d, line);
        *len -= (size_t)(end + 1 - line);
        memmove(line, end + 1, *len + 1);
    }
    return *len < LINE_MAX_LEN - 1;
}

static void serve(struct treacherous *t, const struct options *o)
{
    static struct misdeeds d;
    char line[LINE_MAX_LEN] = "";
    size_t len = 0;
    misdeeds_begin(&d, t);
    if (o->misdeed != NULL && misdeeds_choose(&d, o->misdeed) != 0)
        args_wrong("there is no misdeed of that name", USAGE);
    while (!treacherous_turn(t, STDIN_FILENO, -1) || read_lines(&d, line, &len))
        continue;
    misdeeds_end(&d);
}

int cmd_treacherous(struct args *args)
{
    struct options o = {.listen = "127.0.0.1:0"};
    const struct args_option options[] = {{"server", &o.server, NULL},   {"listen", &o.listen, NULL},
                                          {"key", &o.key, NULL},         {"tap", &o.tap, NULL},
                                          {"misdeed", &o.misdeed, NULL}, {0}};
    struct treacherous t;
    static struct identity identity;
    struct sock_name where, server;
    char why[WHY_LEN];
    for (int i = 0; i < args->count; i++)
        if (strcmp(args->value[i], "--help") == 0) {
            print_help();
            return STATUS_DONE;
        }
    args_parse(args, options, 0, 0, USAGE);
    parse_name(&where, o.listen, "listen");
    parse_name(&server, args_need(o.server, "server", USAGE), "server");
    (void)umask(077); /* the tap has passwords */
    FILE *tap = io_create(o.tap);
    if (treacherous_begin(&t, &where, &server, &identity, why) != 0)
        args_fail("%s", why);
    make_identity(&identity, o.key, &t.rng);
    t.tap = tap;
    say_ready(&t, &identity);
    serve(&t, &o);
    treacherous_end(&t);
    io_finish(tap, o.tap);
    ct_wipe(&identity, sizeof identity);
    return STATUS_DONE;
}
