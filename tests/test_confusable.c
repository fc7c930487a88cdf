/* SPDX-License-Identifier: MIT */
/* Which names look like which. */
#include "app/message/confusable.h"

#include "tests/test.h"

static void test_names_that_look_alike(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"bob", "b0b"},    {"alice", "a1ice"},       {"alice", "allce"}, {"bill", "b111"}, {"mary", "rnary"},
        {"wolf", "vvolf"}, {"the-boss", "the_boss"}, {"oo", "o0"},       {"dan", "clan"},  {"susan", "5u5an"},
        {"zoe", "2oe"},    {"warm", "vvarrn"},       {"m", "rn"},        {"d1m", "cllrn"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(confusable_names(pairs[i][0], pairs[i][1]));
        assert_true(confusable_names(pairs[i][1], pairs[i][0]));
        assert_int_equal(confusable_hash(pairs[i][0]), confusable_hash(pairs[i][1]));
    }
}

static void test_names_that_do_not(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"bob", "bob"}, {"bob", "rob"}, {"bob", "bobo"}, {"al", "a-l"},
                                           {"a", ""},      {"mm", "rnr"},  {"ab", "ba"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_false(confusable_names(pairs[i][0], pairs[i][1]));
    assert_int_not_equal(confusable_hash("bob"), confusable_hash("rob"));
}

/* A skeleton's skeleton is itself, and a character's is the same wherever it stands: so looking alike is an
 * equivalence. */
static void test_prototypes_have_no_prototype(void **state)
{
    (void)state;
    char once[CONFUSABLE_MAX_LEN + 1], twice[CONFUSABLE_MAX_LEN + 1];
    for (char c = '!'; c <= '~'; c++) {
        char name[2] = {c, '\0'};
        confusable_skeleton(once, name);
        confusable_skeleton(twice, once);
        assert_string_equal(once, twice);
    }
}

static void test_the_longest_name_fits(void **state)
{
    (void)state;
    char name[NAME_MAX_LEN + 1] = {0}, skeleton[CONFUSABLE_MAX_LEN + 1];
    memset(name, 'w', NAME_MAX_LEN);
    confusable_skeleton(skeleton, name);
    assert_int_equal(strlen(skeleton), CONFUSABLE_MAX_LEN);
    assert_int_equal(strspn(skeleton, "v"), CONFUSABLE_MAX_LEN);
}

static void test_you(void **state)
{
    (void)state;
    assert_true(confusable_you("you"));
    assert_true(confusable_you("y0u"));
    assert_false(confusable_you("young"));
    assert_false(confusable_you("yo"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_look_alike),
        cmocka_unit_test(test_names_that_do_not),
        cmocka_unit_test(test_prototypes_have_no_prototype),
        cmocka_unit_test(test_the_longest_name_fits),
        cmocka_unit_test(test_you),
    };
    return RUN(tests);
}
