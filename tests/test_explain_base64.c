/* SPDX-License-Identifier: MIT */
/* RFC 4648's examples are told bit by bit; and of whatever the decoders refuse it is told why and where, and of nothing
 * else. */
#include "app/workbench/explain/explain_base64.h"

#include "crypto/base64.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"

static void expect_rows(const char *at, const char *const rows[][2])
{
    for (; (*rows)[0] != NULL; rows++)
        assert_string_equal(explained_next(&at, (*rows)[0]), (*rows)[1]);
}

static void expect_encoded(const char *text, bool base32, const char *const rows[][2])
{
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_base64_encode(to, (const uint8_t *)text, strlen(text), base32);
    expect_rows(explained_end(&x), rows);
    explained_free(&x);
}

/* RFC 4648 section 10: "foob" is Zm9vYg== and MZXW6YQ=. */
static void test_encoding(void **state)
{
    (void)state;
    static const char *const base64_rows[][2] = {
        {"data", "666f6f62"},
        {"bytes", "666f6f"},
        {"bits", "01100110 01101111 01101111"},
        {"sixes", "011001 100110 111101 101111"},
        {"values", "25     38     61     47"},
        {"characters", "Z      m      9      v"},
        {"bytes", "62"},
        {"bits", "01100010"},
        {"sixes", "011000 100000"},
        {"values", "24     32"},
        {"characters", "Y      g      =      ="},
        {"text", "Zm9vYg=="},
        {NULL},
    };
    static const char *const base32_rows[][2] = {
        {"bytes", "666f6f62"},
        {"bits", "01100110 01101111 01101111 01100010"},
        {"fives", "01100 11001 10111 10110 11110 11000 10000"},
        {"values", "12    25    23    22    30    24    16"},
        {"characters", "M     Z     X     W     6     Y     Q     ="},
        {"text", "MZXW6YQ="},
        {NULL},
    };
    static const char *const empty[][2] = {{"data", "(empty)"}, {"text", "(empty)"}, {NULL}};
    expect_encoded("foob", false, base64_rows);
    expect_encoded("foob", true, base32_rows);
    expect_encoded("", false, empty);
}

static void expect_decoded(const char *text, bool base32, int want, const char *const rows[][2])
{
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_base64_decode(to, text, strlen(text), base32), want);
    expect_rows(explained_end(&x), rows);
    explained_free(&x);
}

static void test_decoding(void **state)
{
    (void)state;
    static const char *const base64_rows[][2] = {
        {"text", "Zm9vYg=="},    {"characters", "Z      m      9      v"},
        {"bytes", "666f6f"},     {"characters", "Y      g      =      ="},
        {"values", "24     32"}, {"sixes", "011000 100000"},
        {"bits", "01100010"},    {"bytes", "62"},
        {"data", "666f6f62"},    {NULL},
    };
    static const char *const base32_rows[][2] = {
        {"characters", "M     Z     X     W     6     Y     Q     ="},
        {"fives", "01100 11001 10111 10110 11110 11000 10000"},
        {"bits", "01100110 01101111 01101111 01100010"},
        {"data", "666f6f62"},
        {NULL},
    };
    static const char *const refused[][2] = {{"valid?", "refused"}, {NULL}};
    expect_decoded("Zm9vYg==", false, 0, base64_rows);
    expect_decoded("MZXW6YQ=", true, 0, base32_rows);
    expect_decoded("Zm9vYg=", false, -1, refused);
}

/* What follows the text is not shown. */
static void test_the_text_ends_where_it_ends(void **state)
{
    (void)state;
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_base64_decode(to, "Zm9vYmFy", 4, false), 0);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, "text"), "Zm9v");
    assert_string_equal(explained_next(&at, "data"), "666f6f");
    assert_null(strstr(at, "YmFy"));
    explained_free(&x);
}

/* The examples of vectors/, forwards and backwards. */
static void check_vectors(const char *stem, bool base32)
{
    struct vec *v = vec_open(stem);
    while (vec_next(v)) {
        const char *text = vec_text(v, "text");
        struct explained x;
        FILE *to = explained_begin(&x);
        if (vec_rejects(v)) {
            assert_int_equal(explain_base64_decode(to, text, strlen(text), base32), -1);
            assert_non_null(strstr(explained_end(&x), "It can't be read: "));
        } else {
            size_t len;
            const uint8_t *bytes = vec_hex(v, "bytes", &len);
            explain_base64_encode(to, bytes, len, base32);
            assert_int_equal(explain_base64_decode(to, text, strlen(text), base32), 0);
            const char *at = explained_end(&x);
            assert_string_equal(explained_next(&at, "text"), len > 0 ? text : "(empty)");
            explained_check(v, "bytes", &at, "data");
        }
        explained_free(&x);
    }
    vec_close(v);
}

static void test_vectors(void **state)
{
    (void)state;
    check_vectors("base64", false);
    check_vectors("base32", true);
}

static void expect_wrong(const char *text, bool base32, const char *want)
{
    char why[EXPLAIN_BASE64_WHY_LEN];
    assert_true(explain_base64_wrong(why, text, strlen(text), base32));
    assert_string_equal(why, want);
}

static void test_where_it_is_wrong(void **state)
{
    (void)state;
    expect_wrong("Zm9vYg=", false, "it has 7 characters, = included, and must have a multiple of 4");
    expect_wrong("Zm=vYg==", false, "character 3 is =, which only stands at the end");
    expect_wrong("Zm9v\nYg==", false, "character 5 is a blank or a line end, and the text must be one line");
    expect_wrong("Zm9vYg==\n", false, "character 9 is a blank or a line end, and the text must be one line");
    expect_wrong("Zm9vYg-=", false, "character 7 is -, which is not in the alphabet of base64");
    expect_wrong("Zm9vY\xc3==", false, "character 6 is the byte c3, which is not in the alphabet of base64");
    expect_wrong("Zm9v\033[2J", false, "character 5 is the byte 1b, which is not in the alphabet of base64");
    expect_wrong("Zm9vYh==", false, "character 6 has bits set that no byte uses");
    expect_wrong("Zm9vY===", false, "no number of bytes leads to 5 characters and 3 times = after them");
    expect_wrong("====", false, "no number of bytes leads to 0 characters and 4 times = after them");
    expect_wrong("mZXW6YQ=", true, "character 1 is m, which is not in the alphabet of base32");
    expect_wrong("MZXW6Y==", true, "no number of bytes leads to 6 characters and 2 times = after them");
    expect_wrong("MZXW6YR=", true, "character 7 has bits set that no byte uses");
}

/* Texts of a few characters that are mostly in the alphabet: what is told must be what the decoder does. */
static void test_it_agrees_with_the_decoders(void **state)
{
    (void)state;
    static const char some[] = "AAQgMZ27=====\nb";
    int taken64 = 0, taken32 = 0;
    for (unsigned seed = 0; seed < 20000; seed++) {
        char text[17], why[EXPLAIN_BASE64_WHY_LEN];
        uint8_t choice[17], out[16];
        size_t out_len;
        fill(choice, sizeof choice, seed);
        size_t len = choice[16] % 17u;
        for (size_t i = 0; i < len; i++) /* more = the nearer to the end */
            text[i] = some[choice[i] % (i + 4 > len ? 15 : 7)];
        bool bad64 = base64_decode(out, sizeof out, &out_len, text, len) != 0;
        bool bad32 = base32_decode(out, sizeof out, &out_len, text, len) != 0;
        assert_int_equal(explain_base64_wrong(why, text, len, false), bad64);
        assert_int_equal(explain_base64_wrong(why, text, len, true), bad32);
        taken64 += !bad64 && len > 0;
        taken32 += !bad32 && len > 0;
    }
    assert_in_range(taken64, 100, 10000);
    assert_in_range(taken32, 100, 10000);
}

static const uint8_t most[EXPLAIN_BASE64_MAX + 1];

static void too_much(void)
{
    explain_base64_encode(stderr, most, sizeof most, false);
}

static void test_the_longest(void **state)
{
    (void)state;
    for (int base32 = 0; base32 < 2; base32++) {
        struct explained x;
        FILE *to = explained_begin(&x);
        explain_base64_encode(to, most, EXPLAIN_BASE64_MAX, base32);
        explained_end(&x);
        explained_free(&x);
    }
    char *text = malloc(EXPLAIN_BASE64_TEXT_MAX);
    assert_non_null(text);
    memset(text, 'A', EXPLAIN_BASE64_TEXT_MAX);
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_base64_decode(to, text, EXPLAIN_BASE64_TEXT_MAX, false), 0);
    explained_end(&x);
    explained_free(&x);
    free(text);
    assert_true(aborts(too_much));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encoding),
        cmocka_unit_test(test_decoding),
        cmocka_unit_test(test_the_text_ends_where_it_ends),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_where_it_is_wrong),
        cmocka_unit_test(test_it_agrees_with_the_decoders),
        cmocka_unit_test(test_the_longest),
    };
    return RUN(tests);
}
