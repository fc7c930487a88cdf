/* SPDX-License-Identifier: MIT */
/* From a connection to a logged-in user: asks for what was not given, registers, logs in.
 *
 * Timing:      the password is in memory until the answer to it has come, then wiped.
 * Read next:   app/client/secret.h
 */
#ifndef CLIENT_SIGNIN_H
#define CLIENT_SIGNIN_H

#include "app/client/arguments.h"
#include "app/client/conversation.h"
#include "app/client/secret.h"
#include "crypto/bytes.h"

#define SIGNIN_TRIES 3 /* at a terminal */

/* Before connecting: refuses what can be seen to fail. -1 with one line in why; wrong usage. */
MUST_USE int signin_check(const struct arguments *a, bool terminal, char why[static SECRET_WHY_LEN]);

/* 0: c->user is logged in and in the lobby. -1: why was said. given is what the password file holds, where there is
 * one: it was read before connecting, so that a wrong one costs nobody a handshake. It is wiped as soon as it was
 * used. */
MUST_USE int signin(struct conversation *c, const struct arguments *a, struct secret *given);

#endif
