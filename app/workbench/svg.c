/* SPDX-License-Identifier: MIT */
/* Each panel has its own scale, which maps values to the height of the plot; everything else is about where to put
 * what. */
#include "app/workbench/svg.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define PANEL_W 500.0
#define PANEL_H 300.0
#define LEFT 116.0  /* of the plot inside its panel */
#define UNIT_X 20.0 /* of its middle */
#define RIGHT 18.0
#define TOP 58.0
#define BOTTOM 48.0
#define PLOT_W (PANEL_W - LEFT - RIGHT)
#define PLOT_H (PANEL_H - TOP - BOTTOM)
#define HEAD 64.0 /* the page's title above all panels */
#define MARGIN 14.0
#define YEAR (365.25 * 86400)
#define DASHED " stroke-dasharray=\"5 3\""

/* Paul Tol's "bright" colours, which the colour-blind can tell apart (SRON technical note EPS-TN-09-002); of the two
 * that they have not, one is of his "light" ones. */
const char *const svg_colours[SVG_SERIES_MAX] = {"#4477aa", "#ee6677", "#228833", "#ccbb44",
                                                 "#66ccee", "#aa3377", "#ee8866", "#808080"};

struct scale {
    bool log, time;
    double low, high, step; /* of a logarithmic one: powers of ten, and step is how many between two grid lines */
};

static void escaped(FILE *f, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '&')
            fputs("&amp;", f);
        else if (*text == '<')
            fputs("&lt;", f);
        else if (*text == '>')
            fputs("&gt;", f);
        else
            fputc(*text, f);
}

/* anchor is SVG's: start, middle or end. */
static void text(FILE *f, double x, double y, const char *anchor, const char *class, const char *words)
{
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor, class);
    escaped(f, words);
    fputs("</text>\n", f);
}

static const char *colour(const struct svg_panel *p, size_t i)
{
    return p->series[i].colour != NULL ? p->series[i].colour : svg_colours[i];
}

static bool drawable(const struct scale *s, double y)
{
    return isfinite(y) && (!s->log || y > 0);
}

/* 1, 2 or 5 times a power of ten, so that at most five steps lead to high. */
static double nice_step(double high)
{
    static const double factors[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(high / 5)));
    size_t i = 0;
    while (i < 3 && power * factors[i] * 5 < high * 0.999)
        i++;
    return power * factors[i];
}

static struct scale scale_of(const struct svg_panel *p)
{
    struct scale s = {.log = p->log_y, .time = p->log_y && p->time_y, .low = INFINITY, .high = -INFINITY};
    for (size_t i = 0; i < p->series_count; i++)
        for (size_t j = 0; j < p->points; j++)
            if (drawable(&s, p->series[i].y[j])) {
                s.low = fmin(s.low, p->series[i].y[j]);
                s.high = fmax(s.high, p->series[i].y[j]);
            }
    if (!(s.high > 0)) /* nothing to show: any scale will do */
        s.low = s.high = 1;
    if (s.log) {
        s.low = floor(log10(s.low) - 0.1); /* the smallest bar is to be seen as well */
        s.high = fmax(ceil(log10(s.high) - 0.02), s.low + 1);
        s.step = ceil((s.high - s.low) / 7);
    } else {
        s.low = 0;
        s.step = nice_step(s.high);
        s.high = s.step * ceil(s.high / s.step - 0.001);
    }
    return s;
}

/* From the top of the plot. */
static double height(const struct scale *s, double y)
{
    double at = s->log ? log10(y) : y;
    return PLOT_H * (1 - (at - s->low) / (s->high - s->low));
}

/* 1500 is "1.5k"; beyond the names that everybody knows, and below a thousandth, powers of ten. */
static void number(char out[24], double v)
{
    static const struct {
        double unit;
        const char *name;
    } names[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    if (v != 0 && (v >= 1e15 || v < 1e-3)) {
        snprintf(out, 24, "%.3g", v);
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (v >= names[i].unit) {
            snprintf(out, 24, "%.4g%s", v / names[i].unit, names[i].name);
            return;
        }
    snprintf(out, 24, "%.4g", v);
}

/* A line across the plot. */
static void level(FILE *f, double y, const char *class)
{
    fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"%s\"/>\n", LEFT, y, LEFT + PLOT_W, y,
            class);
}

static void tick(FILE *f, const struct scale *s, double value, const char *words)
{
    double y = TOP + height(s, value);
    if (y < TOP - 0.5 || y > TOP + PLOT_H + 0.5)
        return;
    level(f, y, "grid");
    text(f, LEFT - 7, y + 4, "end", "tick", words);
}

static void tick_of_years(FILE *f, const struct scale *s, double decades)
{
    char words[24];
    snprintf(words, sizeof words, decades > 0 ? "10^%.0f years" : "1 year", decades);
    tick(f, s, pow(10, decades) * YEAR, words);
}

/* Few decades: up to a minute each of them is named. More: only what people call by a name, and thousands of years. So
 * many that all of these are one: years alone. */
static void time_grid(FILE *f, const struct scale *s)
{
    static const char *const fine[] = {"1 ns", "10 ns", "100 ns", "1 us", "10 us", "100 us",
                                       "1 ms", "10 ms", "100 ms", "1 s",  "10 s"};
    double decades = s->high - s->low, step = decades > 40 ? 10 * ceil(decades / 70) : 3;
    for (int i = 0; i < 11 && decades <= 40; i++)
        if (decades <= 8 || i % 3 == 0)
            tick(f, s, pow(10, i - 9), fine[i]);
    if (decades <= 8) {
        tick(f, s, 60, "1 min");
        tick(f, s, 86400, "1 day");
    }
    if (decades <= 40)
        tick(f, s, 3600, "1 h");
    for (double at = 0; at < s->high; at += step)
        tick_of_years(f, s, at);
}

static void grid(FILE *f, const struct scale *s)
{
    if (s->time) {
        time_grid(f, s);
        return;
    }
    for (double at = s->low; at <= s->high + s->step / 2; at += s->step) {
        char words[24];
        double value = s->log ? pow(10, at) : at;
        number(words, value);
        tick(f, s, value, words);
    }
}

/* Along the axis. */
static void unit(FILE *f, const struct svg_panel *p)
{
    double y = TOP + PLOT_H / 2;
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" class=\"unit\" transform=\"rotate(-90 %.1f %.1f)\">",
            UNIT_X, y, UNIT_X, y);
    escaped(f, p->unit);
    fputs(p->log_y ? (*p->unit != '\0' ? ", logarithmic</text>\n" : "logarithmic</text>\n") : "</text>\n", f);
}

/* About as wide as its words are. */
static double entry_width(const char *name)
{
    return 15 + 6.7 * (double)strlen(name) + 14;
}

/* Begins above the axis, or as far left of it as it has to. */
static void legend(FILE *f, const struct svg_panel *p)
{
    double x = PANEL_W - 4;
    for (size_t i = 0; i < p->series_count; i++)
        x -= entry_width(p->series[i].name);
    x = fmax(fmin(x, LEFT), 14);
    for (size_t i = 0; i < p->series_count; i++) {
        const char *name = p->series[i].name;
        if (p->kind == SVG_LINES)
            fprintf(f, "<path d=\"M%.1f %.1fh16\" stroke=\"%s\" stroke-width=\"2.2\"%s/>\n", x - 4, TOP - 20.5,
                    colour(p, i), p->series[i].dashed ? DASHED : "");
        else
            fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"11\" height=\"11\" rx=\"2\" fill=\"%s\"/>\n", x, TOP - 26,
                    colour(p, i));
        text(f, x + 15, TOP - 16.5, "start", "legend", name);
        x += entry_width(name);
    }
}

/* Below the axis, in two lines where it is wider than its place. */
static void label(FILE *f, double x, double width, const char *words)
{
    const char *space = strrchr(words, ' ');
    if (space == NULL || 6.7 * (double)strlen(words) <= width) {
        text(f, x, TOP + PLOT_H + 17, "middle", "tick", words);
        return;
    }
    char first[64];
    snprintf(first, sizeof first, "%.*s", (int)(space - words), words);
    text(f, x, TOP + PLOT_H + 17, "middle", "tick", first);
    text(f, x, TOP + PLOT_H + 32, "middle", "tick", space + 1);
}

static void bars(FILE *f, const struct svg_panel *p, const struct scale *s)
{
    double group = PLOT_W / (double)p->points, width = group * 0.82 / (double)p->series_count;
    for (size_t j = 0; j < p->points; j++) {
        double left = LEFT + group * ((double)j + 0.09);
        for (size_t i = 0; i < p->series_count; i++) {
            double y = p->series[i].y[j];
            if (!drawable(s, y))
                continue;
            fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\" fill=\"%s\"><title>",
                    left + width * (double)i, TOP + height(s, y), width * 0.92, PLOT_H - height(s, y), colour(p, i));
            escaped(f, p->series[i].name);
            fprintf(f, ": %.4g</title></rect>\n", y);
        }
        label(f, left + group * 0.41, group, p->labels[j]);
    }
}

static double across(const struct svg_panel *p, double x)
{
    double low = p->x[0], high = p->x[p->points - 1];
    if (p->log_x) {
        low = log10(low);
        high = log10(high);
        x = log10(x);
    }
    return LEFT + 14 + (PLOT_W - 28) * (high > low ? (x - low) / (high - low) : 0.5);
}

static void lines(FILE *f, const struct svg_panel *p, const struct scale *s)
{
    for (size_t i = 0; i < p->series_count; i++) {
        fprintf(f, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.2\"%s points=\"", colour(p, i),
                p->series[i].dashed ? DASHED : "");
        for (size_t j = 0; j < p->points; j++)
            if (drawable(s, p->series[i].y[j]))
                fprintf(f, "%.1f,%.1f ", across(p, p->x[j]), TOP + height(s, p->series[i].y[j]));
        fputs("\"/>\n", f);
        for (size_t j = 0; j < p->points; j++)
            if (drawable(s, p->series[i].y[j]))
                fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.4\" fill=\"%s\"><title>%.4g</title></circle>\n",
                        across(p, p->x[j]), TOP + height(s, p->series[i].y[j]), colour(p, i), p->series[i].y[j]);
    }
    for (size_t j = 0; j < p->points; j++)
        text(f, across(p, p->x[j]), TOP + PLOT_H + 17, "middle", "tick", p->labels[j]);
}

static void panel(FILE *f, const struct svg_panel *p, double x, double y)
{
    assert(p->points > 0 && p->series_count > 0 && p->series_count <= SVG_SERIES_MAX);
    struct scale s = scale_of(p);
    fprintf(f, "<g transform=\"translate(%.1f %.1f)\">\n", x, y);
    fprintf(f, "<rect x=\"4\" y=\"4\" width=\"%.1f\" height=\"%.1f\" rx=\"6\" class=\"panel\"/>\n", PANEL_W - 8,
            PANEL_H - 8);
    text(f, LEFT, TOP - 35, "start", "title", p->title);
    unit(f, p);
    legend(f, p);
    grid(f, &s);
    if (p->kind == SVG_BARS)
        bars(f, p, &s);
    else
        lines(f, p, &s);
    level(f, TOP + PLOT_H, "axis");
    if (p->x_unit != NULL)
        text(f, LEFT + PLOT_W / 2, TOP + PLOT_H + 34, "middle", "unit", p->x_unit);
    fputs("</g>\n", f);
}

void svg_write(FILE *f, const char *title, const char *subtitle, const struct svg_panel *panels, size_t count,
               size_t columns)
{
    size_t rows = (count + columns - 1) / columns;
    double width = PANEL_W * (double)columns + 2 * MARGIN, page = HEAD + PANEL_H * (double)rows + 2 * MARGIN;
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n",
            width, page, width, page);
    fputs("<style>\n"
          "text { font-family: system-ui, 'DejaVu Sans', Helvetica, Arial, sans-serif; fill: #333 }\n"
          ".head { font-size: 22px; font-weight: 600 } .sub { font-size: 13px; fill: #666 }\n"
          ".title { font-size: 15px; font-weight: 600 } .unit, .tick, .legend { font-size: 12px; fill: #555 }\n"
          ".page { fill: #fafafa } .panel { fill: #fff; stroke: #ddd } .grid { stroke: #e6e6e6 } "
          ".axis { stroke: #888 }\n"
          "@media (prefers-color-scheme: dark) {\n"
          "text { fill: #e6e9ee } .sub, .unit, .tick, .legend { fill: #b8c0cc } .page { fill: #0b0d10 }\n"
          ".panel { fill: #15181d; stroke: #3a414b } .grid { stroke: #2c323b } .axis { stroke: #9aa4b2 }\n"
          "}\n"
          "</style>\n",
          f);
    fprintf(f, "<rect width=\"%.0f\" height=\"%.0f\" class=\"page\"/>\n", width, page);
    text(f, MARGIN + 8, MARGIN + 24, "start", "head", title);
    text(f, MARGIN + 8, MARGIN + 46, "start", "sub", subtitle);
    for (size_t i = 0; i < count; i++)
        panel(f, &panels[i], MARGIN + PANEL_W * (double)(i % columns), HEAD + MARGIN + PANEL_H * (double)(i / columns));
    fputs("</svg>\n", f);
}
