/* SPDX-License-Identifier: MIT */
/* What is encrypted here is decrypted here, whatever the length, and each length's wrong password refused. Files of
 * other tools: test_pem.c, with vectors/pem.txt. */
#include "crypto/pbes2.h"

#include "crypto/prf.h"
#include "crypto/rng.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"

static const uint8_t password[] = {'p', 0, 0xff, 'w'};

static size_t encrypt_text(uint8_t der[1024], const uint8_t *text, size_t len, uint32_t iterations)
{
    uint8_t plain[600];
    struct rng rng;
    struct der_writer w = der_writer(der, 1024);
    memcpy(plain, text, len);
    rng_init(&rng);
    pbes2_write(&w, plain, len, password, sizeof password, iterations, &rng);
    rng_wipe(&rng);
    memmove(der, w.end - w.len, w.len);
    return w.len;
}

static void test_written_and_read(void **state)
{
    uint8_t text[500], der[1024], out[600];
    (void)state;
    fill(text, sizeof text, 1);
    for (size_t len = 0; len <= sizeof text; len += len < 40 ? 1 : 23) {
        struct pbes2 e;
        size_t out_len = 0, der_len = encrypt_text(der, text, len, 1 + (uint32_t)len);
        assert_int_equal(pbes2_read(&e, (struct der){der, der_len}), PEM_OK);
        assert_int_equal(e.iterations, 1 + len);
        assert_int_equal(e.key_len, 16);
        assert_ptr_equal(e.hash, &prf_sha256);
        assert_int_equal(e.encrypted.len, len / 16 * 16 + 16);
        assert_int_equal(pbes2_decrypt(out, &out_len, &e, password, sizeof password), 0);
        assert_int_equal(out_len, len);
        assert_memory_equal(out, text, len);
        bool opened = pbes2_decrypt(out, &out_len, &e, password, sizeof password - 1) == 0 && out_len == len &&
                      memcmp(out, text, len) == 0;
        assert_false(opened && len > 8);
    }
}

/* Cut off anywhere, or with a tag or a length changed, it is never read as if it were whole. */
static void test_every_truncation(void **state)
{
    uint8_t der[1024], exact[1024];
    struct pbes2 e;
    (void)state;
    size_t len = encrypt_text(der, (const uint8_t *)"text", 4, 1000);
    for (size_t n = 0; n < len; n++)
        assert_int_equal(pbes2_read(&e, (struct der){der, n}), PEM_MALFORMED);
    memcpy(exact, der, len);
    exact[len] = 0;
    assert_int_equal(pbes2_read(&e, (struct der){exact, len + 1}), PEM_MALFORMED);
}

static void test_two_encryptions_differ(void **state)
{
    uint8_t one[1024], other[1024];
    (void)state;
    size_t len = encrypt_text(one, (const uint8_t *)"text", 4, 1);
    assert_int_equal(encrypt_text(other, (const uint8_t *)"text", 4, 1), len);
    assert_memory_not_equal(one, other, len);
}

static void no_iterations(void)
{
    uint8_t der[1024];
    (void)encrypt_text(der, password, 1, 0);
}

static void too_many_iterations(void)
{
    uint8_t der[1024];
    (void)encrypt_text(der, password, 1, PBES2_ITERATIONS_MAX + 1);
}

static void test_iterations_out_of_range_abort(void **state)
{
    (void)state;
    assert_true(aborts(no_iterations));
    assert_true(aborts(too_many_iterations));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_two_encryptions_differ),
        cmocka_unit_test(test_iterations_out_of_range_abort),
    };
    return RUN(tests);
}
