/* SPDX-License-Identifier: MIT */
/* glass aes --key HEX [--decrypt] [--backend NAME] [--explain] [--round N] BLOCKHEX : one block. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_aes.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/aes.h"
#include "crypto/bytes.h"

#define USAGE "glass aes --key HEX [--decrypt] [--backend NAME] [--explain] [--round N] BLOCKHEX"

/* Prints how in becomes out, or only the round. */
static void explain(struct explain_aes e, const char *round)
{
    e.round = EXPLAIN_AES_ALL;
    if (round != NULL)
        e.round = (int)args_number(round, 0, explain_aes_rounds(e.key_len), "round", USAGE);
    if (explain_aes(stdout, &e) != 0)
        args_fail("the steps of crypto/aes_ref.c lead to another result than this backend: one of the two is wrong");
}

int cmd_aes(struct args *args)
{
    const char *key_hex = NULL, *backend = NULL, *round = NULL;
    bool decrypt = false, explained = false;
    const struct args_option options[] = {{"key", &key_hex, NULL},       {"backend", &backend, NULL},
                                          {"decrypt", NULL, &decrypt},   {"round", &round, NULL},
                                          {"explain", NULL, &explained}, {0}};
    args_parse(args, options, 1, 1, USAGE);
    if (round != NULL && !explained)
        args_wrong("--round is for --explain alone", USAGE);

    uint8_t key_bytes[AES256_KEY_LEN], in[AES_BLOCK_LEN], out[AES_BLOCK_LEN];
    size_t key_len = args_hex(key_bytes, sizeof key_bytes, args_need(key_hex, "key", USAGE), "key", USAGE);
    if (key_len != AES128_KEY_LEN && key_len != AES256_KEY_LEN)
        args_wrong("--key takes 16 or 32 bytes", USAGE);
    size_t in_len = 0;
    if (hex_decode(in, sizeof in, &in_len, args->value[0], strlen(args->value[0])) != 0 || in_len != AES_BLOCK_LEN)
        args_wrong("the block must be 16 bytes in hex", USAGE);

    struct aes_key key;
    backend_aes_key_init(&key, backend_aes(backend, USAGE), key_bytes, key_len);
    if (decrypt)
        aes_decrypt(&key, out, in, 1);
    else
        aes_encrypt(&key, out, in, 1);
    aes_key_wipe(&key);
    if (explained)
        explain((struct explain_aes){.key = key_bytes, .key_len = key_len, .in = in, .out = out, .decrypt = decrypt},
                round);
    else
        io_print_hex(out, sizeof out);
    return STATUS_DONE;
}
