/* SPDX-License-Identifier: MIT */
/* glass pbkdf2 --password-file F --salt HEX --iterations N --length N : with --explain every step. */
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_pbkdf2.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "crypto/pbkdf2.h"

#define USAGE "glass pbkdf2 --password-file FILE --salt HEX --iterations N --length N [--explain]"
#define BYTES_MAX EXPLAIN_PBKDF2_MAX

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step, and the password too\n";

int cmd_pbkdf2(struct args *args)
{
    const char *password_file = NULL, *salt_hex = NULL, *iterations = NULL, *length = NULL;
    bool explain = false;
    const struct args_option options[] = {{"password-file", &password_file, NULL},
                                          {"salt", &salt_hex, NULL},
                                          {"iterations", &iterations, NULL},
                                          {"length", &length, NULL},
                                          {"explain", NULL, &explain},
                                          {0}};
    args_help(args, help);
    args_parse(args, options, 0, 0, USAGE);

    uint8_t password[BYTES_MAX], salt[BYTES_MAX], out[BYTES_MAX];
    size_t salt_len = args_hex(salt, sizeof salt, args_need(salt_hex, "salt", USAGE), "salt", USAGE);
    uint64_t count = args_number(args_need(iterations, "iterations", USAGE), 1, UINT32_MAX, "iterations", USAGE);
    size_t out_len = (size_t)args_number(args_need(length, "length", USAGE), 1, BYTES_MAX, "length", USAGE);
    size_t password_len = io_read_password(args_need(password_file, "password-file", USAGE), password, sizeof password);
    if (explain) {
        explain_pbkdf2(stdout, password, password_len, salt, salt_len, (uint32_t)count, out_len);
    } else {
        pbkdf2_derive(out, out_len, password, password_len, salt, salt_len, (uint32_t)count);
        io_print_hex(out, out_len);
    }
    ct_wipe(password, sizeof password);
    return STATUS_DONE;
}
