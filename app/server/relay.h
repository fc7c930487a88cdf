/* SPDX-License-Identifier: MIT */
/* Between two users: one client's frame, handed on to another.
 *
 * Standard:    docs/protocol.md section 10.2, relay and ready; section 8, what the two say to each other.
 * Use it:      request.c calls both.
 * Timing:      frames are the two users' own: what of them is secret is hidden under keys that this server has not.
 * Read next:   client.c, which counts relays against a rate of their own; net/frame.h, a frame's header.
 *
 * What is on its way stands in the recipient's queue, and nothing else is kept: no call, no key, and no log line says
 * who called whom.
 */
#ifndef APP_SERVER_RELAY_H
#define APP_SERVER_RELAY_H

#include "app/message/message.h"
#include "app/server/client.h"

/* From now on what is relayed to this client comes to it. */
void relay_ready(struct client *c, const struct message *m);

/* Hands a frame on, or says why not. The recipient's connection never ends by it, but where there is no memory. */
void relay_pass_on(struct client *c, const struct message *m);

#endif
