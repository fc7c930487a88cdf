/* SPDX-License-Identifier: MIT */
/* glass pkcs7 [--remove] [--explain] [FILE] : pads a file to whole blocks of 16 bytes, or takes its padding off.
 *
 * Why a padding is wrong is told only where --explain asks for it: a program that told it by itself would be an example
 * of what crypto/pkcs7.h warns of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_pkcs7.h"
#include "app/workbench/explain/show.h"
#include "app/workbench/io.h"
#include "crypto/pkcs7.h"

#define USAGE "glass pkcs7 [--remove] [--explain] [FILE]"
#define INPUT_MAX ((size_t)1 << 30)
#define EXPLAIN_MAX ((size_t)65536) /* the result is printed in hex */

static void result(const char *name, const uint8_t *data, size_t len, bool explained)
{
    if (!explained) {
        io_write(data, len);
        return;
    }
    show_heading(stdout, "Result");
    show_value(stdout, name, data, len);
}

static void check_explained(int explained)
{
    if (explained != 0)
        args_fail("the explanation leads to another result than crypto/pkcs7.c: one of the two is wrong");
}

static void pad(const uint8_t *message, size_t len, bool explain)
{
    uint8_t *padded = malloc(pkcs7_padded_len(len));
    if (padded == NULL)
        args_fail("there is no memory for the padded message");
    memcpy(padded, message, len);
    size_t padded_len = pkcs7_pad(padded, len);
    if (explain)
        check_explained(explain_pkcs7_pad(stdout, padded, len));
    result("padded", padded, padded_len, explain);
    free(padded);
}

static void unpad(const uint8_t *padded, size_t padded_len, bool explain)
{
    size_t len = EXPLAIN_PKCS7_WRONG;
    int verdict = pkcs7_unpad(&len, padded, padded_len);
    if (explain)
        check_explained(explain_pkcs7_unpad(stdout, padded, padded_len, len));
    if (verdict != 0)
        args_fail("the padding is wrong%s", explain ? "" : "; --explain shows why");
    result("message", padded, len, explain);
}

int cmd_pkcs7(struct args *args)
{
    bool remove = false, explain = false;
    const struct args_option options[] = {{"remove", NULL, &remove}, {"explain", NULL, &explain}, {0}};
    args_parse(args, options, 0, 1, USAGE);
    size_t len;
    uint8_t *data = io_read_file(args->count > 0 ? args->value[0] : "-", explain ? EXPLAIN_MAX : INPUT_MAX, &len);
    if (remove)
        unpad(data, len, explain);
    else
        pad(data, len, explain);
    free(data);
    return STATUS_DONE;
}
