/* SPDX-License-Identifier: MIT */
/* The histogram: every value is in a class that holds it, and percentiles are right to a 64th. */
#include "app/workbench/load/latency.h"

#include "tests/test.h"

static void test_one_value(void **state)
{
    (void)state;
    for (uint64_t ns = 1; ns < UINT64_C(1) << 60; ns += 1 + ns / 7) {
        struct latency l = {0};
        latency_add(&l, ns);
        assert_true(latency_at(&l, 0.5) == (double)ns); /* cut at the largest that came */
        latency_add(&l, 4 * ns);
        double low = latency_at(&l, 0.5);
        assert_true(low >= (double)ns && low <= (double)ns * (1 + 1.0 / 64) + 1);
        assert_int_equal(l.count, 2);
        assert_int_equal(l.max, 4 * ns);
    }
}

static void test_percentiles(void **state)
{
    (void)state;
    struct latency l = {0};
    for (uint64_t i = 1; i <= 100000; i++)
        latency_add(&l, 1000 * i);
    for (int percent = 1; percent <= 100; percent++) {
        double exact = 1000.0 * 1000 * percent, found = latency_at(&l, percent / 100.0);
        assert_true(found >= exact * 0.999 && found <= exact * (1 + 1.0 / 64) + 1);
    }
}

static void test_none_and_extremes(void **state)
{
    (void)state;
    struct latency l = {0};
    assert_true(latency_at(&l, 0.5) == 0);
    latency_add(&l, 0);
    latency_add(&l, UINT64_MAX);
    assert_true(latency_at(&l, 0.5) <= 1);
    assert_int_equal(l.max, UINT64_MAX);
    assert_true(latency_at(&l, 1) > 1e18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_value),
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_none_and_extremes),
    };
    return RUN(tests);
}
