/* SPDX-License-Identifier: MIT */
/* What completes the word that is being typed: a command, a name, a room, or what else may stand at that place.
 *
 * Use it:      line.complete = complete_line                    with the conversation as line's arg
 * Timing:      what is typed may show; what is typed as the answer to a question never comes here.
 * Read next:   line/line_libedit.c, which asks and puts it there; command.h, what each command takes; people.h.
 *
 *      al        alice:_          at the beginning of a line; elsewhere alice_     (_ is a blank)
 *      /jo       /join_
 *      /join     the rooms that one is in, then those that were heard of
 *      /msg      users: of the room that one talks in, of others, and whose keys are known
 *      /accept   +exam alice_     each invitation
 *
 * Whoever spoke last comes first. What is typed may be in any case, as no name has capitals. Which argument a command
 * takes where is what command.c's table shows of it. Names of files are not completed.
 */
#ifndef APP_CLIENT_COMPLETE_H
#define APP_CLIENT_COMPLETE_H

#include <stddef.h>

#include "app/client/line/line.h"

/* As struct line wants it; arg is the struct conversation. An empty word in the middle of a text completes to
 * nothing. */
void complete_line(void *arg, struct line_words *out, const char *text, size_t len);

#endif
