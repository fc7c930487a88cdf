/* SPDX-License-Identifier: MIT */
/* Small integers in all their wrong spellings, and numbers read back as they were written. */
#include "crypto/der.h"

#include "tests/test.h"
#include "tests/vec.h"

/* Reads from a block of exactly der_len bytes. A refusal leaves the slice where it was. */
static int take(const char *kind, struct der *in, struct der *value)
{
    if (strcmp(kind, "integer") == 0)
        return der_integer(in, value);
    return der_take(in, DER_OCTET_STRING, value);
}

static void check_writing(struct vec *v, const char *kind, const struct der *value)
{
    uint8_t buf[1024];
    static const uint8_t zero = 0;
    struct der_writer w = der_writer(buf, sizeof buf);
    if (strcmp(kind, "octets") == 0) {
        der_put(&w, value->data, value->len);
        der_put_header(&w, DER_OCTET_STRING, value->len);
    } else if (value->len == 0) {
        der_put_integer(&w, &zero, 1);
    } else {
        uint8_t padded[16];
        assert_int_equal(der_number(padded, sizeof padded, value), 0);
        der_put_integer(&w, padded, sizeof padded); /* leading zeros are left out */
    }
    vec_check(v, "der", w.end - w.len, w.len);
}

static void vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("der");
    while (vec_next(v)) {
        size_t len;
        const uint8_t *der = vec_hex(v, "der", &len);
        const char *kind = vec_text(v, "kind");
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, der, len);
        exact = realloc(exact, len + (len == 0));
        struct der in = {exact, len}, value = {NULL, 77};
        if (vec_rejects(v)) {
            if (take(kind, &in, &value) == 0)
                fail_msg("%s: accepted", vec_name(v));
            assert_true(in.data == exact && in.len == len && value.data == NULL && value.len == 77);
        } else {
            assert_int_equal(take(kind, &in, &value), 0);
            assert_true(der_end(&in));
            vec_check(v, "value", value.data, value.len);
            check_writing(v, kind, &value);
        }
        free(exact);
    }
    vec_close(v);
}

static void small_integers(void **state)
{
    (void)state;
    static const uint8_t two[] = {0x02, 0x05, 0x00, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x07};
    static const uint8_t large[] = {0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00};
    struct der in = {two, sizeof two};
    uint32_t n;
    assert_int_equal(der_small(&in, &n), 0);
    assert_int_equal(n, 0xffffffff);
    assert_false(der_end(&in));
    assert_int_equal(der_small(&in, &n), 0);
    assert_int_equal(n, 7);
    assert_true(der_end(&in));
    assert_int_equal(der_small(&in, &n), -1);
    in = (struct der){large, sizeof large};
    assert_int_equal(der_small(&in, &n), -1);
    assert_int_equal(in.len, sizeof large);
}

static void expected_bytes(void **state)
{
    (void)state;
    struct der in = {(const uint8_t *)"abcd", 4};
    assert_int_equal(der_expect(&in, (const uint8_t *)"abx", 3), -1);
    assert_int_equal(der_expect(&in, (const uint8_t *)"abcde", 5), -1);
    assert_int_equal(in.len, 4);
    assert_int_equal(der_expect(&in, (const uint8_t *)"abc", 3), 0);
    assert_int_equal(in.len, 1);
    assert_int_equal(in.data[0], 'd');
}

static void numbers(void **state)
{
    (void)state;
    uint8_t out[4];
    struct der value = {(const uint8_t *)"\1\2\3\4\5", 5};
    assert_int_equal(der_number(out, sizeof out, &value), -1);
    value.len = 2;
    assert_int_equal(der_number(out, sizeof out, &value), 0);
    assert_memory_equal(out, "\0\0\1\2", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(small_integers),
        cmocka_unit_test(expected_bytes),
        cmocka_unit_test(numbers),
    };
    return RUN(tests);
}
