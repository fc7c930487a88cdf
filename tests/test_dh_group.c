/* SPDX-License-Identifier: MIT */
/* That a number and a name mean the same group; test_dh.c sees to the primes. */
#include "crypto/dh_group.h"

#include "tests/test.h"

static void test_by_number_and_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"ffdhe2048", "ffdhe3072", "ffdhe4096"};
    static const size_t p_len[] = {256, 384, 512}, x_len[] = {32, 40, 48};
    for (int i = 0; i < 3; i++) {
        const struct dh_group *g = dh_group(i + 1);
        assert_non_null(g);
        assert_int_equal(g->id, i + 1);
        assert_ptr_equal(g, dh_group_by_name(names[i]));
        assert_string_equal(g->name, names[i]);
        assert_int_equal(g->p_len, p_len[i]);
        assert_int_equal(g->x_len, x_len[i]);
    }
    assert_null(dh_group(0));
    assert_null(dh_group(4));
    assert_null(dh_group(-1));
    assert_null(dh_group(257));
    assert_null(dh_group_by_name("ffdhe6144"));
    assert_null(dh_group_by_name(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_number_and_by_name),
    };
    return RUN(tests);
}
