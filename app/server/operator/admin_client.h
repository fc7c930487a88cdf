/* SPDX-License-Identifier: MIT */
/* The way from `glasschatd account` to the admin: into the store itself where no server runs, through the Unix socket
 * DATA/control where one does. The requests and the answers are the same. A server that says nothing is given up on,
 * after 5 seconds where it has never answered.
 *
 * Use it:      if (admin_client_open(&c, "./glasschat-data", limit, make, why) != 0) ...
 *              if (admin_client_ask(c, "lock alice", why) == 0)
 *                  while (admin_client_hear(c, line, sizeof line, why) == 0) ...    until a line that ends the answer
 *              admin_client_close(c);
 * Read next:   admin.h, the requests; account_cli.c; admin_socket.h, the other end of the socket.
 */
#ifndef APP_SERVER_OPERATOR_ADMIN_CLIENT_H
#define APP_SERVER_OPERATOR_ADMIN_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/bytes.h"
#include "net/why.h"

struct admin_client;

/* data: the server's folder, which is made where there is none and make says so; limit: --max-accounts. -1 with one
 * line in why. */
MUST_USE int admin_client_open(struct admin_client **c, const char *data, size_t limit, bool make,
                               char why[static WHY_LEN]);

/* The same where a server must run: nothing is opened but its socket. */
MUST_USE int admin_client_connect(struct admin_client **c, const char *data, char why[static WHY_LEN]);

/* Sends one request, without a line end. */
MUST_USE int admin_client_ask(struct admin_client *c, const char *request, char why[static WHY_LEN]);

/* The next line of the answer, without its end, which fits in ADMIN_LINE_MAX. A server's has printable ASCII and tabs
 * and nothing else, so that it can be shown. -1: there is none. */
MUST_USE int admin_client_hear(struct admin_client *c, char *line, size_t cap, char why[static WHY_LEN]);

void admin_client_close(struct admin_client *c);

#endif
