/* SPDX-License-Identifier: MIT */
/* Rooms and their members: sorted lists, so that each question is one search and every answer is in order.
 *
 * Use it:      struct rooms rooms;
 *              rooms_init(&rooms, &limits);                       the lobby is there
 *              rooms_enter(&rooms, &alice);
 *              enum message_error why = room_join(&rooms, &alice, "den", &room);
 *              room_leave(&rooms, &alice, room);                  an empty room vanishes, except the lobby
 *              while ((room = rooms_take_changed(&rooms, now)) != NULL)
 *                  tell room->members of room->changes; room_told(room);
 * Timing:      nothing secret.
 * Read next:   chat.c, which tells people; client.c and console.c, which have a struct room_user each.
 *
 * A room keeps who joined and who left until it is told. In a small room that is at the end of the same turn of the
 * loop; in a big one no more often than room_told allows, for when a thousand join in a second, telling each of each
 * would be a million messages.
 */
#ifndef APP_SERVER_ROOM_H
#define APP_SERVER_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/server/bandwidth.h"
#include "app/server/base/deadline.h"
#include "app/server/base/limits.h"
#include "crypto/bytes.h"
#include "net/sock.h"

struct room;

struct room_membership {
    struct room *room;
    struct bandwidth_seat seat;
};

/* Somebody who can be in rooms: embedded in a client or the console. */
struct room_user {
    char name[NAME_MAX_LEN + 1];
    struct room_membership *rooms; /* in no order */
    size_t rooms_len, rooms_cap;
    uint8_t address[SOCK_KEY_LEN]; /* to which what they say, and the rooms that they make, are counted */
    /* Called with what is pushed to a room that it is in; NULL: it is a client's, and gets what is sent. */
    void (*hear)(struct room_user *user, const struct message *m);
    bool is_operator; /* the rooms of the operator are not counted */
    char *blocks;     /* whom they have blocked: blocked_users.h. The owner's to free */
};

struct room_change {
    enum message_presence what;
    char name[NAME_MAX_LEN + 1];
};

struct room {
    char name[NAME_MAX_LEN + 1];
    char maker[NAME_MAX_LEN + 1]; /* who joined it first; empty for the lobby, and for what the operator made */
    uint8_t maker_address[SOCK_KEY_LEN];
    struct room_user **members; /* sorted by name */
    size_t members_len, members_cap;
    struct room_change *changes; /* in the order in which they happened */
    size_t changes_len, changes_cap;
    struct bandwidth bandwidth;
    struct deadline bandwidth_time; /* set while somebody waits for a turn to be heard */
    int64_t tell_at;                /* not before, in milliseconds */
    bool changed;                   /* in the list of rooms with changes to tell */
    struct room *next_changed;
};

struct rooms {
    const struct limits *limits;
    struct room everybody; /* all that are in the chat, in rooms or not; not one of the list, and nobody is told */
    struct room **list;    /* sorted by name */
    size_t len, cap;
    struct room *changed;
    const char *full; /* which bound it was, in words, where room_join's last answer was LIMIT */
};

/* -1: no memory. limits is kept. */
MUST_USE int rooms_init(struct rooms *rooms, const struct limits *limits);

/* Everybody must have left. */
void rooms_free(struct rooms *rooms);

/* Begins somebody's presence, before the first room_join. -1: no memory. Nobody else may have the name. The server
 * enters users with the call below; only tests do so without the lobby. */
MUST_USE int rooms_enter(struct rooms *rooms, struct room_user *user);

/* rooms_enter, and into the lobby. LIMIT: there is no room for one more, and the user is nowhere. */
enum message_error rooms_enter_lobby(struct rooms *rooms, struct room_user *user);

/* Ends it: leaves all rooms, and frees what the user held. */
void rooms_exit(struct rooms *rooms, struct room_user *user);

/* Who is here under this name, or NULL. */
struct room_user *rooms_user(const struct rooms *rooms, const char *name);

/* NULL: there is none of that name. */
struct room *room_find(const struct rooms *rooms, const char *name);

/* Joins, making the room where there is none. 0 and *joined; else ALREADY_IN_ROOM, or LIMIT (too many rooms, rooms made
 * by this user or from this address, or members, or no memory) with the words in rooms->full, and nothing changed. The
 * name is a valid one of either kind. A room counts for its maker until it is gone, even when they have left it. */
enum message_error room_join(struct rooms *rooms, struct room_user *user, const char *name, struct room **joined);

/* The user must be in it. The room may be gone afterwards. */
void room_leave(struct rooms *rooms, struct room_user *user, struct room *room);

/* A member's seat; it stays where it is until the user joins or leaves a room. */
struct bandwidth_seat *room_seat(const struct room *room, const struct room_user *user);

bool room_has(const struct room *room, const struct room_user *user);

/* The place in the sorted list of the first whose name comes after `after`; "" is before all. */
size_t rooms_after(const struct rooms *rooms, const char *after);
size_t room_members_after(const struct room *room, const char *after);

/* A room whose changes are due to be told, or NULL. Call room_told with each before asking again. */
struct room *rooms_take_changed(struct rooms *rooms, int64_t now);

/* Whether the room has yet to be told that this user joined. */
bool room_untold(const struct room *room, const struct room_user *user);

/* Orders the changes: first all who joined, then all who left, each by name. A name has at most one change, so nothing
 * is lost with the order in which they happened. */
void room_sort_changes(struct room *room);

/* The changes were told: forgets them, and sets when the next ones may be. */
void room_told(struct room *room, int64_t now);

/* Milliseconds until there is something to tell: as deadline_wait. */
int64_t rooms_wait(const struct rooms *rooms, int64_t now, int64_t otherwise);

#endif
