/* SPDX-License-Identifier: MIT */
/* The weak twins do what they should: what is wrong with them is what they tell, or let through, beside that. */
#include "app/workbench/labs/aes_tables.h"
#include "app/workbench/labs/call_static.h"
#include "app/workbench/labs/cbc_bare.h"
#include "app/workbench/labs/dh_small.h"
#include "app/workbench/labs/dh_smooth.h"
#include "app/workbench/labs/dh_unchecked.h"
#include "app/workbench/labs/dh_unsigned.h"
#include "app/workbench/labs/equal_early.h"
#include "app/workbench/labs/iv_weak.h"
#include "app/workbench/labs/mac_prefix.h"
#include "app/workbench/labs/padding_told.h"
#include "app/workbench/labs/ring_unconfirmed.h"
#include "app/workbench/labs/rsa_unchecked.h"
#include "app/workbench/labs/unpad_early.h"
#include "crypto/aes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/dh.h"
#include "crypto/pkcs7.h"
#include "crypto/rng.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

static void test_equal_early(void **state)
{
    (void)state;
    uint8_t a[32] = {1, 2, 3}, b[32] = {1, 2, 3};
    for (size_t len = 0; len <= sizeof a; len++)
        assert_int_equal(lab_equal_early(a, b, len), 1);
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 1;
        for (size_t len = 0; len <= sizeof a; len++)
            assert_int_equal(lab_equal_early(a, b, len), ct_equal(a, b, len));
        b[i] ^= 1;
    }
}

/* Every last byte before every number of bytes of its value. */
static void test_unpad_early(void **state)
{
    (void)state;
    uint8_t buf[32];
    for (unsigned last = 0; last < 256; last++)
        for (size_t run = 1; run <= sizeof buf; run++) {
            memset(buf, (int)last ^ 0x55, sizeof buf);
            memset(buf + sizeof buf - run, (int)last, run);
            for (size_t len = 0; len <= sizeof buf; len++) {
                size_t weak = 99, strong = 99;
                int answer = pkcs7_unpad(&strong, buf + sizeof buf - len, len);
                assert_int_equal(lab_unpad_early(&weak, buf + sizeof buf - len, len), answer);
                assert_int_equal(weak, strong);
            }
        }
}

static void test_aes_tables(void **state)
{
    (void)state;
    static struct lab_aes_tables weak;
    struct aes_key strong;
    uint8_t key[16], block[16] = {0}, out[16], right[16];
    for (int i = 0; i < 100; i++) { /* each key is what the last one made of the block */
        memcpy(key, block, sizeof key);
        lab_aes_tables_init(&weak, key);
        aes_key_init(&strong, key, sizeof key);
        block[i % 16] ^= (uint8_t)i;
        lab_aes_tables_encrypt(&weak, out, block);
        aes_encrypt(&strong, right, block, 1);
        assert_memory_equal(out, right, sizeof out);
        memcpy(block, out, sizeof block);
    }
}

/* Messages of every length come back; what is no message is refused by both. */
static void test_cbc_bare_and_padding_told(void **state)
{
    (void)state;
    static const uint8_t bytes[16] = {7};
    struct aes_key key;
    uint8_t message[80], text[80], out[LAB_CBC_BARE_MAX];
    size_t out_len = 0;
    aes_key_init(&key, bytes, sizeof bytes);
    for (size_t len = 0; len <= 48; len++) {
        memset(text, (int)len, len);
        size_t padded = pkcs7_pad(text, len);
        memset(message, 3, 16);
        cbc_encrypt(&key, message, message + 16, text, padded / 16);
        assert_int_equal(lab_cbc_bare_open(out, &out_len, &key, message, 16 + padded), 0);
        assert_int_equal(out_len, len);
        assert_memory_equal(out, text, len);
        assert_int_equal(lab_padding_told(&key, message, 16 + padded), 0);
        for (size_t cut = 0; cut < 16 + padded; cut++)
            if (cut < 32 || cut % 16 != 0) {
                assert_int_equal(lab_cbc_bare_open(out, &out_len, &key, message, cut), -1);
                assert_int_equal(lab_padding_told(&key, message, cut), -1);
            }
        message[padded - 1] ^= 0x80; /* of the block before the last, or of the IV */
        assert_int_equal(lab_padding_told(&key, message, 16 + padded), -1);
        assert_int_equal(lab_cbc_bare_open(out, &out_len, &key, message, 16 + padded), -1);
    }
}

static void test_mac_prefix(void **state)
{
    (void)state;
    uint8_t tag[32], right[32];
    lab_mac_prefix(tag, (const uint8_t *)"ab", 2, "c", 1);
    sha256_digest(right, "abc", 3);
    assert_memory_equal(tag, right, sizeof tag);
}

static void test_iv_weak(void **state)
{
    (void)state;
    static const uint8_t key[16] = {1}, zeros[16] = {0}, block[16] = {2};
    struct lab_iv_weak k;
    uint8_t iv[16] = {9};
    lab_iv_weak_init(&k, key);
    lab_iv_chained(&k, iv);
    assert_memory_equal(iv, zeros, sizeof iv);
    lab_iv_sent(&k, block);
    lab_iv_chained(&k, iv);
    assert_memory_equal(iv, block, sizeof iv);
    lab_iv_fixed(&k, iv);
    assert_memory_equal(iv, zeros, sizeof iv);
}

/* Both agree; and Python's pow says 2^12345 mod p. */
static void test_dh_small(void **state)
{
    (void)state;
    uint32_t a = lab_dh_small_power(LAB_DH_SMALL_G, 12345), b = lab_dh_small_power(LAB_DH_SMALL_G, 500000);
    assert_int_equal(a, 448285);
    assert_int_equal(lab_dh_small_power(a, 500000), lab_dh_small_power(b, 12345));
    assert_int_equal(lab_dh_small_power(LAB_DH_SMALL_G, LAB_DH_SMALL_P / 2), 1); /* of order q */
    assert_int_equal(lab_dh_small_power(LAB_DH_SMALL_G, 0), 1);
}

/* Both ends agree, in each direction and in order; a value that is none is refused. */
static void test_call_static(void **state)
{
    (void)state;
    struct rng rng;
    struct dh_key_pair pair[2];
    static struct lab_call_static end[2];
    uint8_t frame[200], text[200], one[256] = {[255] = 1};
    size_t len;
    rng_init(&rng);
    for (size_t i = 0; i < 2; i++)
        dh_generate(&pair[i], dh_group(DH_FFDHE2048), &rng);
    assert_int_equal(lab_call_static_init(&end[0], &pair[0], one, true), -1);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(lab_call_static_init(&end[i], &pair[i], pair[1 - i].y, i == 0), 0);
    for (size_t i = 0; i < 8; i++) {
        size_t frame_len = lab_call_static_seal(&end[i % 2], &rng, frame, sizeof frame, "hello", i % 6);
        assert_int_equal(lab_call_static_open(&end[1 - i % 2], text, &len, frame, frame_len), 0);
        assert_int_equal(len, i % 6);
        assert_memory_equal(text, "hello", len);
    }
    size_t frame_len = lab_call_static_seal(&end[0], &rng, frame, sizeof frame, "hello", 5);
    struct lab_call_static copy = end[1];
    assert_int_equal(lab_call_static_open(&end[0], text, &len, frame, frame_len), -1); /* one's own */
    frame[frame_len - 1] ^= 1;
    assert_int_equal(lab_call_static_open(&end[1], text, &len, frame, frame_len), -1);
    assert_int_equal(lab_call_static_open(&copy, text, &len, frame, 0), -1);
}

/* The key is the one that the whole exchange has in the end; X that do not multiply to 1 are refused by both. */
static void test_ring_unconfirmed(void **state)
{
    (void)state;
    static const char *const names[] = {"alice", "bob", "carol"};
    static struct ring party[3], copy;
    struct ring_keys keys;
    struct rng rng;
    uint8_t key[RING_KEY_LEN];
    rng_init(&rng);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ring_begin(&party[i], dh_group(DH_FFDHE2048), names, 3, i, &rng), 0);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 1; j < 3; j++)
            assert_int_equal(ring_take_z(&party[i], (i + j) % 3, party[(i + j) % 3].own.y, 256), 0);
    for (size_t i = 0; i < 3; i++)
        ring_second(&party[i]);
    copy = party[0];
    for (size_t j = 1; j < 3; j++) {
        assert_int_equal(ring_take_x(&party[0], j, party[j].x[j], 256), 0);
        assert_int_equal(ring_take_x(&copy, j, party[1].x[1], 256), 0); /* bob's twice */
    }
    assert_int_equal(lab_ring_unconfirmed(key, &copy), -1);
    copy = party[0];
    assert_int_equal(lab_ring_unconfirmed(key, &copy), 0);
    assert_int_equal(ring_finish(&keys, &party[0]), 0);
    assert_memory_equal(key, keys.key, sizeof key);
}

/* What dh_derive takes, gives the same; what it refuses, gives what the attacker wants. */
static void test_dh_unchecked(void **state)
{
    (void)state;
    struct rng rng;
    struct dh_key_pair a, b;
    uint8_t weak[256], strong[256], value[256] = {0};
    rng_init(&rng);
    dh_generate(&a, dh_group(DH_FFDHE2048), &rng);
    dh_generate(&b, dh_group(DH_FFDHE2048), &rng);
    lab_dh_unchecked(weak, a.group, a.x, b.y);
    assert_int_equal(dh_derive(strong, &a, b.y, b.group->p_len), 0);
    assert_memory_equal(weak, strong, sizeof weak);
    lab_dh_unchecked(weak, a.group, a.x, value);
    assert_memory_equal(weak, value, sizeof weak);
    value[255] = 1;
    lab_dh_unchecked(weak, a.group, a.x, value);
    assert_memory_equal(weak, value, sizeof weak);
    rng_wipe(&rng);
}

/* In the smooth group both sides agree too. */
static void test_dh_smooth(void **state)
{
    (void)state;
    uint8_t x_a[32] = {1, 2, 3}, x_b[32] = {4, 5, 6}, y_a[128], y_b[128], z_a[128], z_b[128];
    lab_dh_unchecked(y_a, &lab_dh_smooth, x_a, lab_dh_smooth_g);
    lab_dh_unchecked(y_b, &lab_dh_smooth, x_b, lab_dh_smooth_g);
    lab_dh_unchecked(z_a, &lab_dh_smooth, x_a, y_b);
    lab_dh_unchecked(z_b, &lab_dh_smooth, x_b, y_a);
    assert_memory_equal(z_a, z_b, sizeof z_a);
    assert_memory_not_equal(z_a, y_a, sizeof z_a);
}

/* What it signs verifies, and nothing else does; with a damaged key it signs all the same. */
static void test_rsa_unchecked(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rsa_public pub;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rsa_key(&key, 1);
    rsa_public_of(&pub, &key);
    lab_rsa_sign(sig, &key, "message", 7);
    assert_int_equal(lab_rsa_verify(&pub, "message", 7, sig), 0);
    assert_int_equal(lab_rsa_verify(&pub, "massage", 7, sig), -1);
    sig[100] ^= 1;
    assert_int_equal(lab_rsa_verify(&pub, "message", 7, sig), -1);
    key.dp[5] ^= 0x10;
    lab_rsa_sign(sig, &key, "message", 7);
    assert_int_equal(lab_rsa_verify(&pub, "message", 7, sig), -1);
}

/* Two that have each other's values can talk, each way; a value of no group, or of the wrong role, is of no use. */
static void test_dh_unsigned(void **state)
{
    (void)state;
    struct lab_dh_unsigned c, s;
    struct rng rng;
    uint8_t one[LAB_DH_UNSIGNED_LEN] = {0}, frame[128], *payload;
    enum content_type type;
    size_t len;
    one[LAB_DH_UNSIGNED_LEN - 1] = 1;
    rng_init(&rng);
    lab_dh_unsigned_init(&c, &rng);
    lab_dh_unsigned_init(&s, &rng);
    assert_int_equal(lab_dh_unsigned_finish(&c, true, one), -1);
    assert_int_equal(lab_dh_unsigned_finish(&c, true, s.pair.y), 0);
    assert_int_equal(lab_dh_unsigned_finish(&s, false, c.pair.y), 0);
    assert_int_equal(record_seal(&c.send, &rng, frame, sizeof frame, &len, CONTENT_APPLICATION, one, 9), NET_OK);
    assert_int_equal(record_open(&s.receive, frame, len, &type, &payload, &len), NET_OK);
    assert_int_equal(len, 9);
    assert_int_equal(record_seal(&s.send, &rng, frame, sizeof frame, &len, CONTENT_APPLICATION, one, 9), NET_OK);
    assert_int_equal(lab_dh_unsigned_finish(&s, true, c.pair.y), 0); /* as if both were clients */
    struct record other = s.receive;
    assert_int_equal(record_open(&other, frame, len, &type, &payload, &len), NET_ERR_RECORD);
    lab_dh_unsigned_wipe(&c);
    lab_dh_unsigned_wipe(&s);
    rng_wipe(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_early),      cmocka_unit_test(test_unpad_early),
        cmocka_unit_test(test_aes_tables),       cmocka_unit_test(test_cbc_bare_and_padding_told),
        cmocka_unit_test(test_mac_prefix),       cmocka_unit_test(test_iv_weak),
        cmocka_unit_test(test_dh_small),         cmocka_unit_test(test_dh_unchecked),
        cmocka_unit_test(test_call_static),      cmocka_unit_test(test_dh_smooth),
        cmocka_unit_test(test_rsa_unchecked),    cmocka_unit_test(test_dh_unsigned),
        cmocka_unit_test(test_ring_unconfirmed),
    };
    return RUN(tests);
}
