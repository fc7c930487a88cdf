/* SPDX-License-Identifier: MIT */
/* The instructions that crypto/bignum_ifma.c is made of, in plain C: so that it can be tested on a processor that lacks
 * them, and be followed by engines that do not know them (tests/ct). tests/test_ifma_model.c compares each with what
 * the Intel SDM says, and with the instruction itself where there is one.
 *
 * Use it:      #define IFMA_MODEL_NAMES          before this header: <immintrin.h>'s names are these functions then
 *
 * Under the memory sanitizer a lane is secret from top to bottom where any bit of an operand is, which is what a
 * product or a carry makes of it. By itself it would follow bits, and take the upper half of a product for public. A
 * secret address is told: the sanitizer looks at what memcpy copies, not at where that is.
 */
#ifndef TESTS_IFMA_MODEL_H
#define TESTS_IFMA_MODEL_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define IFMA_MODEL_MSAN 1
#include <sanitizer/msan_interface.h>
#endif
#endif

struct model_512 {
    uint64_t lane[8];
};

__extension__ typedef unsigned __int128 model_u128;

/* The lane r, which was made of a and b. */
static inline uint64_t model_made_of(uint64_t r, uint64_t a, uint64_t b)
{
#if defined(IFMA_MODEL_MSAN)
    if (__msan_test_shadow(&a, sizeof a) >= 0 || __msan_test_shadow(&b, sizeof b) >= 0)
        __msan_poison(&r, sizeof r);
#else
    (void)a;
    (void)b;
#endif
    return r;
}

/* What a load or a store goes to, which must not be secret. */
static inline void model_goes_to(const void *p)
{
#if defined(IFMA_MODEL_MSAN)
    __msan_check_mem_is_initialized(&p, sizeof p);
#else
    (void)p;
#endif
}

static inline struct model_512 model_setzero_si512(void)
{
    return (struct model_512){{0}};
}

static inline struct model_512 model_set1_epi64(long long a)
{
    struct model_512 r;
    for (int i = 0; i < 8; i++)
        r.lane[i] = (uint64_t)a;
    return r;
}

static inline struct model_512 model_load_si512(const void *p)
{
    struct model_512 r;
    model_goes_to(p);
    memcpy(&r, p, sizeof r);
    return r;
}

static inline void model_store_si512(void *p, struct model_512 a)
{
    model_goes_to(p);
    memcpy(p, &a, sizeof a);
}

static inline struct model_512 model_castsi512_si128(struct model_512 a)
{
    return a;
}

static inline struct model_512 model_broadcastq_epi64(struct model_512 a)
{
    return model_set1_epi64((long long)a.lane[0]);
}

static inline struct model_512 model_and_si512(struct model_512 a, struct model_512 b)
{
    for (int i = 0; i < 8; i++)
        a.lane[i] &= b.lane[i];
    return a;
}

static inline struct model_512 model_add_epi64(struct model_512 a, struct model_512 b)
{
    for (int i = 0; i < 8; i++)
        a.lane[i] = model_made_of(a.lane[i] + b.lane[i], a.lane[i], b.lane[i]);
    return a;
}

static inline struct model_512 model_srli_epi64(struct model_512 a, unsigned count)
{
    for (int i = 0; i < 8; i++)
        a.lane[i] = count < 64 ? a.lane[i] >> count : 0;
    return a;
}

/* Lanes `count` to `count` + 7 of the sixteen that are b's, and above them a's. */
static inline struct model_512 model_alignr_epi64(struct model_512 a, struct model_512 b, int count)
{
    struct model_512 r;
    for (int i = 0; i < 8; i++)
        r.lane[i] = i + count < 8 ? b.lane[i + count] : a.lane[i + count - 8];
    return r;
}

/* a where the lane's bit of the mask is 0, else b; without a branch, or the mask would be taken for public. */
static inline struct model_512 model_mask_mov_epi64(struct model_512 a, unsigned mask, struct model_512 b)
{
    for (int i = 0; i < 8; i++) {
        uint64_t bit = mask >> i & 1, r = a.lane[i] ^ ((a.lane[i] ^ b.lane[i]) & (0 - bit));
        a.lane[i] = model_made_of(model_made_of(r, a.lane[i], b.lane[i]), bit, 0);
    }
    return a;
}

static inline struct model_512 model_mask_add_epi64(struct model_512 otherwise, unsigned mask, struct model_512 a,
                                                    struct model_512 b)
{
    return model_mask_mov_epi64(otherwise, mask, model_add_epi64(a, b));
}

static inline uint8_t model_cmpeq_epu64_mask(struct model_512 a, struct model_512 b)
{
    unsigned mask = 0;
    for (int i = 0; i < 8; i++)
        mask |= (unsigned)(model_made_of(a.lane[i] == b.lane[i], a.lane[i], b.lane[i]) & 1) << i;
    return (uint8_t)mask;
}

static inline uint8_t model_cmpgt_epu64_mask(struct model_512 a, struct model_512 b)
{
    unsigned mask = 0;
    for (int i = 0; i < 8; i++)
        mask |= (unsigned)(model_made_of(a.lane[i] > b.lane[i], a.lane[i], b.lane[i]) & 1) << i;
    return (uint8_t)mask;
}

/* Only the lower 52 bits of a and b count; what is above them in a lane does not disturb. */
static inline model_u128 model_product_52(uint64_t a, uint64_t b)
{
    const uint64_t mask = (UINT64_C(1) << 52) - 1;
    return (model_u128)(a & mask) * (b & mask);
}

static inline struct model_512 model_madd52lo_epu64(struct model_512 sum, struct model_512 a, struct model_512 b)
{
    const uint64_t mask = (UINT64_C(1) << 52) - 1;
    for (int i = 0; i < 8; i++) {
        uint64_t r = sum.lane[i] + ((uint64_t)model_product_52(a.lane[i], b.lane[i]) & mask);
        sum.lane[i] = model_made_of(model_made_of(r, a.lane[i], b.lane[i]), sum.lane[i], 0);
    }
    return sum;
}

static inline struct model_512 model_madd52hi_epu64(struct model_512 sum, struct model_512 a, struct model_512 b)
{
    for (int i = 0; i < 8; i++) {
        uint64_t r = sum.lane[i] + (uint64_t)(model_product_52(a.lane[i], b.lane[i]) >> 52);
        sum.lane[i] = model_made_of(model_made_of(r, a.lane[i], b.lane[i]), sum.lane[i], 0);
    }
    return sum;
}

#if defined(IFMA_MODEL_NAMES)
#define __m512i struct model_512
#define _mm512_setzero_si512 model_setzero_si512
#define _mm512_set1_epi64 model_set1_epi64
#define _mm512_load_si512 model_load_si512
#define _mm512_store_si512 model_store_si512
#define _mm512_castsi512_si128 model_castsi512_si128
#define _mm512_broadcastq_epi64 model_broadcastq_epi64
#define _mm512_and_si512 model_and_si512
#define _mm512_add_epi64 model_add_epi64
#undef _mm512_srli_epi64
#define _mm512_srli_epi64 model_srli_epi64
#undef _mm512_alignr_epi64
#define _mm512_alignr_epi64 model_alignr_epi64
#define _mm512_mask_mov_epi64 model_mask_mov_epi64
#define _mm512_mask_add_epi64 model_mask_add_epi64
#undef _mm512_cmpeq_epu64_mask
#define _mm512_cmpeq_epu64_mask model_cmpeq_epu64_mask
#undef _mm512_cmpgt_epu64_mask
#define _mm512_cmpgt_epu64_mask model_cmpgt_epu64_mask
#define _mm512_madd52lo_epu64 model_madd52lo_epu64
#define _mm512_madd52hi_epu64 model_madd52hi_epu64
#endif

#endif
