/* SPDX-License-Identifier: MIT */
/* Each mistake is made here on purpose, and what comes of it compared with what the student got. */
#include "app/workbench/exercises/sha256_mistakes.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define LAST_MAX 192 /* the last bytes of a message with their padding */

/* A word that a mistake gives. */
struct guess {
    uint32_t word;
    const char *hint;
};

static const char *matching(const struct guess *guesses, size_t n, uint32_t yours)
{
    for (size_t i = 0; i < n; i++)
        if (guesses[i].word == yours)
            return guesses[i].hint;
    return NULL;
}

/* --- The steps ---------------------------------------------------------------------------------------------------- */

const char *sha256_mistake_in_schedule(const uint32_t W[64], size_t t, uint32_t yours)
{
    if (t < 16)
        return yours == __builtin_bswap32(W[t]) ? "the words of a block are big-endian: its first byte is the highest"
                                                : NULL;
    uint32_t x = W[t - 15], y = W[t - 2], s0 = sha256_sigma0(x), s1 = sha256_sigma1(y);
    const struct guess guesses[] = {
        {sha256_sigma0(y) + W[t - 7] + sha256_sigma1(x) + W[t - 16], "sigma0 is for W[t-15], sigma1 for W[t-2]"},
        {sha256_Sigma1(y) + W[t - 7] + sha256_Sigma0(x) + W[t - 16],
         "the schedule has the small sigma0 and sigma1; the capital ones are for the rounds"},
        {s1 + W[t - 7] + (s0 ^ x >> 3 ^ sha256_ROTR(x, 3)) + W[t - 16], "sigma0 ends in a shift by 3, no rotation"},
        {(s1 ^ y >> 10 ^ sha256_ROTR(y, 10)) + W[t - 7] + s0 + W[t - 16], "sigma1 ends in a shift by 10, no rotation"},
        {s1 + W[t - 7] + s0, "W[t-16] is missing from the sum"},
        {s1 + s0 + W[t - 16], "W[t-7] is missing from the sum"},
        {s1 ^ W[t - 7] ^ s0 ^ W[t - 16], "the four words are added, mod 2^32, not xored"},
        {s1 + W[t - 8] + s0 + W[t - 16], "W[t-7] is wanted, and W[t-8] was taken"},
        {s1 + W[t - 6] + s0 + W[t - 16], "W[t-7] is wanted, and W[t-6] was taken"},
        {s1 + W[t - 7] + sha256_sigma0(W[t - 16]) + W[t - 16], "sigma0 is of W[t-15], and W[t-16] was taken"},
        {s1 + W[t - 7] + sha256_sigma0(W[t - 14]) + W[t - 16], "sigma0 is of W[t-15], and W[t-14] was taken"},
        {sha256_sigma1(W[t - 1]) + W[t - 7] + s0 + W[t - 16], "sigma1 is of W[t-2], and W[t-1] was taken"},
        {sha256_sigma1(W[t - 3]) + W[t - 7] + s0 + W[t - 16], "sigma1 is of W[t-2], and W[t-3] was taken"},
    };
    return matching(guesses, COUNT(guesses), yours);
}

static const char *mistake_in_T1(const uint32_t v[8], uint32_t K_t, uint32_t W_t, uint32_t e)
{
    uint32_t ch = sha256_Ch(v[4], v[5], v[6]), T1 = v[7] + sha256_Sigma1(v[4]) + ch + K_t + W_t;
    const struct guess guesses[] = {
        {T1, "e becomes d + T1: d is missing"},
        {v[3] + T1 - K_t, "T1 = h + Sigma1(e) + Ch(e,f,g) + K[t] + W[t]: K[t] is missing"},
        {v[3] + T1 - W_t, "T1 = h + Sigma1(e) + Ch(e,f,g) + K[t] + W[t]: W[t] is missing"},
        {v[3] + T1 - v[7], "T1 = h + Sigma1(e) + Ch(e,f,g) + K[t] + W[t]: h is missing"},
        {v[3] + T1 - sha256_Sigma1(v[4]) + sha256_Sigma0(v[4]), "T1 has Sigma1 of e; Sigma0 was taken"},
        {v[3] + T1 - sha256_Sigma1(v[4]) + sha256_sigma1(v[4]), "T1 has the capital Sigma1 of e; sigma1 was taken"},
        {v[3] + T1 - ch + sha256_Maj(v[4], v[5], v[6]), "T1 has Ch of e, f, g; Maj was taken"},
        {v[3] + T1 - ch + sha256_Ch(v[6], v[5], v[4]), "Ch chooses by e: the order of its arguments is e, f, g"},
        {v[3] + T1 - ch + sha256_Ch(v[4], v[6], v[5]), "Ch takes f where e has a 1: the order is e, f, g"},
        {v[4] + T1, "e becomes d + T1: the old d, which is no longer in its place"},
        {v[2] + T1, "e becomes d + T1: the old d, not c"},
        {v[3], "e becomes d + T1: T1 is missing"},
    };
    return matching(guesses, COUNT(guesses), e);
}

static const char *mistake_in_T2(const uint32_t v[8], uint32_t T1, uint32_t a)
{
    uint32_t Sigma0 = sha256_Sigma0(v[0]), maj = sha256_Maj(v[0], v[1], v[2]);
    const struct guess guesses[] = {
        {T1, "a becomes T1 + T2: T2 is missing"},
        {Sigma0 + maj, "a becomes T1 + T2: T1 is missing"},
        {T1 + maj, "T2 = Sigma0(a) + Maj(a,b,c): Sigma0(a) is missing"},
        {T1 + Sigma0, "T2 = Sigma0(a) + Maj(a,b,c): Maj(a,b,c) is missing"},
        {T1 + sha256_Sigma1(v[0]) + maj, "T2 has Sigma0 of a; Sigma1 was taken"},
        {T1 + sha256_sigma0(v[0]) + maj, "T2 has the capital Sigma0 of a; sigma0 was taken"},
        {T1 + Sigma0 + sha256_Ch(v[0], v[1], v[2]), "T2 has Maj of a, b, c; Ch was taken"},
    };
    return matching(guesses, COUNT(guesses), a);
}

const char *sha256_mistake_in_round(const uint32_t v[8], uint32_t K_t, uint32_t W_t, const uint32_t yours[8])
{
    uint32_t right[8];
    memcpy(right, v, sizeof right);
    sha256_round(right, K_t, W_t);
    if (yours[4] != right[4])
        return mistake_in_T1(v, K_t, W_t, yours[4]);
    if (yours[0] != right[0])
        return mistake_in_T2(v, right[4] - v[3], yours[0]);
    return "all but a and e only move: b is the old a, c the old b, d the old c; f the old e, g the old f, h the old g";
}

/* `rounds` of them, from t = 0; then the sum with the chaining value, or none. */
static void compress_block(uint32_t h[8], const uint8_t *block, size_t rounds, bool add)
{
    uint32_t W[64], v[8];
    sha256_message_schedule(W, block);
    memcpy(v, h, sizeof v);
    for (size_t t = 0; t < rounds; t++)
        sha256_round(v, sha256_K[t], W[t]);
    for (size_t i = 0; i < 8; i++)
        h[i] = v[i] + (add ? h[i] : 0);
}

const char *sha256_mistake_in_compress(const uint32_t h[8], const uint8_t *data, size_t blocks, const uint32_t yours[8])
{
    static const struct {
        size_t rounds;
        bool add;
        const char *hint;
    } mistakes[] = {
        {64, false,
         "after the 64 rounds a to h are added to H(i-1), word by word (Davies-Meyer): here they replace it"},
        {63, true, "only 63 rounds were done: t goes from 0 to 63"},
        {48, true, "only 48 rounds were done: t goes from 0 to 63"},
        {16, true, "only 16 rounds were done: t goes from 0 to 63"},
        {0, true, "no round was done, only the sum"},
    };
    uint32_t H[8];
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        memcpy(H, h, sizeof H);
        for (size_t b = 0; b < blocks; b++)
            compress_block(H, data + SHA256_BLOCK_LEN * b, mistakes[i].rounds, mistakes[i].add);
        if (memcmp(H, yours, sizeof H) == 0)
            return mistakes[i].hint;
    }
    memcpy(H, h, sizeof H);
    for (size_t b = 0; b < blocks; b++) {
        compress_block(H, data, 64, true);
        if (memcmp(H, yours, sizeof H) == 0)
            return b + 1 < blocks ? "only the first blocks were compressed: there are `blocks` of them"
                                  : "every time the first block was compressed: data goes on by 64 bytes";
    }
    return NULL;
}

/* --- The padding -------------------------------------------------------------------------------------------------- */

struct padding_mistake {
    uint8_t one;  /* the byte after the message: 0x80 */
    uint8_t unit; /* what the length counts: 8, bits */
    uint8_t fits; /* how many bytes of a block are left room for the length in the same block: 55 */
    bool little_length, little_digest, stale, forgets_done, last_dropped, counts_padding;
    uint64_t mask; /* of the length in bits */
    const char *hint;
};

/* The first one that fits is told, and where much has gone before several do. So each comes before those that would
 * have shown with less: 32 bits of the bytes, 32 bits of the bits, what went before forgotten, no length at all. */
static const struct padding_mistake padding_mistakes[] = {
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = (uint64_t)UINT32_MAX << 3,
     .hint = "the length field: the bytes were counted in 32 bits; s->len has 64"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT32_MAX,
     .hint = "the length field: yours has only 32 bits of the length; it has 64"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .forgets_done = true,
     .hint = "the length field counts the whole message: the bytes before sha256_resume are missing"},
    {.one = 0, .unit = 8, .fits = 55, .mask = UINT64_MAX, .hint = "the byte 0x80 after the message is missing"},
    {.one = 0x01,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .hint = "the 1 bit comes first in its byte: 0x80, not 0x01"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .little_length = true,
     .hint = "the length field: yours is little-endian; it is big-endian"},
    {.one = 0x80,
     .unit = 1,
     .fits = 55,
     .mask = UINT64_MAX,
     .hint = "the length field: yours counts bytes; it counts bits"},
    {.one = 0x80,
     .unit = 1,
     .fits = 55,
     .mask = UINT64_MAX,
     .little_length = true,
     .hint = "the length field: yours is little-endian and counts bytes; it is big-endian and counts bits"},
    {.one = 0x80, .unit = 8, .fits = 55, .mask = 0, .hint = "the length field is zero or missing"},
    {.one = 0x80,
     .unit = 8,
     .fits = 63,
     .mask = UINT64_MAX,
     .hint = "with 56 to 63 bytes in the last block the length has no room there: it needs a second block"},
    {.one = 0x80,
     .unit = 8,
     .fits = 56,
     .mask = UINT64_MAX,
     .hint = "56 bytes, 0x80 and the length are 65: it needs a second block"},
    {.one = 0x80,
     .unit = 8,
     .fits = 54,
     .mask = UINT64_MAX,
     .hint = "55 bytes, 0x80 and the length are just 64: there is no second block"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .little_digest = true,
     .hint = "the digest's words are big-endian; yours are little-endian"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .stale = true,
     .hint = "zeros are missing between 0x80 and the length: bytes of an earlier block are still there"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .last_dropped = true,
     .hint = "the last block, that of the padding, was not compressed"},
    {.one = 0x80,
     .unit = 8,
     .fits = 55,
     .mask = UINT64_MAX,
     .counts_padding = true,
     .hint = "the length field counts the message alone; yours counts the padding too"},
};

/* The message's rest with its padding: returns how many bytes, whole blocks. */
static size_t pad(uint8_t last[LAST_MAX], const struct padding_mistake *m, uint64_t done, const uint8_t *message,
                  size_t len)
{
    size_t rest = len % SHA256_BLOCK_LEN, end = rest <= m->fits ? SHA256_BLOCK_LEN : 2 * SHA256_BLOCK_LEN;
    uint64_t length = (m->forgets_done ? 0 : done) + len + (m->counts_padding ? end - rest - 8 : 0);
    length = m->unit * length & m->mask;
    memset(last, 0, LAST_MAX);
    if (m->stale && len >= SHA256_BLOCK_LEN)
        memcpy(last, message + len - rest - SHA256_BLOCK_LEN, SHA256_BLOCK_LEN);
    if (rest > 0)
        memcpy(last, message + len - rest, rest);
    last[rest] = m->one;
    bytes_store_be64(last + end - 8, m->little_length ? __builtin_bswap64(length) : length);
    return m->last_dropped ? end - SHA256_BLOCK_LEN : end;
}

static bool gives(const uint8_t yours[32], const uint32_t h[8], const struct padding_mistake *m, uint64_t done,
                  const uint8_t *message, size_t len)
{
    uint8_t last[LAST_MAX], digest[SHA256_DIGEST_LEN];
    uint32_t H[8];
    size_t end = pad(last, m, done, message, len);
    memcpy(H, h, sizeof H);
    sha256_ref.compress(H, message, len / SHA256_BLOCK_LEN);
    sha256_ref.compress(H, last, end / SHA256_BLOCK_LEN);
    for (size_t k = 0; k < 8; k++)
        bytes_store_be32(digest + 4 * k, m->little_digest ? __builtin_bswap32(H[k]) : H[k]);
    return memcmp(digest, yours, sizeof digest) == 0;
}

const char *sha256_mistake_in_digest(const uint8_t yours[32], const uint32_t h[8], uint64_t done,
                                     const uint8_t *message, size_t len)
{
    static const struct padding_mistake none = {.one = 0x80, .unit = 8, .fits = 55, .mask = UINT64_MAX};
    static const uint32_t zeros[8];
    for (size_t i = 0; i < COUNT(padding_mistakes); i++)
        if (gives(yours, h, &padding_mistakes[i], done, message, len))
            return padding_mistakes[i].hint;
    if (gives(yours, zeros, &none, done, message, len))
        return "the chaining value was zero at the beginning; H(0) of FIPS 180-4, 5.3.3 belongs there";
    if (gives(yours, sha256_H0, &none, done, message, len))
        return "this goes on from h, and yours began with H(0) anew";
    return NULL;
}
