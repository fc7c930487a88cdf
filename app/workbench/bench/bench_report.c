/* SPDX-License-Identifier: MIT */
/* What was measured, for people and as JSON. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/bench/bench.h"

#define TOO_BUSY "too busy"

/* The fraction of what the processor allows at all, or 0 where no limit is known. */
static double of_limit(const struct bench *b, const struct bench_subject *s)
{
    return bench_bound(b, s) / (s->seconds * b->hertz);
}

void bench_machine(const struct bench *b, char line[static 400])
{
    char text[256], name[200] = "an unknown processor";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f != NULL && fgets(text, sizeof text, f) != NULL)
        if (sscanf(text, "model name : %199[^\n]", name) == 1)
            break;
    if (f != NULL)
        fclose(f);
#ifdef __clang__
    const char *compiler = __VERSION__; /* says "Clang" itself */
#else
    const char *compiler = "gcc " __VERSION__;
#endif
    snprintf(line, 400, "%s, core at %.2f GHz (calibrated), compiled by %s", name, b->hertz / 1e9, compiler);
}

static void print_versions(const struct bench *b)
{
    const char *before = "beside";
    for (size_t l = 0; l < BENCH_LIBRARIES; l++)
        if (b->version[l] != NULL) {
            printf("%s %s %s", before, bench_libraries[l], b->version[l]);
            before = ",";
        }
    if (*before == ',')
        putchar('\n');
}

static void print_head(const struct bench *b)
{
    char line[400];
    bench_machine(b, line);
    display_line(stdout, "%s", line);
    if (b->limit_aesenc > 0)
        printf("limits: AESENC takes %.1f cycles, AESDEC of a block %.2f where many overlap,\n"
               "64 rounds of SHA256RNDS2 %.0f\n",
               b->limit_aesenc, b->limit_aesdec, b->limit_sha256);
    for (size_t i = 0; i < b->skipped_count; i++)
        printf("not applicable on this machine: %s %s\n", b->skipped[i].primitive, b->skipped[i].by);
    print_versions(b);
    printf("median of %d interleaved rounds, and + or - the spread between their quartiles;\n"
           "limit: how much it is of what the processor allows; below a library: how many\n"
           "times as fast as that a row is, the median of the rounds' ratios, and their\n"
           "spread; where that is more than %.0f %%, the machine was too busy to tell: let it\n"
           "do nothing else, and measure again\n",
           BENCH_ROUNDS, 100 * BENCH_TOLD);
}

static bool has_row(const struct bench *b, size_t library, const char *primitive)
{
    for (size_t i = 0; i < b->subjects; i++)
        if (strcmp(b->subject[i].primitive, primitive) == 0 && strcmp(b->subject[i].by, bench_libraries[library]) == 0)
            return true;
    return false;
}

/* Above the rows of a primitive: its name, and what stands in the columns. */
static void print_columns(const struct bench *b, const struct bench_subject *first)
{
    printf("\n%-24s", first->primitive);
    if (first->size > 0)
        printf("%6s %7s %8s", "bytes", "GB/s", "cycles/B");
    else
        printf("%12s %10s", "op/s", "us");
    printf(" %6s %6s", "spread", "limit");
    for (size_t l = 0; l < BENCH_LIBRARIES; l++)
        if (has_row(b, l, first->primitive))
            printf(" %12s", bench_libraries[l]);
    putchar('\n');
}

static void print_ratio(const struct bench_ratio *ratio)
{
    if (bench_too_busy(ratio->spread))
        printf(" %12s", TOO_BUSY);
    else
        printf("%6.2f +-%2.0f %%", ratio->times, 100 * ratio->spread);
}

static void print_row(const struct bench *b, const struct bench_subject *s)
{
    double limit = of_limit(b, s);
    printf("  %-22s", s->by);
    if (s->size > 0)
        printf("%6zu %7.3f %8.2f", s->size, (double)s->size / s->seconds / 1e9,
               s->seconds * b->hertz / (double)s->size);
    else
        printf("%12.0f %10.2f", 1 / s->seconds, 1e6 * s->seconds);
    if (s->spread < 0.995)
        printf(" +-%2.0f %%", 100 * s->spread);
    else
        printf("  >99 %%");
    if (limit > 0)
        printf(" %4.0f %%", 100 * limit);
    for (size_t l = 0, blank = limit > 0 ? 0 : 7; l < BENCH_LIBRARIES; l++)
        if (s->ratio[l].times > 0) {
            printf("%*s", (int)blank, "");
            print_ratio(&s->ratio[l]);
            blank = 0;
        }
    putchar('\n');
}

/* Other ways of calling a library are compared with the fastest of ours. */
static void print_other_way(const struct bench *b, const struct bench_subject *way)
{
    const struct bench_subject *best = NULL;
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i];
        if (strcmp(s->primitive, way->primitive) == 0 && s->size == way->size &&
            bench_library_of(s) == BENCH_LIBRARIES && (best == NULL || s->seconds < best->seconds))
            best = s;
    }
    if (best == NULL)
        return;
    struct bench_ratio ratio = bench_compare(best, way);
    if (bench_too_busy(ratio.spread))
        printf("    (%s beside %s: " TOO_BUSY ")\n", best->by, way->by);
    else
        printf("    (%s is %.2f times as fast as %s)\n", best->by, ratio.times, way->by);
}

void bench_print(const struct bench *b)
{
    print_head(b);
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i];
        size_t l = bench_library_of(s);
        if (i == 0 || strcmp(b->subject[i - 1].primitive, s->primitive) != 0)
            print_columns(b, s);
        print_row(b, s);
        if (l < BENCH_LIBRARIES && strcmp(s->by, bench_libraries[l]) != 0)
            print_other_way(b, s);
    }
}

static void write_ratio(const struct bench_ratio *r, FILE *f)
{
    fprintf(f, "\"ratio\": %.3f, \"ratio_spread\": %.3f, \"too_busy\": %s", r->times, r->spread,
            bench_too_busy(r->spread) ? "true" : "false");
}

/* Those of libcrypto stand in the row itself, as they did before there were other libraries; then those of each. */
static void write_ratios(const struct bench_subject *s, FILE *f)
{
    bool any = false;
    for (size_t l = 0; l < BENCH_LIBRARIES; l++) {
        if (!(s->ratio[l].times > 0))
            continue;
        if (strcmp(bench_libraries[l], BENCH_OPENSSL) == 0) {
            fputs(", ", f);
            write_ratio(&s->ratio[l], f);
        }
        fprintf(f, ", %s\"%s\": {", any ? "" : "\"ratios\": {", bench_libraries[l]);
        write_ratio(&s->ratio[l], f);
        fputs("}", f);
        any = true;
    }
    if (any)
        fputs("}", f);
}

static void write_versions(const struct bench *b, FILE *f)
{
    bool any = false;
    fputs("\"libraries\": {", f);
    for (size_t l = 0; l < BENCH_LIBRARIES; l++)
        if (b->version[l] != NULL) {
            fprintf(f, "%s\"%s\": \"%s\"", any ? ", " : "", bench_libraries[l], b->version[l]);
            any = true;
        }
    fputs("}, ", f);
}

/* Every string of ours is without anything that JSON would have to escape; the processor's name is written as is, but
 * for what would end the string. */
void bench_write_json(const struct bench *b, FILE *f)
{
    char machine[400];
    bench_machine(b, machine);
    for (char *c = machine; *c != '\0'; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ')
            *c = ' ';
    fprintf(f, "{\"machine\": \"%s\", \"hertz\": %.0f, \"aesenc_latency\": %.2f, \"aesdec_block\": %.3f, ", machine,
            b->hertz, b->limit_aesenc, b->limit_aesdec);
    write_versions(b, f);
    fprintf(f, "\"sha256rnds2_block\": %.1f, \"results\": [", b->limit_sha256);
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i];
        double limit = of_limit(b, s);
        fprintf(f, "%s\n  {\"primitive\": \"%s\", \"by\": \"%s\", \"size\": %zu, \"seconds\": %.4g, \"spread\": %.3f",
                i > 0 ? "," : "", s->primitive, s->by, s->size, s->seconds, s->spread);
        write_ratios(s, f);
        if (limit > 0)
            fprintf(f, ", \"of_limit\": %.3f", limit);
        fputs("}", f);
    }
    fputs("\n]}\n", f);
}
