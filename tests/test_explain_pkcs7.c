/* SPDX-License-Identifier: MIT */
/* Padding explained: what crypto/pkcs7.c says of each vector and of each wrong byte, and whole texts. */
#include "app/workbench/explain/explain_pkcs7.h"

#include "crypto/pkcs7.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"

static char *explain_pad(const uint8_t *padded, size_t len)
{
    struct explained x;
    assert_int_equal(explain_pkcs7_pad(explained_begin(&x), padded, len), 0);
    explained_end(&x);
    return x.text;
}

static char *explain_unpad(const uint8_t *padded, size_t padded_len)
{
    size_t len = EXPLAIN_PKCS7_WRONG;
    struct explained x;
    if (pkcs7_unpad(&len, padded, padded_len) != 0)
        assert_int_equal(len, EXPLAIN_PKCS7_WRONG);
    assert_int_equal(explain_pkcs7_unpad(explained_begin(&x), padded, padded_len, len), 0);
    explained_end(&x);
    return x.text;
}

/* The last block with all of its padding marked. */
static void check_last_block(const char *text, const uint8_t *padded, size_t padded_len, size_t len)
{
    char row[200] = "\n  last block ", marks[100];
    for (size_t i = padded_len - 16; i < padded_len; i++)
        snprintf(row + strlen(row), sizeof row - strlen(row), " %02x", padded[i]);
    snprintf(marks, sizeof marks, "\n%*s", 13 + 3 * (int)(len % 16), "");
    for (size_t i = len; i < padded_len; i++)
        strcat(marks, " ^^");
    strcat(row, marks);
    explained_has(text, strcat(row, "\n"));
}

static void check_good(struct vec *v)
{
    size_t len, padded_len;
    vec_hex(v, "message", &len);
    const uint8_t *padded = vec_hex(v, "padded", &padded_len);
    char said[100], *text = explain_pad(padded, len);
    check_last_block(text, padded, padded_len, len);
    size_t n = padded_len - len;
    snprintf(said, sizeof said, " has %zu bytes. k - (%zu mod k) = %zu: it gets %zu byte%s of value %02zx.", len, len,
             n, n, n > 1 ? "s" : "", n);
    explained_has(text, said);
    free(text);
    text = explain_unpad(padded, padded_len);
    check_last_block(text, padded, padded_len, len);
    snprintf(said, sizeof said, " the padding is right. The message is the first %zu of the %zu", len, padded_len);
    explained_has(text, said);
    free(text);
}

static void check_bad(struct vec *v)
{
    size_t padded_len;
    const uint8_t *padded = vec_hex(v, "padded", &padded_len);
    char *text = explain_unpad(padded, padded_len);
    explained_has(text,
                  padded_len == 0 || padded_len % 16 > 0 ? "A padded message has not " : " the padding is wrong. ");
    free(text);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("pkcs7");
    while (vec_next(v))
        if (vec_rejects(v))
            check_bad(v);
        else
            check_good(v);
    vec_close(v);
}

static void test_a_block_more(void **state)
{
    (void)state;
    uint8_t buf[32] = {0};
    pkcs7_pad(buf, 16);
    char *text = explain_pad(buf, 16);
    assert_string_equal(text, "\n"
                              "Padding (RFC 5652, 6.3, with k = 16)\n"
                              "The message has 16 bytes. k - (16 mod k) = 16: it gets 16 bytes of value 10. It\n"
                              "is whole blocks already, and gets a block more: otherwise a message that ends in\n"
                              "01 could not be told from a padded one.\n"
                              "  last block  10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10\n"
                              "              ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^ ^^\n");
    free(text);
}

static void test_the_wrong_byte_is_marked(void **state)
{
    (void)state;
    uint8_t buf[16] = "0123456789ab\1\4\4\4";
    char *text = explain_unpad(buf, sizeof buf);
    assert_string_equal(text, "\n"
                              "Taking the padding off (RFC 5652, 6.3, with k = 16; crypto/pkcs7.c)\n"
                              "  last block  30 31 32 33 34 35 36 37 38 39 61 62 01 04 04 04\n"
                              "                                                  !! ^^ ^^ ^^\n"
                              "The last byte, 04 in hex, says n = 4. good begins as all ones if n is 1 to 16,\n"
                              "else as 0; then each of the 16 bytes may clear it, the last one (i = 0) first:\n"
                              "where i < n it has to be n. The bytes of the message are looked at too, so that\n"
                              "the time does not tell n.\n"
                              "\n"
                              "  i   byte  is_padding  byte = n  good\n"
                              "                                  ffffffff\n"
                              "  0   04    ffffffff    ffffffff  ffffffff\n"
                              "  1   04    ffffffff    ffffffff  ffffffff\n"
                              "  2   04    ffffffff    ffffffff  ffffffff\n"
                              "  3   01    ffffffff    00000000  00000000\n"
                              "  4   62    00000000    00000000  00000000\n"
                              "  5   61    00000000    00000000  00000000\n"
                              "  6   39    00000000    00000000  00000000\n"
                              "  7   38    00000000    00000000  00000000\n"
                              "  8   37    00000000    00000000  00000000\n"
                              "  9   36    00000000    00000000  00000000\n"
                              "  10  35    00000000    00000000  00000000\n"
                              "  11  34    00000000    00000000  00000000\n"
                              "  12  33    00000000    00000000  00000000\n"
                              "  13  32    00000000    00000000  00000000\n"
                              "  14  31    00000000    00000000  00000000\n"
                              "  15  30    00000000    00000000  00000000\n"
                              "\n"
                              "good is 0: the padding is wrong. The byte at i = 3 is 01, and has to be 04.\n"
                              "A receiver must never tell that, by any sign: with \"wrong padding\" as an answer,\n"
                              "or sooner than another one, whoever may ask often enough reads the plaintext\n"
                              "(Vaudenay, 2002). So the chat checks a tag before it decrypts (crypto/etm.h),\n"
                              "and this check takes the same time wherever it goes wrong.\n");
    free(text);
}

static void test_no_value(void **state)
{
    (void)state;
    uint8_t buf[16] = "0123456789abcde\x11";
    char *text = explain_unpad(buf, sizeof buf);
    explained_has(
        text,
        "\n  last block  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 11\nThe last byte, 11 in hex, says n = 17.");
    explained_has(text, "There is none of value 11.\n");
    free(text);
}

/* With each verdict on each right padding, and on each with one of its 16 last bytes replaced. */
static void test_no_other_verdict_is_explained(void **state)
{
    (void)state;
    FILE *to = fopen("/dev/null", "w");
    assert_non_null(to);
    for (size_t n = 1; n <= 16; n++)
        for (size_t place = 1; place <= 16; place++)
            for (unsigned value = 0; value < 256; value++) {
                uint8_t buf[32];
                fill(buf, sizeof buf, (uint32_t)n);
                pkcs7_pad(buf, sizeof buf - n);
                buf[sizeof buf - place] = (uint8_t)value;
                size_t len = EXPLAIN_PKCS7_WRONG;
                bool right = pkcs7_unpad(&len, buf, sizeof buf) == 0;
                assert_int_equal(explain_pkcs7_unpad(to, buf, sizeof buf, len), 0);
                assert_int_equal(explain_pkcs7_unpad(to, buf, sizeof buf, right ? EXPLAIN_PKCS7_WRONG : 31), -1);
                assert_int_equal(explain_pkcs7_unpad(to, buf, sizeof buf, len - 1), -1);
                if (!right)
                    assert_int_equal(explain_pkcs7_pad(to, buf, sizeof buf - n), -1);
            }
    assert_int_equal(explain_pkcs7_unpad(to, NULL, 0, 0), -1);
    fclose(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_a_block_more),
        cmocka_unit_test(test_the_wrong_byte_is_marked),
        cmocka_unit_test(test_no_value),
        cmocka_unit_test(test_no_other_verdict_is_explained),
    };
    return RUN(tests);
}
