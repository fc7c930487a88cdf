/* SPDX-License-Identifier: MIT */
/* What the processor allows: the latency of the instructions that the fast backends are made of, measured here and now
 * by chains that do nothing else. CBC encryption can't be faster than ten AESENC a block, one SHA-256 not faster than
 * its 32 SHA256RNDS2. CBC decryption waits for nothing, so its limit is how many blocks can be in the units at a
 * time. */
#include "app/workbench/bench/bench.h"

#include <time.h>

#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include <immintrin.h>

#define CHAINS 4000

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* 32 instructions that wait for each other. */
#define TIMES_32(step)                                                                                                 \
    step step step step step step step step step step step step step step step step step step step step step step step \
        step step step step step step step step step

__attribute__((target("aes,sse4.1"))) static __m128i aesenc_chain(__m128i x, __m128i key)
{
    TIMES_32(x = _mm_aesenc_si128(x, key);)
    return x;
}

__attribute__((target("sha,sse4.1"))) static __m128i sha256_chain(__m128i x, __m128i y, __m128i wk)
{
    TIMES_32(x = _mm_sha256rnds2_epu32(x, y, wk);)
    return x;
}

/* Twelve chains side by side keep the units busy; the compiler can't join them, as it doesn't know that they are
 * alike. */
#define BLOCKS_WIDE 12
__attribute__((target("aes,vaes,avx512f"))) static void aesdec_wide(__m512i x[BLOCKS_WIDE])
{
    __m512i v[BLOCKS_WIDE];
    for (size_t j = 0; j < BLOCKS_WIDE; j++)
        v[j] = x[j];
    for (int i = 0; i < 100; i++)
        _Pragma("GCC unroll 12") for (size_t j = 0; j < BLOCKS_WIDE; j++)
            v[j] = _mm512_aesdec_epi128(v[j], v[(j + 1) % BLOCKS_WIDE]);
    for (size_t j = 0; j < BLOCKS_WIDE; j++)
        x[j] = v[j];
}

__attribute__((target("aes,sse4.1"))) static void aesdec_narrow(__m128i x[BLOCKS_WIDE])
{
    __m128i v[BLOCKS_WIDE];
    for (size_t j = 0; j < BLOCKS_WIDE; j++)
        v[j] = x[j];
    for (int i = 0; i < 100; i++)
        _Pragma("GCC unroll 12") for (size_t j = 0; j < BLOCKS_WIDE; j++)
            v[j] = _mm_aesdec_si128(v[j], v[(j + 1) % BLOCKS_WIDE]);
    for (size_t j = 0; j < BLOCKS_WIDE; j++)
        x[j] = v[j];
}

/* The best of some runs: a limit is what can be had, not what is usual. */
#define BEST_OF(seconds, chain)                                                                                        \
    do {                                                                                                               \
        for (int run = 0; run < 15; run++) {                                                                           \
            double start = now();                                                                                      \
            for (int i = 0; i < CHAINS; i++)                                                                           \
                chain;                                                                                                 \
            double took = (now() - start) / CHAINS;                                                                    \
            if (run == 0 || took < (seconds))                                                                          \
                (seconds) = took;                                                                                      \
        }                                                                                                              \
    } while (0)

double bench_limit_aesenc(double hertz)
{
    double seconds = 0;
    __m128i x = _mm_setzero_si128();
    if ((cpu_features() & CPU_AES_NI) == 0)
        return 0;
    BEST_OF(seconds, x = aesenc_chain(x, x));
    volatile __m128i keep = x;
    (void)keep;
    return seconds * hertz / 32;
}

double bench_limit_aesdec(double hertz)
{
    static __m512i wide[BLOCKS_WIDE];
    static __m128i narrow[BLOCKS_WIDE];
    double seconds = 0;
    if ((cpu_features() & CPU_VAES) != 0) {
        BEST_OF(seconds, aesdec_wide(wide));
        return seconds * hertz / (100 * BLOCKS_WIDE * 4);
    }
    if ((cpu_features() & CPU_AES_NI) == 0)
        return 0;
    BEST_OF(seconds, aesdec_narrow(narrow));
    return seconds * hertz / (100 * BLOCKS_WIDE);
}

double bench_limit_sha256(double hertz)
{
    double seconds = 0;
    __m128i x = _mm_setzero_si128();
    if ((cpu_features() & CPU_SHA_NI) == 0)
        return 0;
    BEST_OF(seconds, x = sha256_chain(x, x, x));
    volatile __m128i keep = x;
    (void)keep;
    return seconds * hertz;
}

#else

double bench_limit_aesenc(double hertz)
{
    (void)hertz;
    return 0;
}

double bench_limit_sha256(double hertz)
{
    (void)hertz;
    return 0;
}

double bench_limit_aesdec(double hertz)
{
    (void)hertz;
    return 0;
}

#endif
