/* SPDX-License-Identifier: MIT */
/* The explanation of HMAC-SHA-256: RFC 4231's cases, keys around a block's length, and how it is laid out. */
#include "app/workbench/explain/explain_hmac.h"

#include "crypto/hmac.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("hmac");
    while (vec_next(v)) {
        struct explained e;
        size_t key_len, msg_len, tag_len;
        const uint8_t *key = vec_hex(v, "key", &key_len), *msg = vec_hex(v, "msg", &msg_len);
        uint8_t shown[256];
        vec_hex(v, "tag", &tag_len);
        explain_hmac(explained_begin(&e), key, key_len, msg, msg_len);
        explained_end(&e);
        vec_check(v, "key", shown, explained_value(&e, "K", shown, sizeof shown));
        vec_check(v, "msg", shown, explained_value(&e, "text", shown, sizeof shown));
        assert_int_equal(explained_value(&e, "HMAC", shown, sizeof shown), HMAC_TAG_LEN);
        vec_check(v, "tag", shown, tag_len);
        explained_free(&e);
    }
    vec_close(v);
}

/* K0 of keys that fill a block with zeros, fill it, and are hashed first (FIPS 198-1, steps 1 to 3). */
static void test_keys_around_a_block(void **state)
{
    (void)state;
    uint8_t key[65];
    fill(key, sizeof key, 1);
    for (size_t len = 63; len <= 65; len++) {
        struct explained e;
        uint8_t K0[64] = {0}, shown[64];
        if (len > 64)
            sha256_digest(K0, key, len);
        else
            memcpy(K0, key, len);
        explain_hmac(explained_begin(&e), key, len, NULL, 0);
        explained_end(&e);
        assert_int_equal(explained_value(&e, "K0", shown, sizeof shown), sizeof K0);
        assert_memory_equal(shown, K0, sizeof K0);
        assert_int_equal(strstr(e.text, "\n  H(K) ") != NULL, len > 64);
        explained_has_line(
            e.text, len == 63   ? "K has 63 bytes: zeros fill the block."
                    : len == 64 ? "K has 64 bytes, and is K0."
                                : "K has 65 bytes, more than 64: its digest takes its place, and zeros fill the");
        explained_free(&e);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    struct explained e;
    explain_hmac(explained_begin(&e), NULL, 0, NULL, 0);
    explained_end(&e);
    explained_has_line(e.text, "  K           (empty)");
    explained_has_line(e.text, "  text        (empty)");
    explained_has_line(e.text, "  $ echo  | basenc -d --base16 | openssl mac -digest SHA256 -macopt hexkey: HMAC");
    explained_free(&e);
}

/* The whole of RFC 4231's test case 2; what the RFC does not print was computed by Python. */
static void test_layout(void **state)
{
    (void)state;
    struct explained e;
    explain_hmac(explained_begin(&e), (const uint8_t *)"Jefe", 4, (const uint8_t *)"what do ya want for nothing?", 28);
    explained_end(&e);
    assert_string_equal(e.text, "HMAC-SHA-256, by the steps in table 1 of FIPS 198-1\n"
                                "\n"
                                "Steps 1 to 3: K0, the key in one block of 64 bytes\n"
                                "  K           4a656665\n"
                                "K has 4 bytes: zeros fill the block.\n"
                                "  K0          4a65666500000000000000000000000000000000000000000000000000000000\n"
                                "              0000000000000000000000000000000000000000000000000000000000000000\n"
                                "\n"
                                "Steps 4 to 6: the inner hash, H((K0 ^ ipad) || text)\n"
                                "ipad is the byte 36, 64 times.\n"
                                "  K0 ^ ipad   7c53505336363636363636363636363636363636363636363636363636363636\n"
                                "              3636363636363636363636363636363636363636363636363636363636363636\n"
                                "  text        7768617420646f2079612077616e7420666f72206e6f7468696e673f\n"
                                "  inner hash  a2e485863d27f9d864ac8d802432a1ed477d8c4c6f349d16d4e7e917c629cad7\n"
                                "\n"
                                "Steps 7 to 9: the outer hash, H((K0 ^ opad) || inner hash)\n"
                                "opad is the byte 5c, 64 times.\n"
                                "  K0 ^ opad   16393a395c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c\n"
                                "              5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c5c\n"
                                "  HMAC        5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\n"
                                "\n"
                                "The same by OpenSSL\n"
                                "  $ echo 7768617420646F2079612077616E7420666F72206E6F7468696E673F | basenc -d "
                                "--base16 | openssl mac -digest SHA256 -macopt hexkey:4a656665 HMAC\n");
    explained_free(&e);
}

static uint8_t longest[EXPLAIN_HMAC_TEXT_MAX + 1];

static void key_too_long(void)
{
    explain_hmac(stdout, longest, EXPLAIN_HMAC_KEY_MAX + 1, NULL, 0);
}

static void text_too_long(void)
{
    explain_hmac(stdout, longest, 1, longest, sizeof longest);
}

static void test_bounds(void **state)
{
    (void)state;
    struct explained e;
    uint8_t shown[HMAC_TAG_LEN], tag[HMAC_TAG_LEN];
    explain_hmac(explained_begin(&e), longest, EXPLAIN_HMAC_KEY_MAX, longest, EXPLAIN_HMAC_TEXT_MAX);
    explained_end(&e);
    hmac_tag(tag, longest, EXPLAIN_HMAC_KEY_MAX, longest, EXPLAIN_HMAC_TEXT_MAX);
    assert_int_equal(explained_value(&e, "HMAC", shown, sizeof shown), sizeof tag);
    assert_memory_equal(shown, tag, sizeof tag);
    explained_free(&e);
    assert_true(aborts(key_too_long));
    assert_true(aborts(text_too_long));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_keys_around_a_block),
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_layout),
        cmocka_unit_test(test_bounds),
    };
    return RUN(tests);
}
