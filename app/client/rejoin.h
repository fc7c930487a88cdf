/* SPDX-License-Identifier: MIT */
/* Rooms that are joined one after the other, each as if /join had been typed, before the next line is read.
 *
 * Use it:      rejoin_begin(&c, rooms, len);         after a login
 *              if (!rejoin_next(&c)) ... a line      the loop, whenever a line may be read
 * Timing:      nothing secret.
 * Read next:   loop.c, which waits for each answer; room_commands.h, for those that are sealed.
 */
#ifndef APP_CLIENT_REJOIN_H
#define APP_CLIENT_REJOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "app/client/conversation.h"
#include "app/message/name.h"
#include "crypto/bytes.h"

/* These are copied, in place of those that were still to be joined; no more than CONVERSATION_ROOMS_MAX. Whoever talks
 * then does so in the last one. */
void rejoin_begin(struct conversation *c, const char (*rooms)[NAME_MAX_LEN + 1], size_t len);

/* Asks to join the next one; where it is refused, that is told, and a script ends. False: there is none. After a cut
 * there is none either: reconnect.c has taken the rest, and joins it. */
MUST_USE bool rejoin_next(struct conversation *c);

#endif
