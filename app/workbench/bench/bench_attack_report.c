/* SPDX-License-Identifier: MIT */
/* The tables of glass bench attack, within 100 columns. */
#include "app/workbench/bench/bench_attack_report.h"

#include <math.h>
#include <stdio.h>

#include "app/workbench/bench/guess.h"
#include "crypto/pbkdf2_many_impl.h"

#define TEXT_LEN 32
#define YEAR (365.25 * 86400)

/* Seconds in the unit that a person would choose, from their logarithm. */
static const char *duration(char text[static TEXT_LEN], double log10_seconds)
{
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{1e-9, "ns"},
                 {1e-6, "us"},
                 {1e-3, "ms"},
                 {1, "s"},
                 {60, "min"},
                 {3600, "h"},
                 {86400, "days"},
                 {YEAR, "years"},
                 {1e3 * YEAR, "k years"},
                 {1e6 * YEAR, "M years"}};
    double log10_years = log10_seconds - log10(YEAR);
    if (log10_years >= 9) {
        snprintf(text, TEXT_LEN, "10^%.0f years", log10_years);
        return text;
    }
    double seconds = pow(10, log10_seconds);
    size_t u = 0;
    while (u + 1 < sizeof units / sizeof *units && seconds >= 0.9995 * units[u + 1].seconds)
        u++;
    double value = seconds / units[u].seconds;
    snprintf(text, TEXT_LEN, "%.*f %s", value < 9.95 ? 1 : 0, value, units[u].name);
    return text;
}

/* Three digits that count, and commas between thousands. */
static const char *grouped(char text[static TEXT_LEN], double value)
{
    char plain[TEXT_LEN];
    if (value < 99.5) {
        snprintf(text, TEXT_LEN, "%.*f", value < 9.95 ? 1 : 0, value);
        return text;
    }
    double unit = pow(10, floor(log10(value)) - 2);
    int digits = snprintf(plain, sizeof plain, "%.0f", round(value / unit) * unit), at = 0;
    for (int i = 0; i < digits && at < TEXT_LEN - 2; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = plain[i];
    }
    text[at] = '\0';
    return text;
}

static void print_guesses(const struct attack *a)
{
    char login[TEXT_LEN], rate[TEXT_LEN], bought[TEXT_LEN];
    bool scaled = false;
    printf("PASSWORDS: what a login costs the defender, and a guess the thief of the file (one core%s)\n\n",
           pbkdf2_many_worthwhile() ? ", 16 at once" : "");
    printf("  %-28s %12s %18s  %30s\n", "stored as", "one login", "guesses a second", "guesses in the time of a login");
    for (int i = 0; i < ATTACK_GUESSES; i++) {
        const struct attack_guess *g = &a->guess[i];
        bool here = g->measured != g->iterations;
        scaled = scaled || here;
        printf("  %-28s %12s %18s%c %30s\n", g->stored, duration(login, log10(g->login)), grouped(rate, g->rate),
               here ? '*' : ' ', grouped(bought, g->rate * g->login));
    }
    if (scaled)
        puts("  * measured with fewer iterations and multiplied: they are all alike");
}

static void print_sets(const struct attack *a)
{
    char text[TEXT_LEN];
    puts("\n  Time to try every password of a set (26^8 of letters, 7776^4 of words); until the right one comes\n"
         "  it is half, on average. 1,000 cores: multiplied, not measured. k, M: thousands, millions.\n");
    printf("  %-26s", "");
    for (int i = 0; i < ATTACK_SETS; i++)
        printf(" %23s", attack_sets[i].name);
    printf("\n  %-26s", "stored as");
    for (int i = 0; i < ATTACK_SETS; i++)
        printf(" %11s %11s", "1 core", "1,000 cores");
    putchar('\n');
    for (int g = 0; g < ATTACK_GUESSES; g++) {
        printf("  %-26s", a->guess[g].stored);
        for (int i = 0; i < ATTACK_SETS; i++) {
            double log10_seconds = log10(attack_sets[i].passwords / a->guess[g].rate);
            printf(" %11s", duration(text, log10_seconds));
            printf(" %11s", duration(text, log10_seconds - 3));
        }
        putchar('\n');
    }
}

static void print_dlogs(const struct attack *a)
{
    char steps[TEXT_LEN], expected[TEXT_LEN], time[TEXT_LEN], memory[TEXT_LEN], rate[TEXT_LEN];
    puts("\nDISCRETE LOGARITHMS: x from 2^x mod p; p and q = (p - 1) / 2 prime, x any of q (one core)\n");
    printf("  %4s %15s  %-11s %7s %7s %12s %12s %8s %12s\n", "bits", "p", "method", "table", "runs", "steps",
           "expected", "time", "steps/s");
    for (int i = 0; i < ATTACK_DLOGS; i++) {
        const struct attack_dlog *d = &a->dlog[i];
        bool large = d->memory >= (size_t)1 << 20;
        snprintf(memory, sizeof memory, "%zu %s", d->memory >> (large ? 20 : 10), large ? "MiB" : "KiB");
        printf("  %4u %15llu  %-11s %7s %7u %12s %12s %8s %12s\n", d->group.bits, (unsigned long long)d->group.p,
               d->kangaroo ? "kangaroos" : "giant steps", d->kangaroo ? "none" : memory, d->runs,
               grouped(steps, d->steps), grouped(expected, d->expected), duration(time, log10(d->seconds)),
               grouped(rate, d->steps / d->seconds));
    }
    printf("\n  Steps and time: means over the runs. Expected: giant steps 1.5 sqrt(q), and more where the %zu MiB\n"
           "  that the table may take can't hold sqrt(q) entries; kangaroos %.1f sqrt(q).\n",
           ATTACK_MEMORY >> 20, DLOG_KANGAROO_FACTOR);
}

static void print_extrapolation(const struct attack *a)
{
    static const unsigned bits[] = {64, 128, 256, 512, 1024, 2048};
    char time[TEXT_LEN], own[TEXT_LEN];
    puts("\n  Extrapolated from the kangaroos at 48 bits, as sqrt(q): this core would take\n");
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        printf("  %6u bits  2^%-7.1f steps  %s\n", bits[i], attack_log2_steps(bits[i]),
               duration(time, attack_log10_seconds(a, bits[i])));
    printf("\n  With ffdhe2048 glasschat draws x from 2^256 numbers, and kangaroos may be set on these alone:\n"
           "  2^%.1f steps, %s. Used properly it costs %s, for a key pair and a secret.\n",
           attack_log2_steps(257), duration(time, attack_log10_seconds(a, 257)), duration(own, log10(a->exchange)));
    puts("\n  But nobody attacks 2,048 bits so. Modulo a prime there is index calculus, today the number field\n"
         "  sieve: 512 bits fell to a week of preparing for one prime and a minute for each x (Adrian and\n"
         "  others, the Logjam paper, 2015), 795 bits to 3,100 core-years (Boudot and others, 2020).\n"
         "  Therefore NIST gives 2,048 bits a strength of 112 bits, and 3,072 bits 128 (SP 800-57 part 1,\n"
         "  table 2).");
}

void attack_print(const struct attack *a)
{
    print_guesses(a);
    print_sets(a);
    print_dlogs(a);
    print_extrapolation(a);
}
