/* SPDX-License-Identifier: MIT */
/* The chat: who is in which room hears what is said there.
 *
 * Standard:    docs/protocol.md section 10.
 * Use it:      chat_enter(s, user) at login, chat_exit(s, user) at the end; chat_say_in for the operator; the others
 *              are what request.c calls.
 * Timing:      what is said is public to the server, and to the room.
 * Read next:   room.h.
 *
 * Who says something is answered ok, and isn't told what he said; everybody else in the room hears it. Who joins is
 * told to the others. Where several changes are told in one push, the reader's own may be among them: that is no news.
 */
#ifndef SERVER_CHAT_H
#define SERVER_CHAT_H

#include <stddef.h>

#include "app/message/message.h"
#include "app/server/client.h"
#include "app/server/server.h"

/* Into the chat, and into the lobby. Whoever is there under the same name is told that he is replaced, and goes. LIMIT:
 * the lobby is full. */
enum message_error chat_enter(struct server *s, struct room_user *user);

/* Out of all rooms. */
void chat_exit(struct server *s, struct room_user *user);

/* user, who need not wait for anybody, says something in a room; NO_SUCH_ROOM, NOT_IN_ROOM. */
enum message_error chat_say_in(struct server *s, struct room_user *user, const char *room, struct message_bytes text);

/* Joins and leaves, for a user of any kind. */
enum message_error chat_join_room(struct server *s, struct room_user *user, const char *name);
enum message_error chat_leave_room(struct server *s, struct room_user *user, const char *name);

/* Something that the server itself says, to everybody who has logged in. */
void chat_notice(struct server *s, const char *text);

/* Tells who came and went, where it is time. */
void chat_tell_changes(struct server *s);

/* Lets those speak in a room who wait for it, as far as it may say more now. */
void chat_give_floor(struct server *s, struct room *room);

/* What this client wanted to say and waits to be said is forgotten, if there is something: before it leaves. */
void chat_withdraw(struct client *c);

/* Requests. */
void chat_rooms(struct client *c, const struct message *m);
void chat_join(struct client *c, const struct message *m);
void chat_leave(struct client *c, const struct message *m);
void chat_say(struct client *c, const struct message *m);
void chat_who(struct client *c, const struct message *m);

#endif
