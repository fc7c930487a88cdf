/* SPDX-License-Identifier: MIT */
/* The bench's own arithmetic; what it measures is never asserted. */
#include "app/workbench/bench/bench.h"

#include <math.h>

#include "tests/test.h"

static void test_median_and_spread(void **state)
{
    (void)state;
    double spread, odd[] = {5, 1, 3}, even[] = {4, 1, 3, 2}, same[] = {2, 2, 2, 2}, one[] = {7};
    double eight[] = {8, 7, 6, 5, 4, 3, 2, 1};
    assert_true(bench_median(odd, 3, &spread) == 3);
    assert_true(bench_median(even, 4, &spread) == 2.5);
    assert_true(bench_median(same, 4, &spread) == 2 && spread == 0);
    assert_true(bench_median(one, 1, &spread) == 7 && spread == 0);
    assert_true(bench_median(eight, 8, &spread) == 4.5);
    assert_true(spread > 0.8888 && spread < 0.8889); /* not equal to 4 / 4.5: x87 computes more exactly than it keeps */
}

/* A machine that was ten times slower in some rounds, for both, does not change the ratio. */
static void test_ratio_goes_round_by_round(void **state)
{
    (void)state;
    struct bench_subject ours = {.by = "ni"}, peer = {.by = BENCH_OPENSSL};
    for (size_t r = 0; r < BENCH_ROUNDS; r++) {
        double slow = r % 2 == 0 ? 10 : 1;
        ours.round[r] = 2 * slow;
        peer.round[r] = 3 * slow;
    }
    bench_compare(&ours, &peer);
    assert_true(ours.ratio == 1.5 && ours.ratio_spread == 0);
    assert_true(ours.round[0] == 20 && ours.round[1] == 2); /* the order of the rounds is kept */
}

/* Rounds of which some, at both ends, were disturbed. */
static double spread_with(size_t slower, size_t faster)
{
    struct bench_subject ours = {.by = "ni"}, peer = {.by = BENCH_OPENSSL};
    for (size_t r = 0; r < BENCH_ROUNDS; r++) {
        ours.round[r] = 1;
        peer.round[r] = r < slower ? 2 : r >= BENCH_ROUNDS - faster ? 9 : 3 + (double)r / 100;
    }
    bench_compare(&ours, &peer);
    return ours.ratio_spread;
}

static void test_a_busy_machine_tells_no_ratio(void **state)
{
    (void)state;
    assert_false(bench_too_busy(0));
    assert_false(bench_too_busy(BENCH_TOLD));
    assert_true(bench_too_busy(BENCH_TOLD + 0.001));
    assert_true(bench_too_busy(NAN)); /* no time was measured at all */
    assert_false(bench_too_busy(spread_with(0, 0)));
    assert_false(bench_too_busy(spread_with(3, 3))); /* beyond the quartiles */
    assert_true(bench_too_busy(spread_with(4, 0)));
    assert_true(bench_too_busy(spread_with(0, 4)));
}

static void test_other_ways_of_openssl(void **state)
{
    (void)state;
    const struct bench_subject ours = {.by = "ni"}, peer = {.by = BENCH_OPENSSL}, way = {.by = "openssl by plain HMAC"};
    assert_false(bench_is_openssl(&ours));
    assert_true(bench_is_openssl(&peer));
    assert_true(bench_is_openssl(&way));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median_and_spread),
        cmocka_unit_test(test_ratio_goes_round_by_round),
        cmocka_unit_test(test_a_busy_machine_tells_no_ratio),
        cmocka_unit_test(test_other_ways_of_openssl),
    };
    return RUN(tests);
}
