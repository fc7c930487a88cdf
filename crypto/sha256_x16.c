/* SPDX-License-Identifier: MIT */
/* SHA-256 of 16 messages on 512-bit registers: each register holds one working variable, or one word of the schedule,
 * of all 16, and every step is the standard's, taken in all of them at once. Each message's blocks come as bytes in a
 * row, so they are turned over first: 16 rows of 16 words become 16 columns.
 *
 * This costs as many instructions as one message without SHA instructions would, for 16 times as much; rotations and
 * functions of three words are one instruction each here. SHA-NI stays ahead for a few messages.
 *
 * The functions are written with plain operators: the compiler makes of three of them one VPTERNLOG, and a checker of
 * secret-dependent branches that doesn't know that instruction still follows them in its own build. They are macros
 * where a shift's count must be a constant even without optimization.
 */
#include "crypto/cpu.h"
#include "crypto/sha256_many_impl.h"

#if CPU_X86_BACKENDS

#include <immintrin.h>

#include "crypto/sha256_ref.h"
#include "crypto/unroll.h"

#define LANES SHA256_MANY_MAX

typedef __m512i word; /* the same word of 16 messages */

/* FIPS 180-4, 4.1.2. Ch and Maj in forms of fewer operations: where x has a bit set, y's, else z's; and the one that
 * two of them have. */
#define ROTR(x, n) _mm512_ror_epi32((x), (n))
#define SHR(x, n) _mm512_srli_epi32((x), (n))
#define Ch(x, y, z) (((x) & (y)) ^ (~(x) & (z)))
#define Maj(x, y, z) (((x) & (y)) | (((x) | (y)) & (z)))
#define Sigma0(x) (ROTR(x, 2) ^ ROTR(x, 13) ^ ROTR(x, 22))
#define Sigma1(x) (ROTR(x, 6) ^ ROTR(x, 11) ^ ROTR(x, 25))
#define sigma0(x) (ROTR(x, 7) ^ ROTR(x, 18) ^ SHR(x, 3))
#define sigma1(x) (ROTR(x, 17) ^ ROTR(x, 19) ^ SHR(x, 10))
#define ADD(x, y) _mm512_add_epi32((x), (y))

/* W_t of 6.2.2, step 1: for the first sixteen rounds the block's words, then made of earlier ones and put where
 * W_(t-16) was, as only the last sixteen are needed. t counts from `from`, a multiple of 16. */
#define GIVEN(t) w[(t)]
#define MADE(t)                                                                                                        \
    (w[(t)] = ADD(ADD(w[(t)], sigma0(w[((t) + 1) % 16])), ADD(w[((t) + 9) % 16], sigma1(w[((t) + 14) % 16]))))

/* A round of step 3. Nothing moves from variable to variable: the next round names them one place on. The chain of e is
 * what the next round waits for, so d + h + K + W, which doesn't need e, is added up beside it; T1 is added up once
 * more for a, which has time. (One addition more, a fifth less time.) */
#define ROUND(W, a, b, c, d, e, f, g, h, t)                                                                            \
    do {                                                                                                               \
        word hkw = ADD(h, ADD(W(t), _mm512_set1_epi32((int)sha256_K[from + (t)])));                                    \
        word ch = Ch(e, f, g), S1 = Sigma1(e);                                                                         \
        d = ADD(ADD(ADD(d, hkw), ch), S1);                                                                             \
        h = ADD(ADD(ADD(hkw, ch), S1), ADD(Maj(a, b, c), Sigma0(a)));                                                  \
    } while (0)

#define EIGHT_ROUNDS(W, t)                                                                                             \
    do {                                                                                                               \
        ROUND(W, a, b, c, d, e, f, g, h, (t));                                                                         \
        ROUND(W, h, a, b, c, d, e, f, g, (t) + 1);                                                                     \
        ROUND(W, g, h, a, b, c, d, e, f, (t) + 2);                                                                     \
        ROUND(W, f, g, h, a, b, c, d, e, (t) + 3);                                                                     \
        ROUND(W, e, f, g, h, a, b, c, d, (t) + 4);                                                                     \
        ROUND(W, d, e, f, g, h, a, b, c, (t) + 5);                                                                     \
        ROUND(W, c, d, e, f, g, h, a, b, (t) + 6);                                                                     \
        ROUND(W, b, c, d, e, f, g, h, a, (t) + 7);                                                                     \
    } while (0)

static bool usable(void)
{
    return (cpu_features() & CPU_AVX512) != 0;
}

static inline word load(const void *p)
{
    return _mm512_loadu_si512(p);
}

/* One block of each message; w is used up. */
static inline __attribute__((always_inline)) void block(word H[8], word w[16])
{
    word a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    size_t from = 0;
    EIGHT_ROUNDS(GIVEN, 0);
    EIGHT_ROUNDS(GIVEN, 8);
    for (from = 16; from < 64; from += 16) {
        EIGHT_ROUNDS(MADE, 0);
        EIGHT_ROUNDS(MADE, 8);
    }
    H[0] = ADD(H[0], a), H[1] = ADD(H[1], b), H[2] = ADD(H[2], c), H[3] = ADD(H[3], d);
    H[4] = ADD(H[4], e), H[5] = ADD(H[5], f), H[6] = ADD(H[6], g), H[7] = ADD(H[7], h);
}

static void load_state(word H[8], const struct sha256_many *s)
{
    for (size_t i = 0; i < 8; i++)
        H[i] = load(s->h[i]);
}

static void store_state(struct sha256_many *s, const word H[8])
{
    for (size_t i = 0; i < 8; i++)
        _mm512_storeu_si512(s->h[i], H[i]);
}

/* Rows become columns, and bytes big-endian words. As for any matrix of 16 = 2^4 rows, in four steps: step k swaps, in
 * each square of 2^k by 2^k elements, the upper right quarter with the lower left one. Pairs of words and pairs of
 * those within each 128 bits, then the 128-bit quarters themselves. */
static inline __attribute__((always_inline)) void turn_over(word w[16])
{
    const word big_endian = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
    word t[16];
    UNROLL
    for (size_t i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(w[i], w[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(w[i], w[i + 1]);
    }
    UNROLL
    for (size_t i = 0; i < 16; i += 4) { /* now w[i + k]: word k of each quarter of the rows i to i + 3 */
        w[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        w[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        w[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        w[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    UNROLL
    for (size_t k = 0; k < 4; k++) { /* quarters: 0x88 takes the even ones of both, 0xdd the odd ones */
        t[k] = _mm512_shuffle_i32x4(w[k], w[4 + k], 0x88);
        t[4 + k] = _mm512_shuffle_i32x4(w[k], w[4 + k], 0xdd);
        t[8 + k] = _mm512_shuffle_i32x4(w[8 + k], w[12 + k], 0x88);
        t[12 + k] = _mm512_shuffle_i32x4(w[8 + k], w[12 + k], 0xdd);
    }
    UNROLL
    for (size_t k = 0; k < 4; k++) {
        w[k] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(t[k], t[8 + k], 0x88), big_endian);
        w[4 + k] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(t[4 + k], t[12 + k], 0x88), big_endian);
        w[8 + k] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(t[k], t[8 + k], 0xdd), big_endian);
        w[12 + k] = _mm512_shuffle_epi8(_mm512_shuffle_i32x4(t[4 + k], t[12 + k], 0xdd), big_endian);
    }
}

/* A lane without a message hashes the first one again: it must read something that is there. */
static void update(struct sha256_many *s, const uint8_t *const data[], size_t blocks)
{
    word H[8], w[LANES];
    load_state(H, s);
    for (size_t at = 0; at < blocks * SHA256_BLOCK_LEN; at += SHA256_BLOCK_LEN) {
        UNROLL
        for (size_t j = 0; j < LANES; j++)
            w[j] = load(data[j < s->n ? j : 0] + at);
        turn_over(w);
        block(H, w);
    }
    store_state(s, H);
}

static void update_words(struct sha256_many *s, const struct sha256_many_block *data)
{
    word H[8], w[16];
    load_state(H, s);
    for (size_t i = 0; i < 16; i++)
        w[i] = load(data->w[i]);
    block(H, w);
    store_state(s, H);
}

const struct sha256_many_impl sha256_x16 = {
    .name = "x16", .lanes = LANES, .usable = usable, .update = update, .update_words = update_words};

#endif
