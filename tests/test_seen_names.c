/* SPDX-License-Identifier: MIT */
/* Who was seen, what is said of the second of two who look alike, and that a server can't make it grow. */
#include "app/message/seen_names.h"

#include "tests/test.h"

static struct seen_names f;

static int set_up(void **state)
{
    (void)state;
    f = (struct seen_names){0};
    seen_names_own(&f, "mary");
    return 0;
}

static void test_the_second_is_marked_at_each_joining(void **state)
{
    (void)state;
    assert_null(seen_names_joined(&f, "bob"));
    assert_null(seen_names_joined(&f, "bob"));
    assert_string_equal(seen_names_joined(&f, "b0b"), "bob");
    assert_string_equal(seen_names_joined(&f, "b0b"), "bob");
    assert_string_equal(seen_names_joined(&f, "rnary"), "mary");
    assert_string_equal(seen_names_you(&f), "mary");
}

static void test_a_speaker_is_marked_once_after_each_joining(void **state)
{
    (void)state;
    assert_null(seen_names_spoke(&f, "bob"));
    for (int i = 0; i < 2; i++) {
        assert_string_equal(seen_names_joined(&f, "b0b"), "bob");
        assert_string_equal(seen_names_spoke(&f, "b0b"), "bob");
        assert_null(seen_names_spoke(&f, "b0b"));
    }
    assert_null(seen_names_spoke(&f, "bob")); /* bob spoke before the other was there */
    assert_string_equal(seen_names_spoke(&f, "rnary"), "mary");
}

static void test_in_a_list_both_are_marked(void **state)
{
    (void)state;
    assert_null(seen_names_listed(&f, "b0b"));
    assert_string_equal(seen_names_listed(&f, "bob"), "b0b");
    assert_string_equal(seen_names_listed(&f, "b0b"), "bob");
}

static void test_what_no_account_can_be_called(void **state)
{
    (void)state;
    assert_string_equal(seen_names_joined(&f, "operat0r"), "operator");
    assert_string_equal(seen_names_spoke(&f, "systern"), "system");
    assert_null(seen_names_spoke(&f, "operator"));
}

static void test_it_is_bounded_and_keeps_oneself(void **state)
{
    (void)state;
    char name[NAME_MAX_LEN + 1];
    for (unsigned i = 0; i < 2 * SEEN_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "n%07o", i);
        (void)seen_names_joined(&f, name);
        assert_in_range(f.len, 1, SEEN_NAMES_MAX);
    }
    assert_int_equal(f.len, SEEN_NAMES_MAX);
    assert_string_equal(seen_names_joined(&f, "rnary"), "mary");
    (void)seen_names_joined(&f, "bob");
    for (unsigned i = 0; i < SEEN_NAMES_MAX - 2; i++) {
        snprintf(name, sizeof name, "k%07o", i);
        (void)seen_names_joined(&f, name);
    }
    assert_string_equal(seen_names_listed(&f, "b0b"), "bob"); /* it was bob's turn to give way */
    assert_null(seen_names_joined(&f, "n0000007"));
}

static void check_printed(const char *name, const char *other, const char *expected)
{
    char out[SEEN_NAMES_PRINT_LEN];
    assert_int_equal(seen_names_print(out, name, other), strlen(expected));
    assert_string_equal(out, expected);
}

static void test_how_a_name_is_shown(void **state)
{
    (void)state;
    char longest[NAME_MAX_LEN + 1] = {0}, expected[SEEN_NAMES_PRINT_LEN];
    memset(longest, 'x', NAME_MAX_LEN);
    check_printed("bob", NULL, "bob");
    check_printed("b0b", "bob", "b0b (looks like bob)");
    check_printed("you", NULL, "'you'");
    check_printed("y0u", "you", "'y0u' (looks like 'you')");
    snprintf(expected, sizeof expected, "%s (looks like %s)", longest, longest);
    check_printed(longest, longest, expected);
}

/* They are compared, with each other, too; but nobody who was seen is forgotten for them. */
static void test_names_that_somebody_tells_of(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    assert_null(seen_names_joined(&f, "bob"));
    for (size_t i = 0; i < 2 * SEEN_NAMES_MAX; i++) {
        snprintf(name, sizeof name, "n%07zu", i);
        (void)seen_names_told(&f, name);
    }
    assert_string_equal(seen_names_joined(&f, "b0b"), "bob");
    assert_string_equal(seen_names_told(&f, "rnary"), "mary");
    assert_null(seen_names_told(&f, "carol"));
    assert_string_equal(seen_names_told(&f, "car0l"), "carol");
    assert_string_equal(seen_names_told(&f, "carol"), "car0l");
    assert_string_equal(seen_names_joined(&f, "car0l"), "carol");
    assert_string_equal(seen_names_told(&f, "operat0r"), "operator");
    for (size_t i = 0; i < SEEN_NAMES_TOLD_MAX; i++) {
        snprintf(name, sizeof name, "m%07zu", i);
        (void)seen_names_told(&f, name);
    }
    assert_string_equal(seen_names_told(&f, "carol"), "car0l"); /* who was seen */
    seen_names_own(&f, "mary");
    assert_null(seen_names_told(&f, "car0l"));
}

/* When it is full the one that the newest looks like does not give way. */
static void test_the_last_of_those_that_somebody_tells_of(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    assert_null(seen_names_told(&f, "carol"));
    for (size_t i = 1; i < SEEN_NAMES_TOLD_MAX; i++) {
        snprintf(name, sizeof name, "n%07zu", i);
        (void)seen_names_told(&f, name);
    }
    assert_string_equal(seen_names_told(&f, "car0l"), "carol"); /* whose turn it was */
    assert_string_equal(seen_names_told(&f, "carol"), "car0l");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_second_is_marked_at_each_joining, set_up),
        cmocka_unit_test_setup(test_a_speaker_is_marked_once_after_each_joining, set_up),
        cmocka_unit_test_setup(test_in_a_list_both_are_marked, set_up),
        cmocka_unit_test_setup(test_what_no_account_can_be_called, set_up),
        cmocka_unit_test_setup(test_it_is_bounded_and_keeps_oneself, set_up),
        cmocka_unit_test_setup(test_names_that_somebody_tells_of, set_up),
        cmocka_unit_test_setup(test_the_last_of_those_that_somebody_tells_of, set_up),
        cmocka_unit_test_setup(test_how_a_name_is_shown, set_up),
    };
    return RUN(tests);
}
