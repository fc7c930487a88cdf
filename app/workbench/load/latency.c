/* SPDX-License-Identifier: MIT */
/* Below 64 ns a class is one nanosecond. Above, the highest set bit says which power of two, and the six bits after it
 * which of its 64 classes. */
#include "app/workbench/load/latency.h"

#include <stddef.h>

static size_t class_of(uint64_t ns)
{
    unsigned high = 0;
    if (ns < LATENCY_STEPS)
        return (size_t)ns;
    for (uint64_t v = ns; v >= 2 * LATENCY_STEPS; v >>= 1)
        high++;
    size_t i = (size_t)(high + 1) * LATENCY_STEPS + (size_t)((ns >> high) - LATENCY_STEPS);
    return i < LATENCY_CLASSES ? i : LATENCY_CLASSES - 1;
}

/* The first value after the class. */
static double end_of(size_t i)
{
    if (i < LATENCY_STEPS)
        return (double)i + 1;
    double end = (double)(LATENCY_STEPS + i % LATENCY_STEPS + 1);
    for (size_t high = i / LATENCY_STEPS - 1; high > 0; high--)
        end *= 2;
    return end;
}

void latency_add(struct latency *l, uint64_t nanoseconds)
{
    l->class[class_of(nanoseconds)]++;
    l->count++;
    if (nanoseconds > l->max)
        l->max = nanoseconds;
}

double latency_at(const struct latency *l, double part)
{
    double wanted = part * (double)l->count;
    uint64_t seen = 0;
    for (size_t i = 0; i < LATENCY_CLASSES && l->count > 0; i++) {
        seen += l->class[i];
        if ((double)seen >= wanted && seen > 0)
            return end_of(i) < (double)l->max ? end_of(i) : (double)l->max;
    }
    return 0;
}
