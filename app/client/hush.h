/* SPDX-License-Identifier: MIT */
/* What must never be said: the passwords that this client was given, remembered so that they can be known again, but
 * only by trying them.
 *
 * Standard:    HMAC-SHA-256 (RFC 2104) under a key drawn for this process.
 * Use it:      struct hush h = {0};
 *              hush_add(&h, password, password_len);
 *              if (hush_has(&h, text, text_len)) ... it is not said
 *              hush_wipe(&h);
 * Timing:      depends on the lengths and on how many there are, not on what they are.
 * Read next:   secret.c, which adds what was answered; command.c, which asks before it says anything.
 *
 * A script that answers a question once more than it was put, as `the same again` is put at a terminal alone, would say
 * its password to the room; so would a person who types it at the wrong moment.
 */
#ifndef CLIENT_HUSH_H
#define CLIENT_HUSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hmac.h"

#define HUSH_MAX 16 /* after that many the oldest is forgotten */

/* All zero: nothing. */
struct hush {
    uint8_t key[HMAC_TAG_LEN]; /* drawn with the first of them */
    uint8_t tags[HUSH_MAX][HMAC_TAG_LEN];
    size_t added; /* since the beginning */
};

/* Does nothing where len is 0. */
void hush_add(struct hush *h, const void *secret, size_t len);

bool hush_has(const struct hush *h, const void *text, size_t len);

/* Nothing is known any more, and nothing can be tried. */
void hush_wipe(struct hush *h);

#endif
