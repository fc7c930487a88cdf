/* SPDX-License-Identifier: MIT */
/* SHA-256, every backend: published answers, every way of cutting a message up, every length of padding, and each
 * backend against sha256_ref on other input. */
#include "crypto/sha256.h"

#include "crypto/bytes.h"
#include "crypto/sha256_ref.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/sha256_backends.h"
#include "tests/test.h"
#include "tests/vec.h"

static void digest_with(const struct sha256_impl *impl, uint8_t digest[32], const void *msg, size_t len)
{
    struct sha256 s;
    sha256_init_with(&s, impl);
    sha256_update(&s, msg, len);
    sha256_final(&s, digest);
}

/* The digest from the definition, not through the streaming: the padding of 5.1.1 written into a copy. */
static void digest_of_padded(uint8_t digest[32], const uint8_t *msg, size_t len)
{
    uint8_t padded[512] = {0};
    size_t padded_len = (len + 9 + 63) / 64 * 64;
    assert_true(padded_len <= sizeof padded);
    if (len > 0)
        memcpy(padded, msg, len);
    padded[len] = 0x80;
    bytes_store_be64(padded + padded_len - 8, 8 * len);
    uint32_t H[8];
    memcpy(H, sha256_H0, sizeof H);
    sha256_ref.compress(H, padded, padded_len / 64);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(digest + 4 * i, H[i]);
}

/* The printed steps one by one: after each round the working variables are those in the standard's tables. */
static void check_rounds(struct vec *v)
{
    size_t len;
    const uint8_t *blocks = vec_hex(v, "blocks", &len);
    uint32_t H[8], W[64], abcdefgh[8];
    uint8_t table[2 * 64 * 32], *row = table, digest[32];
    assert_true(len % SHA256_BLOCK_LEN == 0 && len / SHA256_BLOCK_LEN <= 2);
    memcpy(H, sha256_H0, sizeof H);
    for (const uint8_t *block = blocks; block < blocks + len; block += SHA256_BLOCK_LEN) {
        sha256_message_schedule(W, block);
        memcpy(abcdefgh, H, sizeof abcdefgh);
        for (size_t t = 0; t < 64; t++, row += 32) {
            sha256_round(abcdefgh, sha256_K[t], W[t]);
            for (size_t i = 0; i < 8; i++)
                bytes_store_be32(row + 4 * i, abcdefgh[i]);
        }
        for (size_t i = 0; i < 8; i++)
            H[i] += abcdefgh[i];
    }
    vec_check(v, "rounds", table, (size_t)(row - table));
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(digest + 4 * i, H[i]);
    vec_check(v, "digest", digest, sizeof digest);
}

static void check_vectors(const struct sha256_impl *impl)
{
    struct vec *v = vec_open("sha256");
    size_t tables = 0;
    while (vec_next(v)) {
        if (vec_has(v, "rounds")) {
            check_rounds(v);
            tables++;
            continue;
        }
        size_t len;
        const uint8_t *msg = vec_hex(v, "msg", &len);
        struct sha256 s;
        sha256_init_with(&s, impl);
        for (uint64_t times = vec_has(v, "repeat") ? vec_number(v, "repeat") : 1; times > 0; times--)
            sha256_update(&s, msg, len);
        uint8_t digest[SHA256_DIGEST_LEN];
        sha256_final(&s, digest);
        vec_check(v, "digest", digest, sizeof digest);
    }
    vec_close(v);
    assert_int_equal(tables, 2);
}

static void test_vectors_every_backend(void **state)
{
    (void)state;
    each_sha256_backend(check_vectors);
}

/* The functions on words where it matters which bits go round and which are dropped (4.1.2). */
static void test_printed_functions(void **state)
{
    (void)state;
    assert_int_equal(sha256_ROTR(0x80000001, 1), 0xc0000000);
    assert_int_equal(sha256_Ch(0xf0f0f0f0, 0xaaaaaaaa, 0x55555555), 0xa5a5a5a5);
    assert_int_equal(sha256_Maj(0xff00ff00, 0xf0f0f0f0, 0xcccccccc), 0xfcc0fcc0);
    assert_int_equal(sha256_Sigma0(1), 0x40080400); /* bits 32-2, 32-13, 32-22 */
    assert_int_equal(sha256_Sigma1(1), 0x04200080); /* bits 32-6, 32-11, 32-25 */
    assert_int_equal(sha256_sigma0(1), 0x02004000); /* bits 32-7, 32-18; the shift drops it */
    assert_int_equal(sha256_sigma1(1), 0x0000a000); /* bits 32-17, 32-19 */
    assert_int_equal(sha256_sigma0(0x80000000), 0x11002000);
    assert_int_equal(sha256_sigma1(0x80000000), 0x00205000);
}

/* Every length around one, two, three and four blocks, where the padding does and does not fit. */
static void check_every_length(const struct sha256_impl *impl)
{
    uint8_t msg[300], digest[32], expected[32];
    fill(msg, sizeof msg, 1);
    for (size_t len = 0; len <= sizeof msg; len++) {
        digest_of_padded(expected, msg, len);
        digest_with(impl, digest, msg, len);
        assert_memory_equal(digest, expected, 32);
    }
}

static void test_every_length_of_padding(void **state)
{
    (void)state;
    each_sha256_backend(check_every_length);
}

/* Every split of every message of up to 200 bytes in two parts. */
static void check_every_split(const struct sha256_impl *impl)
{
    uint8_t msg[200], whole[32], parts[32];
    fill(msg, sizeof msg, 2);
    for (size_t len = 0; len <= sizeof msg; len++) {
        digest_with(impl, whole, msg, len);
        for (size_t cut = 0; cut <= len; cut++) {
            struct sha256 s;
            sha256_init_with(&s, impl);
            sha256_update(&s, msg, cut);
            sha256_update(&s, msg + cut, len - cut);
            sha256_final(&s, parts);
            assert_memory_equal(parts, whole, 32);
        }
    }
}

static void test_every_split(void **state)
{
    (void)state;
    each_sha256_backend(check_every_split);
}

/* Equal pieces of every size, from single bytes on, with empty ones between. */
static void check_every_piece(const struct sha256_impl *impl)
{
    uint8_t msg[517], whole[32], parts[32];
    fill(msg, sizeof msg, 3);
    digest_with(impl, whole, msg, sizeof msg);
    for (size_t piece = 1; piece <= 200; piece++) {
        struct sha256 s;
        sha256_init_with(&s, impl);
        for (size_t at = 0; at < sizeof msg; at += piece) {
            sha256_update(&s, msg + at, piece < sizeof msg - at ? piece : sizeof msg - at);
            sha256_update(&s, NULL, 0);
        }
        sha256_final(&s, parts);
        assert_memory_equal(parts, whole, 32);
    }
}

static void test_pieces_of_every_size(void **state)
{
    (void)state;
    each_sha256_backend(check_every_piece);
}

/* The compression alone, on any chaining value, at any alignment: one block or many at a time, and none. */
static void check_against_ref(const struct sha256_impl *impl)
{
    uint8_t data[1 + 9 * 64 + 16];
    uint32_t h[8], expected[8], one_by_one[8];
    for (uint32_t seed = 0; seed < 50; seed++)
        for (size_t blocks = 0; blocks <= 9; blocks++) {
            fill(data, sizeof data, 100 + seed);
            fill(h, sizeof h, 200 + seed);
            memcpy(expected, h, sizeof h);
            memcpy(one_by_one, h, sizeof h);
            const uint8_t *at = data + seed % 17;
            sha256_ref.compress(expected, at, blocks);
            impl->compress(h, at, blocks);
            assert_memory_equal(h, expected, sizeof h);
            for (size_t i = 0; i < blocks; i++)
                impl->compress(one_by_one, at + 64 * i, 1);
            assert_memory_equal(one_by_one, expected, sizeof h);
        }
}

static void test_backends_agree(void **state)
{
    (void)state;
    each_sha256_backend(check_against_ref);
}

/* Two blocks side by side, and messages finished from any chaining value, with and without HMAC's second hash. */
static void check_two_and_finish(const struct sha256_impl *impl)
{
    uint8_t data[300], digest[32], expected[32], inner[32];
    uint32_t g[8], h[8], outer[8], g_ref[8], h_ref[8];
    fill(data, sizeof data, 8);
    for (size_t len = 0; len <= sizeof data; len++) {
        fill(g, sizeof g, 300 + (uint32_t)len);
        fill(h, sizeof h, 700 + (uint32_t)len);
        memcpy(g_ref, g, sizeof g);
        memcpy(h_ref, h, sizeof h);
        memcpy(outer, h, sizeof h);
        sha256_finish(expected, &sha256_ref, g, NULL, 128, data, len);
        sha256_finish(digest, impl, g, NULL, 128, data, len);
        assert_memory_equal(digest, expected, 32);
        memcpy(inner, expected, 32);
        sha256_finish(expected, &sha256_ref, outer, NULL, 64, inner, 32);
        sha256_finish(digest, impl, g, outer, 128, data, len);
        assert_memory_equal(digest, expected, 32);
        assert_memory_equal(outer, h, sizeof h);
        assert_memory_equal(g, g_ref, sizeof g);
        sha256_compress_two(impl, g, data + len % 17, h, data + 100);
        sha256_ref.compress(g_ref, data + len % 17, 1);
        sha256_ref.compress(h_ref, data + 100, 1);
        assert_memory_equal(g, g_ref, sizeof g);
        assert_memory_equal(h, h_ref, sizeof h);
    }
}

static void test_two_and_finish(void **state)
{
    (void)state;
    each_sha256_backend(check_two_and_finish);
}

static void test_ref_is_last_and_not_picked(void **state)
{
    (void)state;
    size_t n = 0;
    while (sha256_impls[n] != NULL)
        n++;
    assert_ptr_equal(sha256_impls[n - 1], &sha256_ref);
    struct sha256 s;
    sha256_init(&s);
    assert_ptr_not_equal(s.impl, &sha256_ref);
    assert_true(s.impl->usable());
}

/* From every whole number of blocks on, with the chaining value taken out of one context and put into another. */
static void test_resume_goes_on(void **state)
{
    (void)state;
    uint8_t msg[333], whole[32], resumed[32];
    fill(msg, sizeof msg, 4);
    sha256_digest(whole, msg, sizeof msg);
    for (size_t at = 0; at <= sizeof msg; at += SHA256_BLOCK_LEN) {
        struct sha256 first, second;
        sha256_init(&first);
        sha256_update(&first, msg, at);
        memset(&second, 0xa5, sizeof second);
        sha256_resume(&second, first.h, at);
        sha256_update(&second, msg + at, sizeof msg - at);
        sha256_final(&second, resumed);
        assert_memory_equal(resumed, whole, 32);
    }
}

/* The length in the padding has 64 bits: beyond 2^32 bits, 2^32 bytes, and up to the last message there is. */
static void test_length_of_64_bits(void **state)
{
    (void)state;
    const uint64_t lens[] = {
        (1ull << 29) - 64, 1ull << 29, (1ull << 32) - 64, 1ull << 32, 1ull << 40, (1ull << 61) - 64,
    };
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        uint32_t h[8];
        fill(h, sizeof h, 5);
        struct sha256 s;
        sha256_resume(&s, h, lens[i]);
        sha256_update(&s, "abc", 3);
        uint8_t last[64] = {'a', 'b', 'c', 0x80}, digest[32], expected[32];
        sha256_final(&s, digest);
        bytes_store_be64(last + 56, 8 * (lens[i] + 3));
        sha256_ref.compress(h, last, 1);
        for (size_t j = 0; j < 8; j++)
            bytes_store_be32(expected + 4 * j, h[j]);
        assert_memory_equal(digest, expected, 32);
    }
}

static void test_copies_go_apart(void **state)
{
    (void)state;
    struct sha256 a, b;
    sha256_init(&a);
    sha256_update(&a, "common ", 7);
    b = a;
    sha256_update(&a, "left", 4);
    sha256_update(&b, "right", 5);
    uint8_t digest[32], expected[32];
    sha256_final(&a, digest);
    sha256_digest(expected, "common left", 11);
    assert_memory_equal(digest, expected, 32);
    sha256_final(&b, digest);
    sha256_digest(expected, "common right", 12);
    assert_memory_equal(digest, expected, 32);
}

static void test_digest_inside_data(void **state)
{
    (void)state;
    uint8_t msg[100], expected[32];
    fill(msg, sizeof msg, 6);
    sha256_digest(expected, msg, sizeof msg);
    sha256_digest(msg + 30, msg, sizeof msg);
    assert_memory_equal(msg + 30, expected, 32);
}

static void check_wipe(const struct sha256_impl *impl)
{
    struct sha256 s;
    uint8_t msg[100], digest[32];
    fill(msg, sizeof msg, 7);
    sha256_init_with(&s, impl);
    sha256_update(&s, msg, sizeof msg);
    sha256_final(&s, digest);
    for (size_t i = 0; i < sizeof s; i++)
        assert_int_equal(((const uint8_t *)&s)[i], 0);
}

static void test_final_leaves_nothing(void **state)
{
    (void)state;
    each_sha256_backend(check_wipe);
}

static void resume_within_a_block(void)
{
    struct sha256 s;
    sha256_resume(&s, sha256_H0, 63);
}

static void resume_too_far(void)
{
    struct sha256 s;
    sha256_resume(&s, sha256_H0, 1ull << 61);
}

static void update_too_far(void)
{
    struct sha256 s;
    sha256_resume(&s, sha256_H0, (1ull << 61) - 64);
    uint8_t block[64] = {0};
    sha256_update(&s, block, sizeof block);
}

static void test_wrong_use_aborts(void **state)
{
    (void)state;
    assert_true(aborts(resume_within_a_block));
    assert_true(aborts(resume_too_far));
    assert_true(aborts(update_too_far));
}

int main(void)
{
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_every_backend),
        cmocka_unit_test(test_printed_functions),
        cmocka_unit_test(test_every_length_of_padding),
        cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_pieces_of_every_size),
        cmocka_unit_test(test_backends_agree),
        cmocka_unit_test(test_two_and_finish),
        cmocka_unit_test(test_ref_is_last_and_not_picked),
        cmocka_unit_test(test_resume_goes_on),
        cmocka_unit_test(test_length_of_64_bits),
        cmocka_unit_test(test_copies_go_apart),
        cmocka_unit_test(test_digest_inside_data),
        cmocka_unit_test(test_final_leaves_nothing),
        cmocka_unit_test(test_wrong_use_aborts),
    };
    /* clang-format on */
    return RUN(tests);
}
