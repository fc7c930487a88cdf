/* SPDX-License-Identifier: MIT */
/* glass aes --key HEX [--decrypt] [--backend NAME] BLOCKHEX : one block, as FIPS 197 appendix C shows it. */
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/aes.h"
#include "crypto/bytes.h"

#define USAGE "glass aes --key HEX [--decrypt] [--backend NAME] BLOCKHEX"

int cmd_aes(struct args *args)
{
    const char *key_hex = NULL, *backend = NULL;
    bool decrypt = false;
    const struct args_option options[] = {
        {"key", &key_hex, NULL}, {"backend", &backend, NULL}, {"decrypt", NULL, &decrypt}, {0}};
    args_parse(args, options, 1, 1, USAGE);

    uint8_t key_bytes[AES256_KEY_LEN], block[AES_BLOCK_LEN];
    size_t key_len = args_hex(key_bytes, sizeof key_bytes, args_need(key_hex, "key", USAGE), "key", USAGE);
    if (key_len != AES128_KEY_LEN && key_len != AES256_KEY_LEN)
        args_wrong("--key takes 16 or 32 bytes", USAGE);
    size_t block_len = 0;
    if (hex_decode(block, sizeof block, &block_len, args->value[0], strlen(args->value[0])) != 0 ||
        block_len != AES_BLOCK_LEN)
        args_wrong("the block must be 16 bytes in hex", USAGE);

    struct aes_key key;
    backend_aes_key_init(&key, backend_aes(backend, USAGE), key_bytes, key_len);
    if (decrypt)
        aes_decrypt(&key, block, block, 1);
    else
        aes_encrypt(&key, block, block, 1);
    aes_key_wipe(&key);
    io_print_hex(block, sizeof block);
    return STATUS_DONE;
}
