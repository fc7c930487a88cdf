/* SPDX-License-Identifier: MIT */
/* SHA-256 of many messages on the SHA extensions, two of them at a time: a SHA256RNDS2 has its result after four
 * cycles, but the other message's can start after two. A third message would find the unit busy.
 *
 * The columns of two neighbours lie side by side, so what is loaded of a row is a word of each. Where n is odd, the
 * last message has a neighbour in a column that is nobody's, and whose result nobody asks for.
 */
#include "crypto/cpu.h"
#include "crypto/sha256_many_impl.h"

#if CPU_X86_BACKENDS

#include "crypto/sha256_ni_rounds.h"
#include "crypto/unroll.h"

static bool usable(void)
{
    return (cpu_features() & CPU_SHA_NI) != 0;
}

static inline __m128i pair_of(const uint32_t row[SHA256_MANY_MAX], size_t j)
{
    return _mm_loadl_epi64((const __m128i *)(const void *)&row[j]);
}

/* Four rows of the columns j and j + 1: a takes the words of column j, b the other's. */
static inline void load_columns(__m128i *a, __m128i *b, const uint32_t rows[4][SHA256_MANY_MAX], size_t j)
{
    __m128i first = _mm_unpacklo_epi32(pair_of(rows[0], j), pair_of(rows[1], j));
    __m128i second = _mm_unpacklo_epi32(pair_of(rows[2], j), pair_of(rows[3], j));
    *a = _mm_unpacklo_epi64(first, second);
    *b = _mm_unpackhi_epi64(first, second);
}

static inline void store_columns(uint32_t rows[4][SHA256_MANY_MAX], size_t j, __m128i a, __m128i b)
{
    __m128i first = _mm_unpacklo_epi32(a, b), second = _mm_unpackhi_epi32(a, b);
    _mm_storel_epi64((__m128i *)(void *)&rows[0][j], first);
    _mm_storel_epi64((__m128i *)(void *)&rows[1][j], _mm_unpackhi_epi64(first, first));
    _mm_storel_epi64((__m128i *)(void *)&rows[2][j], second);
    _mm_storel_epi64((__m128i *)(void *)&rows[3][j], _mm_unpackhi_epi64(second, second));
}

static inline void load_states(struct sha256_ni *a, struct sha256_ni *b, const struct sha256_many *s, size_t j)
{
    __m128i of_a[2], of_b[2];
    UNROLL
    for (size_t half = 0; half < 2; half++)
        load_columns(&of_a[half], &of_b[half], &s->h[4 * half], j);
    sha256_ni_from_words(a, of_a);
    sha256_ni_from_words(b, of_b);
}

static inline void store_states(struct sha256_many *s, size_t j, const struct sha256_ni *a, const struct sha256_ni *b)
{
    __m128i of_a[2], of_b[2];
    sha256_ni_words(of_a, a);
    sha256_ni_words(of_b, b);
    UNROLL
    for (size_t half = 0; half < 2; half++)
        store_columns(&s->h[4 * half], j, of_a[half], of_b[half]);
}

static void update(struct sha256_many *s, const uint8_t *const data[], size_t blocks)
{
    for (size_t j = 0; j < s->n; j += 2) {
        const uint8_t *of_a = data[j], *of_b = data[j + 1 < s->n ? j + 1 : j];
        struct sha256_ni a, b;
        load_states(&a, &b, s, j);
        for (size_t at = 0; at < blocks * SHA256_BLOCK_LEN; at += SHA256_BLOCK_LEN) {
            __m128i w[4], x[4];
            sha256_ni_words_of(w, of_a + at);
            sha256_ni_words_of(x, of_b + at);
            sha256_ni_compress_two(&a, w, &b, x);
        }
        store_states(s, j, &a, &b);
    }
}

static void update_words(struct sha256_many *s, const struct sha256_many_block *block)
{
    for (size_t j = 0; j < s->n; j += 2) {
        struct sha256_ni a, b;
        __m128i w[4], x[4];
        load_states(&a, &b, s, j);
        UNROLL
        for (size_t i = 0; i < 4; i++)
            load_columns(&w[i], &x[i], &block->w[4 * i], j);
        sha256_ni_compress_two(&a, w, &b, x);
        store_states(s, j, &a, &b);
    }
}

const struct sha256_many_impl sha256_x2 = {
    .name = "x2", .lanes = 2, .usable = usable, .update = update, .update_words = update_words};

#endif
