/* SPDX-License-Identifier: MIT */
/* The measuring: each guess and each logarithm for a share of the time, each login and exchange for a small one. What
 * is too large to be waited for is extrapolated from the largest that was measured. */
#include "app/workbench/bench/bench_attack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/terminal/progress_row.h"
#include "app/workbench/args.h"
#include "app/workbench/bench/guess.h"
#include "crypto/ct.h"
#include "crypto/dh.h"
#include "crypto/rng.h"

const struct attack_set attack_sets[ATTACK_SETS] = {
    {"10^6 common passwords", 1e6},
    {"8 letters a-z", 208827064576},
    {"4 diceware words", 3656158440062976},
};

/* This process's own time on a core, so that others on the machine don't make anything look safer than it is. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void progress(double part, const char *what)
{
    progress_row_what(what);
    progress_row_at((uint64_t)(1000 * part), 1000);
}

/* --- Passwords ---------------------------------------------------------------------------------------------------- */

static double time_login(const struct guess *g, double seconds)
{
    uint8_t digest[GUESS_DIGEST_LEN];
    double start, took;
    guess_digest(g, digest, "password"); /* the first one is slower: it is not counted */
    for (unsigned long logins = 1;; logins *= 2) {
        start = now();
        for (unsigned long i = 0; i < logins; i++)
            guess_digest(g, digest, "password");
        if ((took = now() - start) > seconds / 4)
            return took / (double)logins;
    }
}

/* Guesses a second. Nothing is found, as no password has the digest looked for: every candidate is tried. */
static double guess_rate(const struct guess *g, double seconds)
{
    uint64_t n, done = 0, count = GUESS_BATCH;
    double start = now(), took = 0;
    while (took < seconds) {
        if (guess_range(g, done, count, &n))
            break; /* that would be a preimage of SHA-256 */
        done += count;
        double before = took;
        took = now() - start;
        if (took - before < seconds / 20)
            count *= 2;
    }
    return (double)done / took;
}

/* The largest number of iterations, up to c, with which a batch is done within the time. Iterations are all alike, so
 * that the rest may be multiplied up. */
static uint32_t choose_iterations(struct guess *g, uint32_t c, double seconds)
{
    const uint32_t probe = 100;
    if (c <= probe)
        return c;
    g->iterations = probe;
    double batch = GUESS_BATCH / guess_rate(g, seconds / 20) / probe * c;
    return batch <= seconds ? c : (uint32_t)fmax(probe, c * seconds / batch);
}

static void measure_guess(struct attack_guess *row, double seconds)
{
    struct guess g = {.salt = "sixteen bytes..", .digest = {1}};
    row->measured = g.iterations = choose_iterations(&g, row->iterations, 0.7 * seconds);
    double factor = row->iterations > 0 ? (double)row->iterations / row->measured : 1;
    row->login = factor * time_login(&g, 0.2 * seconds);
    row->rate = guess_rate(&g, 0.7 * seconds) / factor;
}

/* --- Discrete logarithms ------------------------------------------------------------------------------------------ */

static uint64_t find(struct attack_dlog *row, uint64_t y, uint64_t *steps)
{
    uint64_t x = 0;
    if (row->kangaroo)
        dlog_kangaroo(&row->group, y, &x, steps);
    else if (dlog_steps(&row->group, y, ATTACK_MEMORY, &x, steps) != 0)
        args_fail("no memory for a table of %zu MiB", row->memory >> 20);
    return x;
}

static void measure_dlog(struct attack_dlog *row, struct rng *rng, double seconds)
{
    uint64_t x, steps = 0;
    double start = now(), took;
    row->expected = row->kangaroo ? DLOG_KANGAROO_FACTOR * sqrt((double)row->group.q)
                                  : dlog_steps_expected(&row->group, ATTACK_MEMORY, &row->memory);
    do {
        rng_fill(rng, (uint8_t *)&x, sizeof x);
        x %= row->group.q; /* so much smaller than 2^64 that no x is likelier than another */
        if (find(row, dlog_public(&row->group, x), &steps) != x)
            args_fail("a logarithm modulo %llu came out wrong: run build/tests/test_dlog",
                      (unsigned long long)row->group.p);
        row->runs++;
        took = now() - start;
    } while (took + took / row->runs < seconds);
    row->steps = (double)steps / row->runs;
    row->seconds = took / row->runs;
}

/* What ffdhe2048 costs somebody who uses it properly. */
static double time_exchange(struct rng *rng, double seconds)
{
    const struct dh_group *group = dh_group(DH_FFDHE2048);
    struct dh_key_pair peer, pair;
    uint8_t z[DH_PUBLIC_MAX_LEN];
    unsigned exchanges = 0;
    double start, took;
    dh_generate(&peer, group, rng);
    start = now();
    do {
        dh_generate(&pair, group, rng);
        if (dh_derive(z, &pair, peer.y, group->p_len) != 0)
            args_fail("a public value was refused: run build/tests/test_dh");
    } while (exchanges++, (took = now() - start) < seconds);
    dh_wipe(&pair);
    dh_wipe(&peer);
    ct_wipe(z, sizeof z);
    return took / exchanges;
}

double attack_log2_steps(double bits)
{
    return log2(DLOG_KANGAROO_FACTOR) + (bits - 1) / 2; /* q has a bit less than p */
}

double attack_log10_seconds(const struct attack *a, double bits)
{
    const struct attack_dlog *largest = &a->dlog[ATTACK_DLOGS - 1];
    return attack_log2_steps(bits) * log10(2) + log10(largest->seconds / largest->steps);
}

/* --- All of it ---------------------------------------------------------------------------------------------------- */

void attack_measure(struct attack *a, double seconds)
{
    static const struct attack_guess guess[ATTACK_GUESSES] = {
        {.stored = "salted SHA-256", .iterations = 0},
        {.stored = "PBKDF2, 1 iteration", .iterations = 1},
        {.stored = "PBKDF2, 1,000 iterations", .iterations = 1000},
        {.stored = "PBKDF2, 100,000 iterations", .iterations = 100000},
        {.stored = "PBKDF2, 600,000 iterations", .iterations = 600000},
    };
    static const unsigned bits[ATTACK_BITS] = {20, 32, 40, 48};
    struct rng rng;
    char what[64];
    rng_init(&rng);
    *a = (struct attack){0};
    progress_row_begin("measuring", PROGRESS_ROW_PERCENT);
    for (int i = 0; i < ATTACK_GUESSES; i++) {
        a->guess[i] = guess[i];
        progress(0.09 * i, guess[i].stored);
        measure_guess(&a->guess[i], 0.09 * seconds);
    }
    for (int i = 0; i < ATTACK_DLOGS; i++) {
        struct attack_dlog *row = &a->dlog[i];
        row->kangaroo = i % 2 == 1;
        dlog_group_init(&row->group, bits[i / 2]);
        snprintf(what, sizeof what, "%u bits, %s", bits[i / 2], row->kangaroo ? "kangaroos" : "giant steps");
        progress(0.45 + 0.065 * i, what);
        measure_dlog(row, &rng, 0.065 * seconds);
    }
    a->exchange = time_exchange(&rng, seconds / 50);
    progress_row_end();
    rng_wipe(&rng);
}
