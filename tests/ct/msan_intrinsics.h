/* SPDX-License-Identifier: MIT */
/* Instructions that clang's memory sanitizer has no rule for, or too lax a one. None of them branches or takes an
 * operand for an address, so the honest rule is simple: if any bit of an operand is secret, the whole result is.
 * Included before every file of the memory sanitizer's build (see the Makefile).
 *
 *      AESKEYGENASSIST   without this: a complaint as soon as it gets a secret, and then a public result
 *      SHA256RNDS2       without this: lane by lane, so that a digest of one secret byte has public words
 *
 * By itself it knows, bit by bit, AESENC, AESDEC, AESIMC, their VAES forms, SHA256MSG1 and 2, masked loads and stores,
 * shuffles. tests/ct shows for each backend that secrets come out at its end, and are seen there, so that an
 * instruction which loses them fails the run.
 */
#ifndef TESTS_CT_MSAN_INTRINSICS_H
#define TESTS_CT_MSAN_INTRINSICS_H

#if defined(__x86_64__) && (defined(__AES__) || defined(__SHA__))

#include <immintrin.h>
#include <sanitizer/msan_interface.h>

static inline __m128i msan_public_copy(__m128i v)
{
    __msan_unpoison(&v, sizeof v);
    return v;
}

static inline __m128i msan_as_secret_as(__m128i result, __m128i operand)
{
    if (__msan_test_shadow(&operand, sizeof operand) >= 0)
        __msan_poison(&result, sizeof result);
    return result;
}

#if defined(__AES__)
#undef _mm_aeskeygenassist_si128
#define MSAN_KEYGENASSIST(v, rcon)                                                                                     \
    (__m128i) __builtin_ia32_aeskeygenassist128((__v2di)msan_public_copy(v), (char)(rcon))
#define _mm_aeskeygenassist_si128(v, rcon) msan_as_secret_as(MSAN_KEYGENASSIST((v), (rcon)), (v))
#endif

#if defined(__SHA__)
static inline __m128i msan_sha256rnds2(__m128i cdgh, __m128i abef, __m128i wk)
{
    __m128i r = _mm_sha256rnds2_epu32(cdgh, abef, wk);
    return msan_as_secret_as(msan_as_secret_as(msan_as_secret_as(r, cdgh), abef), wk);
}
#define _mm_sha256rnds2_epu32 msan_sha256rnds2
#endif

#endif
#endif
