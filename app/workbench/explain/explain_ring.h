/* SPDX-License-Identifier: MIT */
/* What `glass ring --explain` shows: the two rounds with each party's values, the walk round the ring that makes K,
 * that all come to the same, and what is derived of it.
 *
 * Standard:    Burmester and Desmedt, EUROCRYPT '94; crypto/ring.h has the formulas.
 * Use it:      played_ring_begin(&p, group, n, &rng);  played_ring_first(&p);  played_ring_second(&p);
 *              explain_ring(stdout, &p, false);
 * Timing:      for values that are shown, never for real exponents.
 * Read next:   crypto/ring.c, whose walk this is; explain_dh.h, the exchange of two.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_RING_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_RING_H

#include <stdbool.h>
#include <stdio.h>

#include "app/workbench/played_ring.h"

/* After both rounds, and before any party has finished. Where all is true long values are shown whole, and every party
 * and every step of the walk; else of more than EXPLAIN_RING_SHOWN the first and the last. What is shown is compared
 * with what crypto/ring.h makes of it (asserted). */
#define EXPLAIN_RING_SHOWN 6
void explain_ring(FILE *to, const struct played_ring *p, bool all);

#endif
