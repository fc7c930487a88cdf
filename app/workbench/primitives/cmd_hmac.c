/* SPDX-License-Identifier: MIT */
/* glass hmac --key HEX [FILE] : with --explain every step. */
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_hmac.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

#define USAGE "glass hmac --key HEX [--explain] [FILE]"
#define KEY_MAX EXPLAIN_HMAC_KEY_MAX

static const char help[] = "usage: " USAGE "\n"
                           "\n"
                           "  --explain   show every step, the key too, for a text of at most 32,768 bytes\n";

static void print_tag(const uint8_t *key_bytes, size_t key_len, const char *name)
{
    static uint8_t chunk[IO_CHUNK];
    struct hmac_key key;
    struct hmac hmac;
    hmac_key_init(&key, key_bytes, key_len);
    hmac_init(&hmac, &key);
    int fd = io_open(name);
    size_t len;
    while ((len = io_read(fd, name, chunk, sizeof chunk)) > 0)
        hmac_update(&hmac, chunk, len);
    io_close(fd);
    uint8_t tag[HMAC_TAG_LEN];
    hmac_final(&hmac, tag);
    io_print_hex(tag, sizeof tag);
    hmac_key_wipe(&key);
}

static void explain_tag(const uint8_t *key_bytes, size_t key_len, const char *name)
{
    static uint8_t text[EXPLAIN_HMAC_TEXT_MAX + 1];
    int fd = io_open(name);
    size_t len = io_read(fd, name, text, sizeof text);
    io_close(fd);
    if (len > EXPLAIN_HMAC_TEXT_MAX)
        args_fail("--explain takes at most %d bytes, and there are more", EXPLAIN_HMAC_TEXT_MAX);
    explain_hmac(stdout, key_bytes, key_len, text, len);
}

int cmd_hmac(struct args *args)
{
    const char *key_hex = NULL;
    bool explain = false;
    const struct args_option options[] = {{"key", &key_hex, NULL}, {"explain", NULL, &explain}, {0}};
    args_help(args, help);
    args_parse(args, options, 0, 1, USAGE);
    const char *name = args->count > 0 ? args->value[0] : "-";

    uint8_t key[KEY_MAX];
    size_t key_len = args_hex(key, sizeof key, args_need(key_hex, "key", USAGE), "key", USAGE);
    (explain ? explain_tag : print_tag)(key, key_len, name);
    ct_wipe(key, sizeof key);
    return STATUS_DONE;
}
