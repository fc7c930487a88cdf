/* What was measured, for people and as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/bench.h"

/* The fraction of what the processor allows at all, or 0 where no limit is known. */
static double of_limit(const struct bench *b, const struct bench_subject *s)
{
    double cycles = s->seconds * b->hertz;
    if (strcmp(s->primitive, "cbc encrypt") == 0 && b->limit_aesenc > 0)
        return b->limit_aesenc * 10 * (double)(s->size / 16) / cycles;
    if (strcmp(s->primitive, "sha256") == 0 && b->limit_sha256 > 0)
        return b->limit_sha256 * (double)(s->size / 64 + 1) / cycles;
    if (strcmp(s->primitive, "seal") == 0 && b->limit_aesenc > 0)
        return b->limit_aesenc * 10 * (double)(s->size / 16) / cycles;
    return 0;
}

static void print_head(const struct bench *b)
{
    char line[256], name[200] = "an unknown processor";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "model name : %199[^\n]", name) == 1)
            break;
    if (f != NULL)
        fclose(f);
    printf("%s, core at %.2f GHz (calibrated), compiled by %s\n", name, b->hertz / 1e9, __VERSION__);
    if (b->limit_aesenc > 0)
        printf("latency: AESENC %.1f cycles; 64 rounds of SHA256RNDS2 %.0f cycles\n", b->limit_aesenc, b->limit_sha256);
    printf("median of %d interleaved rounds; ratio: how many times as fast as libcrypto, + or - the spread\n",
           BENCH_ROUNDS);
}

static void print_row(const struct bench *b, const struct bench_subject *s)
{
    const struct bench_subject *peer = bench_peer(b, s);
    double limit = of_limit(b, s);
    printf("  %-12s", s->by);
    if (s->size > 0)
        printf(" %6zu B %8.3f GB/s %7.2f cycles/B", s->size, (double)s->size / s->seconds / 1e9,
               s->seconds * b->hertz / (double)s->size);
    else
        printf("          %10.0f op/s %10.1f us", 1 / s->seconds, 1e6 * s->seconds);
    if (peer != NULL)
        printf("   ratio %6.2f", peer->seconds / s->seconds);
    else
        printf("               ");
    printf("  +-%2.0f %%", 100 * s->spread);
    if (limit > 0)
        printf("  %3.0f %% of the limit", 100 * limit);
    putchar('\n');
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
    }
}

/* Every string here is one of ours, without anything that JSON would have to escape. */
void bench_write_json(const struct bench *b, const char *file)
{
    FILE *f = fopen(file, "w");
    if (f == NULL)
        args_fail("%s can't be written: %s", file, strerror(errno));
    fprintf(f, "{\"hertz\": %.0f, \"aesenc_latency\": %.2f, \"sha256rnds2_block\": %.1f, \"results\": [", b->hertz,
            b->limit_aesenc, b->limit_sha256);
    for (size_t i = 0; i < b->subjects; i++) {
        const struct bench_subject *s = &b->subject[i], *peer = bench_peer(b, s);
        fprintf(f, "%s\n  {\"primitive\": \"%s\", \"by\": \"%s\", \"size\": %zu, \"seconds\": %.4g, \"spread\": %.3f",
                i > 0 ? "," : "", s->primitive, s->by, s->size, s->seconds, s->spread);
        if (peer != NULL)
            fprintf(f, ", \"ratio\": %.3f", peer->seconds / s->seconds);
        fputs("}", f);
    }
    fputs("\n]}\n", f);
    if (fclose(f) != 0)
        args_fail("%s can't be written: %s", file, strerror(errno));
}
