/* SPDX-License-Identifier: MIT */
/* A run that was disturbed only ever takes longer, so the fastest of several is the one to believe. A batch must win by
 * a twentieth: where both take the same, one after the other has the first answer sooner. */
#include "crypto/break_even.h"

#include <time.h>

#define ROUNDS 33 /* after 9 the processor has not yet learnt each batch's branches, and 10 came out where it is 4 */

static uint64_t taken_by(void (*one)(void), void (*batch)(size_t n), size_t n, uint64_t (*now)(void))
{
    uint64_t begun = now();
    if (n > 0)
        batch(n);
    else
        for (size_t i = 0; i < BREAK_EVEN_MAX; i++)
            one();
    return now() - begun;
}

/* The fastest of some runs; n = 0 stands for BREAK_EVEN_MAX times one(), as one alone would be too short to measure. */
static uint64_t fastest(void (*one)(void), void (*batch)(size_t n), size_t n, uint64_t (*now)(void))
{
    uint64_t least = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t taken = taken_by(one, batch, n, now);
        least = taken < least ? taken : least;
    }
    return least;
}

size_t break_even(void (*one)(void), void (*batch)(size_t n), uint64_t (*now)(void))
{
    batch(BREAK_EVEN_MAX); /* whatever is measured first must not be what finds everything cold */
    uint64_t alone = fastest(one, batch, 0, now);
    size_t least = 0;
    for (size_t n = BREAK_EVEN_MAX; n >= 2 && alone > 0; n--) {
        if (20 * BREAK_EVEN_MAX * fastest(one, batch, n, now) > 19 * n * alone)
            break;
        least = n;
    }
    return least;
}

uint64_t break_even_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}
