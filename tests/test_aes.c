/* SPDX-License-Identifier: MIT */
/* AES, every backend: the standard's examples, then each against aes_ref on other input. */
#include "crypto/aes.h"

#include "crypto/aes_ref.h"
#include "tests/aes_backends.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define MOST 21 /* blocks: two full batches of any backend and a rest */

static void check_block(struct vec *v, const struct aes_impl *impl)
{
    size_t key_len, len;
    const uint8_t *key = vec_hex(v, "key", &key_len);
    const uint8_t *plaintext = vec_hex(v, "plaintext", &len);
    const uint8_t *ciphertext = vec_hex_n(v, "ciphertext", len);
    uint8_t out[64];
    assert_true(len <= sizeof out && len % 16 == 0);
    struct aes_key k;
    aes_key_init_like(&k, impl, key, key_len);
    aes_encrypt(&k, out, plaintext, len / 16);
    vec_check(v, "ciphertext", out, len);
    aes_decrypt(&k, out, ciphertext, len / 16);
    vec_check(v, "plaintext", out, len);
    aes_key_wipe(&k);
}

static void check_key_schedule(struct vec *v)
{
    size_t key_len;
    const uint8_t *key = vec_hex(v, "key", &key_len);
    unsigned Nk = (unsigned)key_len / 4, Nr = Nk + 6;
    uint8_t w[AES_REF_W_LEN];
    KeyExpansion(w, key, Nk, Nr);
    vec_check(v, "w", w, 16 * (Nr + 1));
}

static void check_state(struct vec *v, const char *field, uint8_t s[4][4])
{
    uint8_t block[16];
    aes_ref_state_store(block, s);
    vec_check(v, field, block, 16);
}

/* One round forwards from `start`, then back again to it. */
static void check_round(struct vec *v)
{
    bool last = !vec_has(v, "m_col");
    const uint8_t *round_key = vec_hex_n(v, "k_sch", 16);
    uint8_t s[4][4];
    aes_ref_state_load(s, vec_hex_n(v, "start", 16));
    SubBytes(s);
    check_state(v, "s_box", s);
    ShiftRows(s);
    check_state(v, "s_row", s);
    if (!last) {
        MixColumns(s);
        check_state(v, "m_col", s);
    }
    AddRoundKey(s, round_key);
    check_state(v, "output", s);
    AddRoundKey(s, round_key);
    if (!last)
        InvMixColumns(s);
    check_state(v, "s_row", s);
    InvShiftRows(s);
    check_state(v, "s_box", s);
    InvSubBytes(s);
    check_state(v, "start", s);
}

/* The steps are aes_ref's, whatever the backend; the blocks go through the backend. */
static void check_vectors(const struct aes_impl *impl)
{
    struct vec *v = vec_open("aes");
    size_t rounds = 0, schedules = 0, blocks = 0;
    while (vec_next(v)) {
        if (vec_has(v, "s_box")) {
            check_round(v);
            rounds++;
        } else if (vec_has(v, "w")) {
            check_key_schedule(v);
            schedules++;
        } else {
            check_block(v, impl);
            blocks++;
        }
    }
    vec_close(v);
    assert_int_equal(rounds, 10 + 10 + 14);
    assert_int_equal(schedules, 3);
    assert_int_equal(blocks, 6);
}

static void test_vectors_every_backend(void **state)
{
    (void)state;
    each_aes_backend(check_vectors);
}

static void test_round_constants(void **state)
{
    (void)state;
    const uint8_t printed[10] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36}; /* appendix A.1 */
    for (unsigned i = 1; i <= 10; i++)
        assert_int_equal(Rcon(i), printed[i - 1]);
}

/* Every number of blocks, both key lengths, in place and apart, nothing written past the end. */
static void check_against_ref(const struct aes_impl *impl)
{
    for (uint32_t seed = 0; seed < 40; seed++)
        for (size_t blocks = 0; blocks <= MOST; blocks++) {
            uint8_t key[32], in[16 * MOST], expected[16 * MOST], out[16 * MOST + 1];
            fill(key, sizeof key, seed);
            fill(in, sizeof in, seed + 1000);
            struct aes_key k, ref;
            size_t key_len = seed % 2 ? AES256_KEY_LEN : AES128_KEY_LEN;
            aes_key_init_with(&k, impl, key, key_len);
            aes_key_init_with(&ref, &aes_ref, key, key_len);
            aes_encrypt(&ref, expected, in, blocks);
            memset(out, 0x5a, sizeof out);
            aes_encrypt(&k, out, in, blocks);
            assert_memory_equal(out, expected, 16 * blocks);
            assert_int_equal(out[16 * blocks], 0x5a);
            aes_decrypt(&k, out, out, blocks);
            assert_memory_equal(out, in, 16 * blocks);
            assert_int_equal(out[16 * blocks], 0x5a);
            aes_encrypt(&k, out, out, blocks);
            assert_memory_equal(out, expected, 16 * blocks);
            aes_decrypt(&ref, expected, in, blocks);
            aes_decrypt(&k, out, in, blocks);
            assert_memory_equal(out, expected, 16 * blocks);
        }
}

static void test_backends_agree(void **state)
{
    (void)state;
    each_aes_backend(check_against_ref);
}

/* All 256 bytes go through the S-box in each of the 16 places of each block of a batch. */
static void check_every_byte(const struct aes_impl *impl)
{
    uint8_t key[16], in[256 * 16], expected[256 * 16], out[256 * 16];
    fill(key, sizeof key, 7);
    struct aes_key k, ref;
    aes_key_init_with(&k, impl, key, sizeof key);
    aes_key_init_with(&ref, &aes_ref, key, sizeof key);
    for (unsigned shift = 0; shift < 16; shift++) {
        for (unsigned i = 0; i < sizeof in; i++)
            in[i] = (uint8_t)(i / 16 + shift * (i % 16) * 17);
        aes_encrypt(&ref, expected, in, 256);
        aes_encrypt(&k, out, in, 256);
        assert_memory_equal(out, expected, sizeof out);
        aes_decrypt(&k, out, out, 256);
        assert_memory_equal(out, in, sizeof out);
    }
}

static void test_every_byte_value(void **state)
{
    (void)state;
    each_aes_backend(check_every_byte);
}

/* A key may be copied and used from another place. */
static void check_copy(const struct aes_impl *impl)
{
    uint8_t key[32], a[16] = {1}, b[16] = {1};
    fill(key, sizeof key, 9);
    struct aes_key k, copy;
    aes_key_init_with(&k, impl, key, sizeof key);
    aes_encrypt(&k, a, a, 1);
    copy = k;
    aes_key_wipe(&k);
    aes_encrypt(&copy, b, b, 1);
    assert_memory_equal(a, b, 16);
}

static void test_key_copies(void **state)
{
    (void)state;
    each_aes_backend(check_copy);
}

static void check_wipe(const struct aes_impl *impl)
{
    uint8_t key[32];
    fill(key, sizeof key, 3);
    struct aes_key k;
    aes_key_init_with(&k, impl, key, sizeof key);
    aes_key_wipe(&k);
    for (size_t i = 0; i < sizeof k; i++)
        assert_int_equal(((const uint8_t *)&k)[i], 0);
}

static void test_wipe_leaves_nothing(void **state)
{
    (void)state;
    each_aes_backend(check_wipe);
}

static void test_never_picks_ref(void **state)
{
    (void)state;
    size_t n = 0;
    while (aes_impls[n] != NULL)
        n++;
    assert_ptr_equal(aes_impls[n - 1], &aes_ref);
    struct aes_key k;
    for (size_t key_len = 16; key_len <= 32; key_len += 16) {
        uint8_t key[32] = {0};
        aes_key_init(&k, key, key_len);
        assert_ptr_not_equal(k.impl, &aes_ref);
        assert_int_equal(k.rounds, key_len == 16 ? 10 : 14);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_every_backend),
        cmocka_unit_test(test_round_constants),
        cmocka_unit_test(test_backends_agree),
        cmocka_unit_test(test_every_byte_value),
        cmocka_unit_test(test_key_copies),
        cmocka_unit_test(test_wipe_leaves_nothing),
        cmocka_unit_test(test_never_picks_ref),
    };
    return RUN(tests);
}
