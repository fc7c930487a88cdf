/* SPDX-License-Identifier: MIT */
/* How long things took, millions of them, in memory that does not grow: a histogram whose classes are as wide as 1/64
 * of their values, so that a percentile is right to 1.6 %.
 *
 * Standard:    none; the layout is known as log-linear.
 * Use it:      struct latency l = {0};  latency_add(&l, nanoseconds);  double p99 = latency_at(&l, 0.99);
 * Timing:      nothing secret.
 * Read next:   app/workbench/load/swarm.h, which fills one.
 */
#ifndef APP_WORKBENCH_LOAD_LATENCY_H
#define APP_WORKBENCH_LOAD_LATENCY_H

#include <stdint.h>

#define LATENCY_STEPS 64 /* classes between a power of two and the next */
#define LATENCY_CLASSES (60 * LATENCY_STEPS)

struct latency {
    uint64_t count, max; /* max in nanoseconds */
    uint64_t class[LATENCY_CLASSES];
};

void latency_add(struct latency *l, uint64_t nanoseconds);

/* The nanoseconds that the fraction `part` (0 to 1) of all did not exceed; 0 where there are none. */
double latency_at(const struct latency *l, double part);

#endif
