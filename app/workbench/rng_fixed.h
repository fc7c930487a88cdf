/* SPDX-License-Identifier: MIT */
/* A source of "random" bytes that always says the same, so that a handshake or a Record has a known answer.
 *
 * Standard:    none. The stream is SHA-256(seed || u64 0) || SHA-256(seed || u64 1) || ..., the numbers big-endian;
 *              rng_key and rng_fill both take the next bytes of it.
 * Use it:      struct rng rng;
 *              rng_fixed_init(&rng, "example", 7);
 *              rng_fill(&rng, iv, 16);
 * Timing:      no secrets here. CAUTION: whoever knows the seed knows every byte; only tests and the workbench link it.
 * Read next:   crypto/rng.h.
 */
#ifndef APP_WORKBENCH_RNG_FIXED_H
#define APP_WORKBENCH_RNG_FIXED_H

#include "crypto/rng.h"

#define RNG_FIXED_SEED_MAX 64

/* The seed is copied; seed_len is at most RNG_FIXED_SEED_MAX (asserted). Use and wipe it as any other struct rng. */
void rng_fixed_init(struct rng *rng, const void *seed, size_t seed_len);

#endif
