/* SPDX-License-Identifier: MIT */
/* glass bench attack as JSON, and as a chart. */
#include "app/workbench/bench/bench_attack_files.h"

#include <math.h>

#include "app/workbench/svg.h"

/* Every string here is one of ours, without anything that JSON would have to escape. */
static void write_guesses(const struct attack *a, FILE *f)
{
    for (int i = 0; i < ATTACK_GUESSES; i++) {
        const struct attack_guess *g = &a->guess[i];
        fprintf(f, "%s\n  {\"stored\": \"%s\", \"iterations\": %u, ", i > 0 ? "," : "", g->stored,
                (unsigned)g->iterations);
        fprintf(f, "\"measured_iterations\": %u, \"login_seconds\": %.4g, \"guesses_per_second\": %.4g}",
                (unsigned)g->measured, g->login, g->rate);
    }
}

static void write_dlogs(const struct attack *a, FILE *f)
{
    for (int i = 0; i < ATTACK_DLOGS; i++) {
        const struct attack_dlog *d = &a->dlog[i];
        fprintf(f,
                "%s\n  {\"bits\": %u, \"p\": %llu, \"method\": \"%s\", \"runs\": %u, \"table_bytes\": %zu, "
                "\"steps\": %.6g, \"expected_steps\": %.6g, \"seconds\": %.4g}",
                i > 0 ? "," : "", d->group.bits, (unsigned long long)d->group.p,
                d->kangaroo ? "kangaroos" : "giant steps", d->runs, d->memory, d->steps, d->expected, d->seconds);
    }
}

static void write_extrapolated(const struct attack *a, FILE *f)
{
    static const unsigned bits[] = {64, 128, 256, 512, 1024, 2048};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        fprintf(f, "%s\n  {\"bits\": %u, \"log2_steps\": %.1f, \"log10_seconds\": %.2f}", i > 0 ? "," : "", bits[i],
                attack_log2_steps(bits[i]), attack_log10_seconds(a, bits[i]));
}

void attack_write_json(const struct attack *a, FILE *f)
{
    fputs("{\"guesses\": [", f);
    write_guesses(a, f);
    fputs("\n], \"logarithms\": [", f);
    write_dlogs(a, f);
    fputs("\n], \"extrapolated\": [", f);
    write_extrapolated(a, f);
    fprintf(f, "\n], \"exchange_seconds\": %.4g}\n", a->exchange);
}

/* --- The chart ---------------------------------------------------------------------------------------------------- */

#define UNIVERSE (13.8e9 * 365.25 * 86400) /* seconds */

/* One colour means one thing in all panels. */
#define LOGINS "#4477aa"
#define GUESSES "#ee6677"
#define GIANT_STEPS "#228833"
#define KANGAROOS "#aa3377"
static const char *const set_colours[ATTACK_SETS] = {"#66ccee", "#ee8866", "#ccbb44"};

static const char *const stored[ATTACK_GUESSES] = {"SHA-256", "PBKDF2 x1", "x1,000", "x100,000", "x600,000"};
static const char *const sets[ATTACK_SETS] = {"10^6 likely", "8 letters a-z", "4 diceware words"};

static void chart_passwords(const struct attack *a, struct svg_panel panels[static 2],
                            struct svg_series series[static 5], double y[static 5][ATTACK_GUESSES])
{
    for (int i = 0; i < ATTACK_GUESSES; i++) {
        y[0][i] = 1 / a->guess[i].login;
        y[1][i] = a->guess[i].rate;
        for (int set = 0; set < ATTACK_SETS; set++)
            y[2 + set][i] = attack_sets[set].passwords / a->guess[i].rate;
    }
    series[0] = (struct svg_series){.name = "logins, one by one", .y = y[0], .colour = LOGINS};
    series[1] = (struct svg_series){.name = "guesses", .y = y[1], .colour = GUESSES};
    for (int set = 0; set < ATTACK_SETS; set++)
        series[2 + set] = (struct svg_series){.name = sets[set], .y = y[2 + set], .colour = set_colours[set]};
    panels[0] = (struct svg_panel){.title = "Passwords",
                                   .unit = "a second, one core",
                                   .kind = SVG_BARS,
                                   .log_y = true,
                                   .labels = stored,
                                   .points = ATTACK_GUESSES,
                                   .series = series,
                                   .series_count = 2};
    panels[1] = (struct svg_panel){.title = "Time to try all of",
                                   .unit = "one core",
                                   .kind = SVG_BARS,
                                   .log_y = true,
                                   .time_y = true,
                                   .labels = stored,
                                   .points = ATTACK_GUESSES,
                                   .series = series + 2,
                                   .series_count = ATTACK_SETS};
}

static void chart_measured(const struct attack *a, struct svg_panel *panel, struct svg_series series[static 2],
                           double y[static 2][ATTACK_BITS])
{
    static const char *const labels[ATTACK_BITS] = {"20", "32", "40", "48"};
    static const double bits[ATTACK_BITS] = {20, 32, 40, 48};
    for (int i = 0; i < ATTACK_DLOGS; i++)
        y[i % 2][i / 2] = a->dlog[i].seconds;
    series[0] = (struct svg_series){.name = "baby steps, giant steps", .y = y[0], .colour = GIANT_STEPS};
    series[1] = (struct svg_series){.name = "kangaroos", .y = y[1], .colour = KANGAROOS};
    *panel = (struct svg_panel){.title = "Discrete logarithms, measured",
                                .unit = "one core",
                                .kind = SVG_LINES,
                                .log_y = true,
                                .time_y = true,
                                .labels = labels,
                                .x = bits,
                                .x_unit = "bits of the prime",
                                .points = ATTACK_BITS,
                                .series = series,
                                .series_count = 2};
}

#define FAR 9 /* points of the extrapolation */

static void chart_extrapolated(const struct attack *a, struct svg_panel *panel, struct svg_series series[static 3],
                               double y[static 3][FAR])
{
    static const char *const labels[FAR] = {"", "", "48", "", "", "256", "512", "1024", "2048"};
    static const double bits[FAR] = {20, 32, 48, 64, 128, 256, 512, 1024, 2048};
    for (int i = 0; i < FAR; i++) {
        y[0][i] = bits[i] < 48 ? NAN : pow(10, attack_log10_seconds(a, bits[i]));
        y[1][i] = NAN;
        for (int d = 1; d < ATTACK_DLOGS; d += 2)
            if ((unsigned)bits[i] == a->dlog[d].group.bits)
                y[1][i] = a->dlog[d].seconds;
        y[2][i] = UNIVERSE;
    }
    series[0] = (struct svg_series){.name = "as sqrt(q)", .y = y[0], .dashed = true, .colour = KANGAROOS};
    series[1] = (struct svg_series){.name = "measured", .y = y[1], .colour = KANGAROOS};
    series[2] = (struct svg_series){.name = "age of the universe", .y = y[2], .dashed = true, .colour = "#808080"};
    *panel = (struct svg_panel){.title = "... and kangaroos, extrapolated",
                                .unit = "one core",
                                .kind = SVG_LINES,
                                .log_y = true,
                                .time_y = true,
                                .labels = labels,
                                .x = bits,
                                .x_unit = "bits of the prime",
                                .points = FAR,
                                .series = series,
                                .series_count = 3};
}

void attack_write_svg(const struct attack *a, FILE *f)
{
    struct svg_panel panels[4];
    struct svg_series series[10];
    double passwords[5][ATTACK_GUESSES], measured[2][ATTACK_BITS], extrapolated[3][FAR];
    chart_passwords(a, panels, series, passwords);
    chart_measured(a, &panels[2], series + 5, measured);
    chart_extrapolated(a, &panels[3], series + 7, extrapolated);
    svg_write(f, "The cost dial: what defending costs, and what attacking does",
              "2,048 bits are not attacked so, but by the number field sieve: a strength of 112 bits (NIST SP 800-57)",
              panels, 4, 2);
}
