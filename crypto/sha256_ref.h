/* SPDX-License-Identifier: MIT */
/* The functions and constants of SHA-256 under the standard's names, so that what explains it can call them.
 *
 * Standard:    FIPS 180-4, 4.1.2 (functions), 4.2.2 (constants), 5.3.3 (initial hash value).
 * Use it:      uint32_t T1 = h + sha256_Sigma1(e) + sha256_Ch(e, f, g) + sha256_K[t] + W[t];
 * Timing:      shifts, ands and xors: nothing depends on the words.
 * Read next:   crypto/sha256_ref.c, where they are put together.
 */
#ifndef CRYPTO_SHA256_REF_H
#define CRYPTO_SHA256_REF_H

#include <stdint.h>

extern const uint32_t sha256_K[64];
extern const uint32_t sha256_H0[8];

static inline uint32_t sha256_ROTR(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static inline uint32_t sha256_Ch(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (~x & z);
}

static inline uint32_t sha256_Maj(uint32_t x, uint32_t y, uint32_t z)
{
    return (x & y) ^ (x & z) ^ (y & z);
}

static inline uint32_t sha256_Sigma0(uint32_t x)
{
    return sha256_ROTR(x, 2) ^ sha256_ROTR(x, 13) ^ sha256_ROTR(x, 22);
}

static inline uint32_t sha256_Sigma1(uint32_t x)
{
    return sha256_ROTR(x, 6) ^ sha256_ROTR(x, 11) ^ sha256_ROTR(x, 25);
}

static inline uint32_t sha256_sigma0(uint32_t x)
{
    return sha256_ROTR(x, 7) ^ sha256_ROTR(x, 18) ^ x >> 3;
}

static inline uint32_t sha256_sigma1(uint32_t x)
{
    return sha256_ROTR(x, 17) ^ sha256_ROTR(x, 19) ^ x >> 10;
}

/* W_0 to W_63 of one block (6.2.2, step 1). */
void sha256_message_schedule(uint32_t W[64], const uint8_t block[64]);

/* One round t on the working variables a to h (6.2.2, step 3). */
void sha256_round(uint32_t v[8], uint32_t K_t, uint32_t W_t);

#endif
