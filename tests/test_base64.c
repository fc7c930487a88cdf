/* SPDX-License-Identifier: MIT */
/* Base64: RFC 4648's examples, every malformed text to be refused, every character in every place. */
#include "crypto/base64.h"

#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a refusal must leave as it was. */
static void assert_refused(const char *text, size_t text_len, size_t cap)
{
    uint8_t out[64];
    size_t len = 99;
    assert_true(cap <= sizeof out);
    memset(out, 0x5a, sizeof out);
    assert_int_equal(base64_decode(out, cap, &len, text, text_len), -1);
    assert_int_equal(len, 99);
    for (size_t i = 0; i < sizeof out; i++)
        assert_int_equal(out[i], 0x5a);
}

static void check_record(struct vec *v)
{
    const char *text = vec_text(v, "text");
    if (vec_rejects(v)) {
        assert_refused(text, strlen(text), 64);
        return;
    }
    size_t len, decoded_len;
    const uint8_t *bytes = vec_hex(v, "bytes", &len);
    char encoded[32];
    uint8_t decoded[16];
    assert_int_equal(base64_encoded_len(len), strlen(text));
    assert_int_equal(BASE64_LEN(len), strlen(text));
    memset(encoded, 'x', sizeof encoded);
    base64_encode(encoded, bytes, len);
    assert_string_equal(encoded, text);
    assert_int_equal(encoded[strlen(text) + 1], 'x');
    assert_int_equal(base64_decode(decoded, sizeof decoded, &decoded_len, text, strlen(text)), 0);
    vec_check(v, "bytes", decoded, decoded_len);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("base64");
    while (vec_next(v))
        check_record(v);
    vec_close(v);
}

/* The whole alphabet in its order encodes the numbers 0 to 63, 6 bits each. */
static void test_alphabet(void **state)
{
    (void)state;
    uint8_t bytes[48] = {0}, decoded[48];
    for (unsigned bit = 0; bit < 8 * sizeof bytes; bit++)
        bytes[bit / 8] |= (uint8_t)((bit / 6 >> (5 - bit % 6) & 1) << (7 - bit % 8));
    char text[BASE64_LEN(sizeof bytes) + 1];
    base64_encode(text, bytes, sizeof bytes);
    assert_string_equal(text, alphabet);
    size_t len;
    assert_int_equal(base64_decode(decoded, sizeof decoded, &len, text, strlen(text)), 0);
    assert_int_equal(len, sizeof bytes);
    assert_memory_equal(decoded, bytes, sizeof bytes);
}

/* Each of the 256 characters in each place of a group: taken if and only if it is in the alphabet. */
static void test_every_character(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++)
        for (size_t place = 0; place < 8; place++) {
            char text[9];
            memset(text, 'A', 8);
            text[place] = (char)c;
            if (c != 0 && strchr(alphabet, c) != NULL) {
                uint8_t out[16];
                size_t len;
                assert_int_equal(base64_decode(out, sizeof out, &len, text, 8), 0);
            } else if (c != '=' || place != 7) {
                assert_refused(text, 8, 16);
            }
        }
}

/* Lengths 0 to 60: there and back, room for one byte less, the text cut anywhere. */
static void test_every_length(void **state)
{
    (void)state;
    uint8_t bytes[60], decoded[61];
    char text[BASE64_LEN(60) + 1];
    for (size_t len = 0; len <= sizeof bytes; len++) {
        fill(bytes, sizeof bytes, (uint32_t)len);
        base64_encode(text, bytes, len);
        size_t text_len = strlen(text), decoded_len;
        assert_int_equal(text_len, base64_encoded_len(len));
        memset(decoded, 0x5a, sizeof decoded);
        assert_int_equal(base64_decode(decoded, len, &decoded_len, text, text_len), 0);
        assert_int_equal(decoded_len, len);
        assert_memory_equal(decoded, bytes, len);
        assert_int_equal(decoded[len], 0x5a);
        if (len > 0)
            assert_refused(text, text_len, len - 1);
        for (size_t cut = 0; cut < text_len; cut++)
            if (cut % 4 != 0)
                assert_refused(text, cut, 64);
    }
}

/* One encoding for each byte string: whatever last character is tried, a text that is taken encodes to itself. */
static void test_one_encoding_each(void **state)
{
    (void)state;
    const size_t taken_per_length[3] = {0, 4, 16};
    for (size_t len = 1; len < 3; len++) {
        uint8_t bytes[3] = {0}, decoded[3];
        char text[5], again[5];
        base64_encode(text, bytes, len);
        size_t last = strcspn(text, "=") - 1, taken = 0, decoded_len;
        for (const char *c = alphabet; *c != '\0'; c++) {
            text[last] = *c;
            if (base64_decode(decoded, sizeof decoded, &decoded_len, text, 4) != 0)
                continue;
            taken++;
            assert_int_equal(decoded_len, len);
            base64_encode(again, decoded, decoded_len);
            assert_string_equal(again, text);
        }
        assert_int_equal(taken, taken_per_length[len]);
    }
}

/* A group that ends in padding of every length, its bits all zeros so that only the length can be wrong. */
static void test_padding_lengths(void **state)
{
    (void)state;
    const int bytes[] = {3, 2, 1, -1}; /* for each number of `=`; -1: no length ends so */
    for (size_t pad = 0; pad <= 4; pad++) {
        char text[] = "AAAA";
        memset(text + 4 - pad, '=', pad);
        if (pad == 4 || bytes[pad] < 0) {
            assert_refused(text, 4, 64);
            continue;
        }
        uint8_t out[8];
        size_t len;
        assert_int_equal(base64_decode(out, sizeof out, &len, text, 4), 0);
        assert_int_equal(len, bytes[pad]);
    }
}

/* White space anywhere, also at the ends, and a NUL. */
static void test_no_white_space(void **state)
{
    (void)state;
    const char space[] = {' ', '\t', '\n', '\r', '\0'};
    for (size_t i = 0; i < sizeof space; i++)
        for (size_t place = 0; place <= 4; place++) {
            char text[5];
            memset(text, 'A', sizeof text);
            text[place] = space[i];
            assert_refused(text, 5, 16);
            if (place < 4)
                assert_refused(text, 4, 16);
        }
}

/* As PEM is decoded: each byte is written when the characters that it comes from were read. */
static void test_in_place(void **state)
{
    (void)state;
    uint8_t bytes[100];
    union {
        char text[BASE64_LEN(sizeof bytes) + 1];
        uint8_t out[BASE64_LEN(sizeof bytes) + 1];
    } both;
    fill(bytes, sizeof bytes, 9);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        size_t out_len;
        base64_encode(both.text, bytes, len);
        assert_int_equal(base64_decode(both.out, sizeof both, &out_len, both.text, base64_encoded_len(len)), 0);
        assert_int_equal(out_len, len);
        assert_memory_equal(both.out, bytes, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),           cmocka_unit_test(test_alphabet),
        cmocka_unit_test(test_every_character),   cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_one_encoding_each), cmocka_unit_test(test_padding_lengths),
        cmocka_unit_test(test_no_white_space),    cmocka_unit_test(test_in_place),
    };
    return RUN(tests);
}
