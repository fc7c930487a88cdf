/* SPDX-License-Identifier: MIT */
/* SHA-256 of up to 16 messages side by side, all of the same number of blocks.
 *
 * Standard:    FIPS 180-4, 6.2.2, for each message by itself.
 * Use it:      struct sha256_many s;
 *              sha256_many_init(&s, 5);                               five messages, from the initial hash value, or
 *              sha256_many_resume(&s, 3, h);                          message 3 from a chaining value of its own
 *              sha256_many_update(&s, data, blocks);                  data[j]: where message j goes on
 *              sha256_many_state(&s, 3, h);                           the chaining value of message 3 after that
 *              The padding is the caller's to write: this is for those who know their messages' shapes.
 * Timing:      depends on the number of messages and of blocks.
 * Read next:   crypto/sha256_x16.c and crypto/sha256_x2.c, the fast forms; crypto/etm_many.c, which uses it.
 *
 * One message is a chain of additions, each waiting for the one before it. Sixteen messages are sixteen chains that do
 * not wait for one another, and so a register of 512 bits can take a step in all of them at once, or the SHA unit a
 * step in one while another's is under way:
 *
 *                      message 0   message 1   ...   message 15
 *      h[0]   (a)      |         |           |     |           |     one register
 *      ...
 *      h[7]   (h)      |         |           |     |           |
 */
#ifndef CRYPTO_SHA256_MANY_H
#define CRYPTO_SHA256_MANY_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/sha256.h"

#define SHA256_MANY_MAX 16

struct sha256_many_impl;

struct sha256_many {
    const struct sha256_many_impl *impl;        /* the backend, chosen by sha256_many_init */
    size_t n;                                   /* messages, 1 to SHA256_MANY_MAX */
    alignas(64) uint32_t h[8][SHA256_MANY_MAX]; /* h[i][j]: word i of message j's chaining value; nothing for j >= n */
};

/* One block of each message as words: W_i of message j is w[i][j] (6.2.2, step 1). */
struct sha256_many_block {
    alignas(64) uint32_t w[16][SHA256_MANY_MAX];
};

/* Starts n messages (1 to SHA256_MANY_MAX; asserted). Each stands at SHA-256's initial hash value. */
void sha256_many_init(struct sha256_many *s, size_t n);

/* Whether this processor has something faster than one message after the other; else it's no use to gather messages. */
bool sha256_many_worthwhile(void);

/* Message j goes on from the chaining value h. */
void sha256_many_resume(struct sha256_many *s, size_t j, const uint32_t h[static 8]);

/* Compresses `blocks` blocks of 64 bytes of each message, those of message j from data[j] on. The same block may be
 * given for several messages. */
void sha256_many_update(struct sha256_many *s, const uint8_t *const data[], size_t blocks);

/* Compresses one block of each message. This saves turning bytes into words where there are words already: a digest
 * that is hashed again. */
void sha256_many_update_words(struct sha256_many *s, const struct sha256_many_block *block);

/* Copies the chaining value of message j. */
void sha256_many_state(const struct sha256_many *s, size_t j, uint32_t h[static 8]);

#endif
