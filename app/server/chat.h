/* SPDX-License-Identifier: MIT */
/* The chat: the members of a room hear what is said there, or sealed.
 *
 * Standard:    docs/protocol.md section 10.
 * Use it:      request.c calls the requests, the reactor chat_expire and chat_end_turn in each turn; chat_say_in and
 *              the like are for the operator.
 * Timing:      what is said is public to the server, and to the room.
 * Read next:   room.h; relay.c, what else users send each other unread.
 *
 * A user that says something gets ok as an answer, and isn't sent its own words; everybody else in the room hears them.
 * When somebody joins, the others are told. Where several changes are told in one push, the reader's own may be among
 * them, and is to be ignored.
 *
 * A sealed room is one whose name says so: what is sealed there goes to its members like what is said elsewhere, and
 * nothing here can open it. Who has not sent ready never sees such a room, nor does the operator enter one.
 */
#ifndef APP_SERVER_CHAT_H
#define APP_SERVER_CHAT_H

#include <stddef.h>

#include "app/message/message.h"
#include "app/server/client.h"
#include "app/server/server.h"

/* user says something in a room that is not sealed, without waiting for a turn; NO_SUCH_ROOM, NOT_IN_ROOM. */
enum message_error chat_say_in(struct server *s, struct room_user *user, const char *room, struct message_bytes text);

/* Joins and leaves, for a user of any kind. */
enum message_error chat_join_room(struct server *s, struct room_user *user, const char *name);
enum message_error chat_leave_room(struct server *s, struct room_user *user, const char *name);

/* Something that the server itself says, to everybody who has logged in. */
void chat_notice(struct server *s, const char *text);

/* Says what waits for its turn to be heard, in each room where it is time. */
void chat_expire(struct server *s);

/* Whether this turn may read on before it ends, so that the texts it has share a send. before is what s->gathered was
 * when it looked last, and turn_ms how old the turn is: see reactor.h. */
bool chat_gathers(const struct server *s, size_t before, int64_t turn_ms);

/* At the end of a turn of the loop: tells who came and went, and flushes the clients until nothing is left to tell. */
void chat_end_turn(struct server *s);

/* Requests. */
void chat_rooms(struct client *c, const struct message *m);
void chat_join(struct client *c, const struct message *m);
void chat_leave(struct client *c, const struct message *m);
void chat_say(struct client *c, const struct message *m);
void chat_seal(struct client *c, const struct message *m);
void chat_who(struct client *c, const struct message *m);

#endif
