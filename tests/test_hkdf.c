/* SPDX-License-Identifier: MIT */
/* HKDF: published answers, the chain of RFC 5869 section 2.3 written out, lengths up to the longest. */
#include "crypto/hkdf.h"

#include "crypto/hmac.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("hkdf");
    while (vec_next(v)) {
        size_t ikm_len, salt_len, info_len, okm_len;
        const uint8_t *ikm = vec_hex(v, "ikm", &ikm_len), *salt = vec_hex(v, "salt", &salt_len);
        const uint8_t *info = vec_hex(v, "info", &info_len);
        vec_hex(v, "okm", &okm_len);
        uint8_t prk[HKDF_PRK_LEN], okm[128];
        assert_true(okm_len <= sizeof okm);
        hkdf_extract(prk, salt, salt_len, ikm, ikm_len);
        vec_check(v, "prk", prk, sizeof prk);
        hkdf_expand(okm, okm_len, prk, info, info_len);
        vec_check(v, "okm", okm, okm_len);
    }
    vec_close(v);
}

/* T(1) || T(2) || ... with T(i) = HMAC(prk, T(i-1) || info || i), in one buffer. */
static void by_formula(uint8_t okm[HKDF_OKM_MAX], const uint8_t prk[32], const uint8_t *info, size_t info_len)
{
    uint8_t input[32 + HKDF_INFO_MAX + 1];
    assert_true(info_len <= HKDF_INFO_MAX);
    for (unsigned i = 1; i <= 255; i++) {
        size_t len = i == 1 ? 0 : 32;
        if (len > 0)
            memcpy(input, okm + 32 * (i - 2), len);
        memcpy(input + len, info, info_len);
        input[len + info_len] = (uint8_t)i;
        hmac_tag(okm + 32 * (i - 1), prk, 32, input, len + info_len + 1);
    }
}

/* A shorter output is the beginning of a longer one; nothing is written past its end. Lengths around each multiple of
 * 32 up to 255 of them. */
static void test_every_length_is_a_prefix(void **state)
{
    (void)state;
    static uint8_t longest[HKDF_OKM_MAX], okm[HKDF_OKM_MAX + 1];
    uint8_t prk[32], info[HKDF_INFO_MAX];
    fill(prk, sizeof prk, 1);
    fill(info, sizeof info, 2);
    by_formula(longest, prk, info, sizeof info);
    for (size_t len = 0; len <= HKDF_OKM_MAX; len += len < 100 || len % 32 == 31 || len % 32 == 0 ? 1 : 30) {
        memset(okm, 0x5a, sizeof okm);
        hkdf_expand(okm, len, prk, info, sizeof info);
        assert_memory_equal(okm, longest, len);
        assert_int_equal(okm[len], 0x5a);
    }
    hkdf_expand(okm, HKDF_OKM_MAX, prk, info, sizeof info);
    assert_memory_equal(okm, longest, HKDF_OKM_MAX);
}

/* Other info, other keys: by content, by length, by one bit of it. */
static void test_info_separates(void **state)
{
    (void)state;
    uint8_t prk[32], a[32], b[32];
    fill(prk, sizeof prk, 3);
    hkdf_expand(a, 32, prk, "glasschat/1 client", 18);
    hkdf_expand(b, 32, prk, "glasschat/1 server", 18);
    assert_memory_not_equal(a, b, 32);
    hkdf_expand(b, 32, prk, "glasschat/1 client", 17);
    assert_memory_not_equal(a, b, 32);
    hkdf_expand(b, 32, prk, NULL, 0);
    assert_memory_not_equal(a, b, 32);
    prk[31] ^= 1;
    hkdf_expand(b, 32, prk, "glasschat/1 client", 18);
    assert_memory_not_equal(a, b, 32);
}

/* No salt stands for 32 zero bytes (2.2); salt and secret are not the same thing in another order. */
static void test_salt(void **state)
{
    (void)state;
    uint8_t ikm[48], zeros[32] = {0}, a[32], b[32];
    fill(ikm, sizeof ikm, 4);
    hkdf_extract(a, NULL, 0, ikm, sizeof ikm);
    hkdf_extract(b, zeros, sizeof zeros, ikm, sizeof ikm);
    assert_memory_equal(a, b, 32);
    hmac_tag(b, zeros, sizeof zeros, ikm, sizeof ikm);
    assert_memory_equal(a, b, 32);
    hkdf_extract(a, ikm, 16, ikm + 16, 32);
    hkdf_extract(b, ikm + 16, 32, ikm, 16);
    assert_memory_not_equal(a, b, 32);
}

static void test_prk_inside_ikm(void **state)
{
    (void)state;
    uint8_t ikm[64], expected[32];
    fill(ikm, sizeof ikm, 5);
    hkdf_extract(expected, (const uint8_t *)"salt", 4, ikm, sizeof ikm);
    hkdf_extract(ikm + 8, (const uint8_t *)"salt", 4, ikm, sizeof ikm);
    assert_memory_equal(ikm + 8, expected, 32);
}

static void expand_too_long(void)
{
    static uint8_t okm[HKDF_OKM_MAX + 1];
    uint8_t prk[32] = {0};
    hkdf_expand(okm, sizeof okm, prk, NULL, 0);
}

static void info_too_long(void)
{
    static const uint8_t info[HKDF_INFO_MAX + 1];
    uint8_t prk[32] = {0}, okm[32];
    hkdf_expand(okm, sizeof okm, prk, info, sizeof info);
}

static void test_too_long_aborts(void **state)
{
    (void)state;
    assert_true(aborts(expand_too_long));
    assert_true(aborts(info_too_long));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),        cmocka_unit_test(test_every_length_is_a_prefix),
        cmocka_unit_test(test_info_separates), cmocka_unit_test(test_salt),
        cmocka_unit_test(test_prk_inside_ikm), cmocka_unit_test(test_too_long_aborts),
    };
    return RUN(tests);
}
