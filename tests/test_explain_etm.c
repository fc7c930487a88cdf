/* SPDX-License-Identifier: MIT */
/* Known answers are told with their values; what was changed is refused by the check that sees it; the longest input
 * fits. */
#include "app/workbench/explain/explain_etm.h"

#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/test.h"

static const uint8_t keys[48] = {1, 2, 3}, iv[AES_BLOCK_LEN] = {4};

static const struct explain_etm example = {.enc_key = keys,
                                           .enc_key_len = AES128_KEY_LEN,
                                           .mac_key = keys + 16,
                                           .iv = iv,
                                           .ad = (const uint8_t *)"ad",
                                           .ad_len = 2};

/* The record's plaintext is whole blocks, and has no padding: what is sealed here has one more block, and what is
 * opened has no right padding, unless the record's last byte happens to be one. */
static void check_vector(struct vec *v)
{
    struct explain_etm e = {0};
    uint8_t sealed[256], shown[256], tag[ETM_TAG_LEN];
    size_t len;
    e.enc_key = vec_hex(v, "enc_key", &e.enc_key_len);
    e.mac_key = vec_hex_n(v, "mac_key", ETM_MAC_KEY_LEN);
    e.iv = vec_hex_n(v, "iv", AES_BLOCK_LEN);
    e.ad = vec_hex(v, "ad", &e.ad_len);
    const uint8_t *plaintext = vec_hex(v, "plaintext", &len);

    struct explained x;
    FILE *to = explained_begin(&x);
    explain_etm_seal(to, &e, plaintext, len);
    const char *at = explained_end(&x);
    explained_check(v, "plaintext", &at, "plaintext");
    assert_int_equal(explained_bytes(&at, "padded", shown, sizeof shown), len + 16);
    assert_int_equal(shown[len + 15], 16);
    assert_int_equal(explained_bytes(&at, "ciphertext", shown, sizeof shown), len + 16);
    vec_check(v, "ciphertext", shown, len);
    assert_int_equal(explained_bytes(&at, "tag", tag, sizeof tag), sizeof tag);
    assert_int_equal(explained_bytes(&at, "sealed", sealed, sizeof sealed), len + 16 + 32);
    assert_memory_equal(sealed, shown, len + 16);
    assert_memory_equal(sealed + len + 16, tag, sizeof tag);
    explained_free(&x);

    memcpy(sealed, vec_hex_n(v, "ciphertext", len), len);
    memcpy(sealed + len, vec_hex_n(v, "tag", ETM_TAG_LEN), ETM_TAG_LEN);
    to = explained_begin(&x);
    (void)!explain_etm_open(to, &e, sealed, len + ETM_TAG_LEN);
    at = explained_end(&x);
    if (len > 0) {
        explained_check(v, "tag", &at, "computed");
        assert_string_equal(explained_next(&at, "the same?"), "passed");
        explained_check(v, "plaintext", &at, "padded");
    }
    explained_free(&x);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("etm");
    while (vec_next(v))
        check_vector(v);
    vec_close(v);
}

/* Seals with crypto/etm.h, unpadded. */
static void seal(uint8_t *out, const uint8_t *padded, size_t blocks)
{
    struct etm_key key;
    etm_key_init(&key, example.enc_key, example.enc_key_len, example.mac_key);
    etm_seal(&key, out, iv, example.ad, example.ad_len, padded, blocks);
}

static void expect_opens(const uint8_t *sealed, size_t len, const char *plaintext)
{
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_etm_open(to, &example, sealed, len), 0);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, "plaintext"), plaintext);
    assert_non_null(strstr(at, " enc -d -aes-128-cbc "));
    explained_free(&x);
}

static void expect_refused(const uint8_t *sealed, size_t len, const char *check)
{
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_etm_open(to, &example, sealed, len), -1);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, check), "refused");
    assert_null(strstr(at, "  plaintext"));
    assert_null(strstr(at, "  $ "));
    explained_free(&x);
}

static void test_opening(void **state)
{
    (void)state;
    uint8_t sealed[16 + 32], padded[16] = "hi", bad[16] = "no padding here";
    memset(padded + 2, 14, 14);
    seal(sealed, padded, 1);
    expect_opens(sealed, sizeof sealed, "6869");
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 0x10;
        expect_refused(sealed, sizeof sealed, "the same?");
        sealed[i] ^= 0x10;
    }
    for (size_t len = 0; len < sizeof sealed; len++)
        expect_refused(sealed, len, "its length?");
    seal(sealed, bad, 1);
    expect_refused(sealed, sizeof sealed, "padding?");
    memset(padded, 16, 16);
    seal(sealed, padded, 1);
    expect_opens(sealed, sizeof sealed, "(empty)");
}

/* As much as an explanation takes, and a byte more. */
static uint8_t most[EXPLAIN_ETM_MAX + 16 + 32 + 1];
static const uint8_t longest_ad[EXPLAIN_ETM_AD_MAX + 1];

static void too_much(void)
{
    explain_etm_seal(stderr, &example, most, EXPLAIN_ETM_MAX + 1);
}

static void too_much_to_open(void)
{
    (void)!explain_etm_open(stderr, &example, most, sizeof most);
}

static void too_much_ad(void)
{
    struct explain_etm e = example;
    e.ad = longest_ad;
    e.ad_len = sizeof longest_ad;
    explain_etm_seal(stderr, &e, most, 1);
}

static void test_the_longest(void **state)
{
    (void)state;
    struct explain_etm e = example;
    struct etm_key key;
    e.ad = longest_ad;
    e.ad_len = EXPLAIN_ETM_AD_MAX;
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_etm_seal(to, &e, most, EXPLAIN_ETM_MAX);
    explained_end(&x);
    explained_free(&x);
    memset(most + EXPLAIN_ETM_MAX, 16, 16);
    etm_key_init(&key, e.enc_key, e.enc_key_len, e.mac_key);
    etm_seal(&key, most, iv, e.ad, e.ad_len, most, EXPLAIN_ETM_MAX / 16 + 1);
    to = explained_begin(&x);
    assert_int_equal(explain_etm_open(to, &e, most, EXPLAIN_ETM_SEALED_MAX), 0);
    explained_end(&x);
    explained_free(&x);
    assert_true(aborts(too_much));
    assert_true(aborts(too_much_to_open));
    assert_true(aborts(too_much_ad));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_the_longest),
    };
    return RUN(tests);
}
