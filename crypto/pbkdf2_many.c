/* SPDX-License-Identifier: MIT */
/* The chains of crypto/pbkdf2.c side by side, in words from U_1 to the last: the digests that come out of one hash are
 * words in columns, and as such go into the next. Only the rest of the block is written by hand, once: the padding of a
 * message of 96 bytes, the key's block and 32 more.
 *
 *              password 0   password 1  ...  password 15
 *      w[0]    |  U or the inner digest                 |
 *      ...     |                                        |
 *      w[7]    |                                        |
 *      w[8]    | 80000000     80000000  ...             |
 *      ...     | 0            0                         |
 *      w[15]   | 768          768                       |    8 * 96 bits
 */
#include "crypto/pbkdf2_many.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "crypto/break_even.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "crypto/pbkdf2_many_impl.h"

/* All that depends on the passwords, so that it can be wiped in one place. */
struct chains {
    struct sha256_many inner, outer, now; /* hashes that have taken the keys' blocks in; those going on from them */
    struct sha256_many_block block;       /* as drawn above */
    uint32_t T[8][SHA256_MANY_MAX];       /* U_1 ^ ... ^ U_c */
};

static void chains_init(struct chains *k, const struct sha256_many_impl *impl, size_t n)
{
    memset(k, 0, sizeof *k);
    sha256_many_init_with(&k->inner, impl, n);
    sha256_many_init_with(&k->outer, impl, n);
    for (size_t j = 0; j < n; j++) {
        k->block.w[8][j] = UINT32_C(0x80000000);
        k->block.w[15][j] = 8 * (SHA256_BLOCK_LEN + HMAC_TAG_LEN);
    }
}

/* The key of chain j, and U_1 = HMAC(P, S || INT(1)). */
static void first(struct chains *k, size_t j, const struct pbkdf2_one *one)
{
    static const uint8_t INT[4] = {0, 0, 0, 1};
    struct hmac_key P;
    struct hmac h;
    uint8_t U[HMAC_TAG_LEN];
    hmac_key_init(&P, one->password, one->password_len);
    sha256_many_resume(&k->inner, j, P.inner);
    sha256_many_resume(&k->outer, j, P.outer);
    hmac_init(&h, &P);
    hmac_update(&h, one->salt, one->salt_len);
    hmac_update(&h, INT, sizeof INT);
    hmac_final(&h, U);
    for (size_t i = 0; i < 8; i++)
        k->T[i][j] = k->block.w[i][j] = bytes_load_be32(U + 4 * i);
    hmac_key_wipe(&P);
    ct_wipe(U, sizeof U);
}

/* Replaces the first half of the blocks by the digests of key block || that half. */
static inline void hash_blocks(struct chains *k, const struct sha256_many *key)
{
    k->now = *key;
    sha256_many_update_words(&k->now, &k->block);
    memcpy(k->block.w, k->now.h, sizeof k->now.h);
}

/* From iteration c of all chains to iteration end. */
static void go_on(struct chains *k, uint32_t c, uint32_t end)
{
    for (; c < end; c++) {
        hash_blocks(k, &k->inner);
        hash_blocks(k, &k->outer);
        for (size_t i = 0; i < 8; i++)
            for (size_t j = 0; j < SHA256_MANY_MAX; j++)
                k->T[i][j] ^= k->now.h[i][j];
    }
}

/* The next iteration after c at which a chain ends, or at which `least` is reached; c where all have ended. */
static uint32_t next_end(const struct pbkdf2_one one[], size_t n, uint32_t least, uint32_t c)
{
    uint32_t next = least > c ? least : c;
    for (size_t j = 0; j < n; j++)
        if (one[j].iterations > c && (next == c || one[j].iterations < next))
            next = one[j].iterations;
    return next;
}

void pbkdf2_derive_batch(const struct sha256_many_impl *impl, const struct pbkdf2_one one[], size_t n, uint32_t least)
{
    struct chains k;
    chains_init(&k, impl, n);
    for (size_t j = 0; j < n; j++)
        first(&k, j, &one[j]);
    for (uint32_t c = 1, end;; c = end) {
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < 8 && one[j].iterations == c; i++)
                bytes_store_be32(one[j].out + 4 * i, k.T[i][j]);
        end = next_end(one, n, least, c);
        if (end == c)
            break;
        go_on(&k, c, end);
    }
    ct_wipe(&k, sizeof k);
    ct_wipe_stack(CT_STACK_LEN);
}

static void derive_alone(const struct pbkdf2_one *one, uint32_t least)
{
    uint8_t nothing[PBKDF2_ONE_LEN];
    pbkdf2_derive(one->out, PBKDF2_ONE_LEN, one->password, one->password_len, one->salt, one->salt_len,
                  one->iterations);
    if (one->iterations >= least)
        return;
    pbkdf2_derive(nothing, sizeof nothing, one->password, one->password_len, one->salt, one->salt_len,
                  least - one->iterations);
    ct_wipe(nothing, sizeof nothing);
}

/* --- Whether it is worth it --------------------------------------------------------------------------------------- */

#define TRIAL_ITERATIONS 20 /* enough to tell: a password's 600,000 are as many of the same */

static void trial(struct pbkdf2_one one[SHA256_MANY_MAX], uint8_t out[SHA256_MANY_MAX][PBKDF2_ONE_LEN], size_t n)
{
    static const uint8_t word[8] = "password";
    for (size_t j = 0; j < n; j++)
        one[j] = (struct pbkdf2_one){out[j], word, sizeof word, word, sizeof word, TRIAL_ITERATIONS};
}

static void try_one(void)
{
    struct pbkdf2_one one[SHA256_MANY_MAX];
    uint8_t out[SHA256_MANY_MAX][PBKDF2_ONE_LEN];
    trial(one, out, 1);
    derive_alone(one, 0);
}

static void try_batch(size_t n)
{
    struct pbkdf2_one one[SHA256_MANY_MAX];
    uint8_t out[SHA256_MANY_MAX][PBKDF2_ONE_LEN];
    trial(one, out, n);
    pbkdf2_derive_batch(sha256_many_fastest(), one, n, 0);
}

static size_t least_at_once; /* written once, then only read */

bool pbkdf2_many_worthwhile(void)
{
    return sha256_many_fastest()->lanes == SHA256_MANY_MAX;
}

static void measure(void)
{
    if (pbkdf2_many_worthwhile())
        least_at_once = break_even(try_one, try_batch, break_even_clock);
}

size_t pbkdf2_many_least(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, measure);
    return least_at_once;
}

void pbkdf2_derive_many(const struct pbkdf2_one one[], size_t n, uint32_t least)
{
    for (size_t j = 0; j < n; j++)
        assert(one[j].iterations > 0);
    size_t many = n > 1 ? pbkdf2_many_least() : 0;
    while (many != 0 && n >= many) {
        size_t batch = n < SHA256_MANY_MAX ? n : SHA256_MANY_MAX;
        pbkdf2_derive_batch(sha256_many_fastest(), one, batch, least);
        one += batch;
        n -= batch;
    }
    for (; n > 0; one++, n--)
        derive_alone(one, least);
}
