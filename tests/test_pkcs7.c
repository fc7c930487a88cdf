/* SPDX-License-Identifier: MIT */
/* PKCS#7: every message length there and back; then everything that is not padding. */
#include "crypto/pkcs7.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void check_good(struct vec *v)
{
    size_t len, padded_len, got = 99;
    const uint8_t *message = vec_hex(v, "message", &len);
    const uint8_t *padded = vec_hex(v, "padded", &padded_len);
    uint8_t buf[64] = {0};
    memcpy(buf, message, len);
    size_t got_len = pkcs7_pad(buf, len);
    vec_check(v, "padded", buf, got_len < sizeof buf ? got_len : sizeof buf);
    assert_int_equal(pkcs7_padded_len(len), padded_len);
    assert_int_equal(pkcs7_unpad(&got, padded, padded_len), 0);
    assert_int_equal(got, len);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("pkcs7");
    while (vec_next(v)) {
        if (vec_rejects(v)) {
            size_t padded_len, got = 99;
            const uint8_t *padded = vec_hex(v, "padded", &padded_len);
            assert_int_equal(pkcs7_unpad(&got, padded, padded_len), -1);
            assert_int_equal(got, 99);
        } else {
            check_good(v);
        }
    }
    vec_close(v);
}

static void test_every_length(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 100; len++) {
        uint8_t buf[128], message[128];
        fill(message, sizeof message, (uint32_t)len);
        memcpy(buf, message, sizeof buf);
        size_t padded_len = pkcs7_pad(buf, len), got = 99;
        assert_true(padded_len > len && padded_len <= len + 16 && padded_len % 16 == 0);
        assert_memory_equal(buf, message, len);
        assert_memory_equal(buf + padded_len, message + padded_len, sizeof buf - padded_len);
        assert_int_equal(pkcs7_unpad(&got, buf, padded_len), 0);
        assert_int_equal(got, len);
    }
}

/* RFC 5652 put plainly, with branches, to compare the constant-time code with. */
static int plain_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    size_t n = buf[buf_len - 1];
    if (n < 1 || n > 16)
        return -1;
    for (size_t i = buf_len - n; i < buf_len; i++)
        if (buf[i] != n)
            return -1;
    *len = buf_len - n;
    return 0;
}

/* Each right padding, with each of its 16 last bytes replaced by each value, in one and in several blocks. */
static void test_every_wrong_byte(void **state)
{
    (void)state;
    unsigned accepted = 0, refused = 0;
    for (size_t buf_len = 16; buf_len <= 48; buf_len += 16)
        for (size_t n = 1; n <= 16; n++)
            for (size_t place = 1; place <= 16; place++)
                for (unsigned value = 0; value < 256; value++) {
                    uint8_t buf[48];
                    fill(buf, sizeof buf, (uint32_t)n);
                    pkcs7_pad(buf, buf_len - n);
                    buf[buf_len - place] = (uint8_t)value;
                    size_t got = 99, expected = 99;
                    int result = plain_unpad(&expected, buf, buf_len);
                    assert_int_equal(pkcs7_unpad(&got, buf, buf_len), result);
                    assert_int_equal(got, expected);
                    *(result == 0 ? &accepted : &refused) += 1;
                }
    assert_true(accepted > 1000 && refused > 1000);
}

static void test_length_no_multiple(void **state)
{
    (void)state;
    uint8_t buf[80];
    memset(buf, 1, sizeof buf); /* would be right at any multiple of 16, and so would what stands before the message */
    for (size_t len = 0; len <= 64; len++) {
        size_t got = 99;
        bool whole = len > 0 && len % 16 == 0;
        assert_int_equal(pkcs7_unpad(&got, buf + 16, len), whole ? 0 : -1);
        assert_int_equal(got, whole ? len - 1 : 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_every_wrong_byte),
        cmocka_unit_test(test_length_no_multiple),
    };
    return RUN(tests);
}
