/* SPDX-License-Identifier: MIT */
/* The pauses double, and each is drawn from the upper three quarters: so nobody tries at once, and those who were cut
 * off together drift apart with each try. */
#include "app/client/backoff.h"

int64_t backoff_next(struct backoff *b, struct rng *rng)
{
    int64_t longest = BACKOFF_FIRST_MS;
    for (unsigned i = 0; i < b->tries && longest < BACKOFF_LAST_MS; i++)
        longest *= 2;
    uint32_t random;
    rng_fill(rng, (uint8_t *)&random, sizeof random);
    int64_t shortest = longest / 4;
    b->tries++;
    return shortest + (int64_t)(random % (uint32_t)(longest - shortest + 1));
}
