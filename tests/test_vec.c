/* SPDX-License-Identifier: MIT */
/* The reader of the vectors itself, on the file that vectors/README.md shows. */
#include "tests/vec.h"

#include "tests/test.h"

static void test_reads_readme_example(void **state)
{
    (void)state;
    struct vec *v = vec_open("vec");
    assert_true(vec_next(v));
    assert_string_equal(vec_name(v), "one block");
    size_t len;
    assert_memory_equal(vec_hex(v, "msg", &len), "abc", 3);
    assert_int_equal(len, 3);
    assert_int_equal(vec_hex_n(v, "digest", 32)[31], 0xad);
    assert_true(vec_next(v));
    vec_hex(v, "msg", &len);
    assert_int_equal(len, 0);
    assert_int_equal(vec_number(v, "length"), 18446744073709551615u);
    assert_true(vec_rejects(v));
    assert_false(vec_next(v));
    vec_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads_readme_example)};
    return RUN(tests);
}
