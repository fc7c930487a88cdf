/* SPDX-License-Identifier: MIT */
/* Welch's t: whether two sets of measurements have the same mean, computed while they come in.
 *
 * Standard:    none; B. L. Welch, 1947. Mean and variance: B. P. Welford, 1962 (Knuth, The Art of Computer Programming,
 *              volume 2, 4.2.2). Its use on running times: O. Reparaz, J. Balasch and I. Verbauwhede, "Dude, is my code
 *              constant time?", 2017.
 * Use it:      struct welch w = {0};
 *              welch_add(&w, 0, 12.5); welch_add(&w, 1, 14.0); ...
 *              if (fabs(welch_t(&w)) > WELCH_THRESHOLD) ...
 * Read next:   app/workbench/bench/cmd_bench_timing.c, which times two classes of inputs.
 *
 *      t = (mean_0 - mean_1) / sqrt(s_0^2 / n_0 + s_1^2 / n_1)
 *
 * The difference of the means, in units of how far it would stray by chance. Where the means are equal, t stays around
 * 0 however long one measures; where they are not, it grows as the square root of the number of measurements.
 */
#ifndef APP_WORKBENCH_BENCH_WELCH_H
#define APP_WORKBENCH_BENCH_WELCH_H

#include <stdint.h>

/* Beyond this, chance is no explanation any more: with equal means |t| gets there about once in 150,000 tries. */
#define WELCH_THRESHOLD 4.5

struct welch {
    uint64_t n[2];
    double mean[2], squares[2]; /* squares: the sum of (x - mean)^2 */
};

/* set is 0 or 1. */
void welch_add(struct welch *w, int set, double x);

/* 0 where a set has fewer than two values, or where neither varies and the means are equal; infinite where neither
 * varies and they are not. */
double welch_t(const struct welch *w);

#endif
