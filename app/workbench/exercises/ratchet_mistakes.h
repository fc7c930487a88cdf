/* SPDX-License-Identifier: MIT */
/* What follows from a step of the ratchet, as it is and as the usual mistakes make it, to tell whoever made one which
 * it was.
 *
 * Standard:    docs/protocol.md, 8.4.
 * Use it:      struct stepped s = {.root = root, .z = z, .z_len = 256, .n = 1};
 *              ratchet_mistakes_right(&right, &s);
 *              ... where the secret differs: const char *hint = ratchet_mistake_in_secret(&s, yours);
 *              Each returns what was done, NULL where it can't tell.
 * Timing:      nothing secret: test values.
 * Read next:   exercise_ratchet.c, which asks; net/ratchet.c, what is right.
 */
#ifndef APP_WORKBENCH_EXERCISES_RATCHET_MISTAKES_H
#define APP_WORKBENCH_EXERCISES_RATCHET_MISTAKES_H

#include <stddef.h>
#include <stdint.h>

/* All that goes into step n. */
struct stepped {
    const uint8_t *root; /* the one before */
    const uint8_t *z;
    size_t z_len;
    uint64_t n;
};

struct stepped_right {
    uint8_t t[32], root[32], secret[32];
};

void ratchet_mistakes_right(struct stepped_right *right, const struct stepped *s);

/* yours: 32 bytes that are not the right ones. */
const char *ratchet_mistake_in_root(const struct stepped *s, const uint8_t *yours);
const char *ratchet_mistake_in_secret(const struct stepped *s, const uint8_t *yours);

#endif
