/* SPDX-License-Identifier: MIT */
/* Whom a user has blocked: names in ascending order with a comma between two, as they stand in the account's line.
 *
 * Use it:      if (blocks_has(user->blocks, sender)) ...                NULL is nobody
 *              char text[BLOCKS_MAX_LEN + 1];
 *              blocks_add(text, blocks, "bob");  blocks_remove(text, blocks, "bob");
 *              while (blocks_next(&blocks, name)) ...                   each of them
 * Timing:      nothing secret.
 * Read next:   account.h; chat.c, which doesn't deliver.
 */
#ifndef APP_SERVER_STORE_BLOCKS_H
#define APP_SERVER_STORE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "app/message/message.h"

#define BLOCKS_MAX MESSAGE_BLOCKED_MAX /* names */
#define BLOCKS_MAX_LEN (BLOCKS_MAX * (NAME_MAX_LEN + 1) - 1)

/* True for 1 to BLOCKS_MAX names in ascending order. */
bool blocks_valid(const char *blocks);

/* Takes the first name off *blocks, which then begins with the next one; false at the end. */
bool blocks_next(const char **blocks, char name[static NAME_MAX_LEN + 1]);

bool blocks_has(const char *blocks, const char *name);

size_t blocks_count(const char *blocks);

/* Writes blocks with one name more, or less, to text; where that name is there already, or is not, as they are. adding
 * needs blocks_count below BLOCKS_MAX (asserted). An empty text is nobody. */
void blocks_add(char text[static BLOCKS_MAX_LEN + 1], const char *blocks, const char *name);
void blocks_remove(char text[static BLOCKS_MAX_LEN + 1], const char *blocks, const char *name);

#endif
