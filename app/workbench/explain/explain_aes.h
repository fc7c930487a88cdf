/* SPDX-License-Identifier: MIT */
/* One block of AES, step by step: the key schedule, the state after each step of each round, the result.
 *
 * Standard:    FIPS 197, laid out as it works out its own examples: KeyExpansion as in appendix A, the state in squares
 *              as in appendix B, and then in a line for each step as in appendix C.
 * Use it:      aes_encrypt(&k, out, in, 1);
 *              struct explain_aes e = {.key = key, .key_len = 16, .in = in, .out = out, .round = EXPLAIN_AES_ALL};
 *              if (explain_aes(stdout, &e) != 0) ...
 * Timing:      leaks keys and data, as crypto/aes_ref.h does. For values that you choose.
 * Read next:   explain_aes.c; crypto/aes_ref.c, whose steps these are; vectors/explain_aes.txt, the standard's figures.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_AES_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_AES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/bytes.h"

#define EXPLAIN_AES_ALL (-1)

/* The rounds that a key of that length has: 10 or 14. */
unsigned explain_aes_rounds(size_t key_len);

struct explain_aes {
    const uint8_t *key;
    size_t key_len;    /* AES128_KEY_LEN or AES256_KEY_LEN */
    const uint8_t *in; /* a block, and what crypto/aes.h makes of it */
    const uint8_t *out;
    bool decrypt;
    int round; /* 0 (what is before the first) to explain_aes_rounds(key_len); EXPLAIN_AES_ALL: all of them */
};

/* Prints the explanation. Returns -1, and prints nothing, where the steps of crypto/aes_ref.h do not lead to e->out. */
MUST_USE int explain_aes(FILE *to, const struct explain_aes *e);

#endif
