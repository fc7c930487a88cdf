/* SPDX-License-Identifier: MIT */
/* glass base64 [--decode] [--base32] [--explain] [FILE] : a file as one line of text, and back. */
#include <stdio.h>
#include <stdlib.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_base64.h"
#include "app/workbench/io.h"
#include "crypto/base64.h"

#define USAGE "glass base64 [--decode] [--base32] [--explain] [FILE]"
#define INPUT_MAX ((size_t)1 << 28)
#define LINE_END 2 /* characters at most */

/* What the options say. */
struct request {
    bool decode, base32, explain;
};

static void *new_bytes(size_t len)
{
    void *bytes = malloc(len);
    if (bytes == NULL)
        args_fail("there is no memory for %zu bytes", len);
    return bytes;
}

static void encode(const struct request *r, const uint8_t *in, size_t len)
{
    if (r->explain) {
        explain_base64_encode(stdout, in, len, r->base32);
        return;
    }
    char *text = new_bytes((r->base32 ? BASE32_LEN(len) : BASE64_LEN(len)) + 1);
    (r->base32 ? base32_encode : base64_encode)(text, in, len);
    puts(text);
    free(text);
}

/* The text without the line end that it may have. */
static size_t without_line_end(const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\n')
        len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
    return len;
}

/* Returns -1 where the text is refused. */
static int write_decoded(const char *text, size_t len, bool base32)
{
    size_t out_len = 0;
    uint8_t *out = new_bytes(len + 1);
    int result = (base32 ? base32_decode : base64_decode)(out, len, &out_len, text, len);
    if (result == 0)
        io_write(out, out_len);
    free(out);
    return result;
}

static void decode(const struct request *r, const char *text, size_t len)
{
    char why[EXPLAIN_BASE64_WHY_LEN] = "";
    len = without_line_end(text, len);
    if (r->explain && len > EXPLAIN_BASE64_TEXT_MAX)
        args_fail("a text of more than %d characters is not explained", (int)EXPLAIN_BASE64_TEXT_MAX);
    int refused = r->explain ? explain_base64_decode(stdout, text, len, r->base32)
                             : write_decoded(text, len, r->base32);
    if (refused) {
        explain_base64_wrong(why, text, len, r->base32);
        args_fail("this is no %s: %s", r->base32 ? "base32" : "base64", why);
    }
}

int cmd_base64(struct args *args)
{
    struct request r = {0};
    const struct args_option options[] = {
        {"decode", NULL, &r.decode}, {"base32", NULL, &r.base32}, {"explain", NULL, &r.explain}, {0}};
    args_parse(args, options, 0, 1, USAGE);
    size_t len, max = r.decode ? EXPLAIN_BASE64_TEXT_MAX + LINE_END : EXPLAIN_BASE64_MAX;
    uint8_t *data = io_read_file(args->count > 0 ? args->value[0] : NULL, r.explain ? max : INPUT_MAX, &len);
    if (r.decode)
        decode(&r, (const char *)data, len);
    else
        encode(&r, data, len);
    free(data);
    return STATUS_DONE;
}
