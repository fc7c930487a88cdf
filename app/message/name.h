/* SPDX-License-Identifier: MIT */
/* Names of users and rooms.
 *
 * Standard:    docs/protocol.md, section 10.1.
 * Use it:      if (!name_valid(name, strlen(name))) ...
 * Timing:      not secret; stops at the first bad character.
 * Read next:   name.c.
 *
 * 1 to 32 of `a-z 0-9 _ -`, starting with a letter: nothing in it can be mistaken for another character, divides a line
 * of the account file, or means something to a shell, a terminal or a file system. A sealed room's name is a + and a
 * name of at most 31 bytes, so that nobody can take it for a user, or for a room in which the server listens.
 */
#ifndef APP_MESSAGE_NAME_H
#define APP_MESSAGE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_MAX_LEN 32

#define NAME_SEALED_MARK '+'

/* True if the len bytes at name are a name: of a user, or of a room that is not sealed. */
bool name_valid(const void *name, size_t len);

/* True if they are the name of a sealed room. */
bool name_sealed_valid(const void *name, size_t len);

/* True if they are the name of a room of either kind. */
bool name_room_valid(const void *name, size_t len);

/* Of the name of a room, NUL-terminated: true where it is a sealed room's. */
bool name_is_sealed(const char *room);

#define NAME_RESERVED_TEXT "this name is kept for the server and its operator: choose another one"

/* True for the names that no account can have, because people would mistake their owner for the server or its operator.
 * name is NUL-terminated. */
bool name_reserved(const char *name);

/* The i-th of them, or NULL where there are no more. */
const char *name_reserved_at(size_t i);

#endif
