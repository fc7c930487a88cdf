/* SPDX-License-Identifier: MIT */
/* What clients ask for: one message is decoded, checked whether it may come now, and given to the function that handles
 * it.
 *
 * Standard:    docs/protocol.md section 10.
 * Use it:      request_handle(client, payload, len);
 * Timing:      a registration or a login has a password in it: see login.h.
 * Read next:   login.h, chat.h.
 */
#ifndef APP_SERVER_REQUEST_H
#define APP_SERVER_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/server/client.h"

/* Answers, or begins what will be answered. The client may be dead afterwards. */
void request_handle(struct client *c, const uint8_t *payload, size_t len);

#endif
