/* SPDX-License-Identifier: MIT */
/* What is sealed opens again under the same key and for the same account, and nothing else does. */
#include "app/server/store/totp_seal.h"

#include "crypto/hkdf.h"
#include "tests/test.h"

static const uint8_t key_bytes[TOTP_SEAL_KEY_LEN] = "a key of 32 bytes, for this test";
static const uint8_t secret[TOTP_SEAL_SECRET_LEN] = "12345678901234567890";
static struct rng rng;
static struct totp_seal_key key;

static int set_up(void **state)
{
    (void)state;
    rng_init(&rng);
    totp_seal_key_init(&key, key_bytes);
    return 0;
}

static void test_opens_again(void **state)
{
    (void)state;
    uint8_t sealed[TOTP_SEAL_SEALED_LEN], again[TOTP_SEAL_SEALED_LEN], opened[TOTP_SEAL_SECRET_LEN];
    totp_seal_seal(&key, sealed, "alice", secret, &rng);
    assert_int_equal(totp_seal_open(&key, opened, "alice", sealed), 0);
    assert_memory_equal(opened, secret, sizeof secret);
    totp_seal_seal(&key, again, "alice", secret, &rng);
    assert_memory_not_equal(again, sealed, sizeof sealed); /* another IV */
}

/* The keys and the layout are as totp_seal.h says: opened here from the parts. */
static void test_the_layout_is_as_documented(void **state)
{
    (void)state;
    uint8_t enc_key[32], mac_key[32], sealed[TOTP_SEAL_SEALED_LEN], ad[33] = "alice", opened[32];
    struct etm_key etm;
    totp_seal_seal(&key, sealed, "alice", secret, &rng);
    hkdf_expand(enc_key, 32, key_bytes, "glasschat storage encrypt", 25);
    hkdf_expand(mac_key, 32, key_bytes, "glasschat storage authenticate", 30);
    etm_key_init(&etm, enc_key, 32, mac_key);
    assert_int_equal(etm_open(&etm, opened, sealed, ad, sizeof ad, sealed + 16, 2), 0);
    assert_memory_equal(opened, "12345678901234567890\f\f\f\f\f\f\f\f\f\f\f\f", 32);
}

static void test_marks(void **state)
{
    (void)state;
    uint8_t mark[TOTP_SEAL_MARK_LEN], other[TOTP_SEAL_MARK_LEN], mark_key[32], ad[33 + 4] = "alice", tag[HMAC_TAG_LEN];
    totp_seal_mark(&key, mark, "alice", "here", 4);
    memcpy(ad + 33, "here", 4);
    hkdf_expand(mark_key, 32, key_bytes, "glasschat storage mark", 22);
    hmac_tag(tag, mark_key, sizeof mark_key, ad, sizeof ad);
    assert_memory_equal(mark, tag, sizeof mark);
    totp_seal_mark(&key, other, "alice", "tere", 4);
    assert_memory_not_equal(mark, other, sizeof mark);
    totp_seal_mark(&key, other, "alicf", "here", 4);
    assert_memory_not_equal(mark, other, sizeof mark);
}

static void test_for_no_other_account_or_key(void **state)
{
    (void)state;
    uint8_t sealed[TOTP_SEAL_SEALED_LEN], opened[TOTP_SEAL_SECRET_LEN] = {0};
    uint8_t other_bytes[TOTP_SEAL_KEY_LEN] = {0};
    struct totp_seal_key other;
    totp_seal_seal(&key, sealed, "alice", secret, &rng);
    assert_int_equal(totp_seal_open(&key, opened, "alic", sealed), -1);
    assert_int_equal(totp_seal_open(&key, opened, "alicf", sealed), -1);
    totp_seal_key_init(&other, other_bytes);
    assert_int_equal(totp_seal_open(&other, opened, "alice", sealed), -1);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(totp_seal_open(&key, opened, "alice", sealed), -1);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t i = 0; i < sizeof opened; i++)
        assert_int_equal(opened[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_opens_again, set_up),
        cmocka_unit_test_setup(test_the_layout_is_as_documented, set_up),
        cmocka_unit_test_setup(test_marks, set_up),
        cmocka_unit_test_setup(test_for_no_other_account_or_key, set_up),
    };
    return RUN(tests);
}
