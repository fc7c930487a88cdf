/* SPDX-License-Identifier: MIT */
/* A list that is walked from its front for each line: it is short, and lines come at the pace of people. */
#include "app/client/people.h"

#include <stdlib.h>
#include <string.h>

static struct people_one *find(struct people *p, const char *room, const char *name)
{
    for (size_t i = 0; i < p->len; i++)
        if (strcmp(p->list[i].name, name) == 0 && strcmp(p->list[i].room, room) == 0)
            return &p->list[i];
    return NULL;
}

/* Of all of them the one that has been silent the longest. */
static struct people_one *most_silent(struct people *p)
{
    struct people_one *found = &p->list[0];
    for (size_t i = 1; i < p->len; i++)
        if (p->list[i].spoke < found->spoke)
            found = &p->list[i];
    return found;
}

/* Where somebody is kept from now on who was not; NULL: nowhere. */
static struct people_one *place(struct people *p, uint64_t spoke)
{
    if (p->len < PEOPLE_MAX)
        return &p->list[p->len++];
    return spoke > 0 ? most_silent(p) : NULL;
}

/* spoke: as in struct people_one; 0 leaves it as it is. */
static void keep(struct people *p, const char *room, const char *name, uint64_t spoke)
{
    if (!name_valid(name, strlen(name)) || (*room != '\0' && !name_room_valid(room, strlen(room))))
        return;
    struct people_one *one = find(p, room, name);
    if (one == NULL) {
        one = place(p, spoke);
        if (one == NULL)
            return;
        *one = (struct people_one){.spoke = 0};
        memcpy(one->room, room, strlen(room) + 1);
        memcpy(one->name, name, strlen(name) + 1);
    }
    one->spoke = spoke > 0 ? spoke : one->spoke;
}

void people_here(struct people *p, const char *room, const char *name)
{
    keep(p, room, name, 0);
}

void people_spoke(struct people *p, const char *room, const char *name)
{
    keep(p, room, name, ++p->lines);
}

void people_gone(struct people *p, const char *room, const char *name)
{
    struct people_one *one = find(p, room, name);
    if (one != NULL)
        *one = p->list[--p->len];
}

void people_left(struct people *p, const char *room)
{
    for (size_t i = p->len; i-- > 0;)
        if (strcmp(p->list[i].room, room) == 0)
            p->list[i] = p->list[--p->len];
}

void people_room(struct people *p, const char *room)
{
    if (!name_room_valid(room, strlen(room)))
        return;
    for (size_t i = 0; i < p->rooms_len; i++)
        if (strcmp(p->rooms[i], room) == 0)
            return;
    memcpy(p->rooms[p->rooms_next], room, strlen(room) + 1);
    p->rooms_next = (p->rooms_next + 1) % PEOPLE_ROOMS_MAX;
    if (p->rooms_len < PEOPLE_ROOMS_MAX)
        p->rooms_len++;
}

static int compare(const void *a, const void *b)
{
    const struct people_one *x = *(const struct people_one *const *)a, *y = *(const struct people_one *const *)b;
    if (x->spoke != y->spoke)
        return x->spoke > y->spoke ? -1 : 1;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->room, y->room);
}

size_t people_of(const struct people *p, const char *room, const struct people_one *out[static PEOPLE_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < p->len; i++)
        if (room == NULL || strcmp(p->list[i].room, room) == 0)
            out[n++] = &p->list[i];
    qsort(out, n, sizeof *out, compare);
    return n;
}
