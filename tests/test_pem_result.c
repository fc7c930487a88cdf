/* SPDX-License-Identifier: MIT */
/* Each answer has words of its own that can stand after a file's name. */
#include "crypto/pem_result.h"

#include "tests/test.h"

static void test_each_has_words(void **state)
{
    (void)state;
    for (int i = PEM_OK; i < PEM_RESULTS; i++) {
        const char *words = pem_result_words((enum pem_result)i);
        assert_non_null(words);
        assert_true(strncmp(words, "is ", 3) == 0 || strncmp(words, "holds ", 6) == 0 ||
                    strncmp(words, "does ", 5) == 0);
        for (int j = PEM_OK; j < i; j++)
            assert_string_not_equal(words, pem_result_words((enum pem_result)j));
    }
}

/* "Damaged" is said of what may be, and of no key that is sound. */
static void test_a_sound_key_is_not_called_damaged(void **state)
{
    (void)state;
    for (int i = PEM_OK; i < PEM_RESULTS; i++) {
        bool may_be = i == PEM_MALFORMED || i == PEM_WRONG_PASSWORD || i == PEM_UNKNOWN || i == PEM_KDF;
        assert_int_equal(strstr(pem_result_words((enum pem_result)i), "damaged") != NULL, may_be);
    }
    assert_non_null(strstr(pem_result_words(PEM_SCRYPT), "encrypted by scrypt, which glass does not read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_words),
        cmocka_unit_test(test_a_sound_key_is_not_called_damaged),
    };
    return RUN(tests);
}
