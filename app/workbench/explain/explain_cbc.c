/* SPDX-License-Identifier: MIT */
/* The names are those of SP 800-38A: an Input Block goes into AES, an Output Block comes out. Its examples leave out
 * what is xored, here it is a row of its own; so each row is made of those just above it. */
#include "app/workbench/explain/explain_cbc.h"

#include <string.h>

#include "app/workbench/explain/explain_aes.h"
#include "app/workbench/explain/explain_pkcs7.h"
#include "app/workbench/explain/show.h"
#include "crypto/aes.h"
#include "crypto/aes_ref.h"

#define NAME_WIDTH 16 /* wider than show_value's, for "xor Ciphertext" */

/* One block, with all that is shown of it. */
struct block {
    const uint8_t *plaintext, *ciphertext, *previous; /* the ciphertext before it, or the IV */
    uint8_t xored[AES_BLOCK_LEN];                     /* plaintext xor previous */
};

static struct block block_of(const struct explain_cbc *e, size_t i)
{
    struct block b = {.plaintext = e->plaintext + AES_BLOCK_LEN * i, .ciphertext = e->ciphertext + AES_BLOCK_LEN * i};
    b.previous = i == 0 ? e->iv : b.ciphertext - AES_BLOCK_LEN;
    bytes_xor(b.xored, b.plaintext, b.previous, AES_BLOCK_LEN);
    return b;
}

/* Whether AES, as aes_ref has it, makes each block's ciphertext of it, or decrypts it to that. */
static bool blocks_agree(const struct explain_cbc *e)
{
    uint8_t w[AES_REF_W_LEN], out[AES_BLOCK_LEN];
    unsigned Nr = explain_aes_rounds(e->key_len);
    KeyExpansion(w, e->key, Nr - 6, Nr);
    for (size_t i = 0; i < e->blocks; i++) {
        struct block b = block_of(e, i);
        if (e->decrypt)
            InvCipher(out, b.ciphertext, w, Nr);
        else
            Cipher(out, b.xored, w, Nr);
        if (memcmp(out, e->decrypt ? b.xored : b.ciphertext, sizeof out) != 0)
            return false;
    }
    return true;
}

static void row(FILE *to, const char *name, const uint8_t block[static AES_BLOCK_LEN], const char *remark)
{
    char hex[2 * AES_BLOCK_LEN + 1];
    hex_encode(hex, block, AES_BLOCK_LEN);
    fprintf(to, "  %-*s%s%s%s\n", NAME_WIDTH, name, hex, *remark != '\0' ? "  " : "", remark);
}

static void show_block(FILE *to, const struct explain_cbc *e, size_t i)
{
    struct block b = block_of(e, i);
    char aes[40], chained[40] = "";
    const char *previous = i == 0 ? "xor IV" : "xor Ciphertext";
    snprintf(aes, sizeof aes, "%s AES-%zu", e->decrypt ? "back through" : "through", 8 * e->key_len);
    if (i > 0)
        snprintf(chained, sizeof chained, "of block #%zu", i);
    show_heading(to, "Block #%zu", i + 1);
    if (e->decrypt) {
        row(to, "Ciphertext", b.ciphertext, "");
        row(to, "Input Block", b.ciphertext, "");
        row(to, "Output Block", b.xored, aes);
        row(to, previous, b.previous, chained);
        row(to, "Plaintext", b.plaintext, "");
    } else {
        row(to, "Plaintext", b.plaintext, "");
        row(to, previous, b.previous, chained);
        row(to, "Input Block", b.xored, "");
        row(to, "Output Block", b.ciphertext, aes);
        row(to, "Ciphertext", b.ciphertext, "");
    }
}

static void show_beginning(FILE *to, const struct explain_cbc *e)
{
    show_heading(to, "CBC-AES%zu, %s (SP 800-38A, 6.2; as appendix F.2)", 8 * e->key_len,
                 e->decrypt ? "decryption" : "encryption");
    if (e->decrypt)
        show_note(to,
                  "A block of ciphertext goes back through AES; what comes out, xor the ciphertext before it, is the "
                  "plaintext: P_j = D(C_j) xor C_{j-1}. The first block has none before it, the IV stands in.");
    else
        show_note(to, "A block of plaintext is xored with the ciphertext before it, and goes through AES: "
                      "C_j = E(P_j xor C_{j-1}). The first block has none before it, the IV stands in.");
    show_value(to, "Key", e->key, e->key_len);
    show_value(to, "IV", e->iv, AES_BLOCK_LEN);
}

/* What OpenSSL is given is what glass was given: a text without its padding. */
static void show_result(FILE *to, const struct explain_cbc *e)
{
    const uint8_t *in = e->decrypt ? e->ciphertext : e->plaintext;
    size_t blocks_len = AES_BLOCK_LEN * e->blocks, in_len = e->decrypt ? blocks_len : e->text_len;
    char key[2 * AES256_KEY_LEN + 1], iv[2 * AES_BLOCK_LEN + 1];
    char feed[SHOW_FEED_LEN(SHOW_INPUT_MAX)] = "";
    hex_encode(key, e->key, e->key_len);
    hex_encode(iv, e->iv, AES_BLOCK_LEN);
    show_heading(to, "Result");
    if (e->decrypt)
        show_value(to, "Plaintext", e->plaintext, e->text_len);
    else
        show_value(to, "Ciphertext", e->ciphertext, blocks_len);
    if (in_len <= SHOW_INPUT_MAX)
        show_feed(feed, in, in_len);
    show_note(to, "The same by OpenSSL%s:", in_len <= SHOW_INPUT_MAX ? "" : ", of the same standard input");
    show_command(to, "%sopenssl enc -aes-%zu-cbc%s%s -K %s -iv %s | basenc --base16 -w 0", feed, 8 * e->key_len,
                 e->decrypt ? " -d" : "", e->padding ? "" : " -nopad", key, iv);
}

int explain_cbc(FILE *to, const struct explain_cbc *e)
{
    bool last_shown = e->block == 0 || e->block == e->blocks;
    if (!blocks_agree(e))
        return -1;
    show_beginning(to, e);
    if (e->padding && !e->decrypt && last_shown && explain_pkcs7_pad(to, e->plaintext, e->text_len) != 0)
        return -1;
    for (size_t i = 0; i < e->blocks; i++)
        if (e->block == 0 || e->block == i + 1)
            show_block(to, e, i);
    if (e->padding && e->decrypt && last_shown &&
        explain_pkcs7_unpad(to, e->plaintext, AES_BLOCK_LEN * e->blocks, e->text_len) != 0)
        return -1;
    if (e->text_len != EXPLAIN_PKCS7_WRONG)
        show_result(to, e);
    return 0;
}
