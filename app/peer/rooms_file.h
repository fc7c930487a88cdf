/* SPDX-License-Identifier: MIT */
/* The file of an account's sealed rooms: of each the newest list, so that nobody can lead its user back to an older
 * one.
 *
 *      HOME/rooms/alice@chat.example:7447
 *      # one line a room: its name, the state, its founder, the founder's certificate, the newest list, the one before
 *      +exam in alice AQIFYWxpY2U... Z2xhc3NjaGF0LzEgcm9vbSBsaXN0... -
 *
 * Standard:    docs/protocol.md section 9: a list is on disk before anybody is told of it. Bytes are in base64.
 * Use it:      rooms_file_load(&f, take, arg, why)         at login; -1: no sealed rooms, why says what to mend
 *              rooms_file_save(&f, &kept, why)             before the list is taken; -1: it is not to be taken
 * Timing:      nothing secret: no key of a room is ever kept.
 * Read next:   sealed_rooms.h, whose rooms these are; net/home.h, the folder.
 *
 * Saving reads the file again under its lock, and changes the line of that room alone: a client that was replaced by
 * another one of the same account, and has not noticed, can't put an older list in the place of a newer one. A line
 * that is wrong makes the whole file refused, with its number, and it is never written over.
 */
#ifndef APP_PEER_ROOMS_FILE_H
#define APP_PEER_ROOMS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/peer/room_list.h"
#include "app/peer/sealed_room.h"
#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/why.h"

#define ROOMS_FILE_FOLDER "rooms"
#define ROOMS_FILE_ROOMS_MAX 64      /* beyond, the first that is out or closed goes; or none is accepted or founded */
#define ROOMS_FILE_MAX (1024 * 1024) /* bytes; so many of the longest lines are shorter */

/* Where it is. Both are borrowed; name is struct identity_files' of this account. */
struct rooms_file {
    const char *home, *name;
};

/* One line. */
struct rooms_file_room {
    enum sealed_room_state state;
    char founder[NAME_MAX_LEN + 1];
    uint8_t certificate[CERTIFICATE_MAX_LEN]; /* the founder's */
    size_t certificate_len;
    struct room_list list, before;
    bool has_before;
};

typedef void rooms_file_take(void *arg, const struct rooms_file_room *room);

/* Gives each room to take. A file that isn't there is empty. -1 with why, and some may have been given. */
MUST_USE int rooms_file_load(const struct rooms_file *f, rooms_file_take *take, void *arg, char why[static WHY_LEN]);

/* Writes or changes the room's line; the file is on disk when this returns. -1 with why: nothing has changed; so where
 * the file is full, or has a newer list of that room, or another one of the same n. */
MUST_USE int rooms_file_save(const struct rooms_file *f, const struct rooms_file_room *room, char why[static WHY_LEN]);

/* The reading itself, of a whole file's bytes, public for tests and for the fuzzer: layouts alone, no signature. -1: a
 * line is wrong, and *line is its number; those before it were given. */
MUST_USE int rooms_file_parse(const char *text, size_t text_len, rooms_file_take *take, void *arg, size_t *line);

/* The changing itself, of a file that could be read: malloc'd. NULL with why. */
char *rooms_file_rewrite(const char *text, size_t text_len, const struct rooms_file_room *room, size_t *len,
                         char why[static WHY_LEN]);

#endif
