/* SPDX-License-Identifier: MIT */
/* What was measured, drawn: a panel for each primitive that has sizes, all backends side by side; then the operations,
 * ours beside the libraries. Where backends are tens of times apart the axis is logarithmic, and says so. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "app/workbench/bench/bench.h"
#include "app/workbench/svg.h"

#define SIZES_MAX 5
#define OPERATIONS_MAX 8
#define PANELS_MAX 12
#define FAR_APART 20 /* the slowest would be hardly seen */
#define OURS "ours, the fastest"

/* One colour means one thing in all panels. Who is not here gets the next of svg_colours. */
static const char *colour_of(const char *by)
{
    static const struct {
        const char *by, *colour;
    } table[] = {
        {"vaes", "#4477aa"},        {"ni", "#ee6677"},         {"armv8", "#009988"},
        {"bitslice", "#228833"},    {"ref", "#ccbb44"},        {"unrolled", "#aa3377"},
        {"picked", "#66ccee"},      {OURS, "#66ccee"},         {"cbc, then hmac", "#ee8866"},
        {BENCH_OPENSSL, "#bbbbbb"}, {BENCH_NETTLE, "#929292"}, {BENCH_GCRYPT, "#696969"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(by, table[i].by) == 0)
            return table[i].colour;
    return NULL;
}

struct sized_panel {
    double y[SVG_SERIES_MAX][SIZES_MAX];
    struct svg_series series[SVG_SERIES_MAX];
    size_t size[SIZES_MAX];
    char label[SIZES_MAX][16];
    const char *labels[SIZES_MAX];
};

static size_t series_of(struct sized_panel *p, struct svg_panel *panel, const char *by)
{
    size_t i = 0;
    while (i < panel->series_count && strcmp(p->series[i].name, by) != 0)
        i++;
    if (i == panel->series_count && i < SVG_SERIES_MAX) {
        panel->series_count++;
        p->series[i] = (struct svg_series){.name = by, .y = p->y[i], .colour = colour_of(by)};
        for (size_t j = 0; j < SIZES_MAX; j++)
            p->y[i][j] = NAN;
    }
    return i;
}

static size_t point_of(struct sized_panel *p, struct svg_panel *panel, size_t size)
{
    size_t j = 0;
    while (j < panel->points && p->size[j] != size)
        j++;
    if (j == panel->points && j < SIZES_MAX) {
        panel->points++;
        p->size[j] = size;
        snprintf(p->label[j], sizeof p->label[j], size < 1024 ? "%zu B" : "%zu KiB", size < 1024 ? size : size / 1024);
        p->labels[j] = p->label[j];
    }
    return j;
}

static bool far_apart(const struct sized_panel *p, const struct svg_panel *panel)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t j = 0; j < panel->points; j++) {
            low = fmin(low, p->y[i][j]);
            high = fmax(high, p->y[i][j]);
        }
    return high > FAR_APART * low;
}

static void sized(const struct bench *b, const char *primitive, struct sized_panel *p, struct svg_panel *panel)
{
    *panel = (struct svg_panel){
        .title = primitive, .unit = "GB/s", .kind = SVG_BARS, .labels = p->labels, .series = p->series};
    for (size_t k = 0; k < b->subjects; k++) {
        const struct bench_subject *s = &b->subject[k];
        if (strcmp(s->primitive, primitive) != 0)
            continue;
        size_t i = series_of(p, panel, s->by), j = point_of(p, panel, s->size);
        if (i < SVG_SERIES_MAX && j < SIZES_MAX)
            p->y[i][j] = (double)s->size / s->seconds / 1e9;
    }
    panel->log_y = far_apart(p, panel);
}

struct operations_panel {
    double y[1 + BENCH_LIBRARIES][OPERATIONS_MAX]; /* ours, and each library's */
    struct svg_series series[1 + BENCH_LIBRARIES];
    const char *labels[OPERATIONS_MAX];
};

struct operations {
    const char *title, *prefix[4]; /* a label is what follows the prefix, or all where nothing does */
};

static const char *label_of(const struct operations *o, const char *primitive)
{
    for (size_t i = 0; i < 4 && o->prefix[i] != NULL; i++) {
        size_t len = strlen(o->prefix[i]);
        if (strncmp(primitive, o->prefix[i], len) == 0)
            return primitive[len] != '\0' ? primitive + len : primitive;
    }
    return NULL;
}

/* The place of primitive's bars, which are in order; OPERATIONS_MAX: it is in no such panel, or there is no room. */
static size_t place_of(const struct operations *o, const char *primitive, struct operations_panel *p,
                       struct svg_panel *panel)
{
    const char *label = label_of(o, primitive);
    if (label == NULL)
        return OPERATIONS_MAX;
    if (panel->points > 0 && strcmp(p->labels[panel->points - 1], label) == 0)
        return panel->points - 1;
    if (panel->points == OPERATIONS_MAX)
        return OPERATIONS_MAX;
    for (size_t i = 0; i <= BENCH_LIBRARIES; i++)
        p->y[i][panel->points] = NAN;
    p->labels[panel->points] = label;
    return panel->points++;
}

/* A library that has none of these operations is left out. */
static void name_series(struct operations_panel *p, struct svg_panel *panel)
{
    panel->series_count = 0;
    for (size_t i = 0; i <= BENCH_LIBRARIES; i++) {
        const char *name = i == 0 ? OURS : bench_libraries[i - 1];
        for (size_t j = 0; j < panel->points; j++)
            if (!isnan(p->y[i][j])) {
                p->series[panel->series_count++] = (struct svg_series){
                    .name = name, .y = p->y[i], .colour = colour_of(name)};
                break;
            }
    }
}

/* The fastest way of each. */
static void operations(const struct bench *b, const struct operations *o, struct operations_panel *p,
                       struct svg_panel *panel)
{
    *panel = (struct svg_panel){.title = o->title,
                                .unit = "operations a second",
                                .kind = SVG_BARS,
                                .log_y = true,
                                .labels = p->labels,
                                .series = p->series};
    for (size_t k = 0; k < b->subjects; k++) {
        const struct bench_subject *s = &b->subject[k];
        size_t j = s->size == 0 ? place_of(o, s->primitive, p, panel) : OPERATIONS_MAX;
        size_t l = bench_library_of(s);
        if (j == OPERATIONS_MAX)
            continue;
        double *y = &p->y[l == BENCH_LIBRARIES ? 0 : l + 1][j];
        if (!(*y > 1 / s->seconds))
            *y = 1 / s->seconds;
    }
    name_series(p, panel);
}

void bench_write_svg(const struct bench *b, FILE *f)
{
    static const struct operations groups[] = {
        {"Diffie-Hellman, fastest way", {"dh "}},
        {"RSA-3072, fastest way", {"rsa 3072 "}},
        {"keys, a message for 16, fastest way", {"hkdf", "pbkdf2 1000", "seal 256 B for 16"}},
    };
    static struct sized_panel by_size[PANELS_MAX];
    static struct operations_panel by_name[PANELS_MAX];
    struct svg_panel panels[PANELS_MAX];
    size_t count = 0;
    char machine[400];
    for (size_t k = 0; k < b->subjects && count < PANELS_MAX - 3; k++)
        if (b->subject[k].size > 0 && (k == 0 || strcmp(b->subject[k].primitive, b->subject[k - 1].primitive) != 0)) {
            sized(b, b->subject[k].primitive, &by_size[count], &panels[count]);
            count++;
        }
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        operations(b, &groups[g], &by_name[g], &panels[count]);
        count += panels[count].points > 0;
    }
    bench_machine(b, machine);
    svg_write(f, "How fast glasschat's primitives are", machine, panels, count, 2);
}
