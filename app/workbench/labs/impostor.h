/* SPDX-License-Identifier: MIT */
/* Mallory, in between: where one user calls another, she answers in the other's name, and calls the other in the
 * first one's name, with keys of her own. What either says she reads, and says it to the other.
 *
 *      alice  <== call ==>  "bob"  mallory  "alice"  <== call ==>  bob
 *
 * Standard:    docs/protocol.md section 8, twice.
 * Use it:      struct impostor i;
 *              impostor_begin(&i, &t, &key);
 *              if (impostor_hear(&i, to, m)) ...        it was for her: it goes no further
 *              impostor_end(&i);
 * Timing:      of no interest.
 * Read next:   misdeeds.h; app/peer/call.h, which is all that she needs.
 *
 * This is what a server can do, and nobody can keep it from: a key that is met for the first time may be anybody's. It
 * shows when the two compare their safety number, or under --user-ca, or where they have met before.
 */
#ifndef APP_WORKBENCH_LABS_IMPOSTOR_H
#define APP_WORKBENCH_LABS_IMPOSTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "app/peer/call.h"
#include "app/workbench/labs/treacherous.h"

struct impostor_call;

struct impostor {
    struct treacherous *t;
    const struct rsa_private *key;
    struct impostor_call *calls;
    uint8_t out[SESSION_OUT_MAX];
};

/* t and key are kept. */
void impostor_begin(struct impostor *i, struct treacherous *t, const struct rsa_private *key);

/* A relayed message on its way to that user: a ClientHello, or a frame of a call that she is in. false: it is
 * neither. */
bool impostor_hear(struct impostor *i, const char *to, const struct message *m);

void impostor_end(struct impostor *i);

#endif
