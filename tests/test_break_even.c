/* SPDX-License-Identifier: MIT */
/* Where a batch breaks even, by a clock that the test turns: what each call is to take stands in a table. */
#include "crypto/break_even.h"

#include "tests/test.h"

static uint64_t clock_now, alone, batch_base, batch_each;
static unsigned looks, disturbed_every;           /* at the clock: two make a run */
static bool one_is_disturbed, batch_is_disturbed; /* both alike would leave what is compared as it is */

static uint64_t now(void)
{
    looks++;
    return clock_now;
}

/* Some runs take ten times as long: the machine had something else to do. */
static void take(uint64_t time, bool may_be_disturbed)
{
    clock_now += may_be_disturbed && looks / 2 % disturbed_every == 0 ? 10 * time : time;
}

static void one(void)
{
    take(alone, one_is_disturbed);
}

static void batch(size_t n)
{
    take(batch_base + batch_each * n, batch_is_disturbed);
}

static size_t measured(uint64_t a, uint64_t base, uint64_t each)
{
    alone = a;
    batch_base = base;
    batch_each = each;
    return break_even(one, batch, now);
}

static void test_from_how_many_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4 * 4; i++) {
        disturbed_every = 2 + i / 4;
        one_is_disturbed = i % 2 != 0;
        batch_is_disturbed = i / 2 % 2 != 0;
        assert_int_equal(measured(100, 560, 0), 6);   /* 5.6 at a time, and a twentieth */
        assert_int_equal(measured(100, 860, 0), 10);  /* 9 would win by less than a twentieth */
        assert_int_equal(measured(100, 400, 50), 9);  /* 9: 850 for 900; 8: 800 for 800 */
        assert_int_equal(measured(100, 1600, 0), 0);  /* never: the same time is not less */
        assert_int_equal(measured(100, 1520, 0), 16); /* at the last moment */
        assert_int_equal(measured(100, 1521, 0), 0);
        assert_int_equal(measured(100, 10, 0), 2);
        assert_int_equal(measured(100, 0, 200), 0);
    }
}

/* One that stands still says nothing: then nothing is gained. */
static void test_a_clock_that_stands_still(void **state)
{
    (void)state;
    disturbed_every = 2;
    assert_int_equal(measured(0, 0, 0), 0);
}

/* One that is steady: it never goes back, and it goes on. */
static void test_the_clock(void **state)
{
    (void)state;
    uint64_t before = break_even_clock(), at = before;
    while (at == before)
        at = break_even_clock();
    assert_true(at > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_from_how_many_on),
                                       cmocka_unit_test(test_a_clock_that_stands_still),
                                       cmocka_unit_test(test_the_clock)};
    return RUN(tests);
}
