/* SPDX-License-Identifier: MIT */
/* All that differs from candidate to candidate is eight letters, so all else is laid out beforehand: with a salt of 16
 * bytes the letters are words 4 and 5 of the one block that SHA-256 has to compress.
 *
 *      | salt, 4 words | letters, 2 words | 80000000 | 0 ... 0 | 192 bits |
 */
#include "app/workbench/bench/guess.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/pbkdf2.h"
#include "crypto/pbkdf2_many.h"
#include "crypto/sha256.h"
#include "crypto/sha256_many.h"

void guess_password(char password[static GUESS_LEN + 1], uint64_t n)
{
    assert(n < GUESS_CANDIDATES);
    for (int i = GUESS_LEN - 1; i >= 0; i--, n /= 26)
        password[i] = (char)('a' + n % 26);
    password[GUESS_LEN] = '\0';
}

/* The next one. After the last comes the first, which nobody asks for. */
static void advance(char *password)
{
    for (int i = GUESS_LEN - 1; i >= 0 && ++password[i] > 'z'; i--)
        password[i] = 'a';
}

void guess_digest(const struct guess *g, uint8_t digest[static GUESS_DIGEST_LEN], const char *password)
{
    if (g->iterations > 0) {
        pbkdf2_derive(digest, GUESS_DIGEST_LEN, (const uint8_t *)password, GUESS_LEN, g->salt, GUESS_SALT_LEN,
                      g->iterations);
        return;
    }
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, g->salt, GUESS_SALT_LEN);
    sha256_update(&s, password, GUESS_LEN);
    sha256_final(&s, digest);
}

/* --- SHA-256 ------------------------------------------------------------------------------------------------------ */

static void lay_out(struct sha256_many_block *block, const struct guess *g)
{
    memset(block, 0, sizeof *block);
    for (int j = 0; j < GUESS_BATCH; j++) {
        for (int i = 0; i < 4; i++)
            block->w[i][j] = bytes_load_be32(g->salt + 4 * i);
        block->w[6][j] = 0x80000000;
        block->w[15][j] = 8 * (GUESS_SALT_LEN + GUESS_LEN);
    }
}

/* Whether lane j of s is the digest: the first word says no, all but once in 2^32. */
static bool is_digest(const struct sha256_many *s, size_t j, const uint32_t wanted[static 8])
{
    uint32_t h[8];
    if (s->h[0][j] != wanted[0])
        return false;
    sha256_many_state(s, j, h);
    return memcmp(h, wanted, sizeof h) == 0;
}

static bool sha256_range(const struct guess *g, uint64_t first, uint64_t count, uint64_t *n)
{
    struct sha256_many_block block;
    struct sha256_many start, s;
    uint32_t wanted[8];
    char password[GUESS_LEN + 1];
    lay_out(&block, g);
    for (int i = 0; i < 8; i++)
        wanted[i] = bytes_load_be32(g->digest + 4 * i);
    sha256_many_init(&start, GUESS_BATCH);
    guess_password(password, first);
    for (uint64_t done = 0; done < count; done += GUESS_BATCH) {
        for (int j = 0; j < GUESS_BATCH; j++) {
            block.w[4][j] = bytes_load_be32((const uint8_t *)password);
            block.w[5][j] = bytes_load_be32((const uint8_t *)password + 4);
            advance(password);
        }
        s = start;
        sha256_many_update_words(&s, &block);
        for (size_t j = 0; j < GUESS_BATCH; j++)
            if (is_digest(&s, j, wanted)) {
                *n = first + done + j;
                return true;
            }
    }
    return false;
}

/* --- PBKDF2 ------------------------------------------------------------------------------------------------------- */

static bool pbkdf2_range(const struct guess *g, uint64_t first, uint64_t count, uint64_t *n)
{
    char password[GUESS_BATCH][GUESS_LEN + 1];
    uint8_t digest[GUESS_BATCH][GUESS_DIGEST_LEN];
    struct pbkdf2_one one[GUESS_BATCH];
    for (int j = 0; j < GUESS_BATCH; j++)
        one[j] = (struct pbkdf2_one){.out = digest[j],
                                     .password = (const uint8_t *)password[j],
                                     .password_len = GUESS_LEN,
                                     .salt = g->salt,
                                     .salt_len = GUESS_SALT_LEN,
                                     .iterations = g->iterations};
    for (uint64_t done = 0; done < count; done += GUESS_BATCH) {
        for (uint64_t j = 0; j < GUESS_BATCH; j++)
            guess_password(password[j], first + done + j);
        pbkdf2_derive_many(one, GUESS_BATCH, 0);
        for (uint64_t j = 0; j < GUESS_BATCH; j++)
            if (memcmp(digest[j], g->digest, GUESS_DIGEST_LEN) == 0) {
                *n = first + done + j;
                return true;
            }
    }
    return false;
}

bool guess_range(const struct guess *g, uint64_t first, uint64_t count, uint64_t *n)
{
    assert(first % GUESS_BATCH == 0 && count % GUESS_BATCH == 0 && count <= GUESS_CANDIDATES &&
           first <= GUESS_CANDIDATES - count);
    return g->iterations > 0 ? pbkdf2_range(g, first, count, n) : sha256_range(g, first, count, n);
}
