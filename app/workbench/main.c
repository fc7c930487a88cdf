/* SPDX-License-Identifier: MIT */
/* glass, the workbench: every primitive of the project from the shell, on values that you choose. */
#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/version.h"
#include "app/workbench/commands.h"
#include "net/coredump.h"
#include "net/output.h"
#include "net/sock.h"

static const struct command {
    const char *name;
    int (*run)(struct args *args);
    const char *what;
} commands[] = {
    {"sha256", cmd_sha256, "digest of files, as sha256sum prints it"},
    {"hmac", cmd_hmac, "HMAC-SHA-256 of a file"},
    {"hkdf", cmd_hkdf, "HKDF-SHA-256: extract and expand"},
    {"pbkdf2", cmd_pbkdf2, "PBKDF2-HMAC-SHA-256 of a password"},
    {"aes", cmd_aes, "one block of AES-128 or AES-256"},
    {"cbc", cmd_cbc, "AES-CBC with PKCS#7 padding, from standard input to standard output"},
    {"pkcs7", cmd_pkcs7, "PKCS#7 padding: put on, or taken off"},
    {"etm", cmd_etm, "AES-CBC, then HMAC-SHA-256 over all that was sent, as one Record does it"},
    {"rng", cmd_rng, "random bytes; with --seed those that tests use, always the same"},
    {"base64", cmd_base64, "bytes as text and back, as base64 or base32"},
    {"dh", cmd_dh, "Diffie-Hellman in a group of RFC 7919"},
    {"ring", cmd_ring, "Diffie-Hellman among many, all parties in one process"},
    {"rsa", cmd_rsa, "RSA-PSS signatures: sign, verify"},
    {"bignum", cmd_bignum, "a power modulo a small number, by Montgomery's products as on paper"},
    {"totp", cmd_totp, "the six digits of an authenticator app"},
    {"key", cmd_key, "RSA-3072 keys and certificates: new, show, certify, authority"},
    {"transcript", cmd_transcript, "what was said in a sealed room, saved by /save: verify"},
    {"backends", cmd_backends, "which implementations this processor can run, and which is picked"},
    {"figure", cmd_figure, "the pictures of the walkthrough as SVG; alone it lists them"},
    {"explain", cmd_explain, "a whole session, byte by byte: as a page, as text, as captures for Wireshark"},
    {"bench", cmd_bench, "how fast each primitive is, beside other libraries that are found; and these two:"},
    {"", NULL, "  glass bench attack   what it costs to guess passwords and to find discrete logarithms"},
    {"", NULL, "  glass bench timing   what a clock sees of leaky code, and of ours"},
    {"load", cmd_load, "puts a chat server on this machine under load, and says how it took it"},
    {"lab", cmd_lab, "attacks that succeed, on weak twins, and fail on the real code; alone it lists them"},
    {"grade", cmd_grade, "grades what was handed in of the exercises, and says the first difference"},
    {"practice", cmd_practice, "grades the next exercise at each save, with hints, and says what comes next"},
    {NULL, NULL, NULL},
};

static void print_help(void)
{
    display_text(stdout, "usage: glass COMMAND [OPTION]... [FILE]\n\n");
    for (const struct command *c = commands; c->name != NULL; c++)
        display_line(stdout, "  %-11s %s", c->name, c->what);
    display_text(stdout, "\n`glass COMMAND --help` shows a command's options. Values are hex. A FILE of - or none is "
                         "standard input.\n");
}

int main(int argc, char **argv)
{
    if (sock_keep_off_standard() != 0)
        return STATUS_FAILED;
    output_check_at_exit("glass");
    coredump_forbid();
    display_init();
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0) {
        print_help();
        return STATUS_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("glass " GLASSCHAT_VERSION);
        return STATUS_DONE;
    }
    struct args args = {argc - 2, argv + 2};
    for (const struct command *c = commands; c->name != NULL; c++)
        if (c->run != NULL && strcmp(c->name, name) == 0)
            return c->run(&args);
    if (argc > 1)
        display_line(stderr, "glass: there is no command '%.60s'; `glass --help` lists them", name);
    else
        fputs("glass: a command is missing; `glass --help` lists them\n", stderr);
    return STATUS_USAGE;
}
