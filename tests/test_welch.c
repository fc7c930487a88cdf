/* SPDX-License-Identifier: MIT */
/* Welch's t against known figures. */
#include "app/workbench/bench/welch.h"

#include <math.h>

#include "tests/test.h"

static double t_of(const double *a, size_t a_len, const double *b, size_t b_len, double offset)
{
    struct welch w = {0};
    for (size_t i = 0; i < a_len || i < b_len; i++) { /* one from each in turn, as measurements come in */
        if (i < a_len)
            welch_add(&w, 0, a[i] + offset);
        if (i < b_len)
            welch_add(&w, 1, b[i] + offset);
    }
    return welch_t(&w);
}

static void assert_near(double value, double wanted, double error)
{
    if (!(fabs(value - wanted) <= error))
        fail_msg("%.12g, not %.12g", value, wanted);
}

/* Student's hours of sleep gained by two drugs (Biometrika 6, 1908), which come with R as `sleep`:
 * t.test(extra ~ group, data = sleep) says t = -1.8608. */
static void test_students_sleep(void **state)
{
    (void)state;
    static const double a[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    static const double b[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    assert_near(t_of(a, 10, b, 10, 0), -1.860813467486853, 1e-12);
    assert_near(t_of(b, 10, a, 10, 0), 1.860813467486853, 1e-12);
}

/* Sets of different sizes; and values far from zero, where a sum of squares has no digits left for the differences. The
 * answer is Python's, in fractions. */
static void test_unequal_sizes_and_large_values(void **state)
{
    (void)state;
    static const double a[] = {3, 3, 1, 9, 4}, b[] = {3, 1, 4, 15, 9, 26, 5};
    assert_near(t_of(a, 5, b, 7, 0), -1.3923721297521319, 1e-12);
    assert_near(t_of(a, 5, b, 7, 1e9), -1.3923721297521319, 1e-6);
    assert_near(t_of(a, 5, b, 7, 1e12), -1.3923721297521319, 1e-3);
}

static void test_too_little_to_say(void **state)
{
    (void)state;
    static const double a[] = {5, 5, 5}, b[] = {5, 5}, c[] = {7, 7};
    assert_true(t_of(a, 0, b, 0, 0) == 0);
    assert_true(t_of(a, 3, b, 1, 0) == 0);
    assert_true(t_of(a, 1, c, 2, 0) == 0);
    assert_true(t_of(a, 3, b, 2, 0) == 0);
    assert_true(t_of(a, 3, c, 2, 0) == -INFINITY);
    assert_true(t_of(c, 2, a, 3, 0) == INFINITY);
}

/* A hundred times as many measurements of the same difference: ten times the t. */
static void test_it_grows_as_the_square_root(void **state)
{
    (void)state;
    double t[2];
    const int n[2] = {1000, 100000};
    for (int k = 0; k < 2; k++) {
        struct welch w = {0};
        for (int i = 0; i < n[k]; i++) {
            welch_add(&w, 0, i % 10);
            welch_add(&w, 1, i % 10 + 0.5);
        }
        t[k] = welch_t(&w);
    }
    assert_near(t[1] / t[0], 10, 0.01);
    assert_near(t[0], -0.5 / sqrt(2 * 8.25 / 999), 1e-6); /* the variance of 0 to 9 is 8.25 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_students_sleep),
        cmocka_unit_test(test_unequal_sizes_and_large_values),
        cmocka_unit_test(test_too_little_to_say),
        cmocka_unit_test(test_it_grows_as_the_square_root),
    };
    return RUN(tests);
}
