/* SPDX-License-Identifier: MIT */
/* There are few names, so they are looked at one after the other. */
#include "app/server/store/blocked_users.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* False, too, where what comes next is no name's length: blocked_users_valid walks over anything. */
bool blocked_users_next(const char **blocks, char name[static NAME_MAX_LEN + 1])
{
    size_t len = *blocks == NULL ? 0 : strcspn(*blocks, ",");
    if (len == 0 || len > NAME_MAX_LEN)
        return false;
    memcpy(name, *blocks, len);
    name[len] = '\0';
    *blocks += len + ((*blocks)[len] == ',');
    return true;
}

bool blocked_users_valid(const char *blocks)
{
    char name[NAME_MAX_LEN + 1], last[NAME_MAX_LEN + 1] = "";
    size_t count = 0, len = strlen(blocks);
    const char *left = blocks;
    while (*left != '\0') {
        if (!blocked_users_next(&left, name) || !name_valid(name, strlen(name)) || strcmp(last, name) >= 0)
            return false;
        memcpy(last, name, sizeof last);
        count++;
    }
    return count > 0 && count <= BLOCKED_USERS_MAX && blocks[len - 1] != ',';
}

bool blocked_users_has(const char *blocks, const char *name)
{
    char each[NAME_MAX_LEN + 1];
    while (blocked_users_next(&blocks, each))
        if (strcmp(each, name) == 0)
            return true;
    return false;
}

size_t blocked_users_count(const char *blocks)
{
    char each[NAME_MAX_LEN + 1];
    size_t count = 0;
    while (blocked_users_next(&blocks, each))
        count++;
    return count;
}

static void append(char text[static BLOCKED_USERS_MAX_LEN + 1], const char *name)
{
    size_t len = strlen(text);
    snprintf(text + len, BLOCKED_USERS_MAX_LEN + 1 - len, "%s%s", len > 0 ? "," : "", name);
}

void blocked_users_add(char text[static BLOCKED_USERS_MAX_LEN + 1], const char *blocks, const char *name)
{
    char each[NAME_MAX_LEN + 1];
    bool added = blocked_users_has(blocks, name);
    assert(added || blocked_users_count(blocks) < BLOCKED_USERS_MAX);
    *text = '\0';
    while (blocked_users_next(&blocks, each)) {
        if (!added && strcmp(name, each) < 0) {
            append(text, name);
            added = true;
        }
        append(text, each);
    }
    if (!added)
        append(text, name);
}

void blocked_users_remove(char text[static BLOCKED_USERS_MAX_LEN + 1], const char *blocks, const char *name)
{
    char each[NAME_MAX_LEN + 1];
    *text = '\0';
    while (blocked_users_next(&blocks, each))
        if (strcmp(name, each) != 0)
            append(text, each);
}
