/* SPDX-License-Identifier: MIT */
/* What a user changes of his own account, while logged in.
 *
 * Standard:    docs/protocol.md section 10.2.
 * Use it:      request.c calls each.
 * Timing:      auth.h: the password is asked for once more, and hashed on a worker. A second factor's secret is
 *              compared by crypto/totp.h, sealed on a worker, and wiped behind it.
 * Read next:   auth.h, accounts.h.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include "app/message/message.h"
#include "app/server/client.h"

void settings_change_password(struct client *c, const struct message *m);
void settings_delete_account(struct client *c, const struct message *m);
void settings_begin_second_factor(struct client *c, const struct message *m);
void settings_confirm_second_factor(struct client *c, const struct message *m);
void settings_end_second_factor(struct client *c, const struct message *m);
void settings_replace_certificate(struct client *c, const struct message *m);
void settings_fetch_certificate(struct client *c, const struct message *m);
void settings_block(struct client *c, const struct message *m);
void settings_unblock(struct client *c, const struct message *m);
void settings_list_blocked(struct client *c, const struct message *m);

#endif
