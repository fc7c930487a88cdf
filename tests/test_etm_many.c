/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC for many: each recipient gets what etm_seal alone would have given, in every place of every
 * batch, with every backend. */
#include "crypto/etm_many_impl.h"

#include "crypto/aes_impl.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define MOST 36 /* recipients: two full batches and a part of one */
#define BLOCKS 41
#define AD_MOST 70
#define HEAD_MAX 48 /* the longest ad of a batch */

static void each_backend(void (*check)(const struct sha256_many_impl *impl))
{
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable())
            check(sha256_many_impls[i]);
        else
            printf("skipped: etm_many on sha256_many %s (this processor lacks its instructions)\n",
                   sha256_many_impls[i]->name);
}

/* All that a sealing for many takes and gives; after each out a byte that must not change. */
struct lot {
    uint8_t enc_keys[MOST][32], mac_keys[MOST][32], iv[MOST][16], ad[MOST][AD_MOST], in[16 * BLOCKS];
    uint8_t out[MOST][16 * BLOCKS + ETM_TAG_LEN + 1], expected[16 * BLOCKS + ETM_TAG_LEN];
    struct etm_key keys[MOST];
    struct etm_one one[MOST];
};

/* mixed: keys of both lengths in no order; otherwise all are of key_len. */
static void make_lot(struct lot *lot, uint32_t seed, size_t key_len, bool mixed)
{
    fill(lot, offsetof(struct lot, out), seed);
    memset(lot->out, 0x5a, sizeof lot->out);
    for (size_t j = 0; j < MOST; j++) {
        size_t len = mixed ? (lot->enc_keys[j][0] % 3 == 0 ? 32 : 16) : key_len;
        etm_key_init(&lot->keys[j], lot->enc_keys[j], len, lot->mac_keys[j]);
        lot->one[j] = (struct etm_one){&lot->keys[j], lot->out[j], lot->iv[j], lot->ad[j]};
    }
}

static void check_lot(struct lot *lot, size_t n, size_t ad_len, size_t blocks)
{
    size_t len = 16 * blocks + ETM_TAG_LEN;
    for (size_t j = 0; j < n; j++) {
        etm_seal(&lot->keys[j], lot->expected, lot->iv[j], lot->ad[j], ad_len, lot->in, blocks);
        assert_memory_equal(lot->out[j], lot->expected, len);
        assert_int_equal(lot->out[j][len], 0x5a);
    }
    for (size_t j = n; j < MOST; j++)
        for (size_t i = 0; i < len; i++)
            assert_int_equal(lot->out[j][i], 0x5a);
}

/* A published answer in each place, the other places under other keys. */
static void check_vectors(const struct sha256_many_impl *impl)
{
    static struct lot lot;
    struct vec *v = vec_open("etm");
    while (vec_next(v)) {
        size_t enc_key_len, ad_len, len;
        const uint8_t *enc_key = vec_hex(v, "enc_key", &enc_key_len);
        const uint8_t *mac_key = vec_hex_n(v, "mac_key", 32), *iv = vec_hex_n(v, "iv", 16);
        const uint8_t *ad = vec_hex(v, "ad", &ad_len), *plaintext = vec_hex(v, "plaintext", &len);
        for (size_t place = 0; place < SHA256_MANY_MAX; place++) {
            make_lot(&lot, 7, enc_key_len, place % 2 == 0);
            etm_key_init(&lot.keys[place], enc_key, enc_key_len, mac_key);
            lot.one[place].iv = iv;
            lot.one[place].ad = ad_len <= AD_MOST ? memcpy(lot.ad[place], ad, ad_len) : ad;
            if (ad_len <= HEAD_MAX)
                etm_seal_batch(impl, lot.one, SHA256_MANY_MAX, ad_len, plaintext, len / 16);
            else
                etm_seal_many(lot.one + place, 1, ad_len, plaintext, len / 16);
            vec_check(v, "ciphertext", lot.out[place], len);
            vec_check(v, "tag", lot.out[place] + len, ETM_TAG_LEN);
        }
    }
    vec_close(v);
}

static void test_vectors(void **state)
{
    (void)state;
    each_backend(check_vectors);
}

/* Every length of message through several blocks of the hash, with every length of ad around its edges. */
static void check_lengths(const struct sha256_many_impl *impl)
{
    static struct lot lot;
    for (size_t blocks = 0; blocks <= BLOCKS; blocks++)
        for (size_t ad_len = blocks % 4; ad_len <= HEAD_MAX; ad_len += 4) {
            make_lot(&lot, 50 * (uint32_t)blocks + (uint32_t)ad_len, ad_len % 8 < 4 ? 16 : 32, blocks % 5 == 4);
            etm_seal_batch(impl, lot.one, 5, ad_len, lot.in, blocks);
            check_lot(&lot, 5, ad_len, blocks);
        }
}

static void test_every_length(void **state)
{
    (void)state;
    each_backend(check_lengths);
}

static void check_numbers(const struct sha256_many_impl *impl)
{
    static struct lot lot;
    for (size_t n = 1; n <= SHA256_MANY_MAX; n++)
        for (size_t blocks = 1; blocks <= 17; blocks += 4) {
            make_lot(&lot, 90 * (uint32_t)blocks + (uint32_t)n, blocks % 8 == 1 ? 16 : 32, n % 3 == 0);
            etm_seal_batch(impl, lot.one, n, 12, lot.in, blocks);
            check_lot(&lot, n, 12, blocks);
        }
}

static void test_every_batch(void **state)
{
    (void)state;
    each_backend(check_numbers);
}

/* However many there are to cut into batches, with any ad. */
static void test_every_number(void **state)
{
    (void)state;
    static struct lot lot;
    for (size_t n = 0; n <= MOST; n++)
        for (size_t ad_len = 0; ad_len <= AD_MOST; ad_len += 14) {
            make_lot(&lot, 80 * (uint32_t)n + (uint32_t)ad_len, 16, n % 2 == 0);
            etm_seal_many(lot.one, n, ad_len, lot.in, 5);
            check_lot(&lot, n, ad_len, 5);
        }
    etm_seal_many(NULL, 0, 12, lot.in, 5);
}

static void long_associated_data(void)
{
    static struct lot lot;
    make_lot(&lot, 1, 16, false);
    etm_seal_batch(&sha256_many_portable, lot.one, 2, HEAD_MAX + 1, lot.in, 5);
}

static void test_long_associated_data_aborts(void **state)
{
    (void)state;
    assert_true(aborts(long_associated_data));
}

/* Measured once: from some number on, or never where the processor has nothing for batches. */
static void test_from_how_many_on(void **state)
{
    (void)state;
    size_t least = etm_many_least();
    assert_true(least == 0 || (least >= 2 && least <= SHA256_MANY_MAX));
    assert_true(least == 0 || sha256_many_worthwhile());
    for (int i = 0; i < 10; i++)
        assert_int_equal(etm_many_least(), least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),          cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_batch),      cmocka_unit_test(test_every_number),
        cmocka_unit_test(test_from_how_many_on), cmocka_unit_test(test_long_associated_data_aborts),
    };
    return RUN(tests);
}
