/* SPDX-License-Identifier: MIT */
/* SHA-256 of many messages: each digest is what it would be alone, with every backend, at every number of messages and
 * of blocks. */
#include "crypto/sha256_many_impl.h"

#include "crypto/bytes.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define BLOCKS 5

static void each_backend(void (*check)(const struct sha256_many_impl *impl))
{
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable())
            check(sha256_many_impls[i]);
        else
            printf("skipped: sha256_many %s (this processor lacks its instructions)\n", sha256_many_impls[i]->name);
}

/* The message with the padding of 5.1.1 after it; returns the number of blocks. */
static size_t pad(uint8_t padded[64 * BLOCKS], const uint8_t *msg, size_t len)
{
    size_t padded_len = (len + 9 + 63) / 64 * 64;
    assert_true(padded_len <= 64 * BLOCKS);
    memset(padded, 0, padded_len);
    memcpy(padded, msg, len);
    padded[len] = 0x80;
    bytes_store_be64(padded + padded_len - 8, 8 * len);
    return padded_len / 64;
}

/* A published answer in every place, among neighbours that are other messages. */
static void check_everywhere(struct vec *v, const struct sha256_many_impl *impl, const uint8_t *msg, size_t len)
{
    uint8_t padded[64 * BLOCKS], neighbour[64 * BLOCKS], digest[32];
    size_t blocks = pad(padded, msg, len);
    fill(neighbour, sizeof neighbour, 1);
    for (size_t place = 0; place < SHA256_MANY_MAX; place++) {
        const uint8_t *data[SHA256_MANY_MAX];
        struct sha256_many s;
        uint32_t h[8];
        for (size_t j = 0; j < SHA256_MANY_MAX; j++)
            data[j] = j == place ? padded : neighbour;
        sha256_many_init_with(&s, impl, SHA256_MANY_MAX);
        sha256_many_update(&s, data, blocks);
        sha256_many_state(&s, place, h);
        for (size_t i = 0; i < 8; i++)
            bytes_store_be32(digest + 4 * i, h[i]);
        vec_check(v, "digest", digest, sizeof digest);
    }
}

/* The tables of rounds and the longest messages are test_sha256's. */
static void check_vectors(const struct sha256_many_impl *impl)
{
    struct vec *v = vec_open("sha256");
    size_t len, checked = 0;
    while (vec_next(v)) {
        if (vec_has(v, "rounds")) {
            vec_hex(v, "blocks", &len);
            vec_hex(v, "rounds", &len);
            vec_hex(v, "digest", &len);
            continue;
        }
        const uint8_t *msg = vec_hex(v, "msg", &len);
        uint64_t times = vec_has(v, "repeat") ? vec_number(v, "repeat") : 1;
        if (times == 1 && len + 9 <= 64 * BLOCKS) {
            check_everywhere(v, impl, msg, len);
            checked++;
        } else {
            vec_hex(v, "digest", &len);
        }
    }
    vec_close(v);
    assert_true(checked >= 3);
}

static void test_vectors(void **state)
{
    (void)state;
    each_backend(check_vectors);
}

/* n messages of so many blocks, each from a chaining value of its own, each in memory of its own that ends with it (so
 * that a sanitizer sees a byte too many), none after the n-th. */
static void check_random(const struct sha256_many_impl *impl, size_t n, size_t blocks, uint32_t seed)
{
    uint8_t *memory[SHA256_MANY_MAX] = {NULL};
    const uint8_t *data[SHA256_MANY_MAX] = {NULL};
    uint32_t start[SHA256_MANY_MAX][8], expected[8], h[8];
    struct sha256_many s;
    sha256_many_init_with(&s, impl, n);
    fill(start, sizeof start, seed);
    for (size_t j = 0; j < n; j++) {
        size_t off = (seed + j) % 5; /* any alignment */
        data[j] = memory[j] = malloc(off + 64 * blocks + 1);
        assert_non_null(memory[j]);
        data[j] += off;
        fill(memory[j], off + 64 * blocks, seed + 100 * (uint32_t)j + 1);
        sha256_many_resume(&s, j, start[j]);
    }
    sha256_many_update(&s, data, blocks);
    for (size_t j = 0; j < n; j++) {
        memcpy(expected, start[j], sizeof expected);
        sha256_ref.compress(expected, data[j], blocks);
        sha256_many_state(&s, j, h);
        assert_memory_equal(h, expected, sizeof h);
        free(memory[j]);
    }
}

static void check_every_number(const struct sha256_many_impl *impl)
{
    for (uint32_t seed = 0; seed < 8; seed++)
        for (size_t n = 1; n <= SHA256_MANY_MAX; n++)
            for (size_t blocks = 0; blocks <= BLOCKS; blocks++)
                check_random(impl, n, blocks, 1000 * seed + 7 * (uint32_t)n);
}

static void test_every_number(void **state)
{
    (void)state;
    each_backend(check_every_number);
}

/* Blocks given as words give what they give as bytes, and a second call goes on from where the first stopped. */
static void check_words(const struct sha256_many_impl *impl)
{
    uint8_t bytes[SHA256_MANY_MAX][64];
    const uint8_t *data[SHA256_MANY_MAX];
    struct sha256_many_block block;
    for (uint32_t seed = 0; seed < 50; seed++)
        for (size_t n = 1; n <= SHA256_MANY_MAX; n++) {
            struct sha256_many by_bytes, by_words;
            fill(bytes, sizeof bytes, seed);
            for (size_t j = 0; j < SHA256_MANY_MAX; j++) {
                data[j] = bytes[j];
                for (size_t i = 0; i < 16; i++)
                    block.w[i][j] = bytes_load_be32(bytes[j] + 4 * i);
            }
            sha256_many_init_with(&by_bytes, &sha256_many_portable, n);
            sha256_many_init_with(&by_words, impl, n);
            for (size_t times = 0; times < 3; times++) {
                sha256_many_update(&by_bytes, data, 1);
                sha256_many_update_words(&by_words, &block);
            }
            for (size_t j = 0; j < n; j++) {
                uint32_t h[8], expected[8];
                sha256_many_state(&by_bytes, j, expected);
                sha256_many_state(&by_words, j, h);
                assert_memory_equal(h, expected, sizeof h);
            }
        }
}

static void test_words(void **state)
{
    (void)state;
    each_backend(check_words);
}

/* init picks the first usable one, and says whether it is more than a loop. */
static void test_choice(void **state)
{
    (void)state;
    struct sha256_many s;
    size_t first = 0;
    while (!sha256_many_impls[first]->usable())
        first++;
    sha256_many_init(&s, 3);
    assert_ptr_equal(s.impl, sha256_many_impls[first]);
    assert_int_equal(s.n, 3);
    assert_int_equal(sha256_many_worthwhile(), s.impl != &sha256_many_portable);
    for (size_t j = 0; j < 3; j++) {
        uint32_t h[8];
        sha256_many_state(&s, j, h);
        assert_memory_equal(h, sha256_H0, sizeof h);
    }
}

static void no_message(void)
{
    struct sha256_many s;
    sha256_many_init(&s, 0);
}

static void too_many_messages(void)
{
    struct sha256_many s;
    sha256_many_init(&s, SHA256_MANY_MAX + 1);
}

static void test_wrong_numbers_abort(void **state)
{
    (void)state;
    assert_true(aborts(no_message));
    assert_true(aborts(too_many_messages));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_every_number),        cmocka_unit_test(test_words),
        cmocka_unit_test(test_choice),  cmocka_unit_test(test_wrong_numbers_abort),
    };
    return RUN(tests);
}
