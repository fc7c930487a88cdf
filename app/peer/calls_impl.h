/* SPDX-License-Identifier: MIT */
/* What the parts of calls.h share.
 *
 *      calls.c           each call: its beginning, what comes, what happens in it, its end; computing and time
 *      calls_asked.c     what the user and sealed rooms ask for, and whether it is under way
 *
 * CAUTION: calls_go_on and calls_drop may end the call, which is gone then.
 *
 * Read next:   calls.h.
 */
#ifndef APP_PEER_CALLS_IMPL_H
#define APP_PEER_CALLS_IMPL_H

#include "app/peer/calls.h"

#define CALLS_NO_MEMORY "there is no memory for it"

/* The newest call with that peer in that phase, or NULL. */
struct call *calls_find_phase(const struct calls *c, const char *peer, enum call_phase phase);

/* The one in which texts are said: the open one, unless it is being left, or else the one that will be; or NULL. */
struct call *calls_find_to_say(const struct calls *c, const char *peer);

/* Another call with that peer. id: NULL, one calls oneself, or that of the peer's hello; group: which one one's own
 * hello is for, 0: the first that is allowed. NULL: no memory. */
struct call *calls_begin(struct calls *c, int64_t now, const char *peer, const uint8_t *id, uint8_t group);

/* Does all that can be done in a call now. */
void calls_go_on(struct calls *c, struct call *call, int64_t now);

/* Ends a call that has failed, or must: nothing of it is sent any more. why: what the user is told, or NULL. */
void calls_drop(struct calls *c, struct call *call, int64_t now, const char *why);

#endif
