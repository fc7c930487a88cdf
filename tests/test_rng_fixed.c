/* SPDX-License-Identifier: MIT */
/* The fixed source answers what its definition says, whoever asks and in whatever pieces. */
#include "app/workbench/rng_fixed.h"

#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("rng_fixed");
    while (vec_next(v)) {
        size_t seed_len, len;
        const uint8_t *seed = vec_hex(v, "seed", &seed_len);
        vec_hex(v, "stream", &len);
        uint8_t out[256];
        struct rng rng;
        rng_fixed_init(&rng, seed, seed_len);
        rng_fill(&rng, out, (size_t)vec_number(v, "skip"));
        rng_fill(&rng, out, len);
        vec_check(v, "stream", out, len);
    }
    vec_close(v);
}

/* rng_key and rng_fill, by turns and in pieces of every size, take from one stream. */
static void test_one_stream(void **state)
{
    (void)state;
    struct rng rng;
    uint8_t whole[300], out[300];
    rng_fixed_init(&rng, "one stream", 10);
    rng_fill(&rng, whole, sizeof whole);
    for (size_t step = 1; step <= sizeof out; step++) {
        rng_fixed_init(&rng, "one stream", 10);
        for (size_t done = 0; done < sizeof out; done += step) {
            size_t n = sizeof out - done < step ? sizeof out - done : step;
            (done / step % 2 ? rng_key : rng_fill)(&rng, out + done, n);
        }
        assert_memory_equal(out, whole, sizeof out);
    }
}

static void test_seeds_differ(void **state)
{
    (void)state;
    struct rng a, b;
    uint8_t x[32], y[32], seed[RNG_FIXED_SEED_MAX] = {0};
    rng_fixed_init(&a, seed, sizeof seed);
    rng_fixed_init(&b, seed, sizeof seed - 1);
    rng_key(&a, x, sizeof x);
    rng_key(&b, y, sizeof y);
    assert_memory_not_equal(x, y, sizeof x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_one_stream),
        cmocka_unit_test(test_seeds_differ),
    };
    return RUN(tests);
}
