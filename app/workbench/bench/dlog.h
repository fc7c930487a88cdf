/* SPDX-License-Identifier: MIT */
/* Discrete logarithms: from 2^x mod p back to x, for primes so small that it can be done while you wait.
 *
 * Standard:    none; D. Shanks, 1971 (baby steps, giant steps); J. M. Pollard, "Monte Carlo methods for index
 *              computation (mod p)", 1978, and "Kangaroos, Monopoly and discrete logarithms", 2000.
 * Use it:      struct dlog_group g;
 *              dlog_group_init(&g, 40);
 *              uint64_t y = dlog_public(&g, x), found, steps = 0;
 *              if (dlog_steps(&g, y, 64 << 20, &found, &steps) == 0 && found == x) ...
 *              dlog_kangaroo(&g, y, &found, &steps);
 * Timing:      depends on x: that is what it counts.
 * Read next:   crypto/dh.h, the same group with a prime of 2,048 bits and more; app/workbench/bench/bench_attack.c.
 *
 * The group is made as those of RFC 7919 are: p = 2q + 1 with p and q prime and p = 7 modulo 8, so that 2 generates
 * the squares, q of them. x may be anything from 0 to q - 1. Both methods take about sqrt(q) steps, a step being one
 * product modulo p, and know nothing of p: they would work in any group of that size. (Where p is a prime, more is
 * known, and index calculus is faster; docs/walkthrough has a chapter on what attacks cost.)
 */
#ifndef APP_WORKBENCH_BENCH_DLOG_H
#define APP_WORKBENCH_BENCH_DLOG_H

#include <stddef.h>
#include <stdint.h>

#include "app/workbench/bench/mod64.h"
#include "crypto/bytes.h"

struct dlog_group {
    uint64_t p, q;
    unsigned bits;
    struct mod64 mod;
    uint64_t g; /* 2, in Montgomery's form; public values are in that form too */
};

/* The largest such prime below 2^bits; bits from 8 to 62 (asserted). */
void dlog_group_init(struct dlog_group *group, unsigned bits);

/* 2^x mod p, in Montgomery's form. */
uint64_t dlog_public(const struct dlog_group *group, uint64_t x);

/* Shanks: n baby steps go into a table, then giant steps of n each until one of them meets the table. memory is the
 * most that the table may take, in bytes; where n = sqrt(q) does not fit, n is what fits and there are more giant
 * steps. Adds to *steps. -1 where the memory can't be had, or y is no power of 2. */
MUST_USE int dlog_steps(const struct dlog_group *group, uint64_t y, size_t memory, uint64_t *x, uint64_t *steps);

/* What the above takes on average, for an x of which nothing is known, and the bytes of its table. */
double dlog_steps_expected(const struct dlog_group *group, size_t memory, size_t *table);

/* Pollard's kangaroos: a tame one jumps along from a known place and digs a trap; a wild one starts at y. Where a jump
 * goes depends on the ground alone, so once the wild one lands on a spot where the tame one was it follows into the
 * trap. Needs no memory. Adds to *steps. Doesn't end where y is no power of 2. */
void dlog_kangaroo(const struct dlog_group *group, uint64_t y, uint64_t *x, uint64_t *steps);

/* What that takes on average, as a multiple of sqrt(q): see dlog.c. */
#define DLOG_KANGAROO_FACTOR 2.9

#endif
