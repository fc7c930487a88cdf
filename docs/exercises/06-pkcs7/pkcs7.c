/* SPDX-License-Identifier: MIT */
/* PKCS#7 padding: a message of any length becomes whole blocks of 16 bytes, and can be told from its padding again.
 *
 * Standard:    RFC 5652 section 6.3, with k = 16.
 * The contract of each function stands in crypto/pkcs7.h; docs/exercises/06-pkcs7/README.md is its page. */
#include "crypto/pkcs7.h"

#include "crypto/ct.h"

#define BLOCK_LEN 16

size_t pkcs7_padded_len(size_t len)
{
    /* TODO: the next multiple of BLOCK_LEN above len */
    (void)len;
    return 0;
}

size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    /* TODO: write the padding after the len bytes at buf; return the padded length */
    (void)buf;
    (void)len;
    return 0;
}

int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    /* TODO: 1. a length that can't be right: -1
     *       2. look at the padding, as step 3 of the page says; *len only where all is well
     *       for the point of --ct, in the place of 2, step 4:
     *       3. look at all 16 last bytes, whatever they say, and gather in one mask what is wrong with them (ct_eq, ct_lt)
     *       4. ct_public(&mask, sizeof mask), as the verdict is what the caller gets; then branch on it */
    (void)len;
    (void)buf;
    (void)buf_len;
    return 0;
}
