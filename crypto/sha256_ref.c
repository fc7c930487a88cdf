/* SPDX-License-Identifier: MIT */
/* SHA-256 as FIPS 180-4 prints it: a schedule of 64 words, then 64 rounds on eight working variables. Portable and
 * constant time, but written to be read: crypto/sha256_unrolled.c is the same, faster. */
#include "crypto/sha256_ref.h"

#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"

/* 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const uint32_t sha256_K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* 5.3.3: the first 32 bits of the fractional parts of the square roots of the first eight primes. */
const uint32_t sha256_H0[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

void sha256_message_schedule(uint32_t W[64], const uint8_t block[64])
{
    for (size_t t = 0; t < 16; t++)
        W[t] = bytes_load_be32(block + 4 * t);
    for (size_t t = 16; t < 64; t++)
        W[t] = sha256_sigma1(W[t - 2]) + W[t - 7] + sha256_sigma0(W[t - 15]) + W[t - 16];
}

void sha256_round(uint32_t v[8], uint32_t K_t, uint32_t W_t)
{
    uint32_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
    uint32_t T1 = h + sha256_Sigma1(e) + sha256_Ch(e, f, g) + K_t + W_t;
    uint32_t T2 = sha256_Sigma0(a) + sha256_Maj(a, b, c);
    v[7] = g;
    v[6] = f;
    v[5] = e;
    v[4] = d + T1;
    v[3] = c;
    v[2] = b;
    v[1] = a;
    v[0] = T1 + T2;
}

/* Every machine can run it. */
static bool usable(void)
{
    return true;
}

/* 6.2.2 */
static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    uint32_t W[64], v[8];
    for (; blocks > 0; blocks--, data += SHA256_BLOCK_LEN) {
        sha256_message_schedule(W, data);
        memcpy(v, h, sizeof v);
        for (size_t t = 0; t < 64; t++)
            sha256_round(v, sha256_K[t], W[t]);
        for (size_t i = 0; i < 8; i++)
            h[i] += v[i];
    }
    ct_wipe(W, sizeof W);
    ct_wipe(v, sizeof v);
}

const struct sha256_impl sha256_ref = {.name = "ref", .usable = usable, .compress = compress};
