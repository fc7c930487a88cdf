/* SPDX-License-Identifier: MIT */
/* The sealed rooms between the calls, the server and the screen: what happens in them is shown, what they send becomes
 * requests of the conversation. They begin with the calls, and end with them.
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      room_talk_init(&t, &screen, may_ask, ask, arg)
 *              room_talk_begin(&t, &config, &calls)           when the calls begin
 *              sealed_rooms_...(&t.sealed, ...)               all that has no function here; where no rooms have begun
 *                                                             it is empty, and can be asked and told all the same
 *              room_talk_members, room_talk_presence          who is there, as the server tells
 *              room_talk_end(&t)                              before the calls are freed
 * Timing:      as app/peer/sealed_rooms.h.
 * Read next:   app/peer/sealed_rooms.h; room_commands.h, what is typed; room_screen.h; direct.h, whose calls these are.
 */
#ifndef APP_CLIENT_ROOM_TALK_H
#define APP_CLIENT_ROOM_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/client/screen.h"
#include "app/peer/sealed_rooms.h"

struct room_talk {
    struct screen *screen;
    bool (*may_ask)(void *arg); /* as in struct direct */
    bool (*ask)(void *arg, struct message *m);
    void *arg;
    /* What was just sent, or NULL. */
    void (*said)(void *arg, const char *room, const uint8_t *text, size_t len);
    bool begun;                     /* rooms may be founded, and given; else sealed is empty */
    char why[WHY_LEN];              /* not begun, though there are calls: why */
    char closing[NAME_MAX_LEN + 1]; /* of /close: which room was named in the question */
    struct sealed_rooms sealed;
};

/* Before anything else. */
void room_talk_init(struct room_talk *t, struct screen *screen, bool (*may_ask)(void *arg),
                    bool (*ask)(void *arg, struct message *m), void *arg);

/* Reads the rooms that are kept. Where that fails it is said, and there are none. */
void room_talk_begin(struct room_talk *t, const struct sealed_rooms_config *config, struct calls *calls);

/* Wipes and frees them: none is there then. */
void room_talk_end(struct room_talk *t);

/* --- Who is there ------------------------------------------------------------------------------------------------- */

/* A page of who is in it. quiet: one has just come, and the members who are there are called; else it is shown, for the
 * user who has asked. */
void room_talk_members(struct room_talk *t, int64_t now, const struct message *members, bool first_page, bool quiet);

void room_talk_presence(struct room_talk *t, const struct message *presence);

/* --- What is waited for ------------------------------------------------------------------------------------------- */

/* Whether lines wait to be said, or a founder is being called to be told that one has left. */
bool room_talk_waits(const struct room_talk *t);

/* Whether another line may be read: not while too many wait; of a script not while one waits, or whoever is invited was
 * not reached, as what follows may change who reads it. */
bool room_talk_takes_line(const struct room_talk *t);

#endif
