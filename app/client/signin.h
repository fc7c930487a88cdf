/* SPDX-License-Identifier: MIT */
/* From a connection to a logged-in user: asks for what was not given, registers, logs in.
 *
 * Use it:      if (signin_check(&arguments, terminal, why) != 0) ... wrong usage      before connecting
 *              signin_begin(&c, &arguments, &given);  loop_run(&c);
 * Timing:      the password is in memory until the answer to it has come, then wiped.
 * Read next:   form.h, what is asked for.
 */
#ifndef APP_CLIENT_SIGNIN_H
#define APP_CLIENT_SIGNIN_H

#include "app/client/arguments.h"
#include "app/client/conversation.h"
#include "app/client/secret.h"
#include "crypto/bytes.h"
#include "net/why.h"

#define SIGNIN_TRIES 3 /* at a terminal */

/* Before connecting: refuses what can be seen to fail. -1 with one line in why; wrong usage. */
MUST_USE int signin_check(const struct arguments *a, bool terminal, char why[static WHY_LEN]);

/* The loop goes on from here until c->user is logged in and in the lobby, and c->signin.done is set; or why not has
 * been said, and c->quits is set. given is what the password file holds, where there is one: it was read before
 * connecting, so that a wrong one costs nobody a handshake. It is wiped as soon as it was used. Both must live as long
 * as c. */
void signin_begin(struct conversation *c, const struct arguments *a, struct secret *given);

#endif
