/* SPDX-License-Identifier: MIT */
/* What is shown of sealed rooms: who says what, who is on the list, and what came of what one wanted.
 *
 * Use it:      room_screen_line(&screen, room, &line);
 * Timing:      as screen.h.
 * Read next:   screen.h, everything else that is shown; room_talk.c, from where most of this comes.
 *
 * What is written to the standard output, one line each, beside what screen.h lists:
 *
 *      [+exam] alice, compared: hello  alice said hello in the sealed room +exam; the words after the name are those of
 *                                      app/peer/peers.h, for the key that signed it
 *      [+exam] alice, compared (something before it is missing): hello
 *                                      ... and what is wrong with it, in words: room_screen.c has them all
 *      * +exam: bob was added: new, not compared
 *      * ...                           everything else about a room that is no message
 */
#ifndef APP_CLIENT_ROOM_SCREEN_H
#define APP_CLIENT_ROOM_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "app/client/screen.h"
#include "app/peer/sealed_rooms.h"

/* What somebody said. */
void room_screen_line(struct screen *s, const struct sealed_room *r, const struct sealed_line *line);

/* The user can't be asked about a room of that name, as one is in another. */
void room_screen_name_taken(struct screen *s, const char *room, const char *founder);

/* One has accepted: who is on the list now. */
void room_screen_accepted(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r);

/* The user is invited. */
void room_screen_asked(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r);

/* What the newest list has changed. */
void room_screen_listed(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r);

/* The founder signed two histories. */
void room_screen_stopped(struct screen *s, const struct sealed_room *r);

/* Something of that sender could not be opened. */
void room_screen_unopened(struct screen *s, const struct sealed_room *r, const char *sender);

/* A text was not said. */
void room_screen_unsaid(struct screen *s, const char *room, const char *text, size_t len, const char *why);

/* Who can't read what is said next. */
void room_screen_left_out(struct screen *s, const struct sealed_room *r, const char *const *names, size_t n);

/* Whoever was to be invited is not. */
void room_screen_uninvited(struct screen *s, const struct sealed_room *r, const char *peer, const char *why);

/* One is in the server's room, and may be heard. */
void room_screen_entered(struct screen *s, const char *room);

/* After login: in which rooms one is, and is asked to be. */
void room_screen_rooms(struct screen *s, const struct sealed_rooms *rs);

/* Everybody on the list, with the state of each key, and who of them is there; now: as in sealed_rooms.h. */
void room_screen_members(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r, int64_t now);

/* Who of a page of the server's room is not on the list. */
void room_screen_strangers(struct screen *s, const struct sealed_room *r, struct message_list page);

#endif
