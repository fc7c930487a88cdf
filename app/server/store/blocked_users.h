/* SPDX-License-Identifier: MIT */
/* Whom a user has blocked: names in ascending order with a comma between two, as they stand in the account's line.
 *
 * Use it:      if (blocked_users_has(user->blocks, sender)) ...                NULL is nobody
 *              char text[BLOCKED_USERS_MAX_LEN + 1];
 *              blocked_users_add(text, blocks, "bob");  blocked_users_remove(text, blocks, "bob");
 *              while (blocked_users_next(&blocks, name)) ...                   each of them
 * Timing:      nothing secret.
 * Read next:   account.h; chat.c, which doesn't deliver.
 */
#ifndef APP_SERVER_STORE_BLOCKED_USERS_H
#define APP_SERVER_STORE_BLOCKED_USERS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/message/message.h"

#define BLOCKED_USERS_MAX MESSAGE_BLOCKED_MAX /* names */
#define BLOCKED_USERS_MAX_LEN (BLOCKED_USERS_MAX * (NAME_MAX_LEN + 1) - 1)

/* True for 1 to BLOCKED_USERS_MAX names in ascending order. */
bool blocked_users_valid(const char *blocks);

/* Takes the first name off *blocks, which then begins with the next one; false at the end. */
bool blocked_users_next(const char **blocks, char name[static NAME_MAX_LEN + 1]);

bool blocked_users_has(const char *blocks, const char *name);

size_t blocked_users_count(const char *blocks);

/* Writes blocks with one name more, or less, to text; where that name is there already, or is not, as they are. adding
 * needs blocked_users_count below BLOCKED_USERS_MAX (asserted). An empty text is nobody. */
void blocked_users_add(char text[static BLOCKED_USERS_MAX_LEN + 1], const char *blocks, const char *name);
void blocked_users_remove(char text[static BLOCKED_USERS_MAX_LEN + 1], const char *blocks, const char *name);

#endif
