/* SPDX-License-Identifier: MIT */
/* Where a batch breaks even, by a clock that the test turns: what each call is to take stands in a table. */
#include "crypto/break_even.h"

#include "tests/test.h"

static uint64_t clock_now, alone, batch_base, batch_each;
static unsigned calls, disturbed_every;

static uint64_t now(void)
{
    return clock_now;
}

/* Some calls take ten times as long: the machine had something else to do. */
static void take(uint64_t time)
{
    clock_now += disturbed_every != 0 && ++calls % disturbed_every == 0 ? 10 * time : time;
}

static void one(void)
{
    take(alone);
}

static void batch(size_t n)
{
    take(batch_base + batch_each * n);
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
    for (disturbed_every = 0; disturbed_every <= 5; disturbed_every += disturbed_every == 0 ? 2 : 1) {
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_from_how_many_on), cmocka_unit_test(test_the_clock)};
    return RUN(tests);
}
