/* SPDX-License-Identifier: MIT */
/* The command line of glasschatd.
 *
 * Use it:      struct options o;
 *              char why[WHY_LEN];
 *              if (options_parse(&o, argc, argv, why) != 0)     wrong usage: why is the line to show; exit status 2
 * Timing:      nothing secret: no secret is ever taken on a command line, where every user of the machine sees it.
 * Read next:   limits.h, most of the options; main.c.
 */
#ifndef APP_SERVER_OPTIONS_H
#define APP_SERVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/limits.h"
#include "app/server/base/log.h"
#include "app/terminal/style.h"
#include "crypto/bytes.h"
#include "net/hello.h"
#include "net/sock.h"
#include "net/why.h"

struct bignum_impl;

#define OPTIONS_DEFAULT_PORT "7447"
#define OPTIONS_WORDS 3

struct options {
    struct sock_name listen;
    const char *data;
    bool console, help, version, no_sandbox;
    bool explain, explain_full;
    bool status, json;                /* the command that asks for it, and its answer's form */
    bool account, key;                /* a command about accounts, or the server's key, follows: */
    const char *words[OPTIONS_WORDS]; /* the verb and its names */
    size_t words_len;
    const char *from, *password_file; /* NULL: not given */
    enum style_when color;            /* the console's, and so is */
    bool times;
    enum log_level log_level;
    enum log_format log_format;
    const char *log_file;           /* NULL: stderr */
    uint8_t groups[HELLO_LIST_MAX]; /* enum dh_group_id */
    size_t groups_len;
    const struct bignum_impl *bignum; /* NULL: what is picked */
    uint32_t pbkdf2_iterations;
    struct limits limits;
};

/* Reads `--name value` and `--name=value`. -1 and a line for the user where something is wrong. What --help or
 * --version asks for is left to the caller. */
MUST_USE int options_parse(struct options *o, int argc, char **argv, char why[static WHY_LEN]);

/* Prints what --help promises to standard output. */
void options_help(void);

#endif
