/* The bench's own arithmetic; what it measures is never asserted. */
#include "app/workbench/bench.h"

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

static void run_nothing(struct bench_subject *s, size_t calls)
{
    (void)s;
    (void)calls;
}

static void test_a_peer_has_the_same_primitive_and_size(void **state)
{
    (void)state;
    struct bench *b = bench_open(0.001);
    bench_add(b, "cbc encrypt", "ni", 64, run_nothing);
    bench_add(b, "cbc encrypt", BENCH_OPENSSL, 256, run_nothing);
    bench_add(b, "cbc decrypt", BENCH_OPENSSL, 64, run_nothing);
    assert_null(bench_peer(b, &b->subject[0]));
    const struct bench_subject *peer = bench_add(b, "cbc encrypt", BENCH_OPENSSL, 64, run_nothing);
    assert_ptr_equal(bench_peer(b, &b->subject[0]), peer);
    assert_null(bench_peer(b, peer));
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median_and_spread),
        cmocka_unit_test(test_a_peer_has_the_same_primitive_and_size),
    };
    return RUN(tests);
}
