/* SPDX-License-Identifier: MIT */
/* The time-stamp counter ticks at one speed whatever the core does, so cycles are not read but calibrated: a chain of
 * additions that wait for each other takes one cycle each, timed in every round. */
#include "app/workbench/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/terminal/progress_row.h"
#include "app/workbench/args.h"

struct bench *bench_running;
const size_t bench_sizes[BENCH_SIZES] = {64, 256, 1024, 4096, BENCH_MESSAGE_MAX};
const char *const bench_libraries[BENCH_LIBRARIES] = {BENCH_OPENSSL, BENCH_NETTLE, BENCH_GCRYPT};
const uint8_t bench_key[64] = {1, 2, 3};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct bench *bench_open(double seconds)
{
    struct bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        args_fail("out of memory");
    b->seconds = seconds;
    for (size_t i = 0; i < sizeof b->in; i++)
        b->in[i] = (uint8_t)(i * 7 + i / 256);
    bench_running = b;
    return b;
}

void bench_close(struct bench *b)
{
    for (size_t i = 0; i < b->contexts; i++)
        b->context[i].free(b->context[i].context);
    free(b);
}

void *bench_keep(struct bench *b, void *context, void (*free_it)(void *context))
{
    if (context == NULL || b->contexts == BENCH_CONTEXTS_MAX)
        args_fail("out of memory, or of room for contexts");
    b->context[b->contexts++] = (struct bench_context){context, free_it};
    return context;
}

size_t bench_library_of(const struct bench_subject *s)
{
    size_t l = 0;
    while (l < BENCH_LIBRARIES && strncmp(s->by, bench_libraries[l], strlen(bench_libraries[l])) != 0)
        l++;
    return l;
}

void bench_has(struct bench *b, const char *library, const char *version)
{
    for (size_t l = 0; l < BENCH_LIBRARIES; l++)
        if (strcmp(bench_libraries[l], library) == 0)
            b->version[l] = version;
}

struct bench_subject *bench_add(struct bench *b, const char *primitive, const char *by, size_t size,
                                void (*run)(struct bench_subject *s, size_t calls))
{
    if (b->subjects == BENCH_SUBJECTS_MAX)
        args_fail("more subjects than the bench has room for");
    struct bench_subject *s = &b->subject[b->subjects++];
    *s = (struct bench_subject){.primitive = primitive, .by = by, .size = size, .run = run};
    return s;
}

bool bench_wanted(const char *name, const char *primitive)
{
    return name == NULL || strncmp(primitive, name, strlen(name)) == 0;
}

void bench_add_wanted(struct bench *b, const char *name, const char *primitive, const char *by, size_t size,
                      void (*run)(struct bench_subject *s, size_t calls), void *context)
{
    if (bench_wanted(name, primitive))
        bench_add(b, primitive, by, size, run)->context = context;
}

/* A thousand additions, each of which needs the one before it; the empty assembly keeps the compiler from adding up. A
 * register is added and not a constant: processors since Intel's Golden Cove add small constants while they rename
 * registers, several in a cycle. */
static void thousand_additions(uint64_t *x)
{
    uint64_t v = *x, one = 1;
    __asm__ volatile("" : "+r"(one)); /* or the compiler would make it a constant */
    /* clang-format off */
    for (int i = 0; i < 100; i++) {
#define ADD_ONE v += one; __asm__ volatile("" : "+r"(v))
        ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE; ADD_ONE;
#undef ADD_ONE
    }
    /* clang-format on */
    *x = v;
}

static double calibrate(void)
{
    uint64_t x = 0;
    double start = now();
    for (int i = 0; i < 500; i++)
        thousand_additions(&x);
    return (double)x / (now() - start);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double bench_median(double *values, size_t n, double *spread)
{
    qsort(values, n, sizeof *values, compare);
    double median = n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
    *spread = median > 0 ? (values[3 * n / 4] - values[n / 4]) / median : 0;
    return median;
}

/* The warm-up, not counted: how many calls fill the time of a run. */
static void choose_calls(struct bench_subject *s, double seconds)
{
    size_t together = s->together > 0 ? s->together : 1;
    for (s->calls = together;; s->calls *= 2) {
        double start = now();
        s->run(s, s->calls);
        double took = now() - start;
        if (took >= seconds / 4) {
            s->calls = ((size_t)((double)s->calls * seconds / took) / together + 1) * together;
            return;
        }
    }
}

/* Round by round, so that a machine that was slow for one round was so for both. */
struct bench_ratio bench_compare(const struct bench_subject *ours, const struct bench_subject *peer)
{
    struct bench_ratio ratio;
    double ratios[BENCH_ROUNDS];
    for (size_t r = 0; r < BENCH_ROUNDS; r++)
        ratios[r] = peer->round[r] / ours->round[r];
    ratio.times = bench_median(ratios, BENCH_ROUNDS, &ratio.spread);
    return ratio;
}

bool bench_too_busy(double ratio_spread)
{
    return !(ratio_spread <= BENCH_TOLD);
}

/* Another way of calling a library is not what ours is compared with. */
static void compare_with(struct bench *b, size_t peer, size_t first, size_t end)
{
    size_t l = bench_library_of(&b->subject[peer]);
    if (l == BENCH_LIBRARIES || strcmp(b->subject[peer].by, bench_libraries[l]) != 0)
        return;
    for (size_t i = first; i < end; i++)
        if (bench_library_of(&b->subject[i]) == BENCH_LIBRARIES)
            b->subject[i].ratio[l] = bench_compare(&b->subject[i], &b->subject[peer]);
}

static void evaluate_group(struct bench *b, size_t first, size_t end)
{
    for (size_t peer = first; peer < end; peer++)
        compare_with(b, peer, first, end);
    for (size_t i = first; i < end; i++) {
        double sorted[BENCH_ROUNDS];
        memcpy(sorted, b->subject[i].round, sizeof sorted);
        b->subject[i].seconds = bench_median(sorted, BENCH_ROUNDS, &b->subject[i].spread);
    }
}

static void measure_group(struct bench *b, size_t first, size_t end, double *hertz)
{
    for (size_t i = first; i < end; i++)
        choose_calls(&b->subject[i], b->seconds);
    for (size_t round = 0; round < BENCH_ROUNDS; round++) {
        hertz[round] = calibrate();
        for (size_t i = first; i < end; i++) {
            struct bench_subject *s = &b->subject[i];
            double start = now();
            s->run(s, s->calls);
            s->round[round] = (now() - start) / (double)s->calls;
        }
        progress_row_at(first * BENCH_ROUNDS + (end - first) * (round + 1), b->subjects * BENCH_ROUNDS);
    }
    evaluate_group(b, first, end);
}

static int by_group(const void *a, const void *b)
{
    const struct bench_subject *x = a, *y = b;
    int order = strcmp(x->primitive, y->primitive);
    if (order != 0)
        return order;
    return x->size < y->size ? -1 : x->size > y->size;
}

static void tell_progress(const struct bench *b, size_t first)
{
    char what[64];
    const struct bench_subject *s = &b->subject[first];
    if (s->size > 0)
        snprintf(what, sizeof what, "measuring %s, %zu bytes", s->primitive, s->size);
    else
        snprintf(what, sizeof what, "measuring %s", s->primitive);
    progress_row_what(what);
    progress_row_at(first * BENCH_ROUNDS, b->subjects * BENCH_ROUNDS);
}

void bench_measure(struct bench *b, bool progress)
{
    double hertz[BENCH_ROUNDS], all[BENCH_SUBJECTS_MAX], spread;
    size_t groups = 0;
    if (progress)
        progress_row_begin("measuring", PROGRESS_ROW_PERCENT);
    qsort(b->subject, b->subjects, sizeof b->subject[0], by_group);
    for (size_t first = 0, end; first < b->subjects; first = end) {
        for (end = first + 1; end < b->subjects && by_group(&b->subject[first], &b->subject[end]) == 0; end++)
            continue;
        if (progress)
            tell_progress(b, first);
        measure_group(b, first, end, hertz);
        all[groups++] = bench_median(hertz, BENCH_ROUNDS, &spread);
    }
    progress_row_end();
    b->hertz = bench_median(all, groups, &spread);
    b->limit_aesenc = bench_limit_aesenc(b->hertz);
    b->limit_aesdec = bench_limit_aesdec(b->hertz);
    b->limit_sha256 = bench_limit_sha256(b->hertz);
}
