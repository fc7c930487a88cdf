/* SPDX-License-Identifier: MIT */
/* What was measured, for people and as JSON. */
#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/bench/bench.h"

#define TOO_BUSY "too busy to tell"

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

static void print_head(const struct bench *b)
{
    char line[400];
    bench_machine(b, line);
    display_line(stdout, "%s", line);
    if (b->limit_aesenc > 0)
        printf("limits: AESENC takes %.1f cycles, AESDEC of a block %.2f where many overlap, 64 rounds of SHA256RNDS2 "
               "%.0f\n",
               b->limit_aesenc, b->limit_aesdec, b->limit_sha256);
    for (size_t i = 0; i < b->skipped_count; i++)
        printf("not applicable on this machine: %s %s\n", b->skipped[i].primitive, b->skipped[i].by);
    printf("median of %d interleaved rounds; ratio: how many times as fast as libcrypto, the median of\n"
           "the rounds' ratios, and + or - the spread between its quartiles; where that is more than %.0f %%,\n"
           "the machine was too busy to tell: let it do nothing else, and measure again\n",
           BENCH_ROUNDS, 100 * BENCH_TOLD);
}

static void print_row(const struct bench *b, const struct bench_subject *s)
{
    double limit = of_limit(b, s);
    printf("  %-22s", s->by);
    if (s->size > 0)
        printf(" %6zu B %8.3f GB/s %7.2f cycles/B", s->size, (double)s->size / s->seconds / 1e9,
               s->seconds * b->hertz / (double)s->size);
    else
        printf("          %10.0f op/s %10.1f us", 1 / s->seconds, 1e6 * s->seconds);
    if (s->ratio > 0 && bench_too_busy(s->ratio_spread))
        printf("   %-*s", limit > 0 ? 20 : 0, TOO_BUSY);
    else if (s->ratio > 0)
        printf("   ratio %6.2f  +-%2.0f %%", s->ratio, 100 * s->ratio_spread);
    else
        printf("                 +-%2.0f %%", 100 * s->spread);
    if (limit > 0)
        printf("  %3.0f %% of the limit", 100 * limit);
    putchar('\n');
}

/* Other ways of calling libcrypto are compared with the fastest of ours. */
static void print_other_way(const struct bench *b, const struct bench_subject *way)
{
    const struct bench_subject *best = NULL;
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i];
        if (strcmp(s->primitive, way->primitive) == 0 && s->size == way->size && !bench_is_openssl(s) &&
            (best == NULL || s->seconds < best->seconds))
            best = s;
    }
    if (best == NULL)
        return;
    struct bench_subject ours = *best;
    bench_compare(&ours, way);
    if (bench_too_busy(ours.ratio_spread))
        printf("    (%s beside %s: " TOO_BUSY ")\n", ours.by, way->by);
    else
        printf("    (%s is %.2f times as fast as %s)\n", ours.by, ours.ratio, way->by);
}

void bench_print(const struct bench *b)
{
    print_head(b);
    const char *primitive = "";
    for (size_t i = 0; i < b->subjects; i++) {
        if (strcmp(primitive, b->subject[i].primitive) != 0)
            printf("\n%s\n", b->subject[i].primitive);
        primitive = b->subject[i].primitive;
        print_row(b, &b->subject[i]);
        if (bench_is_openssl(&b->subject[i]) && strcmp(b->subject[i].by, BENCH_OPENSSL) != 0)
            print_other_way(b, &b->subject[i]);
    }
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
    fprintf(f, "\"sha256rnds2_block\": %.1f, \"results\": [", b->limit_sha256);
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i];
        double limit = of_limit(b, s);
        fprintf(f, "%s\n  {\"primitive\": \"%s\", \"by\": \"%s\", \"size\": %zu, \"seconds\": %.4g, \"spread\": %.3f",
                i > 0 ? "," : "", s->primitive, s->by, s->size, s->seconds, s->spread);
        if (s->ratio > 0)
            fprintf(f, ", \"ratio\": %.3f, \"ratio_spread\": %.3f, \"too_busy\": %s", s->ratio, s->ratio_spread,
                    bench_too_busy(s->ratio_spread) ? "true" : "false");
        if (limit > 0)
            fprintf(f, ", \"of_limit\": %.3f", limit);
        fputs("}", f);
    }
    fputs("\n]}\n", f);
}
