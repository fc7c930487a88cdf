/* SPDX-License-Identifier: MIT */
/* The explanation of HKDF-SHA-256: RFC 5869's cases with their chain of T(i), and how it is laid out. */
#include "app/workbench/explain/explain_hkdf.h"

#include "crypto/hkdf.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/test.h"
#include "tests/vec.h"

#define SHOWN_MAX 8192

/* T(i) is what OKM has in its place, and as much of the last one as it has; each goes into the next. */
static void check_chain(const struct explained *e, const uint8_t *info, size_t info_len, const uint8_t *okm,
                        size_t okm_len)
{
    const char *text = e->text;
    for (size_t i = 1, at = 0; at < okm_len; i++, at += 32) {
        uint8_t shown[32 + HKDF_INFO_MAX + 1];
        size_t before = i == 1 ? 0 : 32, left = okm_len - at;
        char name[24];
        struct explained rest = *e;
        rest.text = strstr(text, "\n  input") + 1;
        assert_int_equal(explained_value(&rest, "input", shown, sizeof shown), before + info_len + 1);
        assert_memory_equal(shown, okm + at - before, before);
        assert_memory_equal(shown + before, info, info_len);
        assert_int_equal(shown[before + info_len], i);
        snprintf(name, sizeof name, "T(%zu)", i);
        assert_int_equal(explained_value(e, name, shown, sizeof shown), 32);
        assert_memory_equal(shown, okm + at, left < 32 ? left : 32);
        text = rest.text;
    }
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("hkdf");
    while (vec_next(v)) {
        struct explained e;
        size_t ikm_len, salt_len, info_len, okm_len;
        const uint8_t *ikm = vec_hex(v, "ikm", &ikm_len), *salt = vec_hex(v, "salt", &salt_len);
        const uint8_t *info = vec_hex(v, "info", &info_len), *okm = vec_hex(v, "okm", &okm_len);
        uint8_t shown[128];
        explain_hkdf(explained_begin(&e), ikm, ikm_len, salt, salt_len, info, info_len, okm_len);
        explained_end(&e);
        vec_check(v, "ikm", shown, explained_value(&e, "IKM", shown, sizeof shown));
        vec_check(v, "salt", shown, explained_value(&e, "salt", shown, sizeof shown));
        vec_check(v, "info", shown, explained_value(&e, "info", shown, sizeof shown));
        vec_check(v, "prk", shown, explained_value(&e, "PRK", shown, sizeof shown));
        vec_check(v, "okm", shown, explained_value(&e, "OKM", shown, sizeof shown));
        check_chain(&e, info, info_len, okm, okm_len);
        assert_int_equal(strstr(e.text, "Without a salt it is 32 zeros.\n") != NULL, salt_len == 0);
        explained_free(&e);
    }
    vec_close(v);
}

/* The whole of RFC 5869's A.1; what of T(2) is no more in OKM was computed by Python. */
static void test_layout(void **state)
{
    (void)state;
    static const uint8_t ikm[] =
        "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b";
    static const uint8_t salt[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const uint8_t info[] = {0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9};
    struct explained e;
    explain_hkdf(explained_begin(&e), ikm, sizeof ikm - 1, salt, sizeof salt, info, sizeof info, 42);
    explained_end(&e);
    assert_string_equal(
        e.text,
        "HKDF (RFC 5869), laid out as its appendix A\n"
        "\n"
        "What goes in\n"
        "  Hash        SHA-256\n"
        "  IKM         0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\n"
        "  salt        000102030405060708090a0b0c\n"
        "  info        f0f1f2f3f4f5f6f7f8f9\n"
        "  L           42\n"
        "\n"
        "Extract (2.2): PRK = HMAC-Hash(salt, IKM), with the salt as the key\n"
        "  PRK         077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5\n"
        "\n"
        "Expand (2.3): T(i) = HMAC-Hash(PRK, T(i-1) | info | i), for i = 1 to 2\n"
        "T(0) is empty, and N = 2 blocks of HashLen = 32 bytes are enough for L = 42.\n"
        "  input       f0f1f2f3f4f5f6f7f8f901\n"
        "  T(1)        3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\n"
        "  input       3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\n"
        "              f0f1f2f3f4f5f6f7f8f902\n"
        "  T(2)        34007208d5b887185865b4b0a85a993b89b9b65683d60f0106d28fff039d0b6f\n"
        "\n"
        "OKM: the first L bytes of T(1) | T(2) | ...\n"
        "  OKM         3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf\n"
        "              34007208d5b887185865\n"
        "\n"
        "The same by OpenSSL\n"
        "  $ openssl kdf -keylen 42 -kdfopt digest:SHA256 -kdfopt hexkey:0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b "
        "-kdfopt hexsalt:000102030405060708090a0b0c -kdfopt hexinfo:f0f1f2f3f4f5f6f7f8f9 HKDF\n");
    explained_free(&e);
}

/* Expand alone shows what both steps show from there on. */
static void test_expand_alone(void **state)
{
    (void)state;
    struct vec *v = vec_open("hkdf");
    struct explained e;
    uint8_t shown[SHOWN_MAX];
    while (vec_next(v)) {
        size_t prk_len, info_len, okm_len;
        const uint8_t *prk = vec_hex(v, "prk", &prk_len), *info = vec_hex(v, "info", &info_len);
        const uint8_t *okm = vec_hex(v, "okm", &okm_len);
        vec_hex(v, "ikm", &(size_t){0});
        vec_hex(v, "salt", &(size_t){0});
        explain_hkdf_expand(explained_begin(&e), prk, info, info_len, okm_len);
        explained_end(&e);
        assert_int_equal(explained_value(&e, "OKM", shown, sizeof shown), okm_len);
        assert_memory_equal(shown, okm, okm_len);
        explained_free(&e);
    }
    vec_close(v);
}

static uint8_t zeros[EXPLAIN_HKDF_INPUT_MAX + 1];

/* The most of everything: the last is T(255). */
static void test_the_longest(void **state)
{
    (void)state;
    static uint8_t shown[SHOWN_MAX], okm[HKDF_OKM_MAX];
    struct explained e;
    uint8_t prk[HKDF_PRK_LEN];
    explain_hkdf(explained_begin(&e), zeros, EXPLAIN_HKDF_INPUT_MAX, zeros, EXPLAIN_HKDF_INPUT_MAX, zeros,
                 HKDF_INFO_MAX, HKDF_OKM_MAX);
    explained_end(&e);
    hkdf_extract(prk, zeros, EXPLAIN_HKDF_INPUT_MAX, zeros, EXPLAIN_HKDF_INPUT_MAX);
    hkdf_expand(okm, sizeof okm, prk, zeros, HKDF_INFO_MAX);
    assert_int_equal(explained_value(&e, "OKM", shown, sizeof shown), sizeof okm);
    assert_memory_equal(shown, okm, sizeof okm);
    assert_int_equal(explained_value(&e, "T(255)", shown, sizeof shown), 32);
    assert_memory_equal(shown, okm + sizeof okm - 32, 32);
    explained_free(&e);
}

static void ikm_too_long(void)
{
    explain_hkdf(stdout, zeros, sizeof zeros, NULL, 0, NULL, 0, 32);
}

static void salt_too_long(void)
{
    explain_hkdf(stdout, zeros, 1, zeros, sizeof zeros, NULL, 0, 32);
}

static void info_too_long(void)
{
    explain_hkdf(stdout, zeros, 1, NULL, 0, zeros, HKDF_INFO_MAX + 1, 32);
}

static void okm_too_long(void)
{
    explain_hkdf(stdout, zeros, 1, NULL, 0, NULL, 0, HKDF_OKM_MAX + 1);
}

static void test_bounds(void **state)
{
    (void)state;
    assert_true(aborts(ikm_too_long));
    assert_true(aborts(salt_too_long));
    assert_true(aborts(info_too_long));
    assert_true(aborts(okm_too_long));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),     cmocka_unit_test(test_layout), cmocka_unit_test(test_expand_alone),
        cmocka_unit_test(test_the_longest), cmocka_unit_test(test_bounds),
    };
    return RUN(tests);
}
