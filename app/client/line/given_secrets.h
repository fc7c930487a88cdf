/* SPDX-License-Identifier: MIT */
/* What must never be said: the passwords that this client was given, remembered so that they can be known again, but
 * only by trying them.
 *
 * Standard:    HMAC-SHA-256 (RFC 2104) under a key drawn for this process.
 * Use it:      struct given_secrets g = {0};
 *              given_secrets_add(&g, password, password_len);
 *              if (given_secrets_has(&g, text, text_len)) ... it is not said
 *              given_secrets_wipe(&g);
 * Timing:      depends on the lengths and on how many there are, not on what they are.
 * Read next:   app/client/form.c, which adds what was answered; app/client/command.c, which asks before it says
 *              anything.
 *
 * A script that answers a question once more than it was put, as `repeat password` is put at a terminal alone, would
 * say its password to the room; so would a person who types it at the wrong moment.
 */
#ifndef APP_CLIENT_GIVEN_SECRETS_H
#define APP_CLIENT_GIVEN_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/hmac.h"

#define GIVEN_SECRETS_MAX 16 /* after that many the oldest is forgotten */

/* All zero: nothing. */
struct given_secrets {
    uint8_t key[HMAC_TAG_LEN]; /* drawn with the first of them */
    uint8_t tags[GIVEN_SECRETS_MAX][HMAC_TAG_LEN];
    size_t added; /* since the beginning */
};

/* Does nothing where len is 0. */
void given_secrets_add(struct given_secrets *g, const void *secret, size_t len);

bool given_secrets_has(const struct given_secrets *g, const void *text, size_t len);

/* Nothing is known any more, and nothing can be tried. */
void given_secrets_wipe(struct given_secrets *g);

#endif
