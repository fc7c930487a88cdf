/* SPDX-License-Identifier: MIT */
/* One block of SHA-256 on the SHA extensions, to be inlined: alone by sha256_ni.c, beside AES-CBC by etm_ni.c.
 *
 * Standard:    FIPS 180-4, 6.2.2; Intel SDM vol. 2B, SHA256RNDS2, SHA256MSG1, SHA256MSG2.
 * Use it:      struct sha256_ni s; sha256_ni_load(&s, h); sha256_ni_block(&s, data); sha256_ni_store(h, &s);
 * Timing:      depends on nothing but the number of blocks.
 * Read next:   sha256_ni.c.
 *
 * One instruction, SHA256RNDS2, is two rounds. It wants the eight working variables in two registers, ABEF and CDGH,
 * and turns CDGH into the next ABEF, so four rounds are two of them with the roles swapped. SHA256MSG1 and MSG2 compute
 * four words of the message schedule W at a time.
 *
 * CAUTION: these instructions have no VEX form. Built with -mavx, the compiler would mix both forms, and each crossing
 * with dirty upper halves costs hundreds of cycles: whoever includes this keeps to SSE (see the flags in the Makefile).
 */
#ifndef CRYPTO_SHA256_NI_ROUNDS_H
#define CRYPTO_SHA256_NI_ROUNDS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/unroll.h"

struct sha256_ni {
    __m128i abef, cdgh;
};

/* FIPS 180-4, 4.2.2. */
static const uint32_t sha256_ni_k[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline __m128i sha256_ni_load4(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Words from bytes, or bytes from words: FIPS 180-4 writes words with the highest byte first. */
static inline __m128i sha256_ni_big_endian(__m128i v)
{
    return _mm_shuffle_epi8(v, _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

/* From the chaining value as words, H_0 in the lowest lane of the first register. */
static inline void sha256_ni_from_words(struct sha256_ni *s, const __m128i h[2])
{
    __m128i badc = _mm_shuffle_epi32(h[0], 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(h[1], 0x1b);
    s->abef = _mm_alignr_epi8(badc, hgfe, 8);
    s->cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
}

static inline void sha256_ni_load(struct sha256_ni *s, const uint32_t h[8])
{
    sha256_ni_from_words(s, (const __m128i[]){sha256_ni_load4(&h[0]), sha256_ni_load4(&h[4])});
}

/* The other way. */
static inline void sha256_ni_words(__m128i h[2], const struct sha256_ni *s)
{
    __m128i feba = _mm_shuffle_epi32(s->abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);
    h[0] = _mm_blend_epi16(feba, dchg, 0xf0);
    h[1] = _mm_alignr_epi8(dchg, feba, 8);
}

static inline void sha256_ni_store(uint32_t h[8], const struct sha256_ni *s)
{
    __m128i words[2];
    sha256_ni_words(words, s);
    _mm_storeu_si128((__m128i *)(void *)&h[0], words[0]);
    _mm_storeu_si128((__m128i *)(void *)&h[4], words[1]);
}

static inline void sha256_ni_digest(uint8_t digest[32], const struct sha256_ni *s)
{
    __m128i words[2];
    sha256_ni_words(words, s);
    _mm_storeu_si128((__m128i *)(void *)digest, sha256_ni_big_endian(words[0]));
    _mm_storeu_si128((__m128i *)(void *)(digest + 16), sha256_ni_big_endian(words[1]));
}

/* The next four words of the schedule from the sixteen before them, w0 the oldest (6.2.2, step 1). */
static inline __m128i sha256_ni_schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);
}

/* Rounds 4q to 4q+3 of the working variables v; w[q % 4] holds their words, and is then replaced by those of sixteen
 * rounds later. Inlined by force, here and below: as a call, the state would go through memory each time. */
static inline __attribute__((always_inline)) void sha256_ni_rounds(struct sha256_ni *v, __m128i w[4], unsigned q)
{
    __m128i wk = _mm_add_epi32(w[q % 4], sha256_ni_load4(&sha256_ni_k[4 * q]));
    v->cdgh = _mm_sha256rnds2_epu32(v->cdgh, v->abef, wk);
    v->abef = _mm_sha256rnds2_epu32(v->abef, v->cdgh, _mm_shuffle_epi32(wk, 0x0e));
    if (q < 12)
        w[q % 4] = sha256_ni_schedule(w[q % 4], w[(q + 1) % 4], w[(q + 2) % 4], w[(q + 3) % 4]);
}

static inline void sha256_ni_add(struct sha256_ni *s, const struct sha256_ni *v)
{
    s->abef = _mm_add_epi32(s->abef, v->abef);
    s->cdgh = _mm_add_epi32(s->cdgh, v->cdgh);
}

/* One block, given as words; w is used up. */
static inline __attribute__((always_inline)) void sha256_ni_compress(struct sha256_ni *s, __m128i w[4])
{
    struct sha256_ni v = *s;
    UNROLL
    for (unsigned q = 0; q < 16; q++)
        sha256_ni_rounds(&v, w, q);
    sha256_ni_add(s, &v);
}

/* A block of each of two messages, four rounds of the one and four of the other in turn: a SHA256RNDS2 takes four
 * cycles, and while one chain waits for it, the other's can start. */
static inline __attribute__((always_inline)) void sha256_ni_compress_two(struct sha256_ni *s, __m128i w[4],
                                                                         struct sha256_ni *t, __m128i x[4])
{
    struct sha256_ni u = *s, v = *t;
    UNROLL
    for (unsigned q = 0; q < 16; q++) {
        sha256_ni_rounds(&u, w, q);
        sha256_ni_rounds(&v, x, q);
    }
    sha256_ni_add(s, &u);
    sha256_ni_add(t, &v);
}

static inline __attribute__((always_inline)) void sha256_ni_words_of(__m128i w[4], const uint8_t *data)
{
    UNROLL
    for (size_t i = 0; i < 4; i++)
        w[i] = sha256_ni_big_endian(sha256_ni_load4(data + 16 * i));
}

static inline __attribute__((always_inline)) void sha256_ni_block(struct sha256_ni *s, const uint8_t *data)
{
    __m128i w[4];
    sha256_ni_words_of(w, data);
    sha256_ni_compress(s, w);
}

#endif
