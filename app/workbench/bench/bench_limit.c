/* SPDX-License-Identifier: MIT */
/* What the processor allows: the latency of the instructions that the fast backends are made of, measured here and now
 * by chains that do nothing else. CBC encryption can't be faster than ten AESENC a block, one SHA-256 not faster than
 * its 32 SHA256RNDS2. CBC decryption waits for nothing, so its limit is how many blocks can be in the units at a
 * time. */
#include "app/workbench/bench/bench.h"

#include <time.h>

#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

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

/* clang-format off */
/* Twelve chains side by side keep the units busy; the compiler can't join them, as it doesn't know that they are alike.
 * Each has a variable of its own, and the empty assembly keeps it in a register: gcc would write it to memory, too. */
#define BLOCKS_WIDE 12
#define TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define LOAD(j) v##j = x[j],
#define STORE(j) x[j] = v##j;
#define STEP(aesdec, v) v = aesdec(v, key); __asm__("" : "+x"(v));
#define STEP_512(j) STEP(_mm512_aesdec_epi128, v##j)
#define STEP_256(j) STEP(_mm256_aesdec_epi128, v##j)
#define STEP_128(j) STEP(_mm_aesdec_si128, v##j)
#define AESDEC_CHAINS(name, instructions, type, STEPS)                                                                 \
    __attribute__((target(instructions))) static void name(type x[BLOCKS_WIDE])                                        \
    {                                                                                                                  \
        type TWELVE(LOAD) key = x[0];                                                                                  \
        for (int i = 0; i < 100; i++) {                                                                                \
            TWELVE(STEPS)                                                                                              \
        }                                                                                                              \
        TWELVE(STORE)                                                                                                  \
    }

AESDEC_CHAINS(aesdec_512, "aes,vaes,avx512f", __m512i, STEP_512)
AESDEC_CHAINS(aesdec_256, "aes,vaes,avx2", __m256i, STEP_256)
AESDEC_CHAINS(aesdec_128, "aes,sse4.1", __m128i, STEP_128)
/* clang-format on */

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

/* AES on registers of 256 bits, which some processors have that have none of 512. No backend of ours uses them, so
 * cpu_features does not know them; libraries do, and would be faster than the limit. */
static bool has_vaes_256(void)
{
    unsigned eax, ebx, ecx, edx;
    return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ecx & 1u << 9) != 0;
}

double bench_limit_aesdec(double hertz)
{
    static __m512i wide[BLOCKS_WIDE];
    static __m256i half[BLOCKS_WIDE];
    static __m128i narrow[BLOCKS_WIDE];
    double seconds = 0;
    if ((cpu_features() & CPU_VAES) != 0) {
        BEST_OF(seconds, aesdec_512(wide));
        return seconds * hertz / (100 * BLOCKS_WIDE * 4);
    }
    if (has_vaes_256()) {
        BEST_OF(seconds, aesdec_256(half));
        return seconds * hertz / (100 * BLOCKS_WIDE * 2);
    }
    if ((cpu_features() & CPU_AES_NI) == 0)
        return 0;
    BEST_OF(seconds, aesdec_128(narrow));
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
