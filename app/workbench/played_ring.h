/* SPDX-License-Identifier: MIT */
/* The exchange of many, all parties in one process: what is sent reaches everybody, whole and as it was sent.
 *
 * Standard:    that of crypto/ring.h.
 * Use it:      struct played_ring p;
 *              played_ring_begin(&p, dh_group(DH_FFDHE2048), 4, &rng);       p.party[i].own: r and z of p.name[i]
 *              played_ring_first(&p);                                        all have all z
 *              played_ring_second(&p);                                       all have all X
 *              played_ring_end(&p);
 * Timing:      of no interest: whoever has one of the parties has all.
 * Read next:   app/workbench/explain/explain_ring.h.
 */
#ifndef APP_WORKBENCH_PLAYED_RING_H
#define APP_WORKBENCH_PLAYED_RING_H

#include "crypto/ring.h"
#include "crypto/rng.h"

struct played_ring {
    size_t n;
    struct ring *party; /* n of them, in the order of the ring */
    const char *name[RING_MAX];
    char text[RING_MAX][RING_NAME_MAX + 1];
};

/* Draws the exponents, by rng_key, party 0's first. n is RING_MIN to RING_MAX (asserted). Ends the program where there
 * is no memory. */
void played_ring_begin(struct played_ring *p, const struct dh_group *g, size_t n, struct rng *rng);

void played_ring_first(struct played_ring *p);
void played_ring_second(struct played_ring *p);

void played_ring_end(struct played_ring *p);

#endif
