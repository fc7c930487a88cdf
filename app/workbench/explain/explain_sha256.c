/* SPDX-License-Identifier: MIT */
/* The message is padded into a copy, and every block goes through the standard's own steps (crypto/sha256_ref.h). At
 * the end the digest must be crypto/sha256.h's: what is told here can't come to differ from what is computed. */
#include "app/workbench/explain/explain_sha256.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"
#include "crypto/sha256_ref.h"

#define LENGTH_LEN 8 /* the message's length in bits, at the padding's end */
#define PADDED_MAX (EXPLAIN_SHA256_MAX + SHA256_BLOCK_LEN)
#define PER_ROW 4 /* words */

/* --- Padding ------------------------------------------------------------------------------------------------------ */

size_t explain_sha256_blocks(size_t message_len)
{
    return (message_len + 1 + LENGTH_LEN + SHA256_BLOCK_LEN - 1) / SHA256_BLOCK_LEN;
}

/* 5.1.1 */
static void pad(uint8_t padded[static PADDED_MAX], const uint8_t *message, size_t message_len)
{
    assert(message_len <= EXPLAIN_SHA256_MAX);
    memset(padded, 0, PADDED_MAX);
    if (message_len > 0)
        memcpy(padded, message, message_len);
    padded[message_len] = 0x80;
    uint8_t *end = padded + SHA256_BLOCK_LEN * explain_sha256_blocks(message_len);
    bytes_store_be64(end - LENGTH_LEN, 8 * (uint64_t)message_len);
}

static void show_padding(FILE *to, const uint8_t *padded, size_t message_len)
{
    size_t blocks = explain_sha256_blocks(message_len), bits = 8 * message_len;
    size_t zeros = 8 * (SHA256_BLOCK_LEN * blocks - LENGTH_LEN) - bits - 1;
    show_heading(to, "The padded message (5.1.1)");
    show_note(to, "After the %zu bits of the message: a bit 1, %zu bits 0, and the number %zu in 64 bits.", bits, zeros,
              bits);
    show_value(to, "message", padded, message_len);
    show_value(to, "padded", padded, SHA256_BLOCK_LEN * blocks);
}

/* --- Words -------------------------------------------------------------------------------------------------------- */

/* "  W0  = 61626380   W1  = 00000000 ...", with room for so many digits of an index. */
static void show_words(FILE *to, char name, int digits, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fprintf(to, "  %c%-*zu = %08" PRIx32, name, digits, i, words[i]);
        fputc(i % PER_ROW == PER_ROW - 1 ? '\n' : ' ', to);
    }
}

/* "  a = 6a09e667   b = bb67ae85 ..." */
static void show_variables(FILE *to, const uint32_t v[8])
{
    for (size_t i = 0; i < 8; i++) {
        fprintf(to, "  %c = %08" PRIx32, "abcdefgh"[i], v[i]);
        fputc(i % PER_ROW == PER_ROW - 1 ? '\n' : ' ', to);
    }
}

/* --- A whole block ------------------------------------------------------------------------------------------------ */

/* The block as words, and what they become (6.2.2, step 1). */
static void explain_schedule(FILE *to, uint32_t W[64], const uint8_t *block)
{
    sha256_message_schedule(W, block);
    show_note(to, "W0 to W15 are the block. From then on Wt = sigma1(Wt-2) + Wt-7 + sigma0(Wt-15) + Wt-16, modulo 2^32 "
                  "as every sum here.");
    show_words(to, 'W', 2, W, 64);
}

/* The rows of the table: a to h after each round (steps 2 and 3). v is H before and a to h after it. */
static void explain_rounds(FILE *to, uint32_t v[8], const uint32_t W[64])
{
    fputs("            a        b        c        d        e        f        g        h\n", to);
    for (size_t t = 0; t < EXPLAIN_SHA256_ROUNDS; t++) {
        sha256_round(v, sha256_K[t], W[t]);
        fprintf(to, "t = %2zu:", t);
        for (size_t i = 0; i < 8; i++)
            fprintf(to, " %08" PRIx32, v[i]);
        fputc('\n', to);
    }
}

static void explain_block(FILE *to, uint32_t H[8], const uint8_t *block, size_t n, size_t blocks)
{
    uint32_t W[64], v[8];
    show_heading(to, "Block %zu of %zu: the message schedule (6.2.2, step 1)", n, blocks);
    explain_schedule(to, W, block);
    show_heading(to, "Block %zu of %zu: a to h after each round (steps 2 and 3)", n, blocks);
    show_note(to, "Before the first round they are H0 to H7.");
    memcpy(v, H, sizeof v);
    explain_rounds(to, v, W);
    show_heading(to, "Block %zu of %zu: the hash value after it (step 4)", n, blocks);
    for (size_t i = 0; i < 8; i++) {
        fprintf(to, "  H%zu = %08" PRIx32 " + %08" PRIx32 " = %08" PRIx32 "\n", i, H[i], v[i], H[i] + v[i]);
        H[i] += v[i];
    }
}

static void explain_digest(FILE *to, const uint32_t H[8], const uint8_t *message, size_t message_len)
{
    uint8_t digest[SHA256_DIGEST_LEN], right[SHA256_DIGEST_LEN];
    char feed[SHOW_FEED_LEN(EXPLAIN_SHA256_MAX)];
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(digest + 4 * i, H[i]);
    sha256_digest(right, message, message_len);
    assert(memcmp(digest, right, sizeof right) == 0);
    show_heading(to, "The digest: H0 to H7 in a row");
    show_value(to, "digest", digest, sizeof digest);
    show_heading(to, "The same by OpenSSL");
    show_command(to, "%sopenssl dgst -sha256", show_feed(feed, message, message_len));
}

void explain_sha256(FILE *to, const uint8_t *message, size_t message_len)
{
    uint8_t padded[PADDED_MAX];
    uint32_t H[8];
    size_t blocks = explain_sha256_blocks(message_len);
    pad(padded, message, message_len);
    show_note(to, "SHA-256 (FIPS 180-4), laid out as the examples in appendix B of FIPS 180-2");
    show_padding(to, padded, message_len);
    memcpy(H, sha256_H0, sizeof H);
    show_heading(to, "The initial hash value (5.3.3)");
    show_words(to, 'H', 1, H, 8);
    for (size_t n = 1; n <= blocks; n++)
        explain_block(to, H, padded + SHA256_BLOCK_LEN * (n - 1), n, blocks);
    explain_digest(to, H, message, message_len);
}

/* --- One round ---------------------------------------------------------------------------------------------------- */

/* "  sigma1(W14) a50ef7f1 = ROTR17 7da86405 ^ ROTR19 600003c6 ^ SHR10 0003e9d7" */
static void show_mixed(FILE *to, const char *name, uint32_t x, const unsigned by[3], bool shift, uint32_t mixed)
{
    uint32_t first = sha256_ROTR(x, by[0]), second = sha256_ROTR(x, by[1]);
    uint32_t third = shift ? x >> by[2] : sha256_ROTR(x, by[2]);
    assert((first ^ second ^ third) == mixed);
    show_text(to, name, "%08" PRIx32 " = ROTR%u %08" PRIx32 " ^ ROTR%u %08" PRIx32 " ^ %s%u %08" PRIx32, mixed, by[0],
              first, by[1], second, shift ? "SHR" : "ROTR", by[2], third);
}

/* "  W14         7da86405" */
static void show_word(FILE *to, char name, size_t i, uint32_t word)
{
    char text[SHOW_NAME_WIDTH];
    snprintf(text, sizeof text, "%c%zu", name, i);
    show_text(to, text, "%08" PRIx32, word);
}

/* Where W_t comes from (6.2.2, step 1). */
static void explain_word(FILE *to, const uint32_t W[64], size_t t)
{
    char name[SHOW_NAME_WIDTH];
    show_heading(to, "W%zu, by the message schedule (step 1)", t);
    if (t < 16) {
        show_note(to, "It is the block's, its bytes %zu to %zu.", 4 * t, 4 * t + 3);
        show_word(to, 'W', t, W[t]);
        return;
    }
    show_note(to, "W%zu = sigma1(W%zu) + W%zu + sigma0(W%zu) + W%zu", t, t - 2, t - 7, t - 15, t - 16);
    show_word(to, 'W', t - 2, W[t - 2]);
    snprintf(name, sizeof name, "sigma1(W%zu)", t - 2);
    show_mixed(to, name, W[t - 2], (const unsigned[]){17, 19, 10}, true, sha256_sigma1(W[t - 2]));
    show_word(to, 'W', t - 7, W[t - 7]);
    show_word(to, 'W', t - 15, W[t - 15]);
    snprintf(name, sizeof name, "sigma0(W%zu)", t - 15);
    show_mixed(to, name, W[t - 15], (const unsigned[]){7, 18, 3}, true, sha256_sigma0(W[t - 15]));
    show_word(to, 'W', t - 16, W[t - 16]);
    show_word(to, 'W', t, W[t]);
}

/* T_1 and T_2 of a round (step 3); after is what sha256_round makes of before. */
static void explain_sums(FILE *to, const uint32_t before[8], const uint32_t after[8], const uint32_t W[64], size_t t)
{
    uint32_t a = before[0], b = before[1], c = before[2], d = before[3];
    uint32_t e = before[4], f = before[5], g = before[6], h = before[7];
    uint32_t T1 = h + sha256_Sigma1(e) + sha256_Ch(e, f, g) + sha256_K[t] + W[t],
             T2 = sha256_Sigma0(a) + sha256_Maj(a, b, c);
    assert(after[0] == T1 + T2 && after[4] == d + T1);
    show_heading(to, "T1 = h + Sigma1(e) + Ch(e,f,g) + K%zu + W%zu", t, t);
    show_text(to, "h", "%08" PRIx32, h);
    show_mixed(to, "Sigma1(e)", e, (const unsigned[]){6, 11, 25}, false, sha256_Sigma1(e));
    show_text(to, "Ch(e,f,g)", "%08" PRIx32 " = (e & f) ^ (~e & g)", sha256_Ch(e, f, g));
    show_word(to, 'K', t, sha256_K[t]);
    show_word(to, 'W', t, W[t]);
    show_word(to, 'T', 1, T1);
    show_heading(to, "T2 = Sigma0(a) + Maj(a,b,c)");
    show_mixed(to, "Sigma0(a)", a, (const unsigned[]){2, 13, 22}, false, sha256_Sigma0(a));
    show_text(to, "Maj(a,b,c)", "%08" PRIx32 " = (a & b) ^ (a & c) ^ (b & c)", sha256_Maj(a, b, c));
    show_word(to, 'T', 2, T2);
}

/* a to h as they are before round t of a block, and the block's words. */
static void go_to(uint32_t v[8], uint32_t W[64], const uint8_t *padded, size_t block, size_t t)
{
    size_t done = SHA256_BLOCK_LEN * (block - 1);
    struct sha256 sha256;
    sha256_init(&sha256);
    sha256_update(&sha256, padded, done);
    memcpy(v, sha256.h, sizeof sha256.h);
    sha256_message_schedule(W, padded + done);
    for (size_t i = 0; i < t; i++)
        sha256_round(v, sha256_K[i], W[i]);
}

void explain_sha256_round(FILE *to, const uint8_t *message, size_t message_len, size_t block, size_t t)
{
    uint8_t padded[PADDED_MAX];
    uint32_t W[64], before[8], after[8];
    size_t blocks = explain_sha256_blocks(message_len);
    assert(block >= 1 && block <= blocks && t < EXPLAIN_SHA256_ROUNDS);
    pad(padded, message, message_len);
    go_to(before, W, padded, block, t);
    memcpy(after, before, sizeof after);
    sha256_round(after, sha256_K[t], W[t]);
    show_note(to,
              "Round t = %zu of block %zu of %zu of SHA-256 (FIPS 180-4, 6.2.2). Sums are modulo 2^32; ROTR rotates to "
              "the right, SHR shifts.",
              t, block, blocks);
    show_heading(to, "Before it");
    show_variables(to, before);
    explain_word(to, W, t);
    explain_sums(to, before, after, W, t);
    show_heading(to, "After it: h = g, g = f, f = e, e = d + T1, d = c, c = b, b = a, a = T1 + T2");
    show_variables(to, after);
}
