/* SPDX-License-Identifier: MIT */
/* PBKDF2: published answers, the definition of RFC 8018 section 5.2 written out, more than one block of output. */
#include "crypto/pbkdf2_impl.h"

#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void check_vectors(const struct pbkdf2_impl *impl)
{
    struct vec *v = vec_open("pbkdf2");
    while (vec_next(v)) {
        size_t password_len, salt_len, dk_len;
        const uint8_t *password = vec_hex(v, "password", &password_len), *salt = vec_hex(v, "salt", &salt_len);
        vec_hex(v, "dk", &dk_len);
        uint8_t dk[64];
        assert_true(dk_len <= sizeof dk);
        pbkdf2_derive_with(impl, dk, dk_len, password, password_len, salt, salt_len,
                           (uint32_t)vec_number(v, "iterations"));
        vec_check(v, "dk", dk, dk_len);
    }
    vec_close(v);
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        if (pbkdf2_impls[i]->usable())
            check_vectors(pbkdf2_impls[i]);
        else
            printf("skipped: pbkdf2 %s (this processor lacks its instructions)\n", pbkdf2_impls[i]->name);
}

/* Every backend derives what the portable one does, for each number of iterations and length of output. */
static void test_backends_agree(void **state)
{
    (void)state;
    uint8_t password[40], salt[20], want[70], got[70];
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        for (uint32_t c = 1; pbkdf2_impls[i]->usable() && c <= sizeof want; c++) {
            fill(password, sizeof password, c);
            fill(salt, sizeof salt, c + 1000);
            pbkdf2_derive_with(&pbkdf2_portable, want, c, password, sizeof password, salt, sizeof salt, c);
            pbkdf2_derive_with(pbkdf2_impls[i], got, c, password, sizeof password, salt, sizeof salt, c);
            assert_memory_equal(got, want, c);
        }
}

/* One block of output, every HMAC from the password on: nothing shared between the iterations. */
static void by_formula(uint8_t T[32], const uint8_t *P, size_t P_len, const uint8_t *S, size_t S_len, uint32_t c,
                       uint32_t i)
{
    uint8_t U[32], first[304];
    assert_true(S_len + 4 <= sizeof first);
    memcpy(first, S, S_len);
    bytes_store_be32(first + S_len, i);
    hmac_tag(U, P, P_len, first, S_len + 4);
    memcpy(T, U, 32);
    for (uint32_t n = 2; n <= c; n++) {
        hmac_tag(U, P, P_len, U, 32);
        bytes_xor(T, T, U, 32);
    }
}

/* Passwords and salts of every length through the boundaries of a block, few iterations. */
static void test_every_length(void **state)
{
    (void)state;
    uint8_t password[140], salt[300], out[32], expected[32];
    fill(password, sizeof password, 1);
    fill(salt, sizeof salt, 2);
    for (size_t len = 0; len <= sizeof password; len++)
        for (uint32_t c = 1; c <= 3; c++) {
            by_formula(expected, password, len, salt, 16, c, 1);
            pbkdf2_derive(out, 32, password, len, salt, 16, c);
            assert_memory_equal(out, expected, 32);
        }
    for (size_t len = 0; len <= sizeof salt; len++) {
        by_formula(expected, password, 9, salt, len, 2, 1);
        pbkdf2_derive(out, 32, password, 9, salt, len, 2);
        assert_memory_equal(out, expected, 32);
    }
    pbkdf2_derive(out, 32, NULL, 0, NULL, 0, 2);
    by_formula(expected, password, 0, salt, 0, 2, 1);
    assert_memory_equal(out, expected, 32);
}

/* Every length of output through four blocks: each block is its own chain, a shorter output is the beginning of a
 * longer one, and nothing is written past its end. */
static void test_every_output_length(void **state)
{
    (void)state;
    uint8_t expected[4 * 32], out[4 * 32 + 1];
    const uint8_t *password = (const uint8_t *)"correct horse", *salt = (const uint8_t *)"battery staple";
    for (uint32_t i = 1; i <= 4; i++)
        by_formula(expected + 32 * (i - 1), password, 13, salt, 14, 5, i);
    for (size_t len = 0; len <= sizeof expected; len++) {
        memset(out, 0x5a, sizeof out);
        pbkdf2_derive(out, len, password, 13, salt, 14, 5);
        assert_memory_equal(out, expected, len);
        assert_int_equal(out[len], 0x5a);
    }
}

/* A block's number is a big-endian 32-bit integer: over 256 blocks, so that its second byte counts too. */
static void test_block_number(void **state)
{
    (void)state;
    static uint8_t out[300 * 32];
    uint8_t expected[32];
    const uint8_t *password = (const uint8_t *)"password", *salt = (const uint8_t *)"salt";
    pbkdf2_derive(out, sizeof out, password, 8, salt, 4, 2);
    for (uint32_t i = 1; i <= 300; i++) {
        by_formula(expected, password, 8, salt, 4, 2, i);
        assert_memory_equal(out + 32 * (i - 1), expected, 32);
    }
}

/* Each iteration counts, and so does each bit of the salt. */
static void test_iterations_and_salt_count(void **state)
{
    (void)state;
    uint8_t salt[16], out[32], previous[32];
    const uint8_t *password = (const uint8_t *)"password";
    fill(salt, sizeof salt, 3);
    pbkdf2_derive(previous, 32, password, 8, salt, sizeof salt, 1);
    for (uint32_t c = 2; c <= 64; c++) {
        pbkdf2_derive(out, 32, password, 8, salt, sizeof salt, c);
        assert_memory_not_equal(out, previous, 32);
        memcpy(previous, out, 32);
    }
    for (size_t bit = 0; bit < 8 * sizeof salt; bit++) {
        salt[bit / 8] ^= (uint8_t)(1u << bit % 8);
        pbkdf2_derive(out, 32, password, 8, salt, sizeof salt, 64);
        assert_memory_not_equal(out, previous, 32);
        salt[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void no_iterations(void)
{
    uint8_t out[32];
    pbkdf2_derive(out, sizeof out, (const uint8_t *)"p", 1, (const uint8_t *)"s", 1, 0);
}

static void test_no_iterations_aborts(void **state)
{
    (void)state;
    assert_true(aborts(no_iterations));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_backends_agree),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_output_length),
        cmocka_unit_test(test_block_number),
        cmocka_unit_test(test_iterations_and_salt_count),
        cmocka_unit_test(test_no_iterations_aborts),
    };
    return RUN(tests);
}
