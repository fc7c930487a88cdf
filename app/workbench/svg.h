/* SPDX-License-Identifier: MIT */
/* A page of charts as SVG 1.1: panels in rows, each with bars side by side or with lines, its axis linear or
 * logarithmic, which the axis says. On a dark page it is dark.
 *
 * Standard:    W3C SVG 1.1 (rect, line, polyline, text; no script, no font but the reader's own).
 * Use it:      struct svg_series s[] = {{.name = "ours", .y = ours}, {.name = "theirs", .y = theirs}};
 *              struct svg_panel p = {.title = "SHA-256", .unit = "GB/s", .kind = SVG_BARS, .labels = sizes,
 *                                    .points = 5, .series = s, .series_count = 2};
 *              svg_write(f, "How fast", "on which machine", &p, 1, 1);
 * Timing:      nothing secret.
 * Read next:   app/workbench/bench/bench_report.c, which fills panels.
 */
#ifndef APP_WORKBENCH_SVG_H
#define APP_WORKBENCH_SVG_H

#include <stdbool.h>
#include <stdio.h>

#define SVG_SERIES_MAX 8

enum svg_kind {
    SVG_BARS, /* a group of bars for each point */
    SVG_LINES /* a line for each series, its points at x */
};

/* One colour. A value that is not a number, or on a logarithmic axis not above zero, is left out. */
struct svg_series {
    const char *name;
    const double *y;    /* `points` of them */
    bool dashed;        /* of lines: what was computed, not measured */
    const char *colour; /* as SVG writes it; NULL: the next of our own. On a page one colour means one thing */
};

/* Our own, of which the colour-blind can tell one from the other; each can be seen on white and on black. */
extern const char *const svg_colours[SVG_SERIES_MAX];

struct svg_panel {
    const char *title, *unit; /* unit: what the numbers on the axis count, or what takes the time */
    enum svg_kind kind;
    bool log_y, log_x;         /* a decade is as high, or as wide, as the next */
    bool time_y;               /* with log_y: the values are seconds, and the axis has seconds, hours and years */
    const char *const *labels; /* `points` of them: below the groups of bars, or below x */
    const double *x;           /* of lines only: ascending */
    const char *x_unit;        /* below the labels; or NULL */
    size_t points;
    const struct svg_series *series;
    size_t series_count; /* 1 to SVG_SERIES_MAX */
};

/* Writes the page, `columns` panels in a row. Texts are escaped. What fails to be written, f's error indicator says. */
void svg_write(FILE *f, const char *title, const char *subtitle, const struct svg_panel *panels, size_t count,
               size_t columns);

#endif
