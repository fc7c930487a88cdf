/* SPDX-License-Identifier: MIT */
/* HMAC and PBKDF2 over each hash: published answers; with SHA-256 the same as crypto/hmac.h and crypto/pbkdf2.h. */
#include "crypto/prf.h"

#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static const struct prf_hash *hash_of(struct vec *v)
{
    static const struct {
        const char *name;
        const struct prf_hash *hash;
    } all[] = {{"sha1", &prf_sha1}, {"sha224", &prf_sha224}, {"sha384", &prf_sha384}, {"sha512", &prf_sha512}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(vec_text(v, "hash"), all[i].name) == 0)
            return all[i].hash;
    fail_msg("%s: no such hash", vec_name(v));
    return NULL;
}

static void check_pbkdf2(struct vec *v, const struct prf_hash *hash)
{
    size_t password_len, salt_len, key_len;
    const uint8_t *password = vec_hex(v, "password", &password_len), *salt = vec_hex(v, "salt", &salt_len);
    uint8_t key[200];
    vec_hex(v, "key", &key_len);
    assert_true(key_len <= sizeof key);
    prf_pbkdf2(key, key_len, hash, password, password_len, salt, salt_len, (uint32_t)vec_number(v, "iterations"));
    vec_check(v, "key", key, key_len);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("prf");
    while (vec_next(v)) {
        const struct prf_hash *hash = hash_of(v);
        if (vec_has(v, "iterations")) {
            check_pbkdf2(v, hash);
            continue;
        }
        size_t key_len, msg_len;
        const uint8_t *key = vec_hex(v, "key", &key_len), *msg = vec_hex(v, "msg", &msg_len);
        uint8_t tag[PRF_TAG_MAX_LEN];
        prf_hmac(tag, hash, key, key_len, msg, msg_len);
        vec_check(v, "tag", tag, prf_tag_len(hash));
    }
    vec_close(v);
}

/* Keys of every length around the block, where they begin to be hashed. */
static void test_with_sha256_it_is_hmac(void **state)
{
    (void)state;
    uint8_t key[150], msg[100], tag[PRF_TAG_MAX_LEN], expected[HMAC_TAG_LEN];
    fill(key, sizeof key, 1);
    fill(msg, sizeof msg, 2);
    assert_int_equal(prf_tag_len(&prf_sha256), HMAC_TAG_LEN);
    for (size_t len = 0; len <= sizeof key; len++) {
        hmac_tag(expected, key, len, msg, len % sizeof msg);
        prf_hmac(tag, &prf_sha256, key, len, msg, len % sizeof msg);
        assert_memory_equal(tag, expected, sizeof expected);
    }
}

static void test_with_sha256_it_is_pbkdf2(void **state)
{
    (void)state;
    uint8_t password[100], salt[70], key[100], expected[100];
    fill(password, sizeof password, 3);
    fill(salt, sizeof salt, 4);
    for (size_t len = 0; len <= sizeof key; len++) {
        memset(key, 0, sizeof key);
        memset(expected, 0, sizeof expected);
        pbkdf2_derive(expected, len, password, len, salt, len % sizeof salt, 1 + (uint32_t)len % 5);
        prf_pbkdf2(key, len, &prf_sha256, password, len, salt, len % sizeof salt, 1 + (uint32_t)len % 5);
        assert_memory_equal(key, expected, sizeof expected);
    }
}

static void no_iterations(void)
{
    uint8_t key[20];
    prf_pbkdf2(key, sizeof key, &prf_sha1, key, 0, key, 0, 0);
}

static void test_no_iterations(void **state)
{
    (void)state;
    assert_true(aborts(no_iterations));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_with_sha256_it_is_hmac),
        cmocka_unit_test(test_with_sha256_it_is_pbkdf2),
        cmocka_unit_test(test_no_iterations),
    };
    return RUN(tests);
}
