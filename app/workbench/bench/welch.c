/* SPDX-License-Identifier: MIT */
/* The sum of the squares minus the square of the sum would lose all its digits where the values are large and vary
 * little, as times do. Welford's way keeps the mean and the distances from it. */
#include "app/workbench/bench/welch.h"

#include <math.h>

void welch_add(struct welch *w, int set, double x)
{
    w->n[set]++;
    double from_old = x - w->mean[set];
    w->mean[set] += from_old / (double)w->n[set];
    w->squares[set] += from_old * (x - w->mean[set]);
}

double welch_t(const struct welch *w)
{
    if (w->n[0] < 2 || w->n[1] < 2)
        return 0;
    double spread = 0, difference = w->mean[0] - w->mean[1];
    for (int set = 0; set < 2; set++)
        spread += w->squares[set] / (double)(w->n[set] - 1) / (double)w->n[set];
    if (spread > 0)
        return difference / sqrt(spread);
    return difference > 0 || difference < 0 ? copysign(INFINITY, difference) : 0;
}
