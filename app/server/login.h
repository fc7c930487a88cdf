/* Registering and logging in: the two requests that strangers may make.
 *
 * Standard:    docs/protocol.md section 10; NIST SP 800-63B sections 5.1.1 and 5.2.2.
 * Use it:      request.c calls both.
 * Timing:      an unknown name is checked against a hash that fits no password, on a worker as all are, so it takes the
 *              same time as a wrong password and gets the same answer. The password is copied once, into the job, and
 *              wiped when the worker is done with it.
 * Read next:   tally.h, the delays; verifier.h; accounts.h.
 *
 * A try counts as failed from its beginning until it turns out well, so that many at once gain nothing. The first few
 * of an account from an address are free, then each failure doubles the wait; nobody elsewhere is locked out by that.
 * An address has more for free, since a school can be behind one.
 */
#ifndef SERVER_LOGIN_H
#define SERVER_LOGIN_H

#include "app/message/message.h"
#include "app/server/client.h"

void login_register(struct client *c, const struct message *m);
void login_log_in(struct client *c, const struct message *m);

#endif
