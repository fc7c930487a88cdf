/* SPDX-License-Identifier: MIT */
/* HMAC: published answers, the formula of RFC 2104 written out, keys of every length, messages in pieces. */
#include "crypto/hmac.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("hmac");
    while (vec_next(v)) {
        size_t key_len, msg_len, tag_len;
        const uint8_t *key = vec_hex(v, "key", &key_len), *msg = vec_hex(v, "msg", &msg_len);
        vec_hex(v, "tag", &tag_len);
        uint8_t tag[HMAC_TAG_LEN];
        hmac_tag(tag, key, key_len, msg, msg_len);
        assert_true(tag_len <= sizeof tag);
        vec_check(v, "tag", tag, tag_len);
    }
    vec_close(v);
}

/* H((K0 ^ opad) || H((K0 ^ ipad) || text)), with nothing computed ahead. */
static void by_formula(uint8_t tag[32], const uint8_t *key, size_t key_len, const uint8_t *msg, size_t msg_len)
{
    uint8_t inner[64 + 300] = {0}, outer[64 + 32] = {0};
    assert_true(msg_len <= 300);
    if (key_len > 64)
        sha256_digest(inner, key, key_len);
    else
        memcpy(inner, key, key_len);
    for (size_t i = 0; i < 64; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    memcpy(inner + 64, msg, msg_len);
    sha256_digest(outer + 64, inner, 64 + msg_len);
    sha256_digest(tag, outer, sizeof outer);
}

/* Keys of every length through 64, where they begin to be hashed, and 128; messages of every length at some of them. */
static void test_every_length(void **state)
{
    (void)state;
    uint8_t key[200], msg[300], tag[32], expected[32];
    fill(key, sizeof key, 1);
    fill(msg, sizeof msg, 2);
    for (size_t key_len = 0; key_len <= sizeof key; key_len++)
        for (size_t msg_len = 0; msg_len <= sizeof msg; msg_len += key_len % 32 == 0 ? 1 : 75) {
            by_formula(expected, key, key_len, msg, msg_len);
            hmac_tag(tag, key, key_len, msg, msg_len);
            assert_memory_equal(tag, expected, 32);
        }
    hmac_tag(tag, NULL, 0, NULL, 0);
    by_formula(expected, key, 0, msg, 0);
    assert_memory_equal(tag, expected, 32);
}

/* One key made ready serves many messages, two of them at the same time. */
static void test_key_serves_many(void **state)
{
    (void)state;
    uint8_t key[32], msg[200], tag[32], expected[32];
    fill(key, sizeof key, 3);
    fill(msg, sizeof msg, 4);
    struct hmac_key k;
    hmac_key_init(&k, key, sizeof key);
    struct hmac other;
    hmac_init(&other, &k);
    hmac_update(&other, "other", 5);
    for (size_t len = 0; len <= sizeof msg; len++) {
        struct hmac h;
        hmac_init(&h, &k);
        hmac_update(&h, msg, len);
        hmac_final(&h, tag);
        by_formula(expected, key, sizeof key, msg, len);
        assert_memory_equal(tag, expected, 32);
    }
    hmac_key_wipe(&k); /* a message that was started no longer needs its key */
    hmac_final(&other, tag);
    by_formula(expected, key, sizeof key, (const uint8_t *)"other", 5);
    assert_memory_equal(tag, expected, 32);
}

static void test_every_split(void **state)
{
    (void)state;
    uint8_t key[32], msg[130], tag[32], expected[32];
    fill(key, sizeof key, 5);
    fill(msg, sizeof msg, 6);
    struct hmac_key k;
    hmac_key_init(&k, key, sizeof key);
    for (size_t len = 0; len <= sizeof msg; len++) {
        by_formula(expected, key, sizeof key, msg, len);
        for (size_t cut = 0; cut <= len; cut++) {
            struct hmac h;
            hmac_init(&h, &k);
            hmac_update(&h, msg, cut);
            hmac_update(&h, msg + cut, len - cut);
            hmac_final(&h, tag);
            assert_memory_equal(tag, expected, 32);
            hmac_init(&h, &k);
            hmac_update(&h, msg, cut);
            hmac_last(&h, tag, cut < len ? msg + cut : NULL, len - cut);
            assert_memory_equal(tag, expected, 32);
        }
    }
}

/* In one piece; with the first blocks hashed by the caller; and with the tag written into the message. */
static void test_one_piece(void **state)
{
    (void)state;
    uint8_t key[32], msg[300], tag[32], expected[32];
    struct hmac_key k;
    fill(key, sizeof key, 10);
    hmac_key_init(&k, key, sizeof key);
    for (size_t len = 0; len <= sizeof msg; len++) {
        fill(msg, sizeof msg, 11);
        by_formula(expected, key, sizeof key, msg, len);
        for (size_t done = 0; done <= len; done += SHA256_BLOCK_LEN) {
            struct sha256 s;
            sha256_resume(&s, k.inner, SHA256_BLOCK_LEN);
            sha256_update(&s, msg, done);
            hmac_message_from(tag, &k, s.h, done, msg + done, len - done);
            assert_memory_equal(tag, expected, 32);
        }
        hmac_message(msg + len % 200, &k, msg, len);
        assert_memory_equal(msg + len % 200, expected, 32);
    }
}

/* Each bit of the key and of the message matters. */
static void test_every_bit_counts(void **state)
{
    (void)state;
    uint8_t key[64], msg[64], tag[32], other[32];
    fill(key, sizeof key, 7);
    fill(msg, sizeof msg, 8);
    hmac_tag(tag, key, sizeof key, msg, sizeof msg);
    for (size_t bit = 0; bit < 8 * 64; bit++) {
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        hmac_tag(other, key, sizeof key, msg, sizeof msg);
        assert_memory_not_equal(other, tag, 32);
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
        hmac_tag(other, key, sizeof key, msg, sizeof msg);
        assert_memory_not_equal(other, tag, 32);
        msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void assert_zeros(const void *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(((const uint8_t *)p)[i], 0);
}

static void test_wipes_leave_nothing(void **state)
{
    (void)state;
    uint8_t key[32], tag[32];
    fill(key, sizeof key, 9);
    struct hmac_key k;
    struct hmac h;
    hmac_key_init(&k, key, sizeof key);
    hmac_init(&h, &k);
    hmac_update(&h, key, sizeof key);
    hmac_final(&h, tag);
    assert_zeros(&h, sizeof h);
    hmac_key_wipe(&k);
    assert_zeros(&k, sizeof k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_key_serves_many),
        cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_one_piece),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_wipes_leave_nothing),
    };
    return RUN(tests);
}
