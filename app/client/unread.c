/* SPDX-License-Identifier: MIT */
/* Names are counted in bytes, as they are ASCII. */
#include "app/client/unread.h"

#include <stdio.h>
#include <string.h>

static struct unread_place *find(struct unread *u, const char *place)
{
    for (size_t i = 0; i < u->len; i++)
        if (strcmp(u->places[i].name, place) == 0)
            return &u->places[i];
    return NULL;
}

static void drop(struct unread *u, size_t i)
{
    u->len--;
    memmove(&u->places[i], &u->places[i + 1], (u->len - i) * sizeof *u->places);
}

void unread_read(struct unread *u, const char *place)
{
    const struct unread_place *found = find(u, place);
    if (found != NULL)
        drop(u, (size_t)(found - u->places));
}

void unread_go_to(struct unread *u, const char *place)
{
    snprintf(u->here, sizeof u->here, "%s", place);
    unread_read(u, place);
}

void unread_came(struct unread *u, const char *place)
{
    if (strcmp(u->here, place) == 0)
        return;
    struct unread_place *found = find(u, place);
    if (found == NULL) {
        if (u->len == UNREAD_PLACES_MAX)
            drop(u, 0);
        found = &u->places[u->len++];
        found->lines = 0;
        snprintf(found->name, sizeof found->name, "%s", place);
    }
    if (found->lines < UNREAD_LINES_MAX)
        found->lines++;
}

void unread_print(char out[static UNREAD_LEN], const struct unread *u)
{
    int len = snprintf(out, UNREAD_LEN, "%s", u->here), here = len;
    unsigned all = 0;
    for (size_t i = 0; i < u->len; i++) {
        all += u->places[i].lines;
        if (len <= UNREAD_COLUMNS)
            len += snprintf(out + len, UNREAD_LEN - (size_t)len, "%s%s %u", i == 0 ? here == 0 ? "(" : " (" : ", ",
                            u->places[i].name, u->places[i].lines);
    }
    if (u->len == 0)
        return;
    if (len + 3 > UNREAD_COLUMNS) /* its end is ")> " */
        snprintf(out + here, UNREAD_LEN - (size_t)here, "%s(%u elsewhere)", here == 0 ? "" : " ", all);
    else
        snprintf(out + len, UNREAD_LEN - (size_t)len, ")");
}
