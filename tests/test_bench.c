/* SPDX-License-Identifier: MIT */
/* The bench's own arithmetic; what it measures is never asserted. */
#include "app/workbench/bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
    struct bench_ratio ratio = bench_compare(&ours, &peer);
    assert_true(ratio.times == 1.5 && ratio.spread == 0);
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
    return bench_compare(&ours, &peer).spread;
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

static void test_whose_row_it_is(void **state)
{
    (void)state;
    const struct bench_subject ours = {.by = "ni"};
    assert_int_equal(bench_library_of(&ours), BENCH_LIBRARIES);
    for (size_t l = 0; l < BENCH_LIBRARIES; l++) {
        char way[64];
        snprintf(way, sizeof way, "%s by plain HMAC", bench_libraries[l]);
        assert_int_equal(bench_library_of(&(struct bench_subject){.by = bench_libraries[l]}), l);
        assert_int_equal(bench_library_of(&(struct bench_subject){.by = way}), l);
    }
}

static void run_nothing(struct bench_subject *s, size_t calls)
{
    struct timespec pause = {.tv_nsec = 1000};
    (void)s;
    for (; calls > 0; calls--)
        nanosleep(&pause, NULL);
}

/* Only ours has ratios, to each library that does the same, and to its plain way. */
static void test_ratios_are_to_each_library(void **state)
{
    (void)state;
    struct bench *b = bench_open(0.00001);
    bench_add(b, "sha256", "ni", 64, run_nothing);
    for (size_t l = 0; l < BENCH_LIBRARIES; l++)
        bench_add(b, "sha256", bench_libraries[l], 64, run_nothing);
    bench_add(b, "hkdf", "picked", 0, run_nothing);
    bench_add(b, "hkdf", BENCH_OPENSSL " by plain HMAC", 0, run_nothing);
    bench_measure(b, false);
    for (size_t i = 0; i < b->subjects; i++)
        for (size_t l = 0; l < BENCH_LIBRARIES; l++)
            assert_int_equal(b->subject[i].ratio[l].times > 0, strcmp(b->subject[i].by, "ni") == 0);
    bench_close(b);
}

/* The cycles of a call on a processor whose AESENC takes 4, of AESDEC many 0.5 each, and a block of SHA-256 130. */
static double bound(const char *primitive, size_t size, double aesenc, double aesdec, double sha256)
{
    struct bench *b = bench_open(1);
    b->limit_aesenc = aesenc;
    b->limit_aesdec = aesdec;
    b->limit_sha256 = sha256;
    double cycles = bench_bound(b, &(struct bench_subject){.primitive = primitive, .by = "ni", .size = size});
    bench_close(b);
    return cycles;
}

static void test_what_the_processor_allows(void **state)
{
    (void)state;
    static const struct {
        const char *primitive;
        size_t size;
        double cycles;
    } known[] = {
        {"aes", 64, 40},       /* the block before, not the units */
        {"aes", 1024, 64 * 5}, /* the units */
        {"cbc encrypt", 64, 4 * 40},
        {"cbc decrypt", 64, 4 * 5},
        {"sha256", 64, 2 * 130}, /* the second is padding */
        {"hmac", 64, 3 * 130},
        {"seal", 256, 6 * 130},     /* HMAC of 284 bytes */
        {"seal", 16384, 1024 * 40}, /* CBC */
        {"open", 256, 6 * 130 + 16 * 5},
        {"hkdf", 0, 14 * 130},
        {"pbkdf2 1000", 0, 2001 * 130},
        {"dh 3072 derive", 0, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(bound(known[i].primitive, known[i].size, 4, 0.5, 130) == known[i].cycles);
}

/* Without the instructions nothing is known, and half of it is not taken for the whole. */
static void test_no_limit_without_the_instructions(void **state)
{
    (void)state;
    static const char *const all[] = {"aes", "cbc encrypt", "cbc decrypt", "sha256", "hmac", "seal", "open", "hkdf"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_true(bound(all[i], 1024, 0, 0, 0) == 0);
    assert_true(bound("seal", 1024, 4, 0.5, 0) == 64 * 40);
    assert_true(bound("seal", 1024, 0, 0, 130) == 0);
    assert_true(bound("open", 1024, 4, 0.5, 0) == 0);
    assert_true(bound("open", 1024, 0, 0, 130) == 0);
}

/* Sixteen passwords at once do not wait for each other. */
static void test_no_limit_where_calls_go_together(void **state)
{
    (void)state;
    struct bench *b = bench_open(1);
    b->limit_sha256 = 130;
    struct bench_subject s = {.primitive = "pbkdf2 1000", .by = "picked"};
    assert_true(bench_bound(b, &s) > 0);
    s.together = 16;
    assert_true(bench_bound(b, &s) == 0);
    bench_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median_and_spread),
        cmocka_unit_test(test_ratio_goes_round_by_round),
        cmocka_unit_test(test_a_busy_machine_tells_no_ratio),
        cmocka_unit_test(test_whose_row_it_is),
        cmocka_unit_test(test_ratios_are_to_each_library),
        cmocka_unit_test(test_what_the_processor_allows),
        cmocka_unit_test(test_no_limit_without_the_instructions),
        cmocka_unit_test(test_no_limit_where_calls_go_together),
    };
    return RUN(tests);
}
