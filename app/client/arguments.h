/* SPDX-License-Identifier: MIT */
/* The command line of glasschat, and behind it the user's configuration file, HOME/config (config.h).
 *
 * Use it:      struct arguments a;
 *              char why[WHY_LEN];
 *              if (arguments_parse(&a, argc, argv, why) != 0)  why is one line; exit with 2
 * Read next:   app/client/main.c, which does what was asked.
 *
 * The command line wins over the file. What the file says of its server and of the account there counts for that server
 * and user alone: where the command line names others, the file's password, keys and rooms are not theirs.
 *
 * No secret is ever taken from here: every user of the machine can read a process's command line.
 */
#ifndef APP_CLIENT_ARGUMENTS_H
#define APP_CLIENT_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/message/name.h"
#include "app/terminal/style.h"
#include "crypto/bytes.h"
#include "net/handshake.h"
#include "net/trust.h"
#include "net/why.h"

#define ARGUMENTS_DEFAULT_PORT "7447"
#define ARGUMENTS_HOME_LEN 1024
#define ARGUMENTS_ROOMS_MAX 63 /* and the lobby: as many as one may be in */
#define ARGUMENTS_KEPT_LEN 4096

/* It points into itself: a copy of it points into the first one, and lives no longer. */
struct arguments {
    bool help, version; /* then the rest does not count */
    struct sock_name server;
    char user[NAME_MAX_LEN + 1]; /* empty: to be asked for */
    bool new_account;
    const char *email;         /* with new_account only */
    const char *password_file; /* NULL: to be asked for */
    enum trust_rule rule;
    uint8_t pin[CERTIFICATE_FINGERPRINT_LEN];
    bool remember; /* with pin only */
    const char *ca;
    const char *user_ca;                /* who vouches for people's keys; NULL: nobody does */
    const char *identity_password_file; /* NULL: the identity's password is the account's */
    char home[ARGUMENTS_HOME_LEN];
    uint8_t suites[HELLO_LIST_MAX], groups[HELLO_LIST_MAX]; /* what to offer, preferred first */
    size_t suites_len, groups_len;
    bool explain, explain_full;
    bool reconnect; /* by itself, after the connection was cut */
    enum style_when color;
    bool times, bell;
    const char *record;                                /* NULL: nothing is recorded */
    char rooms[ARGUMENTS_ROOMS_MAX][NAME_MAX_LEN + 1]; /* to join after the login, in this order */
    size_t rooms_len;
    bool no_config;
    char kept[ARGUMENTS_KEPT_LEN]; /* names of files out of the configuration file, one after the other */
    size_t kept_len;
};

/* -1 with one line in why. What is pointed to stays argv's, or is in *a. */
MUST_USE int arguments_parse(struct arguments *a, int argc, char **argv, char why[static WHY_LEN]);

/* The same, where this is what the file holds, with a NUL after it; NULL: there is none. */
MUST_USE int arguments_parse_with(struct arguments *a, int argc, char **argv, const char *text, size_t len,
                                  char why[static WHY_LEN]);

void arguments_help(FILE *to);

#endif
