/* SPDX-License-Identifier: MIT */
/* TOTP: published answers, the window of three steps, no code twice. */
#include "crypto/totp.h"

#include "crypto/sha1.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void check_hotp(struct vec *v, const uint8_t *key, size_t key_len)
{
    uint64_t count = vec_number(v, "count"), truncated = vec_number(v, "truncated");
    vec_hex_n(v, "hs", SHA1_DIGEST_LEN); /* compared by test_explain_totp */
    assert_int_equal(totp_code(key, key_len, count, 6), vec_number(v, "hotp"));
    assert_int_equal(totp_code(key, key_len, count, 7), truncated % 10000000);
    assert_int_equal(totp_code(key, key_len, count, 8), truncated % 100000000);
}

static void check_totp(struct vec *v, const uint8_t *key, size_t key_len)
{
    uint64_t step = vec_number(v, "time") / TOTP_PERIOD;
    vec_text(v, "utc"); /* compared by test_explain_totp */
    assert_int_equal(bytes_load_be64(vec_hex_n(v, "t", 8)), step);
    assert_int_equal(totp_code(key, key_len, step, 8), vec_number(v, "totp"));
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("totp");
    size_t hotp = 0, totp = 0;
    while (vec_next(v)) {
        size_t key_len;
        if (!vec_has(v, "key")) { /* an HS that is of no key: test_explain_totp has it */
            vec_hex_n(v, "hs", SHA1_DIGEST_LEN);
            vec_number(v, "hotp");
            continue;
        }
        const uint8_t *key = vec_hex(v, "key", &key_len);
        if (vec_has(v, "count")) {
            check_hotp(v, key, key_len);
            hotp++;
        } else {
            check_totp(v, key, key_len);
            totp++;
        }
    }
    vec_close(v);
    assert_int_equal(hotp, 10);
    assert_int_equal(totp, 6);
}

/* Keys through the block's length, over which they are hashed; zeros at a short one's end don't count (RFC 2104). The
 * four codes are by Python's hmac. */
static void test_key_lengths(void **state)
{
    (void)state;
    uint8_t key[100];
    memset(key, 'a', sizeof key);
    assert_int_equal(totp_code(key, 63, 1, 8), 481834);
    assert_int_equal(totp_code(key, 64, 1, 8), 13242271);
    assert_int_equal(totp_code(key, 65, 1, 8), 10620400);
    assert_int_equal(totp_code(key, 100, 1, 8), 2528553);
    memset(key + 20, 0, 44);
    assert_int_equal(totp_code(key, 20, 1, 8), totp_code(key, 64, 1, 8));
    memset(key, 0, 64);
    assert_int_equal(totp_code(NULL, 0, 1, 8), totp_code(key, 64, 1, 8));
}

/* The step has 64 bits: those of its upper half count. The codes are by Python's hmac. */
static void test_step_of_64_bits(void **state)
{
    (void)state;
    const uint8_t *key = (const uint8_t *)"12345678901234567890";
    assert_int_equal(totp_code(key, 20, 1ull << 32, 8), 55999456);
    assert_int_equal(totp_code(key, 20, UINT64_MAX, 8), 63094451);
}

static const uint8_t secret[TOTP_KEY_LEN] = "12345678901234567890";

static uint32_t code_at(uint64_t step)
{
    return totp_code(secret, sizeof secret, step, TOTP_DIGITS);
}

/* The codes of five steps at every second of a step: those of the middle three are taken, and say which step it was. */
static void test_window(void **state)
{
    (void)state;
    for (uint64_t now = 1200000000; now < 1200000030; now++)
        for (int away = -2; away <= 2; away++) {
            uint64_t step = now / 30 + (uint64_t)away, used = 99;
            int expected = away >= -1 && away <= 1 ? 0 : -1;
            assert_int_equal(totp_verify(&used, secret, sizeof secret, now, 0, code_at(step)), expected);
            assert_int_equal(used, expected == 0 ? step : 99);
        }
}

/* A code is good once: with last_step at its step or later it is refused, whichever of the three it is. */
static void test_replay(void **state)
{
    (void)state;
    const uint64_t now = 1200000010, current = now / 30;
    for (uint64_t step = current - 1; step <= current + 1; step++)
        for (uint64_t last = current - 3; last <= current + 3; last++) {
            uint64_t used = 99;
            int expected = step > last ? 0 : -1;
            assert_int_equal(totp_verify(&used, secret, sizeof secret, now, last, code_at(step)), expected);
            assert_int_equal(used, expected == 0 ? step : 99);
        }
    uint64_t used;
    assert_int_equal(totp_verify(&used, secret, sizeof secret, now, UINT64_MAX, code_at(current)), -1);
}

/* Where two steps of the window have the same code, the earlier is used first, and then the later one still works. */
static void test_same_code_twice(void **state)
{
    (void)state;
    uint64_t step = 40628458, used;
    uint32_t code = code_at(step);
    assert_int_equal(code_at(step + 1), code);
    for (uint64_t now = 30 * step; now <= 30 * (step + 1); now += 30) {
        assert_int_equal(totp_verify(&used, secret, sizeof secret, now, 0, code), 0);
        assert_int_equal(used, step);
    }
    assert_int_equal(totp_verify(&used, secret, sizeof secret, 30 * step, step, code), 0);
    assert_int_equal(used, step + 1);
    assert_int_equal(totp_verify(&used, secret, sizeof secret, 30 * step, step + 1, code), -1);
}

/* Every digit changed, and numbers that are no six digits though their remainder is right. */
static void test_wrong_codes(void **state)
{
    (void)state;
    const uint64_t now = 1200000010;
    uint64_t used = 99;
    uint32_t code = code_at(now / 30);
    for (uint32_t unit = 1; unit <= 100000; unit *= 10)
        for (uint32_t by = 1; by <= 9; by++) {
            uint32_t digit = code / unit % 10, wrong = code - digit * unit + (digit + by) % 10 * unit;
            assert_int_equal(totp_verify(&used, secret, sizeof secret, now, 0, wrong), -1);
        }
    assert_int_equal(totp_verify(&used, secret, sizeof secret, now, 0, code + 1000000), -1);
    assert_int_equal(totp_verify(&used, secret, sizeof secret, now, 0, UINT32_MAX), -1);
    uint8_t other[TOTP_KEY_LEN];
    fill(other, sizeof other, 1);
    assert_int_equal(totp_verify(&used, other, sizeof other, now, 0, code), -1);
    assert_int_equal(used, 99);
}

/* At the two ends of time: no step before the first, and step 0 itself, which last_step 0 forbids. */
static void test_ends_of_time(void **state)
{
    (void)state;
    uint64_t used = 99;
    assert_int_equal(totp_verify(&used, secret, sizeof secret, 0, 0, code_at(0)), -1);
    assert_int_equal(totp_verify(&used, secret, sizeof secret, 0, 0, code_at(UINT64_MAX)), -1);
    assert_int_equal(used, 99);
    assert_int_equal(totp_verify(&used, secret, sizeof secret, 0, 0, code_at(1)), 0);
    assert_int_equal(used, 1);
    assert_int_equal(totp_verify(&used, secret, sizeof secret, UINT64_MAX, 0, code_at(UINT64_MAX / 30)), 0);
    assert_true(used == UINT64_MAX / 30);
}

static void five_digits(void)
{
    (void)totp_code(secret, sizeof secret, 1, 5);
}

static void nine_digits(void)
{
    (void)totp_code(secret, sizeof secret, 1, 9);
}

static void test_wrong_digits_abort(void **state)
{
    (void)state;
    assert_true(aborts(five_digits));
    assert_true(aborts(nine_digits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_key_lengths),
        cmocka_unit_test(test_step_of_64_bits),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_same_code_twice),
        cmocka_unit_test(test_wrong_codes),
        cmocka_unit_test(test_ends_of_time),
        cmocka_unit_test(test_wrong_digits_abort),
    };
    return RUN(tests);
}
