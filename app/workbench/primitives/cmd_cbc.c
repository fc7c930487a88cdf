/* SPDX-License-Identifier: MIT */
/* glass cbc --key HEX --iv HEX [--decrypt] [--no-padding] [--backend NAME] <IN >OUT
 *
 * Streams: a chunk is encrypted as soon as it is read; the last ciphertext block of one is the IV of the next. The end
 * needs one chunk of foresight, because only the last block carries padding: a chunk is held until it is known whether
 * another follows.
 */
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/cbc.h"
#include "crypto/pkcs7.h"

#define USAGE "glass cbc --key HEX --iv HEX [--decrypt] [--no-padding] [--backend NAME] <IN >OUT"

struct stream {
    struct aes_key key;
    uint8_t iv[AES_BLOCK_LEN];
    bool decrypt, padding;
};

static void whole_blocks(struct stream *s, uint8_t *data, size_t blocks)
{
    uint8_t next[AES_BLOCK_LEN];
    if (blocks == 0)
        return;
    if (s->decrypt) {
        memcpy(next, data + AES_BLOCK_LEN * (blocks - 1), sizeof next);
        cbc_decrypt(&s->key, s->iv, data, data, blocks);
    } else {
        cbc_encrypt(&s->key, s->iv, data, data, blocks);
        memcpy(next, data + AES_BLOCK_LEN * (blocks - 1), sizeof next);
    }
    memcpy(s->iv, next, sizeof s->iv);
}

/* The last chunk, with room for a block of padding after it; returns how much of it is output. */
static size_t last_chunk(struct stream *s, uint8_t *data, size_t len)
{
    if (!s->decrypt && s->padding)
        len = pkcs7_pad(data, len);
    if (len % AES_BLOCK_LEN != 0)
        args_fail("the input is no whole number of 16-byte blocks: %s",
                  s->decrypt ? "it was cut, or is no CBC ciphertext" : "leave out --no-padding");
    whole_blocks(s, data, len / AES_BLOCK_LEN);
    if (s->decrypt && s->padding && pkcs7_unpad(&len, data, len) != 0)
        args_fail("the padding is wrong: another key or IV, or the input was changed");
    return len;
}

static void run(struct stream *s)
{
    static uint8_t buffer[2][IO_CHUNK + AES_BLOCK_LEN];
    size_t held = io_read(0, "-", buffer[0], IO_CHUNK);
    for (size_t now = 0;; now ^= 1) {
        size_t more = held == IO_CHUNK ? io_read(0, "-", buffer[now ^ 1], IO_CHUNK) : 0;
        if (more == 0) {
            io_write(buffer[now], last_chunk(s, buffer[now], held));
            return;
        }
        whole_blocks(s, buffer[now], IO_CHUNK / AES_BLOCK_LEN);
        io_write(buffer[now], IO_CHUNK);
        held = more;
    }
}

int cmd_cbc(struct args *args)
{
    const char *key_hex = NULL, *iv_hex = NULL, *backend = NULL;
    bool no_padding = false;
    struct stream s = {0};
    const struct args_option options[] = {{"key", &key_hex, NULL},           {"iv", &iv_hex, NULL},
                                          {"backend", &backend, NULL},       {"decrypt", NULL, &s.decrypt},
                                          {"no-padding", NULL, &no_padding}, {0}};
    args_parse(args, options, 0, 0, USAGE);
    s.padding = !no_padding;

    uint8_t key[AES256_KEY_LEN];
    size_t key_len = args_hex(key, sizeof key, args_need(key_hex, "key", USAGE), "key", USAGE);
    if (key_len != AES128_KEY_LEN && key_len != AES256_KEY_LEN)
        args_wrong("--key takes 16 or 32 bytes", USAGE);
    if (args_hex(s.iv, sizeof s.iv, args_need(iv_hex, "iv", USAGE), "iv", USAGE) != sizeof s.iv)
        args_wrong("--iv takes 16 bytes", USAGE);
    backend_aes_key_init(&s.key, backend_aes(backend, USAGE), key, key_len);
    run(&s);
    aes_key_wipe(&s.key);
    return STATUS_DONE;
}
