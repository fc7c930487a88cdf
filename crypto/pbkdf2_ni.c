/* SPDX-License-Identifier: MIT */
/* PBKDF2's chain on the SHA extensions. Each U is 32 bytes, half a block, and the other half never changes; it comes
 * out of one hash as words and goes into the next as words. So nothing is stored, loaded or turned around between two
 * hashes, and an iteration costs what its 128 rounds cost. */
#include "crypto/cpu.h"
#include "crypto/pbkdf2_impl.h"

#if CPU_X86_BACKENDS

#include "crypto/ct.h"
#include "crypto/sha256_ni_rounds.h"

static bool usable(void)
{
    return (cpu_features() & CPU_SHA_NI) != 0;
}

/* Replaces U by the digest of key block || U: one block on top of the key's chaining value. */
static inline __attribute__((always_inline)) void hash(__m128i U[2], const struct sha256_ni *key)
{
    struct sha256_ni s = *key;
    /* The padding of 96 bytes: a 1 bit, zeros, the length of 768 bits. */
    __m128i w[4] = {U[0], U[1], _mm_set_epi32(0, 0, 0, (int)0x80000000), _mm_set_epi32(768, 0, 0, 0)};
    sha256_ni_compress(&s, w);
    sha256_ni_words(U, &s);
}

static void chain(uint32_t T[8], const struct hmac_key *P, uint32_t c)
{
    struct sha256_ni inner, outer;
    __m128i U[2], sum[2];
    sha256_ni_load(&inner, P->inner);
    sha256_ni_load(&outer, P->outer);
    sum[0] = U[0] = sha256_ni_load4(T);
    sum[1] = U[1] = sha256_ni_load4(T + 4);
    while (--c > 0) {
        hash(U, &inner);
        hash(U, &outer);
        sum[0] = _mm_xor_si128(sum[0], U[0]);
        sum[1] = _mm_xor_si128(sum[1], U[1]);
    }
    _mm_storeu_si128((__m128i *)(void *)T, sum[0]);
    _mm_storeu_si128((__m128i *)(void *)(T + 4), sum[1]);
    ct_wipe(U, sizeof U);
    ct_wipe(&inner, sizeof inner);
    ct_wipe(&outer, sizeof outer);
}

const struct pbkdf2_impl pbkdf2_ni = {.name = "ni", .usable = usable, .chain = chain};

#endif
