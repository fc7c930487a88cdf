/* SPDX-License-Identifier: MIT */
/* Registering and logging in: the two requests that strangers may make.
 *
 * Standard:    docs/protocol.md section 10; NIST SP 800-63B section 5.1.1.
 * Use it:      request.c calls both.
 * Timing:      auth.h says it of both: a password is hashed on a worker.
 * Read next:   auth.h, for logging in; ratelimit.h, the bound on registrations; accounts.h.
 */
#ifndef APP_SERVER_LOGIN_H
#define APP_SERVER_LOGIN_H

#include "app/message/message.h"
#include "app/server/client.h"

void login_register(struct client *c, const struct message *m);
void login_log_in(struct client *c, const struct message *m);

#endif
