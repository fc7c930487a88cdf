/* SPDX-License-Identifier: MIT */
/* The model of the IFMA instructions: against answers worked out by hand from the Intel SDM's pseudocode, and, where
 * this processor has them, against the instructions themselves. What is tested with the model is as good as this. */
#include "crypto/cpu.h"
#include "tests/test.h"

#if CPU_X86_BACKENDS

#include "tests/ifma_model.h"

#define TOP (UINT64_C(1) << 63)
#define DIGIT ((UINT64_C(1) << 52) - 1)

typedef struct model_512 lanes;

static const lanes counting = {{0, 1, 2, 3, 4, 5, 6, 7}}, tens = {{10, 11, 12, 13, 14, 15, 16, 17}};

static void expect(lanes got, lanes want)
{
    assert_memory_equal(&got, &want, sizeof got);
}

static lanes of_one(uint64_t value)
{
    return (lanes){{value, value, value, value, value, value, value, value}};
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

/* (2^52 - 1)^2 = 2^104 - 2^53 + 1: its lower 52 bits are 1, the others 2^52 - 2. */
static void test_products(void **state)
{
    (void)state;
    expect(model_madd52lo_epu64(counting, of_one(3), of_one(5)), (lanes){{15, 16, 17, 18, 19, 20, 21, 22}});
    expect(model_madd52hi_epu64(counting, of_one(3), of_one(5)), counting);
    expect(model_madd52lo_epu64(of_one(0), of_one(DIGIT), of_one(DIGIT)), of_one(1));
    expect(model_madd52hi_epu64(of_one(0), of_one(DIGIT), of_one(DIGIT)), of_one(DIGIT - 1));
    /* what is above 52 bits in a factor does not count, and the sum is one of 64 bits that may run over */
    expect(model_madd52lo_epu64(of_one(7), of_one(TOP | 3), of_one((UINT64_C(1) << 52) | 5)), of_one(22));
    expect(model_madd52hi_epu64(of_one(UINT64_MAX), of_one(UINT64_C(1) << 51), of_one(6)), of_one(2));
}

static void test_moves(void **state)
{
    (void)state;
    expect(model_alignr_epi64(tens, counting, 1), (lanes){{1, 2, 3, 4, 5, 6, 7, 10}});
    expect(model_alignr_epi64(tens, counting, 7), (lanes){{7, 10, 11, 12, 13, 14, 15, 16}});
    expect(model_broadcastq_epi64(model_castsi512_si128(tens)), of_one(10));
    expect(model_mask_mov_epi64(counting, 0x81, tens), (lanes){{10, 1, 2, 3, 4, 5, 6, 17}});
    expect(model_set1_epi64(-1), of_one(UINT64_MAX));
    expect(model_setzero_si512(), of_one(0));
    lanes stored;
    model_store_si512(&stored, tens);
    expect(model_load_si512(&stored), tens);
}

static void test_arithmetic(void **state)
{
    (void)state;
    expect(model_add_epi64(counting, of_one(UINT64_MAX)), (lanes){{UINT64_MAX, 0, 1, 2, 3, 4, 5, 6}});
    expect(model_mask_add_epi64(tens, 1, counting, of_one(100)), (lanes){{100, 11, 12, 13, 14, 15, 16, 17}});
    expect(model_and_si512(tens, of_one(3)), (lanes){{2, 3, 0, 1, 2, 3, 0, 1}});
    expect(model_srli_epi64(of_one(TOP | 8), 3), of_one(TOP >> 3 | 1));
    expect(model_srli_epi64(of_one(TOP), 64), of_one(0));
    assert_int_equal(model_cmpeq_epu64_mask(counting, of_one(3)), 0x08);
    assert_int_equal(model_cmpgt_epu64_mask(counting, of_one(3)), 0xf0);
    assert_int_equal(model_cmpgt_epu64_mask(of_one(TOP), of_one(1)), 0xff); /* unsigned */
}

/* --- Against the instructions ------------------------------------------------------------------------------------- */

/* Every function of the model and the intrinsic that it stands for, on the same operands: results of lanes in r, of
 * masks in mask. */
enum { RESULTS = 14, MASKS = 2 };

struct results {
    lanes r[RESULTS];
    uint8_t mask[MASKS];
};

static void by_model(struct results *to, const lanes *s, const lanes *a, const lanes *b)
{
    lanes *r = to->r;
    *r++ = model_madd52lo_epu64(*s, *a, *b);
    *r++ = model_madd52hi_epu64(*s, *a, *b);
    *r++ = model_add_epi64(*a, *b);
    *r++ = model_and_si512(*a, *b);
    *r++ = model_srli_epi64(*a, 52);
    *r++ = model_srli_epi64(*a, 1);
    *r++ = model_alignr_epi64(*a, *b, 1);
    *r++ = model_alignr_epi64(*a, *b, 7);
    *r++ = model_mask_mov_epi64(*s, 0xa5, *b);
    *r++ = model_mask_add_epi64(*s, 0x5a, *a, *b);
    *r++ = model_broadcastq_epi64(model_castsi512_si128(*a));
    *r++ = model_set1_epi64((long long)a->lane[3]);
    *r++ = model_setzero_si512();
    *r++ = model_load_si512(b);
    assert_ptr_equal(r, to->r + RESULTS);
    to->mask[0] = model_cmpeq_epu64_mask(*a, *b);
    to->mask[1] = model_cmpgt_epu64_mask(*a, *b);
}

__attribute__((target("avx512f,avx512ifma"))) static void by_processor(struct results *to, const lanes *s_lanes,
                                                                       const lanes *a_lanes, const lanes *b_lanes)
{
    const __m512i s = _mm512_loadu_si512(s_lanes), a = _mm512_loadu_si512(a_lanes), b = _mm512_loadu_si512(b_lanes);
    lanes *r = to->r;
    _mm512_storeu_si512(r++, _mm512_madd52lo_epu64(s, a, b));
    _mm512_storeu_si512(r++, _mm512_madd52hi_epu64(s, a, b));
    _mm512_storeu_si512(r++, _mm512_add_epi64(a, b));
    _mm512_storeu_si512(r++, _mm512_and_si512(a, b));
    _mm512_storeu_si512(r++, _mm512_srli_epi64(a, 52));
    _mm512_storeu_si512(r++, _mm512_srli_epi64(a, 1));
    _mm512_storeu_si512(r++, _mm512_alignr_epi64(a, b, 1));
    _mm512_storeu_si512(r++, _mm512_alignr_epi64(a, b, 7));
    _mm512_storeu_si512(r++, _mm512_mask_mov_epi64(s, 0xa5, b));
    _mm512_storeu_si512(r++, _mm512_mask_add_epi64(s, 0x5a, a, b));
    _mm512_storeu_si512(r++, _mm512_broadcastq_epi64(_mm512_castsi512_si128(a)));
    _mm512_storeu_si512(r++, _mm512_set1_epi64((long long)a_lanes->lane[3]));
    _mm512_storeu_si512(r++, _mm512_setzero_si512());
    _mm512_storeu_si512(r++, b);
    to->mask[0] = _mm512_cmpeq_epu64_mask(a, b);
    to->mask[1] = _mm512_cmpgt_epu64_mask(a, b);
}

/* Lanes at the edges of a digit and of a lane, and random ones. */
static uint64_t lane(void)
{
    static const uint64_t edges[] = {0, 1, DIGIT - 1, DIGIT, DIGIT + 1, TOP - 1, TOP, UINT64_MAX};
    static uint64_t random = 1;
    random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t pick = random >> 59;
    return pick < 8 ? edges[pick] : random ^ random >> 29;
}

static void test_the_processor_agrees(void **state)
{
    (void)state;
    if ((cpu_features() & CPU_IFMA) == 0) {
        puts("skipped: the IFMA instructions themselves (this processor lacks them)");
        return;
    }
    for (int round = 0; round < 20000; round++) {
        struct results model = {0}, processor = {0};
        lanes s, a, b;
        for (int i = 0; i < 8; i++) {
            s.lane[i] = lane();
            a.lane[i] = lane();
            b.lane[i] = round % 3 == 0 && i % 2 == 0 ? a.lane[i] : lane();
        }
        by_model(&model, &s, &a, &b);
        by_processor(&processor, &s, &a, &b);
        assert_memory_equal(&model, &processor, sizeof model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_arithmetic),
        cmocka_unit_test(test_the_processor_agrees),
    };
    return RUN(tests);
}

#else

int main(void)
{
    puts("skipped: the model of the IFMA instructions (no x86 backends in this build)");
    return 0;
}

#endif
