/* SPDX-License-Identifier: MIT */
/* glass totp --key BASE32 [--time N] [--digits N] : the code of an authenticator app, RFC 6238; with --explain every
 * step. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_totp.h"
#include "crypto/base32.h"
#include "crypto/totp.h"

#define USAGE "glass totp --key BASE32 [--time UNIXSECONDS] [--digits 6|7|8] [--explain]"
#define KEY_MAX EXPLAIN_TOTP_KEY_MAX

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step, the key too\n";

int cmd_totp(struct args *args)
{
    const char *key_text = NULL, *time_text = NULL, *digits_text = NULL;
    bool explain = false;
    const struct args_option options[] = {{"key", &key_text, NULL},
                                          {"time", &time_text, NULL},
                                          {"digits", &digits_text, NULL},
                                          {"explain", NULL, &explain},
                                          {0}};
    args_help(args, help);
    args_parse(args, options, 0, 0, USAGE);

    uint8_t key[KEY_MAX];
    size_t key_len;
    args_need(key_text, "key", USAGE);
    if (base32_decode(key, sizeof key, &key_len, key_text, strlen(key_text)) != 0)
        args_wrong("--key takes base32 (A-Z, 2-7), padded with = to a multiple of 8", USAGE);
    uint64_t now = time_text != NULL ? args_number(time_text, 0, INT64_MAX, "time", USAGE) : (uint64_t)time(NULL);
    unsigned digits = digits_text != NULL ? (unsigned)args_number(digits_text, 6, 8, "digits", USAGE) : 6;
    if (explain)
        explain_totp(stdout, key, key_len, now, digits);
    else
        printf("%0*u\n", (int)digits, (unsigned)totp_code(key, key_len, now / TOTP_PERIOD, digits));
    return STATUS_DONE;
}
