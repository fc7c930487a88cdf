/* SPDX-License-Identifier: MIT */
/* Bytes for tests that any bytes will do for: different for each seed, the same in every run, so that a failure can be
 * repeated. Not random in any serious sense. */
#ifndef TESTS_FILL_H
#define TESTS_FILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void fill(void *out, size_t len, uint32_t seed)
{
    uint8_t *p = out;
    uint32_t x = seed * 2654435761u + 1; /* an xorshift generator (Marsaglia, 2003) must not start from 0 */
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        p[i] = (uint8_t)(x >> 11);
    }
}

/* Whether nothing is left of what was there. */
static inline bool all_zero(const void *p, size_t len)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < len; i++)
        if (b[i] != 0)
            return false;
    return true;
}

#endif
