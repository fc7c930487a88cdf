/* SPDX-License-Identifier: MIT */
/* A message in AES-CBC, block by block: what is xored with what, what goes into AES, what comes out.
 *
 * Standard:    SP 800-38A section 6.2, laid out as its appendix F.2; the padding is RFC 5652's.
 * Use it:      e = (struct explain_cbc){.key = key, .key_len = 16, .iv = iv, .plaintext = padded, .blocks = blocks,
 *                                       .ciphertext = ciphertext, .padding = true, .text_len = text_len};
 *              if (explain_cbc(stdout, &e) != 0) ...
 * Timing:      leaks keys and data, as crypto/aes_ref.h does. For values that you choose.
 * Read next:   explain_cbc.c; explain_aes.h, for what happens inside of AES; explain_pkcs7.h.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_CBC_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_CBC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/bytes.h"

struct explain_cbc {
    const uint8_t *key;
    size_t key_len; /* AES128_KEY_LEN or AES256_KEY_LEN */
    const uint8_t *iv;
    const uint8_t *plaintext; /* one of them is given, padding and all; the other is what crypto/cbc.h makes of it */
    const uint8_t *ciphertext;
    size_t blocks; /* of either */
    bool decrypt;
    bool padding;    /* the plaintext ends in padding, or should */
    size_t text_len; /* of the plaintext without it; EXPLAIN_PKCS7_WRONG where crypto/pkcs7.h finds it wrong */
    size_t block;    /* only this one, from 1; 0: all of them */
};

/* Prints the explanation, with a result unless the padding is wrong. Returns -1 where the steps of crypto/aes_ref.h do
 * not lead from one of e's texts to the other, and prints nothing then; or where they find otherwise than e about the
 * padding. */
MUST_USE int explain_cbc(FILE *to, const struct explain_cbc *e);

#endif
