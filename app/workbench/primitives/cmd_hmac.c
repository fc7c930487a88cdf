/* SPDX-License-Identifier: MIT */
/* glass hmac --key HEX [FILE] */
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

#define USAGE "glass hmac --key HEX [FILE]"
#define KEY_MAX 4096

int cmd_hmac(struct args *args)
{
    const char *key_hex = NULL;
    const struct args_option options[] = {{"key", &key_hex, NULL}, {0}};
    args_parse(args, options, 0, 1, USAGE);
    const char *name = args->count > 0 ? args->value[0] : "-";

    uint8_t key_bytes[KEY_MAX];
    size_t key_len = args_hex(key_bytes, sizeof key_bytes, args_need(key_hex, "key", USAGE), "key", USAGE);
    struct hmac_key key;
    hmac_key_init(&key, key_bytes, key_len);
    struct hmac hmac;
    hmac_init(&hmac, &key);

    static uint8_t chunk[IO_CHUNK];
    int fd = io_open(name);
    size_t len;
    while ((len = io_read(fd, name, chunk, sizeof chunk)) > 0)
        hmac_update(&hmac, chunk, len);
    io_close(fd);
    uint8_t tag[HMAC_TAG_LEN];
    hmac_final(&hmac, tag);
    io_print_hex(tag, sizeof tag);
    ct_wipe(key_bytes, sizeof key_bytes);
    hmac_key_wipe(&key);
    return STATUS_DONE;
}
