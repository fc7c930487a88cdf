/* SPDX-License-Identifier: MIT */
/* The pauses between tries: bounds, doubling, and that those who were cut off together do not come together. */
#include "app/client/backoff.h"

#include "tests/test.h"

static void test_each_pause_is_between_its_bounds(void **state)
{
    static const int64_t longest[] = {8000, 16000, 32000, 64000, 128000, 128000, 128000};
    struct rng rng;
    (void)state;
    rng_init(&rng);
    for (int round = 0; round < 200; round++) {
        struct backoff b = {0};
        for (size_t i = 0; i < sizeof longest / sizeof *longest; i++) {
            int64_t pause = backoff_next(&b, &rng);
            assert_true(pause >= longest[i] / 4 && pause <= longest[i]);
        }
    }
    rng_wipe(&rng);
}

static void test_it_grows_no_further_after_any_number_of_tries(void **state)
{
    struct backoff b = {.tries = 4000000000u};
    struct rng rng;
    (void)state;
    rng_init(&rng);
    assert_true(backoff_next(&b, &rng) <= BACKOFF_LAST_MS);
    b = (struct backoff){0};
    assert_true(backoff_next(&b, &rng) <= BACKOFF_FIRST_MS);
    rng_wipe(&rng);
}

/* The source that is asked is the caller's: every value that it can give leads between the bounds, its ends to them. */
static void fixed(struct rng *rng, uint8_t *out, size_t len)
{
    memset(out, (int)rng->used, len);
}

static void test_both_ends_are_reached(void **state)
{
    struct rng rng;
    (void)state;
    rng_init(&rng);
    rng.source = fixed;
    rng.used = 0;
    assert_int_equal(backoff_next(&(struct backoff){0}, &rng), 2000);
    rng_wipe(&rng);
}

/* Three hundred in the first pause: of its six seconds none has a third of them, where a sixth is fair. That it fails
 * by chance is less likely than 1 in 10^9 (50 expected, 6.5 the standard deviation, 100 the bound). */
static void test_a_crowd_is_spread(void **state)
{
    int in_second[9] = {0};
    struct rng rng;
    (void)state;
    rng_init(&rng);
    for (int i = 0; i < 300; i++)
        in_second[backoff_next(&(struct backoff){0}, &rng) / 1000]++;
    assert_int_equal(in_second[0] + in_second[1], 0);
    for (int i = 2; i < 8; i++)
        assert_true(in_second[i] > 5 && in_second[i] < 100);
    rng_wipe(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_pause_is_between_its_bounds),
        cmocka_unit_test(test_it_grows_no_further_after_any_number_of_tries),
        cmocka_unit_test(test_both_ends_are_reached),
        cmocka_unit_test(test_a_crowd_is_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
