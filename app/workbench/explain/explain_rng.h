/* SPDX-License-Identifier: MIT */
/* What `glass rng --seed TEXT --explain` shows: how the stream of app/workbench/rng_fixed.h is made. The real generator
 * explains nothing: its state is as secret as the keys that are drawn from it.
 *
 * Standard:    none; the construction is rng_fixed's.
 * Use it:      explain_rng(stdout, "example", 7, 100);
 * Timing:      no secrets here.
 * Read next:   crypto/rng.c, which makes what nobody can foretell.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_RNG_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_RNG_H

#include <stddef.h>
#include <stdio.h>

#define EXPLAIN_RNG_MAX 65536 /* bytes of the stream that are explained */

/* Explains the first len bytes, at most EXPLAIN_RNG_MAX (asserted), that come of a seed of at most RNG_FIXED_SEED_MAX
 * bytes; they are what rng_fixed gives (asserted). */
void explain_rng(FILE *to, const void *seed, size_t seed_len, size_t len);

#endif
