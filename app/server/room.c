/* SPDX-License-Identifier: MIT */
/* Two kinds of sorted arrays of pointers, rooms and members. Inserting moves what comes after, which for ten thousand
 * pointers takes a microsecond, so there is no tree and no hash table here. */
#include "app/server/room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/address.h"

#define TELL_PER_MS 20 /* members of a room for each millisecond between two tellings */

/* Makes space for one more element of a list; returns the list, perhaps moved, or NULL where there is no memory. */
static void *with_space(void *list, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return list;
    size_t wanted = *cap == 0 ? 4 : 2 * *cap;
    void *bigger = realloc(list, wanted * size);
    if (bigger != NULL)
        *cap = wanted;
    return bigger;
}

/* --- Searching ---------------------------------------------------------------------------------------------------- */

/* The name at a place of a list. */
typedef const char *name_at(const void *list, size_t at);

static const char *room_at(const void *list, size_t at)
{
    struct room *const *rooms = list;
    return rooms[at]->name;
}

static const char *member_at(const void *list, size_t at)
{
    struct room_user *const *members = list;
    return members[at]->name;
}

/* The first place whose name is not before (or, after: is after) the given one. */
static size_t search(const void *list, size_t len, name_at *at, const char *name, bool after)
{
    size_t low = 0, high = len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(at(list, middle), name);
        if (order < 0 || (after && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t rooms_place(const struct rooms *rooms, const char *name, bool after)
{
    return search(rooms->list, rooms->len, room_at, name, after);
}

static size_t members_place(const struct room *room, const char *name, bool after)
{
    return search(room->members, room->members_len, member_at, name, after);
}

size_t rooms_after(const struct rooms *rooms, const char *after)
{
    return rooms_place(rooms, after, true);
}

size_t room_members_after(const struct room *room, const char *after)
{
    return members_place(room, after, true);
}

struct room *room_find(const struct rooms *rooms, const char *name)
{
    size_t at = rooms_place(rooms, name, false);
    return at < rooms->len && strcmp(rooms->list[at]->name, name) == 0 ? rooms->list[at] : NULL;
}

static struct room_membership *membership(const struct room *room, const struct room_user *user)
{
    for (size_t i = 0; i < user->rooms_len; i++)
        if (user->rooms[i].room == room)
            return &user->rooms[i];
    return NULL;
}

bool room_has(const struct room *room, const struct room_user *user)
{
    return membership(room, user) != NULL;
}

struct bandwidth_seat *room_seat(const struct room *room, const struct room_user *user)
{
    struct room_membership *found = membership(room, user);
    assert(found != NULL);
    return &found->seat;
}

/* --- Changes to tell ---------------------------------------------------------------------------------------------- */

static void note_change(struct rooms *rooms, struct room *room, enum message_presence what, const char *name)
{
    /* A user that comes and goes before anybody was told is not mentioned. */
    for (size_t i = room->changes_len; i > 0; i--) {
        struct room_change *change = &room->changes[i - 1];
        if (strcmp(change->name, name) == 0) {
            memmove(change, change + 1, (room->changes_len - i) * sizeof *change);
            room->changes_len--;
            return;
        }
    }
    struct room_change *list = with_space(room->changes, room->changes_len, &room->changes_cap, sizeof *list);
    if (list == NULL)
        return; /* nobody is told, but answers about the room stay right */
    room->changes = list;
    struct room_change *change = &list[room->changes_len++];
    change->what = what;
    memcpy(change->name, name, strlen(name) + 1);
    if (!room->changed) {
        room->changed = true;
        room->next_changed = rooms->changed;
        rooms->changed = room;
    }
}

static void forget_changed(struct rooms *rooms, struct room *room)
{
    struct room **link = &rooms->changed;
    while (*link != room)
        link = &(*link)->next_changed;
    *link = room->next_changed;
    room->changed = false;
}

struct room *rooms_take_changed(struct rooms *rooms, int64_t now)
{
    for (struct room *room = rooms->changed; room != NULL; room = room->next_changed) {
        if (room->tell_at <= now) {
            forget_changed(rooms, room);
            return room;
        }
    }
    return NULL;
}

static int compare_changes(const void *a, const void *b)
{
    const struct room_change *x = a, *y = b;
    return x->what != y->what ? (int)x->what - (int)y->what : strcmp(x->name, y->name);
}

void room_sort_changes(struct room *room)
{
    if (room->changes_len > 1)
        qsort(room->changes, room->changes_len, sizeof *room->changes, compare_changes);
}

bool room_untold(const struct room *room, const struct room_user *user)
{
    for (size_t i = 0; i < room->changes_len; i++)
        if (strcmp(room->changes[i].name, user->name) == 0)
            return true;
    return false;
}

void room_told(struct room *room, int64_t now)
{
    free(room->changes);
    room->changes = NULL;
    room->changes_len = room->changes_cap = 0;
    room->tell_at = now + (int64_t)(room->members_len / TELL_PER_MS);
}

int64_t rooms_wait(const struct rooms *rooms, int64_t now, int64_t otherwise)
{
    int64_t wait = otherwise;
    for (const struct room *room = rooms->changed; room != NULL; room = room->next_changed) {
        int64_t left = room->tell_at > now ? room->tell_at - now : 0;
        if (wait < 0 || left < wait)
            wait = left;
    }
    return wait;
}

/* --- Rooms -------------------------------------------------------------------------------------------------------- */

static struct room *add_room(struct rooms *rooms, const char *name)
{
    struct room **list = with_space(rooms->list, rooms->len, &rooms->cap, sizeof(struct room *));
    if (list == NULL)
        return NULL;
    rooms->list = list;
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL)
        return NULL;
    memcpy(room->name, name, strlen(name) + 1);
    room->bandwidth_time.owner = room;
    size_t at = rooms_place(rooms, name, false);
    memmove(&list[at + 1], &list[at], (rooms->len - at) * sizeof(struct room *));
    list[at] = room;
    rooms->len++;
    return room;
}

static void remove_room(struct rooms *rooms, struct room *room)
{
    size_t at = rooms_place(rooms, room->name, false);
    assert(at < rooms->len && rooms->list[at] == room && room->members_len == 0);
    memmove(&rooms->list[at], &rooms->list[at + 1], (rooms->len - at - 1) * sizeof(struct room *));
    rooms->len--;
    if (room->changed)
        forget_changed(rooms, room);
    deadline_cancel(&room->bandwidth_time);
    free(room->changes);
    free(room->members);
    free(room);
}

static void remove_if_empty(struct rooms *rooms, struct room *room)
{
    if (room->members_len == 0 && strcmp(room->name, MESSAGE_LOBBY) != 0)
        remove_room(rooms, room);
}

int rooms_init(struct rooms *rooms, const struct limits *limits)
{
    *rooms = (struct rooms){.limits = limits};
    return add_room(rooms, MESSAGE_LOBBY) != NULL ? 0 : -1;
}

void rooms_free(struct rooms *rooms)
{
    while (rooms->len > 0)
        remove_room(rooms, rooms->list[rooms->len - 1]);
    free(rooms->list);
    free(rooms->everybody.members);
}

/* --- Joining and leaving ------------------------------------------------------------------------------------------ */

/* Makes space for one more member, before anything is changed. */
static int prepare_members(struct room *room)
{
    struct room_user **members = with_space(room->members, room->members_len, &room->members_cap,
                                            sizeof(struct room_user *));
    if (members == NULL)
        return -1;
    room->members = members;
    return 0;
}

static int prepare_user(struct room_user *user)
{
    struct room_membership *joined = with_space(user->rooms, user->rooms_len, &user->rooms_cap, sizeof *joined);
    if (joined == NULL)
        return -1;
    user->rooms = joined;
    return 0;
}

static void add_member(struct room *room, struct room_user *user)
{
    size_t at = members_place(room, user->name, false);
    memmove(&room->members[at + 1], &room->members[at], (room->members_len - at) * sizeof(struct room_user *));
    room->members[at] = user;
    room->members_len++;
}

static void remove_member(struct room *room, struct room_user *user)
{
    size_t at = members_place(room, user->name, false);
    assert(at < room->members_len && room->members[at] == user);
    memmove(&room->members[at], &room->members[at + 1], (room->members_len - at - 1) * sizeof(struct room_user *));
    room->members_len--;
}

/* How many rooms this user has made, and how many came from the same address and from the networks around it. */
struct made {
    size_t by_user, near[ADDRESS_LEVELS];
};

static void count_made(const struct rooms *rooms, const struct room_user *user, struct made *made)
{
    uint8_t users[SOCK_KEY_LEN], makers[SOCK_KEY_LEN];
    *made = (struct made){0};
    for (size_t i = 0; i < rooms->len; i++) {
        const struct room *room = rooms->list[i];
        if (room->maker[0] == '\0')
            continue;
        made->by_user += strcmp(room->maker, user->name) == 0;
        for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
            address_network(users, user->address, level);
            address_network(makers, room->maker_address, level);
            made->near[level] += memcmp(users, makers, sizeof users) == 0;
        }
    }
}

/* Which bound keeps a user from making one more, or NULL. All rooms are looked at, but only when one is made: tables of
 * counts would be more to keep right. */
static const char *why_not_make(const struct rooms *rooms, const struct room_user *user)
{
    const struct limits *limits = rooms->limits;
    struct made made;
    if (rooms->len >= limits->max_rooms)
        return "there are as many rooms as this server has";
    if (user->is_operator)
        return NULL;
    count_made(rooms, user, &made);
    if (made.by_user >= limits->max_rooms_user)
        return "you have made as many rooms as one user may; until one of them is gone, join another's";
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++)
        if (made.near[level] >= (size_t)limits->max_rooms_address * (level == 0 ? 1 : 2))
            return "there are as many rooms from your network as may be; join another's until one is gone";
    return NULL;
}

/* What keeps a user from joining, in words, or NULL. room is NULL where there is none of that name. */
static const char *why_not_join(const struct rooms *rooms, const struct room_user *user, const struct room *room)
{
    const struct limits *limits = rooms->limits;
    if (user->rooms_len >= limits->max_joined)
        return "you are in as many rooms as one user may be; leave one first";
    if (room == NULL)
        return why_not_make(rooms, user);
    return room->members_len >= limits->max_members ? "there are as many members in that room as may be" : NULL;
}

static struct room *make_room(struct rooms *rooms, const struct room_user *user, const char *name)
{
    struct room *room = add_room(rooms, name);
    if (room != NULL && !user->is_operator && strcmp(name, MESSAGE_LOBBY) != 0) {
        memcpy(room->maker, user->name, sizeof room->maker);
        memcpy(room->maker_address, user->address, sizeof room->maker_address);
    }
    return room;
}

enum message_error room_join(struct rooms *rooms, struct room_user *user, const char *name, struct room **joined)
{
    struct room *room = room_find(rooms, name);
    if (room != NULL && room_has(room, user))
        return MESSAGE_E_ALREADY_IN_ROOM;
    rooms->full = why_not_join(rooms, user, room);
    if (rooms->full != NULL)
        return MESSAGE_E_LIMIT;
    rooms->full = "the server has not enough memory";
    if (room == NULL)
        room = make_room(rooms, user, name);
    if (room == NULL)
        return MESSAGE_E_LIMIT;
    struct room_membership joins = {.room = room};
    if (prepare_members(room) != 0 || prepare_user(user) != 0 ||
        bandwidth_join(&room->bandwidth, &joins.seat, user->address) != 0) {
        remove_if_empty(rooms, room);
        return MESSAGE_E_LIMIT;
    }
    add_member(room, user);
    user->rooms[user->rooms_len++] = joins;
    note_change(rooms, room, MESSAGE_JOINED, user->name);
    *joined = room;
    return MESSAGE_E_NONE;
}

void room_leave(struct rooms *rooms, struct room_user *user, struct room *room)
{
    remove_member(room, user);
    struct room_membership *was = membership(room, user);
    bandwidth_leave(&was->seat);
    *was = user->rooms[--user->rooms_len];
    note_change(rooms, room, MESSAGE_LEFT, user->name);
    remove_if_empty(rooms, room);
}

int rooms_enter(struct rooms *rooms, struct room_user *user)
{
    assert(rooms_user(rooms, user->name) == NULL);
    if (prepare_members(&rooms->everybody) != 0)
        return -1;
    add_member(&rooms->everybody, user);
    return 0;
}

enum message_error rooms_enter_lobby(struct rooms *rooms, struct room_user *user)
{
    struct room *lobby;
    if (rooms_enter(rooms, user) != 0)
        return MESSAGE_E_LIMIT;
    enum message_error error = room_join(rooms, user, MESSAGE_LOBBY, &lobby);
    if (error != MESSAGE_E_NONE)
        rooms_exit(rooms, user);
    return error;
}

void rooms_exit(struct rooms *rooms, struct room_user *user)
{
    while (user->rooms_len > 0)
        room_leave(rooms, user, user->rooms[user->rooms_len - 1].room);
    free(user->rooms);
    user->rooms = NULL;
    user->rooms_cap = 0;
    remove_member(&rooms->everybody, user);
}

struct room_user *rooms_user(const struct rooms *rooms, const char *name)
{
    const struct room *all = &rooms->everybody;
    size_t at = members_place(all, name, false);
    return at < all->members_len && strcmp(all->members[at]->name, name) == 0 ? all->members[at] : NULL;
}
