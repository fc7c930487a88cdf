/* SPDX-License-Identifier: MIT */
/* Every error has a phrase of its own that fits into a log line. */
#include "net/err.h"

#include "tests/test.h"

static void test_every_code_has_a_phrase(void **state)
{
    (void)state;
    for (int i = 0; i < NET_ERR_COUNT; i++) {
        const char *text = net_err_text((enum net_err)i);
        assert_string_not_equal(text, "unknown error");
        assert_null(strchr(text, '\n'));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(text, net_err_text((enum net_err)j));
    }
}

static void test_unknown_codes(void **state)
{
    (void)state;
    assert_string_equal(net_err_text(NET_ERR_COUNT), "unknown error");
    assert_string_equal(net_err_text((enum net_err) - 1), "unknown error");
    assert_string_equal(net_err_text((enum net_err)12345), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_phrase),
        cmocka_unit_test(test_unknown_codes),
    };
    return RUN(tests);
}
