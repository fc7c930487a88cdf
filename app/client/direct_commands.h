/* SPDX-License-Identifier: MIT */
/* What one types about other users: a message to one of them, a call, a key that is compared or believed; and about
 * one's own identity.
 *
 * Standard:    docs/protocol.md section 8.
 * Use it:      from command.c's table, with the words after the command.
 * Timing:      a password is asked for by /identity new and unlock alone, and wiped as in settings.h.
 * Read next:   direct.h, which does it; app/peer/safety.h.
 */
#ifndef APP_CLIENT_DIRECT_COMMANDS_H
#define APP_CLIENT_DIRECT_COMMANDS_H

#include <stddef.h>

struct conversation;

/* text: the rest of the line. */
void direct_commands_msg(struct conversation *c, const char *name, const char *text);

/* A line that is typed in a call, or the text of /msg. */
void direct_commands_say(struct conversation *c, const char *name, const char *text, size_t len);

/* From now on what is typed goes to that user, until /leave; where there are no calls, to nobody. */
void direct_commands_call(struct conversation *c, const char *name);

/* digits: the rest of the line; empty: the number is shown. */
void direct_commands_verify(struct conversation *c, const char *name, const char *digits);

/* Shows the key that is known and the one that was shown instead, and asks whether the new one is to be believed. */
void direct_commands_trust(struct conversation *c, const char *name);

/* Lists those whose keys are known, with the state of each. */
void direct_commands_peers(struct conversation *c);

/* what: empty: one's own key is shown; "new": the server is asked to take another one; "unlock": the key that is kept
 * here is opened under another password than the account's. Both ask for a password. */
void direct_commands_identity(struct conversation *c, const char *what);

/* what: "on" or "off": whether each text that was acknowledged is told. */
void direct_commands_receipts(struct conversation *c, const char *what);

#endif
