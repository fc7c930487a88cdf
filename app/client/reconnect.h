/* SPDX-License-Identifier: MIT */
/* After a connection that was cut: another one, logged in as before, and in the same rooms.
 *
 *      NONE --cut--> PAUSING, by itself, with --reconnect     --due, or Enter--> DIALING
 *           --cut--> ASKING, a person at a terminal           --Enter----------> DIALING
 *      DIALING --connected--> SIGNING_IN --ok--> READYING --> JOINING --> NONE
 *      From each of these, back to PAUSING or ASKING where nobody answers, the server is busy, or it is cut again;
 *      to ASKING where it is refused, and there a script ends.
 *
 * Standard:    docs/protocol.md section 2.4, what a cut is; section 6.5, what is known of a request without an answer.
 * Use it:      reconnect_init(&c, &arguments, &trust);      else a cut connection is the end
 *              reconnect_go_on(&c);                         in each turn of the loop
 *              if (c->away) ready = reconnect_wait(&c, fd); else the link is there
 *              reconnect_end(&c);
 * Timing:      the password is kept where --reconnect says so: kept_secret.h.
 * Read next:   backoff.h, the pauses; dial.h, a try; conversation.h, whose connection it is.
 *
 * What was said and not answered is told when the connection is cut, and is never sent a second time: it may have
 * arrived. By itself it is done with --reconnect; on a terminal without that a person is asked, and types the password.
 * A server that closes a connection in order wants that, and isn't called again, unless it said that it stops.
 */
#ifndef APP_CLIENT_RECONNECT_H
#define APP_CLIENT_RECONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/client/arguments.h"
#include "app/client/conversation.h"
#include "app/client/secret.h"
#include "net/trust.h"

/* After the first connection. Both must live as long as c. */
void reconnect_init(struct conversation *c, const struct arguments *a, const struct trust *trust);

/* The password that was good, at login or since it was changed: kept where --reconnect was given and no code was
 * needed. And: a code is needed from now on, which only a person has. */
void reconnect_keep(struct conversation *c, const struct secret *secret);
void reconnect_forget(struct conversation *c);

/* Whether it is at work. */
bool reconnect_is_on(const struct conversation *c);

/* Whether the next line may be read meanwhile; and a line that was: true where it was one for here. */
bool reconnect_reads(const struct conversation *c);
bool reconnect_takes(struct conversation *c, const char *text, size_t len);

/* Does what is due. True: something else is to be done, a question to be put, say, before anything is waited for. */
bool reconnect_go_on(struct conversation *c);

/* Where there is no connection: waits as server_link_wait does, at most a second. */
unsigned reconnect_wait(struct conversation *c, int input);

/* The user goes, or nothing more can be done: leaves it as it is. */
void reconnect_end(struct conversation *c);

#endif
