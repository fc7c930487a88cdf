/* SPDX-License-Identifier: MIT */
/* SHA-256 on the SHA extensions: the state stays in two registers from the first block to the last. */
#include "crypto/cpu.h"
#include "crypto/sha256_impl.h"

#if CPU_X86_BACKENDS

#include "crypto/sha256_ni_rounds.h"

static bool usable(void)
{
    return (cpu_features() & CPU_SHA_NI) != 0;
}

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    struct sha256_ni s;
    sha256_ni_load(&s, h);
    for (; blocks > 0; blocks--, data += SHA256_BLOCK_LEN)
        sha256_ni_block(&s, data);
    sha256_ni_store(h, &s);
}

static void compress_two(uint32_t g[8], const uint8_t *a, uint32_t h[8], const uint8_t *b)
{
    struct sha256_ni s, t;
    __m128i w[4], x[4];
    sha256_ni_load(&s, g);
    sha256_ni_load(&t, h);
    sha256_ni_words_of(w, a);
    sha256_ni_words_of(x, b);
    sha256_ni_compress_two(&s, w, &t, x);
    sha256_ni_store(g, &s);
    sha256_ni_store(h, &t);
}

/* The digest as a block of 16 words: itself, a 1 bit, zeros, and the length in bits of a key's block and a digest. */
static void hash_again(struct sha256_ni *s, const uint32_t outer[8])
{
    __m128i w[4];
    sha256_ni_words(w, s);
    w[2] = _mm_set_epi32(0, 0, 0, INT32_MIN);
    w[3] = _mm_set_epi32(8 * (SHA256_BLOCK_LEN + SHA256_DIGEST_LEN), 0, 0, 0);
    sha256_ni_load(s, outer);
    sha256_ni_compress(s, w);
}

static void finish(uint8_t digest[SHA256_DIGEST_LEN], const uint32_t h[8], const uint32_t *outer, const uint8_t *data,
                   size_t blocks, const uint8_t *last, size_t last_blocks)
{
    struct sha256_ni s;
    sha256_ni_load(&s, h);
    const uint8_t *next = blocks > 0 ? data : last;
    for (size_t left = blocks + last_blocks; left > 0; left--) {
        sha256_ni_block(&s, next);
        next = left - 1 == last_blocks ? last : next + SHA256_BLOCK_LEN;
    }
    if (outer != NULL)
        hash_again(&s, outer);
    sha256_ni_digest(digest, &s);
}

const struct sha256_impl sha256_ni = {
    .name = "ni",
    .usable = usable,
    .compress = compress,
    .compress_two = compress_two,
    .finish = finish,
};

#endif
