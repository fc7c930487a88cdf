/* SPDX-License-Identifier: MIT */
/* glass totp --key BASE32 [--time N] [--digits N] : the code of an authenticator app, RFC 6238; with --explain every
 * step. The key is taken as apps and letters show it. */
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_totp.h"
#include "crypto/base32.h"
#include "crypto/ct.h"
#include "crypto/totp.h"

#define USAGE "glass totp --key BASE32 [--time UNIXSECONDS] [--digits 6|7|8] [--explain]"
#define KEY_MAX EXPLAIN_TOTP_KEY_MAX

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step, the key too\n";

/* A secret as people have it before them, "jbsw y3dp ehpk 3pxp": in any case, with blanks, and the padding left out.
 * The codec stays strict, and takes it as the standard writes it. */
static int decode_typed(uint8_t key[static KEY_MAX], size_t *key_len, const char *typed)
{
    char text[BASE32_LEN(KEY_MAX)];
    size_t len = 0;
    int result = -1;
    for (; *typed != '\0' && len < sizeof text; typed++)
        if (*typed != ' ' && *typed != '\t')
            text[len++] = (char)(*typed >= 'a' && *typed <= 'z' ? *typed - 'a' + 'A' : *typed);
    bool whole = *typed == '\0';
    while (len % 8 != 0 && len < sizeof text)
        text[len++] = '=';
    if (whole)
        result = base32_decode(key, KEY_MAX, key_len, text, len);
    ct_wipe(text, sizeof text);
    return result;
}

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
    if (decode_typed(key, &key_len, key_text) != 0)
        args_wrong("--key takes base32: A-Z and 2-7, in any case, with or without blanks and = at its end", USAGE);
    uint64_t now = time_text != NULL ? args_number(time_text, 0, INT64_MAX, "time", USAGE) : (uint64_t)time(NULL);
    unsigned digits = digits_text != NULL ? (unsigned)args_number(digits_text, 6, 8, "digits", USAGE) : 6;
    if (explain)
        explain_totp(stdout, key, key_len, now, digits);
    else
        printf("%0*u\n", (int)digits, (unsigned)totp_code(key, key_len, now / TOTP_PERIOD, digits));
    ct_wipe(key, sizeof key);
    return STATUS_DONE;
}
