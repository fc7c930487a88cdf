/* SPDX-License-Identifier: MIT */
/* PBKDF2 of many passwords: each result is what it would be alone, in each place of a batch, with each backend. */
#include "crypto/pbkdf2_many_impl.h"

#include <time.h>

#include "crypto/pbkdf2.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define MOST 40 /* passwords: two full batches and a part of one */

static void each_backend(void (*check)(const struct sha256_many_impl *impl))
{
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable())
            check(sha256_many_impls[i]);
        else
            printf("skipped: pbkdf2_many on sha256_many %s (this processor lacks its instructions)\n",
                   sha256_many_impls[i]->name);
}

/* A published answer in each place of the batch (in three of them where the iterations are many), among others. */
static void check_vectors(const struct sha256_many_impl *impl)
{
    struct vec *v = vec_open("pbkdf2");
    while (vec_next(v)) {
        size_t password_len, salt_len, dk_len;
        const uint8_t *password = vec_hex(v, "password", &password_len), *salt = vec_hex(v, "salt", &salt_len);
        const uint8_t *dk = vec_hex(v, "dk", &dk_len);
        uint32_t iterations = (uint32_t)vec_number(v, "iterations");
        uint8_t out[SHA256_MANY_MAX][PBKDF2_ONE_LEN];
        assert_true(dk_len >= 16);
        for (size_t place = 0; place<SHA256_MANY_MAX; place += iterations> 1000 ? 7 : 1) {
            struct pbkdf2_one one[SHA256_MANY_MAX];
            for (size_t j = 0; j < SHA256_MANY_MAX; j++)
                one[j] = (struct pbkdf2_one){
                    out[j], (const uint8_t *)"another", j % 8, (const uint8_t *)"pinch", j % 6, iterations};
            one[place] = (struct pbkdf2_one){out[place], password, password_len, salt, salt_len, iterations};
            pbkdf2_derive_batch(impl, one, SHA256_MANY_MAX, 0);
            assert_memory_equal(out[place], dk, dk_len < PBKDF2_ONE_LEN ? dk_len : PBKDF2_ONE_LEN);
        }
    }
    vec_close(v);
}

static void test_vectors(void **state)
{
    (void)state;
    each_backend(check_vectors);
}

/* Passwords and salts of many lengths, some equal, and room for the answers and a byte more that must not change. */
struct lot {
    uint8_t passwords[MOST][150], salts[MOST][80], out[MOST][PBKDF2_ONE_LEN + 1];
    struct pbkdf2_one one[MOST];
};

/* kinds: how many numbers of iterations take turns. */
static void make_lot(struct lot *lot, uint32_t seed, uint32_t kinds)
{
    fill(lot->passwords, sizeof lot->passwords, seed);
    fill(lot->salts, sizeof lot->salts, seed + 1);
    memset(lot->out, 0x5a, sizeof lot->out);
    for (size_t j = 0; j < MOST; j++)
        lot->one[j] = (struct pbkdf2_one){.out = lot->out[j],
                                          .password = lot->passwords[j % 5 == 4 ? j - 1 : j],
                                          .password_len = (13 * j + seed) % 150,
                                          .salt = lot->salts[j],
                                          .salt_len = (7 * j + seed) % 80,
                                          .iterations = 1 + (seed + (uint32_t)j) % kinds};
}

static void check_lot(const struct lot *lot, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        const struct pbkdf2_one *one = &lot->one[j];
        uint8_t expected[PBKDF2_ONE_LEN];
        pbkdf2_derive(expected, sizeof expected, one->password, one->password_len, one->salt, one->salt_len,
                      one->iterations);
        assert_memory_equal(lot->out[j], expected, sizeof expected);
        assert_int_equal(lot->out[j][PBKDF2_ONE_LEN], 0x5a);
    }
    for (size_t j = n; j < MOST; j++)
        for (size_t i = 0; i <= PBKDF2_ONE_LEN; i++)
            assert_int_equal(lot->out[j][i], 0x5a);
}

static void check_batches(const struct sha256_many_impl *impl)
{
    static struct lot lot;
    for (size_t n = 1; n <= SHA256_MANY_MAX; n++)
        for (uint32_t kinds = 1; kinds <= 5; kinds++)
            for (uint32_t least = 0; least <= 7; least++) {
                make_lot(&lot, 17 * (uint32_t)n + least, kinds);
                pbkdf2_derive_batch(impl, lot.one, n, least);
                check_lot(&lot, n);
            }
}

static void test_every_batch(void **state)
{
    (void)state;
    each_backend(check_batches);
}

/* However it is cut into batches. */
static void test_every_number(void **state)
{
    (void)state;
    static struct lot lot;
    for (size_t n = 0; n <= MOST; n++) {
        make_lot(&lot, 3 * (uint32_t)n, 3);
        pbkdf2_derive_many(lot.one, n, (uint32_t)n % 6);
        check_lot(&lot, n);
    }
    pbkdf2_derive_many(NULL, 0, 3);
}

static unsigned hashed;

static void update_counted(struct sha256_many *s, const uint8_t *const data[], size_t blocks)
{
    sha256_many_portable.update(s, data, blocks);
}

static void update_words_counted(struct sha256_many *s, const struct sha256_many_block *block)
{
    hashed++;
    sha256_many_portable.update_words(s, block);
}

static bool usable(void)
{
    return true;
}

/* All end together, and not before the least number of iterations: two hashes for each but the first. */
static void test_short_chains_go_on(void **state)
{
    (void)state;
    static const struct sha256_many_impl counting = {"counting", 1, usable, update_counted, update_words_counted};
    static struct lot lot;
    for (uint32_t least = 0; least <= 9; least++) {
        hashed = 0;
        make_lot(&lot, 0, 5); /* up to 5 iterations */
        pbkdf2_derive_batch(&counting, lot.one, 8, least);
        assert_int_equal(hashed, 2 * ((least > 5 ? least : 5) - 1));
    }
}

/* Processor seconds of one password alone. */
static double alone(uint32_t iterations, uint32_t least)
{
    uint8_t out[PBKDF2_ONE_LEN] = {0};
    struct pbkdf2_one one = {.out = out, .password = out, .salt = out, .iterations = iterations};
    clock_t before = clock();
    pbkdf2_derive_many(&one, 1, least);
    return (double)(clock() - before) / CLOCKS_PER_SEC;
}

/* One is too few for a batch: there only processor time shows the work that is done for nothing. */
static void test_the_last_one_goes_on(void **state)
{
    (void)state;
    double most = 0, least = 1e9;
    for (int i = 0; i < 9; i++) { /* time that the machine takes for other things must not decide */
        double idle = alone(1, 20000), real = alone(20000, 0);
        most = idle > most ? idle : most;
        least = real < least ? real : least;
    }
    assert_true(most > least / 4);
}

static void no_iterations(void)
{
    uint8_t out[PBKDF2_ONE_LEN];
    struct pbkdf2_one one = {.out = out, .password = out, .salt = out};
    pbkdf2_derive_many(&one, 1, 3);
}

static void test_no_iterations_aborts(void **state)
{
    (void)state;
    assert_true(aborts(no_iterations));
}

/* Measured once: from some number on, or never where the processor has nothing for batches. */
static void test_from_how_many_on(void **state)
{
    (void)state;
    size_t least = pbkdf2_many_least();
    assert_true(least == 0 || (least >= 2 && least <= SHA256_MANY_MAX));
    assert_true(least == 0 || pbkdf2_many_worthwhile());
    assert_int_equal(pbkdf2_many_worthwhile(), sha256_many_fastest()->lanes == SHA256_MANY_MAX);
    for (int i = 0; i < 10; i++)
        assert_int_equal(pbkdf2_many_least(), least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_batch),
        cmocka_unit_test(test_every_number),
        cmocka_unit_test(test_short_chains_go_on),
        cmocka_unit_test(test_the_last_one_goes_on),
        cmocka_unit_test(test_from_how_many_on),
        cmocka_unit_test(test_no_iterations_aborts),
    };
    return RUN(tests);
}
