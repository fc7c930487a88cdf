/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman keys as PEM: taken apart again by the reader of DER, and each text as long as it says. That openssl
 * takes them is in tests/integration/test_explain_keys.py. */
#include "app/dissect/dh_pem.h"

#include "crypto/base64.h"
#include "crypto/der.h"
#include "tests/aborts.h"
#include "tests/test.h"

static const uint8_t dh_key_agreement[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01};

/* The text between the boundaries, whose lines have 64 characters but for the last. */
static struct der unwrap(uint8_t *der, size_t cap, const char *text, const char *label)
{
    char joined[DH_PEM_CAP], boundary[64];
    size_t joined_len = 0, der_len;
    snprintf(boundary, sizeof boundary, "-----BEGIN %s-----\n", label);
    assert_memory_equal(text, boundary, strlen(boundary));
    text += strlen(boundary);
    for (size_t line = 64; *text != '-'; text += line + 1) {
        assert_int_equal(line, 64); /* only the last one is shorter */
        line = strcspn(text, "\n");
        assert_in_range(line, 1, 64);
        memcpy(joined + joined_len, text, line);
        joined_len += line;
    }
    snprintf(boundary, sizeof boundary, "-----END %s-----\n", label);
    assert_string_equal(text, boundary);
    assert_int_equal(base64_decode(der, cap, &der_len, joined, joined_len), 0);
    return (struct der){der, der_len};
}

static void expect_number(struct der *in, const uint8_t *want, size_t want_len)
{
    struct der number;
    uint8_t got[DH_PUBLIC_MAX_LEN];
    assert_int_equal(der_integer(in, &number), 0);
    assert_int_equal(der_number(got, want_len, &number), 0);
    assert_memory_equal(got, want, want_len);
}

static void expect_algorithm(struct der *in, const struct dh_group *g)
{
    struct der algorithm, parameters;
    assert_int_equal(der_take(in, DER_SEQUENCE, &algorithm), 0);
    assert_int_equal(der_expect(&algorithm, dh_key_agreement, sizeof dh_key_agreement), 0);
    assert_int_equal(der_take(&algorithm, DER_SEQUENCE, &parameters), 0);
    assert_true(der_end(&algorithm));
    expect_number(&parameters, g->p, g->p_len);
    expect_number(&parameters, (const uint8_t[]){2}, 1);
    assert_true(der_end(&parameters));
}

static void check_private(const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    char text[DH_PEM_CAP];
    uint8_t der[DH_PEM_CAP];
    struct der key, octets;
    size_t len = dh_pem_private(text, sizeof text, g, x, x_len);
    assert_int_equal(strlen(text), len);
    struct der in = unwrap(der, sizeof der, text, "PRIVATE KEY");
    assert_int_equal(der_take(&in, DER_SEQUENCE, &key), 0);
    assert_true(der_end(&in));
    expect_number(&key, (const uint8_t[]){0}, 1);
    expect_algorithm(&key, g);
    assert_int_equal(der_take(&key, DER_OCTET_STRING, &octets), 0);
    assert_true(der_end(&key));
    expect_number(&octets, x, x_len);
    assert_true(der_end(&octets));
}

static void check_public(const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    char text[DH_PEM_CAP];
    uint8_t der[DH_PEM_CAP];
    struct der key, bits;
    size_t len = dh_pem_public(text, sizeof text, g, y, y_len);
    assert_int_equal(strlen(text), len);
    struct der in = unwrap(der, sizeof der, text, "PUBLIC KEY");
    assert_int_equal(der_take(&in, DER_SEQUENCE, &key), 0);
    assert_true(der_end(&in));
    expect_algorithm(&key, g);
    assert_int_equal(der_take(&key, DER_BIT_STRING, &bits), 0);
    assert_true(der_end(&key));
    assert_int_equal(der_expect(&bits, (const uint8_t[]){0}, 1), 0);
    expect_number(&bits, y, y_len);
    assert_true(der_end(&bits));
}

/* Small numbers, long ones, and those whose top bit wants a byte of zeros before it. */
static void test_what_is_in_them(void **state)
{
    (void)state;
    for (int id = DH_FFDHE2048; id <= DH_FFDHE4096; id++) {
        const struct dh_group *g = dh_group(id);
        static const uint8_t tops[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        for (size_t i = 0; i < sizeof tops; i++) {
            uint8_t number[DH_PUBLIC_MAX_LEN] = {tops[i]};
            number[g->x_len - 1] |= 0x05;
            check_private(g, number, g->x_len);
            number[g->p_len - 1] |= 0x07;
            check_public(g, number, g->p_len);
        }
        check_private(g, (const uint8_t[]){0}, 1);
        check_public(g, g->p, g->p_len);
    }
}

static void test_a_buffer_that_is_too_small(void **state)
{
    (void)state;
    const struct dh_group *g = dh_group(DH_FFDHE4096);
    char text[DH_PEM_CAP];
    const uint8_t x[2] = {1, 2};
    size_t len = dh_pem_private(text, sizeof text, g, x, sizeof x),
           public_len = dh_pem_public(text, sizeof text, g, x, 2);
    memset(text, '#', sizeof text);
    assert_int_equal(dh_pem_private(text, len, g, x, sizeof x), 0);
    assert_int_equal(dh_pem_public(text, public_len, g, x, sizeof x), 0);
    assert_int_equal(dh_pem_public(text, 0, g, x, sizeof x), 0);
    assert_int_equal(text[0], '#');
    assert_int_equal(dh_pem_private(text, len + 1, g, x, sizeof x), len);
    assert_int_equal(text[len + 1], '#');
    assert_int_equal(strlen(text), len);
}

static void too_long_an_exponent(void)
{
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    char text[DH_PEM_CAP];
    (void)dh_pem_private(text, sizeof text, g, g->p, g->x_len + 1);
}

static void no_value(void)
{
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    char text[DH_PEM_CAP];
    (void)dh_pem_public(text, sizeof text, g, g->p, 0);
}

static void test_wrong_use(void **state)
{
    (void)state;
    assert_true(aborts(too_long_an_exponent));
    assert_true(aborts(no_value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_in_them),
        cmocka_unit_test(test_a_buffer_that_is_too_small),
        cmocka_unit_test(test_wrong_use),
    };
    return RUN(tests);
}
