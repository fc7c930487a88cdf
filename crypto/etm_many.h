/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC of one plaintext for many: each recipient has its own keys, IV and associated data.
 *
 * Standard:    as crypto/etm.h; what comes out is for each what etm_seal writes.
 * Use it:      struct etm_one one[2] = {{.key = &a, .out = to_a, .iv = iv_a, .ad = ad_a}, {.key = &b, ...}};
 *              etm_seal_many(one, 2, ad_len, padded, blocks);
 * Timing:      as crypto/etm.h, and on the number.
 * Read next:   crypto/etm_many.c; net/record.h, whose record_seal_many says a message to a whole room.
 *
 * One Record is two chains, CBC's and SHA-256's, in each of which a block waits for the one before it. The Records of
 * 16 recipients are 16 times two chains that wait for nothing but themselves, so the processor takes a step in all of
 * them at once in its widest registers, or works on one while another waits.
 */
#ifndef CRYPTO_ETM_MANY_H
#define CRYPTO_ETM_MANY_H

#include "crypto/etm.h"

struct etm_one {
    const struct etm_key *key;
    uint8_t *out;      /* blocks * 16 bytes and the tag; overlaps nothing else of this call */
    const uint8_t *iv; /* AES_BLOCK_LEN bytes, as crypto/cbc.h wants it: another for each */
    const uint8_t *ad; /* ad_len bytes */
};

/* From how many recipients on a batch is faster than one after the other; 0 where it never is. Measured at the first
 * call, which takes some milliseconds, and then the same. */
size_t etm_many_least(void);

/* etm_seal(one[j].key, one[j].out, one[j].iv, one[j].ad, ad_len, in, blocks) for each of the n (0 and more than 16
 * too). Keys of both lengths may be mixed; those of the same length side by side go faster. */
void etm_seal_many(const struct etm_one one[], size_t n, size_t ad_len, const uint8_t *in, size_t blocks);

#endif
