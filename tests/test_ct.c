/* SPDX-License-Identifier: MIT */
/* Masks, comparison and wiping give the right answers. That they take the same time is not for a unit test to say. */
#include "crypto/ct.h"

#include <stdint.h>

#include "tests/test.h"

static const uint32_t corner[] = {0,          1,          2,          15,         16,         255,
                                  0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
#define CORNERS (sizeof corner / sizeof corner[0])

static uint32_t mask_of(bool yes)
{
    return yes ? 0xffffffff : 0;
}

static void test_masks_on_corners(void **state)
{
    (void)state;
    assert_int_equal(ct_mask(0), 0);
    assert_int_equal(ct_mask(1), 0xffffffff);
    for (size_t i = 0; i < CORNERS; i++) {
        uint32_t a = corner[i];
        assert_int_equal(ct_barrier(a), a);
        assert_int_equal(ct_is_zero(a), mask_of(a == 0));
        for (size_t j = 0; j < CORNERS; j++) {
            uint32_t b = corner[j];
            assert_int_equal(ct_eq(a, b), mask_of(a == b));
            assert_int_equal(ct_lt(a, b), mask_of(a < b));
            for (size_t k = 0; a >> 31 == 0 && b >> 31 == 0 && k < CORNERS && corner[k] >> 31 == 0; k++)
                assert_int_equal(ct_in_range(a, b, corner[k]), mask_of(b <= a && a <= corner[k]));
            assert_int_equal(ct_select(0xffffffff, a, b), a);
            assert_int_equal(ct_select(0, a, b), b);
        }
    }
}

/* Strings that differ in one bit, any bit of any byte, at every length up to 70. */
static void test_equal_every_bit(void **state)
{
    (void)state;
    uint8_t a[70], b[70];
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (uint8_t)(i * 37);
    for (size_t len = 0; len <= sizeof a; len++) {
        assert_int_equal(ct_equal(a, b, len), 1);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            b[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(ct_equal(a, b, len), 0);
            b[bit / 8] = a[bit / 8];
        }
    }
}

static void test_equal_reads_no_further(void **state)
{
    (void)state;
    assert_int_equal(ct_equal("tagX", "tagY", 3), 1);
    assert_int_equal(ct_equal(NULL, NULL, 0), 1);
}

static void test_wipe_exactly(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 66; len++) {
        uint8_t b[68];
        memset(b, 0xa5, sizeof b);
        ct_wipe(b + 1, len);
        for (size_t i = 0; i < sizeof b; i++)
            assert_int_equal(b[i], i >= 1 && i < 1 + len ? 0 : 0xa5);
    }
    ct_wipe(NULL, 0);
    ct_wipe_stack(CT_STACK_MAX);
}

#if CT_WIPES_BY_ASM
#define BELOW "sub %[all], %%rsp\n\t"
#define ABOVE "\n\tadd %[all], %%rsp"

/* All that functions which are called from here may have as their frames: filled, wiped, and looked at. The 8 bytes
 * more are where a call puts its return address. */
static size_t words_left(uint64_t mark)
{
    static uint64_t seen[CT_STACK_LEN / 8];
    uint64_t *to = seen;
    size_t words = CT_STACK_LEN / 8, left = 0;
    __asm__ volatile(BELOW "mov %%rsp, %%rdi\n\trep stosq" ABOVE
                     : "+c"(words)
                     : [all] "i"(CT_STACK_LEN + 8), "a"(mark)
                     : "rdi", "memory", "cc");
    ct_wipe_stack(CT_STACK_LEN);
    words = CT_STACK_LEN / 8;
    __asm__ volatile(BELOW "mov %%rsp, %%rsi\n\trep movsq" ABOVE
                     : "+c"(words), "+D"(to)
                     : [all] "i"(CT_STACK_LEN + 8)
                     : "rsi", "memory", "cc");
    for (size_t i = 0; i < CT_STACK_LEN / 8; i++)
        left += seen[i] == mark;
    return left;
}
#endif

/* Also the first words below the return address, where a function that calls nobody spills first. */
static void test_wipe_stack_without_a_gap(void **state)
{
    (void)state;
#if CT_WIPES_BY_ASM
    assert_int_equal(words_left(UINT64_C(0x5ec2e75ec2e75ec2)), 0);
#else
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masks_on_corners),         cmocka_unit_test(test_equal_every_bit),
        cmocka_unit_test(test_equal_reads_no_further),   cmocka_unit_test(test_wipe_exactly),
        cmocka_unit_test(test_wipe_stack_without_a_gap),
    };
    return RUN(tests);
}
