/* SPDX-License-Identifier: MIT */
/* Comparing in constant time; wiping is given.
 *
 * The contract of each function stands in crypto/ct.h; docs/exercises/01-bytes/README.md is its page. */
#include "crypto/ct.h"

#include <string.h>

int ct_equal(const void *a, const void *b, size_t len)
{
    /* TODO: gather the differences of all bytes in one word; look at it once, at the end (ct_is_zero, ct_barrier) */
    (void)a;
    (void)b;
    (void)len;
    return -1;
}

/* --- Given -------------------------------------------------------------------------------------------------------- */

/* The assembly claims to read the memory, so that the memset can't be left out as a store that nobody reads. */
void ct_wipe(void *p, size_t len)
{
    if (len == 0)
        return;
    memset(p, 0, len);
    __asm__ volatile("" : : "r"(p) : "memory");
}

/* Its own frame lies where those of what was called before were. */
void ct_wipe_stack(size_t len)
{
    uint8_t below[CT_STACK_MAX];
    ct_wipe(below + sizeof below - len, len);
}
