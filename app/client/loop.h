/* SPDX-License-Identifier: MIT */
/* The client's main loop: once connected, the one place that waits for the server, the keyboard or the script, and
 * signals.
 *
 * Use it:      loop_init(&c);
 *              server_link_open(&c.link, ...);
 *              signin_begin(&c, ...);
 *              loop_run(&c);                              until the user or the server ends it
 * Timing:      what is typed passes through, and is wiped.
 * Read next:   conversation.h, what arrives; command.h, what can be typed; form.h, what is asked for.
 *
 * Whatever takes longer is begun by one function, which returns, and gone on with by another one that the loop calls
 * when its time has come: when a form is filled in (form.filled_in), or when all that was asked is answered
 * (conversation_await).
 */
#ifndef APP_CLIENT_LOOP_H
#define APP_CLIENT_LOOP_H

#include "app/client/conversation.h"

#define LOOP_GOODBYE_SECONDS 5
#define LOOP_WAITING_SECONDS 2 /* for acknowledgements, before a person is told of it; and for one's own to go out */

/* Everything but the link, which server_link_open fills in. */
void loop_init(struct conversation *c);

/* Waits until all that was asked is answered, and does what was to be done then, but for questions that want a line.
 * False where the connection ended first or a signal came. */
bool loop_until_answered(struct conversation *c);

/* Goes on with what signin_begin began; then reads lines and shows what arrives until the end, and says good-bye. */
void loop_run(struct conversation *c);

#endif
