/* SPDX-License-Identifier: MIT */
/* glass hkdf --ikm HEX [--salt HEX] [--info HEX] --length N : extract, then expand; with --explain every step. */
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_hkdf.h"
#include "app/workbench/io.h"
#include "crypto/hkdf.h"

#define USAGE "glass hkdf --ikm HEX [--salt HEX] [--info HEX] --length N [--explain]"
#define INPUT_MAX EXPLAIN_HKDF_INPUT_MAX
#define OKM_MAX 8160 /* 255 * 32, RFC 5869, 2.3 */

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step\n";

int cmd_hkdf(struct args *args)
{
    const char *ikm_hex = NULL, *salt_hex = NULL, *info_hex = NULL, *length = NULL;
    bool explain = false;
    const struct args_option options[] = {{"ikm", &ikm_hex, NULL},     {"salt", &salt_hex, NULL},
                                          {"info", &info_hex, NULL},   {"length", &length, NULL},
                                          {"explain", NULL, &explain}, {0}};
    args_help(args, help);
    args_parse(args, options, 0, 0, USAGE);

    uint8_t ikm[INPUT_MAX], salt[INPUT_MAX], info[HKDF_INFO_MAX], prk[32], okm[OKM_MAX];
    size_t ikm_len = args_hex(ikm, sizeof ikm, args_need(ikm_hex, "ikm", USAGE), "ikm", USAGE);
    size_t salt_len = args_hex(salt, sizeof salt, salt_hex, "salt", USAGE);
    size_t info_len = args_hex(info, sizeof info, info_hex, "info", USAGE);
    size_t okm_len = (size_t)args_number(args_need(length, "length", USAGE), 1, OKM_MAX, "length", USAGE);
    if (explain) {
        explain_hkdf(stdout, ikm, ikm_len, salt, salt_len, info, info_len, okm_len);
        return STATUS_DONE;
    }
    hkdf_extract(prk, salt, salt_len, ikm, ikm_len);
    hkdf_expand(okm, okm_len, prk, info, info_len);
    io_print_hex(okm, okm_len);
    return STATUS_DONE;
}
