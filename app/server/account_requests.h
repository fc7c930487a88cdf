/* SPDX-License-Identifier: MIT */
/* What users change of their own accounts, while logged in.
 *
 * Standard:    docs/protocol.md section 10.2.
 * Use it:      request.c calls each.
 * Timing:      auth.h: the password is asked for once more, and hashed on a worker. A second factor's secret is
 *              compared by crypto/totp.h, sealed on a worker, and wiped after it.
 * Read next:   auth.h, account_change.h.
 */
#ifndef APP_SERVER_ACCOUNT_REQUESTS_H
#define APP_SERVER_ACCOUNT_REQUESTS_H

#include "app/message/message.h"
#include "app/server/client.h"

void account_requests_change_password(struct client *c, const struct message *m);
void account_requests_delete_account(struct client *c, const struct message *m);
void account_requests_begin_second_factor(struct client *c, const struct message *m);
void account_requests_confirm_second_factor(struct client *c, const struct message *m);
void account_requests_end_second_factor(struct client *c, const struct message *m);
void account_requests_replace_certificate(struct client *c, const struct message *m);
void account_requests_fetch_certificate(struct client *c, const struct message *m);
void account_requests_block(struct client *c, const struct message *m);
void account_requests_unblock(struct client *c, const struct message *m);
void account_requests_list_blocked(struct client *c, const struct message *m);

#endif
