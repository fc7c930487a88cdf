/* SPDX-License-Identifier: MIT */
/* Any bytes as a file of sealed rooms. Where it can be read, each room is what its line says, and one of them, or a new
 * one, is rewritten so that it is found with its newer list, while every other one is as it was and no list went back.
 * Where it can't, the line that is wrong is named, and what stands before it can be read. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/rooms_file.h"
#include "net/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOMS_MAX 32 /* the first ones are looked at */

struct rooms {
    struct rooms_file_room *list;
    size_t len;
};

static void need(int holds)
{
    if (!holds)
        abort();
}

static void check_room(const struct rooms_file_room *room)
{
    struct certificate c;
    size_t founder_len = strlen(room->founder);
    need(name_valid(room->founder, founder_len) && room->state <= SEALED_ROOM_CLOSED);
    need(room->certificate_len <= sizeof room->certificate);
    need(certificate_decode(&c, room->certificate, room->certificate_len) == NET_OK);
    need(strcmp(c.name, room->founder) == 0);
    need(name_sealed_valid(room->list.name, strlen(room->list.name)) && room->list.len <= sizeof room->list.bytes);
    if (room->has_before)
        need(room->before.n < room->list.n && memcmp(room->before.room, room->list.room, ROOM_LIST_ID_LEN) == 0);
}

static void take(void *arg, const struct rooms_file_room *room)
{
    struct rooms *rooms = arg;
    check_room(room);
    if (rooms->list != NULL && rooms->len < ROOMS_MAX)
        rooms->list[rooms->len] = *room;
    rooms->len++;
}

static int parse(struct rooms *rooms, const char *text, size_t len, size_t *line)
{
    rooms->len = 0;
    *line = 0;
    return rooms_file_parse(text, len, take, rooms, line);
}

static const struct rooms_file_room *find(const struct rooms *rooms, const uint8_t *id)
{
    for (size_t i = 0; i < rooms->len; i++)
        if (memcmp(rooms->list[i].list.room, id, ROOM_LIST_ID_LEN) == 0)
            return &rooms->list[i];
    return NULL;
}

static int same(const struct rooms_file_room *a, const struct rooms_file_room *b)
{
    return a->state == b->state && room_list_same(&a->list, &b->list) && a->has_before == b->has_before &&
           (!a->has_before || room_list_same(&a->before, &b->before)) && strcmp(a->founder, b->founder) == 0;
}

/* No list of that room that stands there is newer, or another of its n, or stopped. */
static int may_be_written(const struct rooms *rooms, const struct rooms_file_room *to)
{
    for (size_t i = 0; i < rooms->len; i++) {
        const struct rooms_file_room *r = &rooms->list[i];
        if (memcmp(r->list.room, to->list.room, ROOM_LIST_ID_LEN) != 0)
            continue;
        if (r->list.n > to->list.n || (r->list.n == to->list.n && !room_list_same(&r->list, &to->list)) ||
            (r->state == SEALED_ROOM_STOPPED && to->state != SEALED_ROOM_STOPPED))
            return 0;
    }
    return 1;
}

static void rewrite(const char *text, size_t size, const struct rooms *before, const struct rooms_file_room *to)
{
    static struct rooms_file_room list[ROOMS_MAX + 1];
    struct rooms then = {list, 0};
    char why[WHY_LEN];
    size_t len, line;
    char *changed = rooms_file_rewrite(text, size, to, &len, why);
    need((changed != NULL) == may_be_written(before, to));
    if (changed == NULL)
        return;
    need(parse(&then, changed, len, &line) == 0 && then.len <= before->len + 1);
    const struct rooms_file_room *found = find(&then, to->list.room);
    need(found != NULL && same(found, to));
    for (size_t i = 0; i < before->len; i++) {
        const struct rooms_file_room *r = &before->list[i];
        found = find(&then, r->list.room);
        need(found != NULL);
        if (memcmp(r->list.room, to->list.room, ROOM_LIST_ID_LEN) != 0 && find(before, r->list.room) == r)
            need(same(found, r));
    }
    free(changed);
}

/* The n-th list of somebody's; what is signed is of no meaning here. */
static void change_list(struct rooms_file_room *room, uint32_t n)
{
    struct room_list l = room->list;
    size_t at = sizeof ROOM_LIST_LABEL + ROOM_LIST_ID_LEN + 1 + strlen(l.name);
    l.bytes[at] = (uint8_t)(n >> 24);
    l.bytes[at + 1] = (uint8_t)(n >> 16);
    l.bytes[at + 2] = (uint8_t)(n >> 8);
    l.bytes[at + 3] = (uint8_t)n;
    memset(l.bytes + at + 4, n > 0, ROOM_LIST_HASH_LEN);
    const struct room_list before = room->list;
    if (room_list_decode(&room->list, l.bytes, l.len) != 0)
        return;
    room->has_before = n > before.n;
    room->before = before;
}

static void check_before(const char *text, size_t size, size_t wrong)
{
    static struct rooms_file_room list[ROOMS_MAX];
    struct rooms rooms = {list, 0};
    struct lines_line last = {0};
    const char *rest = text;
    size_t left = size, before = 0, line;
    while (last.number < wrong - 1 && lines_next(&rest, &left, &last))
        before = (size_t)(rest - text);
    need(left > 0 && parse(&rooms, text, before, &line) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rooms_file_room list[ROOMS_MAX], to;
    const char *text = (const char *)data;
    struct rooms rooms = {list, 0};
    size_t line;
    if (parse(&rooms, text, size, &line) != 0) {
        need(line > 0);
        check_before(text, size, line);
        return 0;
    }
    if (rooms.len == 0 || rooms.len > ROOMS_MAX)
        return 0;
    for (uint32_t i = 0; i < 3; i++) { /* the list before the last room's, itself, and the one after it */
        to = list[rooms.len - 1];
        struct room_list l = to.list;
        if (i != 1 && l.n + i - 1 <= UINT32_MAX - 1)
            change_list(&to, l.n + i - 1);
        rewrite(text, size, &rooms, &to);
        memset(to.list.room, 0x5a, sizeof to.list.room); /* another room's, as a new line */
        memcpy(to.list.bytes + sizeof ROOM_LIST_LABEL, to.list.room, sizeof to.list.room);
        to.has_before = false;
        if (room_list_decode(&l, to.list.bytes, to.list.len) == 0) {
            to.list = l;
            rewrite(text, size, &rooms, &to);
        }
    }
    return 0;
}
