/* SPDX-License-Identifier: MIT */
/* What one types about sealed rooms, and in them.
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      from command.c's table, with the words after the command.
 * Timing:      as app/peer/sealed_rooms.h.
 * Read next:   room_talk.h, the rooms; app/peer/sealed_rooms.h, which does it; direct_commands.h, of one user alone.
 *
 * What follows a command may be meant for those alone who would be in the room then. So a refusal ends a script, and at
 * a terminal what was typed or pasted right after it is thrown away; and where a command was to lead to a sealed room,
 * what is typed is said to nobody, whoever has refused it, until a room is joined.
 */
#ifndef APP_CLIENT_ROOM_COMMANDS_H
#define APP_CLIENT_ROOM_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

struct conversation;

/* Founds a room of that name, and goes there. */
void room_commands_seal(struct conversation *c, const char *room);

/* Takes the invitation to that room by that founder, and goes there. */
void room_commands_accept(struct conversation *c, const char *room, const char *founder);

/* Goes to one in which one is. room begins with the mark of sealed rooms (name_is_sealed), here and below. */
void room_commands_join(struct conversation *c, const char *room);

/* Leaves it for ever, but as its founder; where one is in none of that name, an invitation is declined. */
void room_commands_leave(struct conversation *c, const char *room);

/* Declines the invitation by that founder alone: one may be in a room of that name. */
void room_commands_decline(struct conversation *c, const char *room, const char *founder);

/* A line that was to lead to a sealed room, perhaps, was not understood, which was said: as after a refusal. */
void room_commands_stay_out(struct conversation *c);

/* Of the room that one talks in, by its founder: another member; one less; nobody any more, after a question. */
void room_commands_invite(struct conversation *c, const char *name);
void room_commands_remove(struct conversation *c, const char *name);
void room_commands_close(struct conversation *c);

/* Writes what was said in that room, also in one that is over, signed, to a new file of that name. room empty: where
 * one talks. */
void room_commands_save(struct conversation *c, const char *file, const char *room);

/* A valid text that is typed in the sealed room c->room. */
void room_commands_say(struct conversation *c, const char *text, size_t len);

#endif
