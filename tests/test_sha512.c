/* SPDX-License-Identifier: MIT */
/* SHA-512 and SHA-384: published answers, every way of cutting a message up, every length of padding. */
#include "crypto/sha512.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("sha512");
    while (vec_next(v)) {
        size_t len;
        bool short_one = strcmp(vec_text(v, "hash"), "sha384") == 0;
        const uint8_t *msg = vec_hex(v, "msg", &len);
        struct sha512 s;
        (short_one ? sha512_init_384 : sha512_init)(&s);
        for (uint64_t times = vec_has(v, "repeat") ? vec_number(v, "repeat") : 1; times > 0; times--)
            sha512_update(&s, msg, len);
        uint8_t digest[SHA512_DIGEST_LEN];
        sha512_final(&s, digest);
        vec_check(v, "digest", digest, short_one ? SHA384_DIGEST_LEN : SHA512_DIGEST_LEN);
    }
    vec_close(v);
}

static void digest_of(uint8_t digest[SHA512_DIGEST_LEN], const uint8_t *msg, size_t len, size_t cut)
{
    struct sha512 s;
    sha512_init(&s);
    sha512_update(&s, msg, cut);
    sha512_update(&s, msg + cut, len - cut);
    sha512_final(&s, digest);
}

/* Every split of every message of up to 300 bytes. */
static void test_every_split(void **state)
{
    (void)state;
    uint8_t msg[300], whole[SHA512_DIGEST_LEN], parts[SHA512_DIGEST_LEN];
    fill(msg, sizeof msg, 1);
    for (size_t len = 0; len <= sizeof msg; len++) {
        digest_of(whole, msg, len, 0);
        for (size_t cut = 1; cut <= len; cut++) {
            digest_of(parts, msg, len, cut);
            assert_memory_equal(parts, whole, sizeof whole);
        }
    }
}

/* One digest over the digests of all lengths from 0 to 300, so around every boundary of the padding. What it must be is
 * Python's: h = hashlib.sha512(); [h.update(hashlib.sha512(b'a' * n).digest()) for n in range(301)]. */
static void test_every_length_of_padding(void **state)
{
    (void)state;
    static const uint8_t expected[SHA512_DIGEST_LEN] = {
        0xb0, 0x25, 0x2e, 0x29, 0xba, 0xe5, 0x0b, 0x5a, 0x42, 0xc8, 0x4d, 0x68, 0x4a, 0x69, 0x5d, 0x3c,
        0xe9, 0xeb, 0x9f, 0x45, 0x56, 0x4b, 0x98, 0xf0, 0x95, 0x03, 0xce, 0x01, 0xbc, 0xdc, 0x90, 0x7c,
        0x14, 0xd2, 0xfa, 0xd6, 0x20, 0xce, 0xa0, 0x72, 0xe4, 0x69, 0x15, 0xda, 0x13, 0x21, 0xa9, 0x45,
        0xde, 0xe0, 0x73, 0xb7, 0x17, 0xb9, 0xc1, 0x05, 0xa6, 0xa5, 0x7b, 0xeb, 0x40, 0x2e, 0xdd, 0xc5};
    uint8_t msg[300], digest[SHA512_DIGEST_LEN];
    struct sha512 all;
    memset(msg, 'a', sizeof msg);
    sha512_init(&all);
    for (size_t len = 0; len <= sizeof msg; len++) {
        digest_of(digest, msg, len, len);
        sha512_update(&all, digest, sizeof digest);
    }
    sha512_final(&all, digest);
    assert_memory_equal(digest, expected, sizeof expected);
}

static void test_final_leaves_nothing(void **state)
{
    (void)state;
    uint8_t msg[100], digest[SHA512_DIGEST_LEN];
    fill(msg, sizeof msg, 2);
    struct sha512 s;
    sha512_init(&s);
    sha512_update(&s, msg, sizeof msg);
    sha512_final(&s, digest);
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
