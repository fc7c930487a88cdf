/* SPDX-License-Identifier: MIT */
/* What an attack costs beside what the defence costs: measured where it can be, extrapolated where it can't.
 *
 * Use it:      struct attack a;  attack_measure(&a, seconds);  attack_print(&a);
 * Read next:   bench_attack_report.h, what is printed; bench_attack_files.h, JSON and the chart; guess.h and dlog.h,
 *              the attacks themselves.
 */
#ifndef APP_WORKBENCH_BENCH_BENCH_ATTACK_H
#define APP_WORKBENCH_BENCH_BENCH_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/workbench/bench/dlog.h"

#define ATTACK_GUESSES 5
#define ATTACK_BITS 4
#define ATTACK_DLOGS (2 * ATTACK_BITS)
#define ATTACK_MEMORY ((size_t)64 << 20) /* the most that the table of baby steps may take */

struct attack_guess {
    const char *stored;  /* how the password is stored */
    uint32_t iterations; /* 0: SHA-256 alone */
    uint32_t measured;   /* with so many iterations; where that is fewer, what follows is multiplied up */
    double login;        /* seconds that the defender spends on a login */
    double rate;         /* guesses a second, one core */
};

struct attack_dlog {
    struct dlog_group group;
    bool kangaroo;         /* else baby steps and giant steps */
    unsigned runs;         /* each with a private exponent of its own, from all there are */
    size_t memory;         /* bytes */
    double expected;       /* steps on average, by theory */
    double steps, seconds; /* means over the runs */
};

struct attack {
    struct attack_guess guess[ATTACK_GUESSES];
    struct attack_dlog dlog[ATTACK_DLOGS]; /* by bits; of each size giant steps first */
    double exchange;                       /* seconds for a key pair and a shared secret in ffdhe2048 */
};

/* Measures for about so many seconds (more on a slow machine: each of the largest logarithms is computed at least
 * once); says on stderr how far it is where that is a terminal. */
void attack_measure(struct attack *a, double seconds);

/* Sets of passwords to be tried. */
struct attack_set {
    const char *name;
    double passwords;
};
#define ATTACK_SETS 3
extern const struct attack_set attack_sets[ATTACK_SETS];

/* What the kangaroos would take for a prime of so many bits, at the speed measured for the largest one here. In
 * logarithms, as the numbers themselves don't fit. */
double attack_log2_steps(double bits);
double attack_log10_seconds(const struct attack *a, double bits);

#endif
