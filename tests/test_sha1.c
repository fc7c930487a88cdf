/* SPDX-License-Identifier: MIT */
/* SHA-1: published answers, every way of cutting a message up, every length of padding. */
#include "crypto/sha1.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("sha1");
    while (vec_next(v)) {
        size_t len;
        const uint8_t *msg = vec_hex(v, "msg", &len);
        struct sha1 s;
        sha1_init(&s);
        for (uint64_t times = vec_has(v, "repeat") ? vec_number(v, "repeat") : 1; times > 0; times--)
            sha1_update(&s, msg, len);
        uint8_t digest[SHA1_DIGEST_LEN];
        sha1_final(&s, digest);
        vec_check(v, "digest", digest, sizeof digest);
    }
    vec_close(v);
}

/* Every split of every message of up to 200 bytes, and the same byte by byte. */
static void test_every_split(void **state)
{
    (void)state;
    uint8_t msg[200], whole[SHA1_DIGEST_LEN], parts[SHA1_DIGEST_LEN];
    fill(msg, sizeof msg, 1);
    for (size_t len = 0; len <= sizeof msg; len++) {
        struct sha1 s;
        sha1_digest(whole, msg, len);
        for (size_t cut = 0; cut <= len; cut++) {
            sha1_init(&s);
            sha1_update(&s, msg, cut);
            sha1_update(&s, msg + cut, len - cut);
            sha1_final(&s, parts);
            assert_memory_equal(parts, whole, sizeof whole);
        }
        sha1_init(&s);
        for (size_t i = 0; i < len; i++)
            sha1_update(&s, msg + i, 1);
        sha1_update(&s, NULL, 0);
        sha1_final(&s, parts);
        assert_memory_equal(parts, whole, sizeof whole);
    }
}

/* One digest over the digests of all lengths from 0 to 300, so around every boundary of the padding. What it must be is
 * Python's: h = hashlib.sha1(); [h.update(hashlib.sha1(b'a' * n).digest()) for n in range(301)]. */
static void test_every_length_of_padding(void **state)
{
    (void)state;
    const uint8_t expected[SHA1_DIGEST_LEN] = {0x9c, 0x72, 0x3e, 0x6d, 0x1a, 0x33, 0x22, 0xc1, 0x63, 0x72,
                                               0x3d, 0xaf, 0x00, 0xac, 0xf9, 0x7e, 0x82, 0x7f, 0xb5, 0xa0};
    uint8_t msg[300], digest[SHA1_DIGEST_LEN];
    memset(msg, 'a', sizeof msg);
    struct sha1 all;
    sha1_init(&all);
    for (size_t len = 0; len <= sizeof msg; len++) {
        sha1_digest(digest, msg, len);
        sha1_update(&all, digest, sizeof digest);
    }
    sha1_final(&all, digest);
    assert_memory_equal(digest, expected, sizeof expected);
}

static void test_final_leaves_nothing(void **state)
{
    (void)state;
    uint8_t msg[100], digest[SHA1_DIGEST_LEN];
    fill(msg, sizeof msg, 2);
    struct sha1 s;
    sha1_init(&s);
    sha1_update(&s, msg, sizeof msg);
    sha1_final(&s, digest);
    for (size_t i = 0; i < sizeof s; i++)
        assert_int_equal(((const uint8_t *)&s)[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_every_length_of_padding),
        cmocka_unit_test(test_final_leaves_nothing),
    };
    return RUN(tests);
}
