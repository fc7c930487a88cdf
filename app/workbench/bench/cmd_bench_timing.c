/* SPDX-License-Identifier: MIT */
/* glass bench timing [--seconds N]: is there a difference that a clock can see? As dudect does it: the same call on two
 * classes of inputs, one always the same, one random, in random order; Welch's t says whether their times differ.
 *
 * All inputs are made before any is timed, and each is copied to the same place just before, so that nothing but what
 * it holds differs. The longest times come from interrupts and say nothing: beside all measurements three more tests
 * take only those below a percentile of the first batch, and the largest of the four |t| counts.
 *
 * A large t is a leak. A small t only says that none was seen: with these inputs, on this machine, in that time. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/workbench/bench/ticks.h"
#include "app/workbench/bench/welch.h"
#include "app/workbench/commands.h"
#include "app/workbench/labs/aes_tables.h"
#include "app/workbench/labs/equal_early.h"
#include "app/workbench/labs/unpad_early.h"
#include "crypto/aes_impl.h"
#include "crypto/ct.h"
#include "crypto/pkcs7.h"
#include "crypto/rng.h"

#define USAGE "glass bench timing [--seconds N]"
#define SECONDS 20
#define SECONDS_MAX 86400
#define INPUT_LEN 32
#define BATCH 1000
#define CROPS 4
#define BAR 20
#define SUBJECTS_MAX 8
#define CANDIDATES 500      /* blocks of which one becomes the fixed one */
#define CANDIDATE_CALLS 100 /* the faster half counts */
#define FINE 5e8            /* ticks a second */
#define TOGETHER 32         /* calls, where the clock is not so fine */
#define REDRAW 0.1          /* seconds between two */

static const double percentile[CROPS] = {1, 0.99, 0.9, 0.5};
#define SHOWN 2 /* whose means are printed */

/* What the calls work on beside their input. */
static uint8_t tag[INPUT_LEN], key[AES128_KEY_LEN];
static volatile uint8_t evicting[1 << 17];
static struct lab_aes_tables aes_tables;
static struct aes_key aes_as_printed, aes_sliced, aes_picked;
static unsigned together = 1; /* calls in one measurement */
static volatile int sink;     /* so that no call can be left out */

struct subject {
    const char *what, *form;
    void (*make)(uint8_t input[static INPUT_LEN], struct rng *rng); /* one of the random class */
    const uint8_t *fixed;
    void (*run)(const uint8_t *input);
    const void *flush; /* what is thrown out of the cache before each call, */
    size_t flush_len;  /* with the rest of the smallest cache; nothing where 0 */
    uint64_t samples, crop[CROPS];
    struct welch welch[CROPS];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- The calls and their inputs ----------------------------------------------------------------------------------- */

static void make_random(uint8_t input[static INPUT_LEN], struct rng *rng)
{
    rng_fill(rng, input, INPUT_LEN);
}

/* Right padding of any length: whether it is right is no secret. */
static void make_padded(uint8_t input[static INPUT_LEN], struct rng *rng)
{
    rng_fill(rng, input, INPUT_LEN);
    size_t len = INPUT_LEN - 1 - input[0] % 16;
    pkcs7_pad(input, len);
}

static void run_equal_early(const uint8_t *input)
{
    sink = lab_equal_early(tag, input, INPUT_LEN);
}

static void run_equal(const uint8_t *input)
{
    sink = ct_equal(tag, input, INPUT_LEN);
}

static void run_unpad_early(const uint8_t *input)
{
    size_t len = 0;
    sink = lab_unpad_early(&len, input, INPUT_LEN);
}

static void run_unpad(const uint8_t *input)
{
    size_t len = 0;
    sink = pkcs7_unpad(&len, input, INPUT_LEN);
}

static void run_aes(const struct aes_key *k, const uint8_t *input)
{
    uint8_t out[AES_BLOCK_LEN];
    aes_encrypt(k, out, input, 1);
    sink = out[0];
}

static void run_aes_tables(const uint8_t *input)
{
    uint8_t out[AES_BLOCK_LEN];
    lab_aes_tables_encrypt(&aes_tables, out, input);
    sink = out[0];
}

static void run_aes_as_printed(const uint8_t *input)
{
    run_aes(&aes_as_printed, input);
}

static void run_aes_sliced(const uint8_t *input)
{
    run_aes(&aes_sliced, input);
}

static void run_aes_picked(const uint8_t *input)
{
    run_aes(&aes_picked, input);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void evict(const void *flush, size_t flush_len)
{
    if (flush_len == 0)
        return;
    ticks_flush(flush, flush_len);
    int sum = 0;
    for (size_t i = 0; i < sizeof evicting; i += 64)
        sum += evicting[i];
    sink = sum;
}

/* ARM's counter may tick only every 40 ns, which is longer than a call: then many are timed together. A call that is to
 * find the cache cold can't be repeated. */
static void choose_together(void)
{
    double start = now();
    uint64_t first = ticks_now();
    while (now() - start < 0.01)
        continue;
    together = (double)(ticks_now() - first) < 0.01 * FINE ? TOGETHER : 1;
}

static uint64_t time_once(const struct subject *s, const uint8_t *input)
{
    uint8_t work[INPUT_LEN];
    evict(s->flush, s->flush_len);
    memcpy(work, input, INPUT_LEN);
    unsigned calls = s->flush_len == 0 ? together : 1;
    uint64_t start = ticks_now();
    for (unsigned i = 0; i < calls; i++)
        s->run(work);
    return ticks_now() - start;
}

/* Of many blocks the one that the tables encrypt fastest: with this key, it happens to touch few of their lines. */
static void choose_block(uint8_t block[static INPUT_LEN], const struct subject *s, struct rng *rng)
{
    uint8_t candidate[INPUT_LEN];
    uint64_t took[CANDIDATE_CALLS], best = UINT64_MAX;
    for (int i = 0; i < CANDIDATES; i++) {
        s->make(candidate, rng);
        uint64_t sum = 0;
        for (int j = 0; j < CANDIDATE_CALLS; j++)
            took[j] = time_once(s, candidate);
        qsort(took, CANDIDATE_CALLS, sizeof *took, compare);
        for (int j = 0; j < CANDIDATE_CALLS / 2; j++)
            sum += took[j];
        if (sum < best) {
            best = sum;
            memcpy(block, candidate, INPUT_LEN);
        }
    }
}

static struct subject cold_aes(const char *what, const char *form, void (*run)(const uint8_t *input),
                               const uint8_t *fixed, const void *flush, size_t flush_len)
{
    return (struct subject){what, form, make_random, fixed, run, .flush = flush, .flush_len = flush_len};
}

/* The fixed inputs: the right tag; the longest padding; a block that was quick to encrypt with tables. */
static size_t set_up(struct subject *s, struct rng *rng)
{
    static uint8_t padded[INPUT_LEN], block[INPUT_LEN];
    size_t n = 0;
    choose_together();
    rng_fill(rng, tag, sizeof tag);
    rng_fill(rng, key, sizeof key);
    pkcs7_pad(padded, INPUT_LEN - 16);
    lab_aes_tables_init(&aes_tables, key);
    aes_key_init_with(&aes_as_printed, &aes_ref, key, sizeof key);
    aes_key_init_with(&aes_sliced, &aes_bitslice, key, sizeof key);
    aes_key_init(&aes_picked, key, sizeof key);
    s[n++] = (struct subject){"compare a tag", "early exit", make_random, tag, run_equal_early, .flush_len = 0};
    s[n++] = (struct subject){"", "ct_equal", make_random, tag, run_equal, .flush_len = 0};
    s[n++] = (struct subject){"take padding off", "early exit", make_padded, padded, run_unpad_early, .flush_len = 0};
    s[n++] = (struct subject){"", "pkcs7_unpad", make_padded, padded, run_unpad, .flush_len = 0};
    s[n++] = cold_aes("AES, cold cache", "four tables", run_aes_tables, block, &aes_tables, sizeof aes_tables);
    choose_block(block, &s[n - 1], rng);
    s[n++] = cold_aes("", "ref", run_aes_as_printed, block, &aes_as_printed, sizeof aes_as_printed);
    s[n++] = cold_aes("", "bitslice", run_aes_sliced, block, &aes_sliced, sizeof aes_sliced);
    if (aes_picked.impl != &aes_bitslice)
        s[n++] = cold_aes("", aes_picked.impl->name, run_aes_picked, block, &aes_picked, sizeof aes_picked);
    return n;
}

/* --- Measuring ---------------------------------------------------------------------------------------------------- */

static void choose_crops(struct subject *s, const uint64_t took[static BATCH])
{
    uint64_t sorted[BATCH];
    memcpy(sorted, took, sizeof sorted);
    qsort(sorted, BATCH, sizeof *sorted, compare);
    for (int c = 0; c < CROPS; c++)
        s->crop[c] = c == 0 ? UINT64_MAX : sorted[(size_t)(percentile[c] * (BATCH - 1))];
}

static void measure_batch(struct subject *s, struct rng *rng)
{
    static uint8_t input[BATCH][INPUT_LEN];
    uint8_t set[BATCH];
    uint64_t took[BATCH];
    rng_fill(rng, set, sizeof set);
    for (size_t i = 0; i < BATCH; i++) {
        set[i] &= 1;
        s->make(input[i], rng); /* for either class, so that making one tells nothing of it */
        if (set[i] == 0)
            memcpy(input[i], s->fixed, INPUT_LEN);
    }
    for (size_t i = 0; i < BATCH; i++) {
        took[i] = time_once(s, input[i]);
    }
    if (s->samples == 0)
        choose_crops(s, took);
    s->samples += BATCH;
    for (size_t i = 0; i < BATCH; i++)
        for (int c = 0; c < CROPS; c++)
            if (took[i] <= s->crop[c])
                welch_add(&s->welch[c], set[i], (double)took[i]);
}

static double largest_t(const struct subject *s)
{
    double largest = 0;
    for (int c = 0; c < CROPS; c++)
        largest = fmax(largest, fabs(welch_t(&s->welch[c])));
    return largest;
}

/* --- Showing ------------------------------------------------------------------------------------------------------ */

/* |t|, which may be infinite, as a bar, a third of it for each factor of ten, with a mark at the threshold. */
static const char *bar(char text[static BAR + 1], double t)
{
    int length = (int)(BAR / 3.0 * log10(fmin(fmax(t, 1), 1000))), mark = (int)(BAR / 3.0 * log10(WELCH_THRESHOLD));
    for (int i = 0; i < BAR; i++)
        text[i] = i < length ? '#' : i == mark ? ':' : ' ';
    text[BAR] = '\0';
    return text;
}

static void print_head(void)
{
    printf("Times in ticks of %s; |t| of Welch's test on them.\n", TICKS_OF);
    if (together > 1)
        printf("It is coarse: %u calls are timed together, but for AES.\n", together);
    putchar('\n');
    printf("  %-16s %-12s %9s %7s %7s %7s  %-20s verdict\n", "", "", "calls", "fixed", "random", "|t|",
           "1 to 1,000; : at 4.5");
}

static void print_lines(const struct subject *s, size_t n, const char *line_end)
{
    char text[BAR + 1];
    for (size_t i = 0; i < n; i++) {
        const struct welch *w = &s[i].welch[SHOWN];
        double t = largest_t(&s[i]);
        printf("  %-16s %-12s %9llu %7.1f %7.1f %7.1f  %s %s%s", s[i].what, s[i].form, (unsigned long long)s[i].samples,
               w->mean[0], w->mean[1], t, bar(text, t), t > WELCH_THRESHOLD ? "leaks" : "none seen", line_end);
    }
    fflush(stdout);
}

static void print_foot(void)
{
    printf("\n  fixed, random: the mean time of either class, the slowest tenth left out. |t|: the largest of\n"
           "  four, of all calls and of those below three percentiles. Beyond %.1f chance is no explanation. A\n"
           "  small |t| proves nothing: these inputs showed no difference on this machine in this time (ref\n"
           "  looks bytes up in a table too). `make ct` follows the secrets themselves.\n",
           WELCH_THRESHOLD);
}

int cmd_bench_timing(struct args *args)
{
    static struct subject subjects[SUBJECTS_MAX];
    const char *seconds = NULL;
    const struct args_option options[] = {{"seconds", &seconds, NULL}, {0}};
    struct rng rng;
    args_parse(args, options, 0, 0, USAGE);
    double budget = seconds == NULL ? SECONDS : (double)args_number(seconds, 1, SECONDS_MAX, "seconds", USAGE);
    bool live = isatty(STDOUT_FILENO) != 0;
    rng_init(&rng);
    size_t n = set_up(subjects, &rng);
    print_head();
    double start = now(), shown = 0;
    do { /* all in turn, so that they grow side by side */
        for (size_t i = 0; i < n; i++)
            measure_batch(&subjects[i], &rng);
        if (live && now() - shown > REDRAW) {
            if (shown > 0)
                printf("\033[%zuA", n); /* back up over the lines */
            print_lines(subjects, n, "\033[K\n");
            shown = now();
        }
    } while (now() - start < budget);
    if (shown > 0)
        printf("\033[%zuA", n);
    print_lines(subjects, n, live ? "\033[K\n" : "\n");
    print_foot();
    rng_wipe(&rng);
    return STATUS_DONE;
}
