/* SPDX-License-Identifier: MIT */
/* The client's main loop: the one place that waits, for the server, the keyboard or the script, and signals.
 *
 * Use it:      loop_init(&c);
 *              server_link_open(&c.link, ...);
 *              signin(&c, ...);                                          signin.h: until logged in
 *              loop_run(&c, command_do, command_may_return);             until the user or the server ends it
 * Timing:      nothing secret comes here.
 * Read next:   conversation.h, what arrives; command.h, what can be typed.
 */
#ifndef APP_CLIENT_LOOP_H
#define APP_CLIENT_LOOP_H

#include "app/client/conversation.h"

#define LOOP_GOODBYE_SECONDS 5

/* Everything but the link, which server_link_open fills in. */
void loop_init(struct conversation *c);

/* Asks, and waits for the answer. True where it was no error, also where the connection is over by then; else, unless
 * it is, c->error and c->error_text say what it was. What was asked before is answered first: the pages of a list that
 * goes on would come after this answer, and it would be forgotten. */
bool loop_request(struct conversation *c, struct message *m, const char *room);

/* Waits until all that was asked is answered. False where the connection ended first or a signal came. */
bool loop_until_answered(struct conversation *c);

/* Reads lines, which do_line does, and shows what arrives until the end; says good-bye. may_return says of a line,
 * before it is done, whether the editor may keep it. */
void loop_run(struct conversation *c, bool (*do_line)(struct conversation *c, const char *line, size_t len),
              bool (*may_return)(const struct conversation *c, const char *line, size_t len));

#endif
