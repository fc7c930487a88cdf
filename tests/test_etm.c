/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC: known answers, and that nothing but the sealed bytes themselves is ever opened. */
#include "crypto/etm_impl.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void check_vector(struct vec *v, const struct etm_impl *impl)
{
    size_t enc_key_len, ad_len, len;
    const uint8_t *enc_key = vec_hex(v, "enc_key", &enc_key_len);
    const uint8_t *mac_key = vec_hex_n(v, "mac_key", 32), *iv = vec_hex_n(v, "iv", 16);
    const uint8_t *ad = vec_hex(v, "ad", &ad_len), *plaintext = vec_hex(v, "plaintext", &len);
    struct etm_key k;
    uint8_t out[256];
    etm_key_init_with(&k, impl, enc_key, enc_key_len, mac_key);
    etm_seal(&k, out, iv, ad, ad_len, plaintext, len / 16);
    vec_check(v, "ciphertext", out, len);
    vec_check(v, "tag", out + len, ETM_TAG_LEN);
    assert_int_equal(etm_open(&k, out, iv, ad, ad_len, out, len / 16), 0);
    vec_check(v, "plaintext", out, len);
    etm_key_wipe(&k);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; etm_impls[i] != NULL; i++) {
        if (!etm_impls[i]->usable()) {
            printf("skipped: etm %s (this processor lacks its instructions)\n", etm_impls[i]->name);
            continue;
        }
        struct vec *v = vec_open("etm");
        while (vec_next(v))
            check_vector(v, etm_impls[i]);
        vec_close(v);
    }
}

#define MOST 70     /* blocks */
#define AD_MOST 130 /* bytes: more than two blocks of the hash */

/* Every backend seals as the portable one does, at every length and with every length of ad around the hash's blocks,
 * under both sizes of key, in place and apart. */
static void test_backends_agree(void **state)
{
    (void)state;
    static uint8_t keys[64], iv[16], ad[AD_MOST], in[16 * MOST], want[16 * MOST + 32], got[16 * MOST + 32];
    fill(keys, sizeof keys, 1);
    fill(iv, sizeof iv, 2);
    fill(ad, sizeof ad, 3);
    fill(in, sizeof in, 4);
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        for (size_t blocks = 0; etm_impls[i]->usable() && blocks <= MOST; blocks++)
            for (size_t ad_len = 0; ad_len <= AD_MOST; ad_len += blocks < 14 ? 1 : 12) {
                size_t key_len = ad_len % 2 == 0 ? 16 : 32;
                struct etm_key portable, k;
                etm_key_init_with(&portable, &etm_portable, keys, key_len, keys + 32);
                etm_key_init_with(&k, etm_impls[i], keys, key_len, keys + 32);
                etm_seal(&portable, want, iv, ad, ad_len, in, blocks);
                memset(got, 0, sizeof got);
                etm_seal(&k, got, iv, ad, ad_len, in, blocks);
                assert_memory_equal(got, want, 16 * blocks + 32);
                memcpy(got, in, 16 * blocks);
                etm_seal(&k, got, iv, ad, ad_len, got, blocks);
                assert_memory_equal(got, want, 16 * blocks + 32);
                assert_int_equal(etm_open(&k, got, iv, ad, ad_len, got, blocks), 0);
                assert_memory_equal(got, in, 16 * blocks);
            }
}

#define BLOCKS 5
#define SEALED_LEN (16 * BLOCKS + ETM_TAG_LEN)

/* All that goes into one opening, in one run of bytes, so that a loop can flip each of its bits. */
struct sealed {
    uint8_t ad[12], iv[16], body[SEALED_LEN];
};

static void make_sealed(struct sealed *s, struct etm_key *k, uint8_t plaintext[static 16 * BLOCKS])
{
    uint8_t keys[48];
    fill(keys, sizeof keys, 1);
    fill(s, sizeof *s, 2);
    fill(plaintext, 16 * BLOCKS, 3);
    etm_key_init(k, keys, 16, keys + 16);
    etm_seal(k, s->body, s->iv, s->ad, sizeof s->ad, plaintext, BLOCKS);
}

static int open_sealed(const struct etm_key *k, uint8_t *out, const struct sealed *s)
{
    return etm_open(k, out, s->iv, s->ad, sizeof s->ad, s->body, BLOCKS);
}

static void test_every_flipped_bit(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k;
    uint8_t plaintext[16 * BLOCKS], out[16 * BLOCKS], untouched[16 * BLOCKS];
    make_sealed(&s, &k, plaintext);
    memset(untouched, 0x5a, sizeof untouched);
    for (size_t bit = 0; bit < 8 * sizeof s; bit++) {
        memcpy(out, untouched, sizeof out);
        ((uint8_t *)&s)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(open_sealed(&k, out, &s), -1);
        assert_memory_equal(out, untouched, sizeof out);
        ((uint8_t *)&s)[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(open_sealed(&k, out, &s), 0);
    assert_memory_equal(out, plaintext, sizeof out);
}

/* In place, a refused body stays the ciphertext that it was. */
static void test_refused_in_place(void **state)
{
    (void)state;
    struct sealed s, before;
    struct etm_key k;
    uint8_t plaintext[16 * BLOCKS];
    make_sealed(&s, &k, plaintext);
    s.body[40] ^= 1;
    before = s;
    assert_int_equal(open_sealed(&k, s.body, &s), -1);
    assert_memory_equal(&s, &before, sizeof s);
    s.body[40] ^= 1;
    assert_int_equal(open_sealed(&k, s.body, &s), 0);
    assert_memory_equal(s.body, plaintext, sizeof plaintext);
}

/* Cut at a block, lengthened, with bytes moved from the associated data to the IV: other lengths, another tag. */
static void test_other_lengths(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k;
    uint8_t plaintext[16 * BLOCKS], out[16 * BLOCKS];
    make_sealed(&s, &k, plaintext);
    for (size_t blocks = 0; blocks < BLOCKS; blocks++) {
        uint8_t cut[SEALED_LEN];
        memcpy(cut, s.body, 16 * blocks);
        memcpy(cut + 16 * blocks, s.body + 16 * BLOCKS, ETM_TAG_LEN);
        assert_int_equal(etm_open(&k, out, s.iv, s.ad, sizeof s.ad, cut, blocks), -1);
        assert_int_equal(etm_open(&k, out, s.iv, s.ad, sizeof s.ad, s.body, blocks), -1);
    }
    for (size_t ad_len = 0; ad_len < sizeof s.ad; ad_len++)
        assert_int_equal(etm_open(&k, out, s.iv, s.ad, ad_len, s.body, BLOCKS), -1);
}

static void test_other_keys(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k, other;
    uint8_t plaintext[16 * BLOCKS], out[16 * BLOCKS], keys[48];
    make_sealed(&s, &k, plaintext);
    fill(keys, sizeof keys, 1);
    keys[47] ^= 1; /* the MAC key's last bit */
    etm_key_init(&other, keys, 16, keys + 16);
    assert_int_equal(open_sealed(&other, out, &s), -1);
    keys[47] ^= 1;
    keys[0] ^= 1; /* another cipher key: the tag holds, and the plaintext differs */
    etm_key_init(&other, keys, 16, keys + 16);
    assert_int_equal(open_sealed(&other, out, &s), 0);
    assert_memory_not_equal(out, plaintext, 16);
}

static void test_seal_in_place(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k;
    uint8_t plaintext[SEALED_LEN];
    make_sealed(&s, &k, plaintext);
    etm_seal(&k, plaintext, s.iv, s.ad, sizeof s.ad, plaintext, BLOCKS);
    assert_memory_equal(plaintext, s.body, SEALED_LEN);
}

static void test_no_associated_data(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k;
    uint8_t plaintext[16 * BLOCKS], out[16 * BLOCKS];
    make_sealed(&s, &k, plaintext);
    etm_seal(&k, s.body, s.iv, NULL, 0, plaintext, BLOCKS);
    assert_int_equal(etm_open(&k, out, s.iv, NULL, 0, s.body, BLOCKS), 0);
    assert_memory_equal(out, plaintext, sizeof out);
    assert_int_equal(open_sealed(&k, out, &s), -1);
}

static void test_wipe_leaves_nothing(void **state)
{
    (void)state;
    struct sealed s;
    struct etm_key k;
    uint8_t plaintext[16 * BLOCKS];
    make_sealed(&s, &k, plaintext);
    etm_key_wipe(&k);
    for (size_t i = 0; i < sizeof k.aes; i++)
        assert_int_equal(((const uint8_t *)&k.aes)[i], 0);
    for (size_t i = 0; i < sizeof k.mac; i++)
        assert_int_equal(((const uint8_t *)&k.mac)[i], 0);
}

int main(void)
{
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_backends_agree),            cmocka_unit_test(test_every_flipped_bit),
        cmocka_unit_test(test_refused_in_place),   cmocka_unit_test(test_other_lengths),
        cmocka_unit_test(test_other_keys),         cmocka_unit_test(test_seal_in_place),
        cmocka_unit_test(test_no_associated_data), cmocka_unit_test(test_wipe_leaves_nothing),
    };
    /* clang-format on */
    return RUN(tests);
}
