/* SPDX-License-Identifier: MIT */
/* Byte order, exclusive or, and hexadecimal. */
#include "crypto/bytes.h"

#include "tests/test.h"
#include "tests/vec.h"

static void test_big_endian(void **state)
{
    (void)state;
    const uint8_t b[9] = {0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};
    assert_int_equal(bytes_load_be16(b + 1), 0x8192);
    assert_int_equal(bytes_load_be32(b + 1), 0x8192a3b4);
    assert_true(bytes_load_be64(b + 1) == 0x8192a3b4c5d6e7f8u);
    uint8_t out[8];
    bytes_store_be16(out, 0x8192);
    assert_memory_equal(out, b + 1, 2);
    bytes_store_be32(out, 0x8192a3b4);
    assert_memory_equal(out, b + 1, 4);
    bytes_store_be64(out, 0x8192a3b4c5d6e7f8u);
    assert_memory_equal(out, b + 1, 8);
}

static void test_little_endian(void **state)
{
    (void)state;
    const uint8_t b[9] = {0, 0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};
    assert_int_equal(bytes_load_le32(b + 1), 0xb4a39281);
    assert_true(bytes_load_le64(b + 1) == 0xf8e7d6c5b4a39281u);
    uint8_t out[8];
    bytes_store_le32(out, 0xb4a39281);
    assert_memory_equal(out, b + 1, 4);
    bytes_store_le64(out, 0xf8e7d6c5b4a39281u);
    assert_memory_equal(out, b + 1, 8);
}

static void test_xor_in_place_and_apart(void **state)
{
    (void)state;
    uint8_t a[5] = {1, 2, 3, 4, 0xff}, b[5] = {0xff, 2, 0, 1, 0x0f}, out[6] = {0, 0, 0, 0, 0, 0x77};
    const uint8_t expected[5] = {0xfe, 0, 3, 5, 0xf0};
    bytes_xor(out, a, b, 5);
    assert_memory_equal(out, expected, 5);
    assert_int_equal(out[5], 0x77);
    bytes_xor(a, a, b, 5);
    assert_memory_equal(a, expected, 5);
    bytes_xor(a, a, a, 0);
    assert_memory_equal(a, expected, 5);
}

static void check_record(struct vec *v)
{
    const char *text = vec_text(v, "text");
    uint8_t bytes[16] = {0x77};
    size_t len = 99;
    if (vec_rejects(v)) {
        assert_int_equal(hex_decode(bytes, sizeof bytes, &len, text, strlen(text)), -1);
        assert_int_equal(bytes[0], 0x77);
        assert_int_equal(len, 99);
        return;
    }
    assert_int_equal(hex_decode(bytes, sizeof bytes, &len, text, strlen(text)), 0);
    vec_check(v, "bytes", bytes, len);
    char again[33], small[33];
    hex_encode(again, bytes, len);
    for (size_t i = 0; i <= strlen(text); i++)
        small[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + 'a' - 'A' : text[i]);
    assert_string_equal(again, small);
    assert_int_equal(hex_decode(bytes, sizeof bytes, &len, again, 2 * len), 0);
    vec_check(v, "bytes", bytes, len);
}

static void test_hex_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("bytes");
    while (vec_next(v))
        check_record(v);
    vec_close(v);
}

/* Every character in both places of a pair, against the C library. */
static void test_hex_every_character(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++)
        for (int place = 0; place < 2; place++) {
            char pair[3] = "00";
            pair[place] = (char)c;
            bool digit = c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;
            uint8_t byte;
            size_t len;
            assert_int_equal(hex_decode(&byte, 1, &len, pair, 2), digit ? 0 : -1);
            if (digit)
                assert_int_equal(byte, strtoul(pair, NULL, 16));
        }
}

static void test_hex_room(void **state)
{
    (void)state;
    uint8_t out[3] = {7, 7, 7};
    size_t len = 99;
    assert_int_equal(hex_decode(out, 2, &len, "010203", 6), -1);
    assert_int_equal(out[0], 7);
    assert_int_equal(len, 99);
    assert_int_equal(hex_decode(out, 3, &len, "010203", 6), 0);
    assert_int_equal(len, 3);
    assert_int_equal(hex_decode(NULL, 0, &len, "", 0), 0);
    assert_int_equal(len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_big_endian),
        cmocka_unit_test(test_little_endian),
        cmocka_unit_test(test_xor_in_place_and_apart),
        cmocka_unit_test(test_hex_vectors),
        cmocka_unit_test(test_hex_every_character),
        cmocka_unit_test(test_hex_room),
    };
    return RUN(tests);
}
