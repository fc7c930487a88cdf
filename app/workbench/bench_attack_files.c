/* glass bench attack as JSON, and as a chart. */
#include "app/workbench/bench_attack.h"

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
        fprintf(f, "%s\n  {\"bits\": %u, \"p\": %llu, \"method\": \"%s\", \"runs\": %u, \"table_bytes\": %zu, "
                "\"steps\": %.6g, \"expected_steps\": %.6g, \"seconds\": %.4g}", i > 0 ? "," : "", d->group.bits,
                (unsigned long long)d->group.p, d->kangaroo ? "kangaroos" : "giant steps", d->runs, d->memory, d->steps,
                d->expected, d->seconds);
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
