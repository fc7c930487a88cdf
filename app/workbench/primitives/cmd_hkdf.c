/* SPDX-License-Identifier: MIT */
/* glass hkdf --ikm HEX [--salt HEX] | --prk HEX [--info HEX] --length N : extract, then expand, or expand alone; with
 * --explain every step. */
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_hkdf.h"
#include "app/workbench/io.h"
#include "crypto/hkdf.h"

#define USAGE                                                                                                          \
    "glass hkdf --ikm HEX [--salt HEX] [--info HEX] --length N [--explain]\n"                                          \
    "       glass hkdf --prk HEX [--info HEX] --length N [--explain]"
#define USAGE_LINE "glass hkdf --ikm HEX [--salt HEX] | --prk HEX [--info HEX] --length N [--explain]"
#define INPUT_MAX EXPLAIN_HKDF_INPUT_MAX

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --prk       expand this key, 32 bytes, and extract nothing before\n"
                           "  --explain   show every step\n";

struct values {
    const char *ikm_hex, *salt_hex, *prk_hex;
    uint8_t ikm[INPUT_MAX], salt[INPUT_MAX], prk[HKDF_PRK_LEN], info[HKDF_INFO_MAX], okm[HKDF_OKM_MAX];
    size_t ikm_len, salt_len, info_len, okm_len;
    bool explain;
};

static void read_values(struct values *v, struct args *args)
{
    const char *info_hex = NULL, *length = NULL;
    const struct args_option options[] = {{"ikm", &v->ikm_hex, NULL},
                                          {"salt", &v->salt_hex, NULL},
                                          {"prk", &v->prk_hex, NULL},
                                          {"info", &info_hex, NULL},
                                          {"length", &length, NULL},
                                          {"explain", NULL, &v->explain},
                                          {0}};
    args_help(args, help);
    args_parse(args, options, 0, 0, USAGE_LINE);
    if (v->prk_hex != NULL && (v->ikm_hex != NULL || v->salt_hex != NULL))
        args_wrong("--prk is what --ikm and --salt lead to: give one or the other", USAGE_LINE);
    if (v->prk_hex == NULL)
        args_need(v->ikm_hex, "ikm", USAGE_LINE);
    else if (args_hex(v->prk, sizeof v->prk, v->prk_hex, "prk", USAGE_LINE) != sizeof v->prk)
        args_wrong("--prk takes 32 bytes", USAGE_LINE);
    v->ikm_len = args_hex(v->ikm, sizeof v->ikm, v->ikm_hex, "ikm", USAGE_LINE);
    v->salt_len = args_hex(v->salt, sizeof v->salt, v->salt_hex, "salt", USAGE_LINE);
    v->info_len = args_hex(v->info, sizeof v->info, info_hex, "info", USAGE_LINE);
    v->okm_len = (size_t)args_number(args_need(length, "length", USAGE_LINE), 1, HKDF_OKM_MAX, "length", USAGE_LINE);
}

int cmd_hkdf(struct args *args)
{
    static struct values v;
    read_values(&v, args);
    if (v.explain) {
        if (v.prk_hex != NULL)
            explain_hkdf_expand(stdout, v.prk, v.info, v.info_len, v.okm_len);
        else
            explain_hkdf(stdout, v.ikm, v.ikm_len, v.salt, v.salt_len, v.info, v.info_len, v.okm_len);
        return STATUS_DONE;
    }
    if (v.prk_hex == NULL)
        hkdf_extract(v.prk, v.salt, v.salt_len, v.ikm, v.ikm_len);
    hkdf_expand(v.okm, v.okm_len, v.prk, v.info, v.info_len);
    io_print_hex(v.okm, v.okm_len);
    return STATUS_DONE;
}
