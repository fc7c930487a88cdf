/* SPDX-License-Identifier: MIT */
/* Who is in which room and who spoke last there, and which rooms there are, as far as the server has told: for whoever
 * completes a name.
 *
 * Use it:      people_here(&p, "lobby", "bob");              listed, or joined
 *              people_spoke(&p, "lobby", "bob");
 *              people_gone(&p, "lobby", "bob");
 *              size_t n = people_of(&p, "lobby", names);     who spoke last comes first
 * Timing:      not secret.
 * Read next:   screen.c, which tells it; complete.c, which asks it.
 *
 * A server decides how many there are: of people PEOPLE_MAX are kept, and who has said nothing pushes nobody out; of
 * rooms that were only heard of, the last PEOPLE_ROOMS_MAX. What is no name is not kept.
 */
#ifndef APP_CLIENT_PEOPLE_H
#define APP_CLIENT_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"

#define PEOPLE_MAX 1024
#define PEOPLE_ROOMS_MAX 256

#define PEOPLE_DIRECT "" /* in a room's place: they spoke to this user alone */

/* One user in one room. */
struct people_one {
    char room[NAME_MAX_LEN + 1], name[NAME_MAX_LEN + 1];
    uint64_t spoke; /* the number of the last line, from 1; 0: none */
};

/* All zero: nobody. */
struct people {
    struct people_one list[PEOPLE_MAX];
    size_t len;
    uint64_t lines; /* that were heard */
    char rooms[PEOPLE_ROOMS_MAX][NAME_MAX_LEN + 1];
    size_t rooms_len, rooms_next; /* next: which gives way when they are full */
};

/* Somebody is in that room; has said something there; or is there no more. */
void people_here(struct people *p, const char *room, const char *name);
void people_spoke(struct people *p, const char *room, const char *name);
void people_gone(struct people *p, const char *room, const char *name);

/* This user has left it, and hears no more of who is there. */
void people_left(struct people *p, const char *room);

/* There is such a room. */
void people_room(struct people *p, const char *room);

/* Those in that room; room NULL: all, and who is in several rooms stands there for each of them. The last to speak come
 * first, then those who have said nothing. Returns how many there are. */
size_t people_of(const struct people *p, const char *room, const struct people_one *out[static PEOPLE_MAX]);

#endif
