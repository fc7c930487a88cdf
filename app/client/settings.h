/* SPDX-License-Identifier: MIT */
/* What one changes of one's own account: the password, the second factor, the certificate, whether there is one at all.
 *
 * Standard:    docs/protocol.md section 10.2; the key URI that authenticator apps read, `otpauth://totp/...`.
 * Use it:      from command.c's table, with the words after the command. Each begins what the loop goes on with.
 * Timing:      what was typed is wiped when the request has been made of it. The second factor's secret goes to the
 *              standard output, where it must be seen, and to qrencode.
 * Read next:   form.h, what is asked for; qr.h, which draws.
 *
 * Every question is asked anew each time; what --password-file holds is for logging in alone. In a script the answers
 * are its next lines, in the order of the questions: `/password`, then the password, the code or an empty line, and the
 * new password.
 */
#ifndef APP_CLIENT_SETTINGS_H
#define APP_CLIENT_SETTINGS_H

struct conversation;

void settings_password(struct conversation *c);
void settings_second_factor(struct conversation *c, const char *what, const char *code);

/* Registers the certificate in a file; or, of "@NAME", fetches and shows that user's. */
void settings_certificate(struct conversation *c, const char *word);

/* From now on the account has none. */
void settings_delete_certificate(struct conversation *c);

/* A new key in the place of whatever was there, for direct messages. */
void settings_new_identity(struct conversation *c);

/* c->quits is set where the account is gone: there is nothing more to do here. */
void settings_delete_account(struct conversation *c);

#endif
