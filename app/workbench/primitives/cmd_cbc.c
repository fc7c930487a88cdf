/* SPDX-License-Identifier: MIT */
/* glass cbc --key HEX --iv HEX [--decrypt] [--no-padding] [--backend NAME] [--explain] [--block N] <IN >OUT
 *
 * Streams: a chunk is encrypted as soon as it is read; the last ciphertext block of one is the IV of the next. The end
 * needs one chunk of foresight, because only the last block carries padding: a chunk is held until it is known whether
 * another follows. What is explained is read whole, as it is both shown and computed.
 */
#include <stdio.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_cbc.h"
#include "app/workbench/explain/explain_pkcs7.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/backend.h"
#include "crypto/cbc.h"
#include "crypto/pkcs7.h"

#define USAGE                                                                                                          \
    "glass cbc --key HEX --iv HEX [--decrypt] [--no-padding] [--backend NAME] [--explain] [--block N] <IN >OUT"
#define EXPLAIN_MAX 65536

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

static void check_whole(const struct stream *s, size_t len)
{
    if (len % AES_BLOCK_LEN != 0)
        args_fail("the input is no whole number of 16-byte blocks: %s",
                  s->decrypt ? "it was cut, or is no CBC ciphertext" : "leave out --no-padding");
}

static _Noreturn void wrong_padding(void)
{
    args_fail("the padding is wrong: another key or IV, or the input was changed");
}

/* The last chunk, with room for a block of padding after it; returns how much of it is output. */
static size_t last_chunk(struct stream *s, uint8_t *data, size_t len)
{
    if (!s->decrypt && s->padding)
        len = pkcs7_pad(data, len);
    check_whole(s, len);
    whole_blocks(s, data, len / AES_BLOCK_LEN);
    if (s->decrypt && s->padding && pkcs7_unpad(&len, data, len) != 0)
        wrong_padding();
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

/* Reads all of standard input, and pads it where that is to be done; returns the length of whole blocks. */
static size_t read_all(const struct stream *s, uint8_t in[static EXPLAIN_MAX + AES_BLOCK_LEN], size_t *text_len)
{
    *text_len = io_read(0, "-", in, EXPLAIN_MAX + 1);
    if (*text_len > EXPLAIN_MAX)
        args_fail("--explain takes at most %d bytes of input, as each block gets some lines", EXPLAIN_MAX);
    size_t len = s->padding && !s->decrypt ? pkcs7_pad(in, *text_len) : *text_len;
    check_whole(s, len);
    return len;
}

/* Explains a message, or one block of it. key is what s->key was made of. */
static void explain(struct stream *s, const uint8_t *key, size_t key_len, const char *block)
{
    static uint8_t in[EXPLAIN_MAX + AES_BLOCK_LEN], out[EXPLAIN_MAX + AES_BLOCK_LEN];
    uint8_t iv[AES_BLOCK_LEN];
    struct explain_cbc e = {.key = key, .key_len = key_len, .iv = iv, .decrypt = s->decrypt, .padding = s->padding};
    size_t len = read_all(s, in, &e.text_len);
    memcpy(out, in, len);
    memcpy(iv, s->iv, sizeof iv); /* whole_blocks goes on to the next */
    whole_blocks(s, out, len / AES_BLOCK_LEN);
    if (s->padding && s->decrypt && pkcs7_unpad(&e.text_len, out, len) != 0)
        e.text_len = EXPLAIN_PKCS7_WRONG;
    e.plaintext = s->decrypt ? out : in;
    e.ciphertext = s->decrypt ? in : out;
    e.blocks = len / AES_BLOCK_LEN;
    if (block != NULL && len == 0)
        args_fail("there is no block that could be shown: the input is empty");
    if (block != NULL)
        e.block = (size_t)args_number(block, 1, e.blocks, "block", USAGE);
    if (explain_cbc(stdout, &e) != 0)
        args_fail("the explanation leads to another result than crypto/cbc.c: one of the two is wrong");
    if (e.text_len == EXPLAIN_PKCS7_WRONG)
        wrong_padding();
}

int cmd_cbc(struct args *args)
{
    const char *key_hex = NULL, *iv_hex = NULL, *backend = NULL, *block = NULL;
    bool no_padding = false, explained = false;
    struct stream s = {0};
    const struct args_option options[] = {{"key", &key_hex, NULL},           {"iv", &iv_hex, NULL},
                                          {"backend", &backend, NULL},       {"decrypt", NULL, &s.decrypt},
                                          {"no-padding", NULL, &no_padding}, {"explain", NULL, &explained},
                                          {"block", &block, NULL},           {0}};
    args_parse(args, options, 0, 0, USAGE);
    s.padding = !no_padding;
    if (block != NULL && !explained)
        args_wrong("--block is for --explain alone", USAGE);

    uint8_t key[AES256_KEY_LEN];
    size_t key_len = args_hex(key, sizeof key, args_need(key_hex, "key", USAGE), "key", USAGE);
    if (key_len != AES128_KEY_LEN && key_len != AES256_KEY_LEN)
        args_wrong("--key takes 16 or 32 bytes", USAGE);
    if (args_hex(s.iv, sizeof s.iv, args_need(iv_hex, "iv", USAGE), "iv", USAGE) != sizeof s.iv)
        args_wrong("--iv takes 16 bytes", USAGE);
    backend_aes_key_init(&s.key, backend_aes(backend, USAGE), key, key_len);
    if (explained)
        explain(&s, key, key_len, block);
    else
        run(&s);
    aes_key_wipe(&s.key);
    return STATUS_DONE;
}
