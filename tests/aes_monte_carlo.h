/* SPDX-License-Identifier: MIT */
/* The inner loop of the Monte Carlo test of AES-CBC: AES Algorithm Validation Suite (AESAVS), section 6.4.2. */
#ifndef TESTS_AES_MONTE_CARLO_H
#define TESTS_AES_MONTE_CARLO_H

#include <stdbool.h>
#include <string.h>

#include "crypto/cbc.h"

/* 1,000 calls of one block, one chain: the ciphertext of a call is the IV of the next, and the input of a call is
 * the output of the call before the last, or at first the IV. out gets the last answer, before_last the one before
 * it. */
static inline void aes_monte_carlo(const struct aes_key *k, bool decrypts, const uint8_t iv[static 16],
                                   const uint8_t in[static 16], uint8_t out[static 16], uint8_t before_last[static 16])
{
    uint8_t chain[16], text[16], last[16];
    memcpy(chain, iv, 16);
    memcpy(last, iv, 16);
    memcpy(text, in, 16);
    for (int j = 0; j < 1000; j++) {
        (decrypts ? cbc_decrypt : cbc_encrypt)(k, chain, out, text, 1);
        memcpy(chain, decrypts ? text : out, 16);
        memcpy(text, last, 16);
        memcpy(last, out, 16);
    }
    memcpy(before_last, text, 16);
}

#endif
