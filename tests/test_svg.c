/* SPDX-License-Identifier: MIT */
/* Charts: well-formed whatever the texts and values are, one mark for each value that can be drawn. What they look like
 * is left to the eye. */
#include "app/workbench/svg.h"

#include <math.h>
#include <stdlib.h>

#include "tests/test.h"

static char *chart(const struct svg_panel *p, const char *title)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_non_null(f);
    svg_write(f, title, "where", p, 1, 1);
    assert_int_equal(fclose(f), 0);
    return text;
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        n++;
    return n;
}

static const char *const labels[] = {"64", "256", "1 K"};

static void test_bars_for_what_can_be_drawn(void **state)
{
    (void)state;
    const double ours[] = {1, 0, 300}, theirs[] = {NAN, 2, INFINITY};
    const struct svg_series series[] = {{.name = "ours", .y = ours}, {.name = "theirs", .y = theirs}};
    struct svg_panel p = {.title = "t",
                          .unit = "GB/s",
                          .kind = SVG_BARS,
                          .labels = labels,
                          .points = 3,
                          .series = series,
                          .series_count = 2};
    char *linear = chart(&p, "linear");
    assert_int_equal(count(linear, "</title></rect>"), 4); /* zero is a bar without height */
    free(linear);
    p.log_y = 1;
    char *log = chart(&p, "log");
    assert_int_equal(count(log, "</title></rect>"), 3);
    assert_int_equal(count(log, "height=\"-"), 0);
    free(log);
}

/* Many names would end beyond the panel: then the legend begins left of the axis. */
static void test_a_long_legend_stays_in_its_panel(void **state)
{
    (void)state;
    const double y[] = {1};
    const struct svg_series series[] = {{"vaes", y, 0, NULL},  {"ni", y, 0, NULL},      {"bitslice", y, 0, NULL},
                                        {"ref", y, 0, NULL},   {"openssl", y, 0, NULL}, {"nettle", y, 0, NULL},
                                        {"gcrypt", y, 0, NULL}};
    for (size_t n = 1; n <= sizeof series / sizeof *series; n++) {
        const struct svg_panel p = {
            .title = "t", .unit = "", .labels = labels, .points = 1, .series = series, .series_count = n};
        char *text = chart(&p, "legend");
        double begins = 0, last = 0;
        const char *at = text;
        for (size_t i = 0; i < n; i++) {
            at = strstr(at + 1, " height=\"11\"");
            assert_non_null(at);
            last = strtod(strstr(at - 40, " x=\"") + 4, NULL);
            begins = i == 0 ? last : begins;
        }
        assert_true(begins > 8 && begins <= 116 && (n > 1 || begins > 115));
        assert_true(last + 15 + 6 * (double)strlen(series[n - 1].name) < 496);
        free(text);
    }
}

static void test_lines(void **state)
{
    (void)state;
    const double x[] = {20, 40, 2048}, y[] = {1e-3, 1, 1e300}, none[] = {NAN, NAN, NAN};
    const struct svg_series series[] = {{.name = "steps", .y = y, .dashed = 1}, {.name = "nothing", .y = none}};
    /* clang-format off */
    const struct svg_panel p = {.title = "t", .unit = "s", .kind = SVG_LINES, .log_y = 1, .log_x = 1, .labels = labels,
                                .x = x, .x_unit = "bits", .points = 3, .series = series, .series_count = 2};
    /* clang-format on */
    char *text = chart(&p, "lines");
    assert_int_equal(count(text, "<circle"), 3);
    assert_int_equal(count(text, "stroke-dasharray"), 2); /* the line, and its legend */
    assert_int_equal(count(text, "nan") + count(text, "inf"), 0);
    free(text);
}

static void test_nothing_to_draw(void **state)
{
    (void)state;
    const double none[] = {NAN, 0, -1};
    const struct svg_series series[] = {{.name = "none", .y = none}};
    /* clang-format off */
    for (int log = 0; log <= 1; log++) {
        const struct svg_panel p = {.title = "t", .unit = "", .kind = SVG_BARS, .log_y = log, .labels = labels,
                                    .points = 1, .series = series, .series_count = 1};
        char *text = chart(&p, "none");
        assert_int_equal(count(text, "nan") + count(text, "inf"), 0);
        assert_int_equal(count(text, "</svg>"), 1);
        free(text);
    }
    /* clang-format on */
}

static char *axis(const double y[3], bool log, bool time)
{
    const struct svg_series series[] = {{.name = "ours", .y = y}};
    /* clang-format off */
    const struct svg_panel p = {.title = "t", .unit = "one core", .kind = SVG_BARS, .log_y = log, .time_y = time,
                                .labels = labels, .points = 3, .series = series, .series_count = 1};
    /* clang-format on */
    return chart(&p, "axis");
}

static void test_an_axis_says_that_it_is_logarithmic(void **state)
{
    (void)state;
    const double y[] = {1, 10, 100};
    char *linear = axis(y, false, false), *log = axis(y, true, false);
    assert_int_equal(count(linear, ">one core</text>"), 1);
    assert_int_equal(count(linear, "logarithmic"), 0);
    assert_int_equal(count(log, ">one core, logarithmic</text>"), 1);
    free(linear);
    free(log);
}

static void assert_ticks(const double y[3], const char *const here[], const char *const not_here[])
{
    char *text = axis(y, true, true), tick[40];
    for (size_t i = 0; here[i] != NULL; i++) {
        snprintf(tick, sizeof tick, ">%s</text>", here[i]);
        assert_int_equal(count(text, tick), 1);
    }
    for (size_t i = 0; not_here[i] != NULL; i++) {
        snprintf(tick, sizeof tick, ">%s</text>", not_here[i]);
        assert_int_equal(count(text, tick), 0);
    }
    free(text);
}

static void test_an_axis_of_time(void **state)
{
    (void)state;
    const char *const short_times[] = {"10 us", "100 us", "1 ms", "100 ms", "1 s", NULL};
    const char *const times[] = {"1 ms", "1 s", "1 h", "1 year", "10^3 years", NULL};
    const char *const ages[] = {"1 year", "10^50 years", "10^250 years", NULL};
    const char *const none[] = {"1 h", "1 year", NULL}, *const fine[] = {"1 us", "10 s", "10^9 years", NULL};
    const char *const coarse[] = {"1 s", "1 h", "10^3 years", NULL};
    assert_ticks((const double[]){2e-5, 1e-3, 2}, short_times, none);
    assert_ticks((const double[]){2e-3, 1e3, 1e11}, times, fine);
    assert_ticks((const double[]){2e-3, 1e100, 1e300}, ages, coarse);
}

static void test_texts_are_escaped(void **state)
{
    (void)state;
    const double y[] = {1, 1, 1};
    const struct svg_series series[] = {{.name = "<script>", .y = y}};
    const struct svg_panel p = {.title = "a & b",
                                .unit = "</svg>",
                                .kind = SVG_BARS,
                                .labels = labels,
                                .points = 3,
                                .series = series,
                                .series_count = 1};
    char *text = chart(&p, "1 < 2");
    assert_int_equal(count(text, "<script"), 0);
    assert_int_equal(count(text, "a &amp; b"), 1);
    assert_int_equal(count(text, "1 &lt; 2"), 1);
    assert_int_equal(count(text, "</svg>"), 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars_for_what_can_be_drawn),
        cmocka_unit_test(test_a_long_legend_stays_in_its_panel),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nothing_to_draw),
        cmocka_unit_test(test_an_axis_says_that_it_is_logarithmic),
        cmocka_unit_test(test_an_axis_of_time),
        cmocka_unit_test(test_texts_are_escaped),
    };
    return RUN(tests);
}
