/* SPDX-License-Identifier: MIT */
/* SHA-256's constants and what it does with one block.
 *
 * Standard:    FIPS 180-4, 4.2.2, 5.3.3 and 6.2.2.
 * crypto/sha256_ref.h has the functions Ch, Maj, Sigma and sigma; docs/exercises/07-sha256/README.md is its page. */
#include "crypto/sha256_ref.h"

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"

/* 4.2.2 */
const uint32_t sha256_K[64] = {
    0, /* TODO: the 64 words, in the standard's order */
};

/* 5.3.3 */
const uint32_t sha256_H0[8] = {
    0, /* TODO: the eight words */
};

void sha256_message_schedule(uint32_t W[64], const uint8_t block[64])
{
    /* TODO: W[0] to W[15] are the block's words, big-endian (bytes_load_be32); the others are made of earlier ones */
    (void)W;
    (void)block;
}

void sha256_round(uint32_t v[8], uint32_t K_t, uint32_t W_t)
{
    /* TODO: v[0] to v[7] are a to h: T1, T2, then everything moves on by one */
    (void)v;
    (void)K_t;
    (void)W_t;
}

/* Every machine can run it. */
static bool usable(void)
{
    return true;
}

/* 6.2.2 */
static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    /* TODO: for each block of 64 bytes the schedule, 64 rounds that begin with v = h, and the sum of both;
     *       ct_wipe what was made of a secret at the end */
    (void)h;
    (void)data;
    (void)blocks;
}

const struct sha256_impl sha256_ref = {.name = "ref", .usable = usable, .compress = compress};
