/* SPDX-License-Identifier: MIT */
/* A message is encoded once, and then sealed for each member under that member's own keys: this is a server that its
 * users trust with the lobby (sealed rooms are another matter). Members are walked while some of them fall out;
 * client.h says why that is safe. */
#include "app/server/chat.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/blocked_users.h"

#define PRESENCE_PART 4 /* news of who came and went takes at most a fourth of what is sent in a room */

/* --- To many ------------------------------------------------------------------------------------------------------ */

/* Whether a member of a room gets what is pushed there: not if it is the one left out (but), nor if it has blocked the
 * one who says it. */
static bool hears(const struct room_user *user, const struct message *m, const struct room_user *but)
{
    return user != but && (m->type != MESSAGE_SAID || !blocked_users_has(user->blocks, m->said.sender));
}

/* To all members of a room but one (or NULL). Returns what it costs each of them, in bytes as
 * bandwidth.h counts them. */
static size_t push(struct server *s, const struct room *room, const struct message *m, const struct room_user *but)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) != 0) {
        log_event(LOG_ERROR, "cannot encode", "room", room->name, NULL);
        return 0;
    }
    struct client *to[CONN_MANY_MAX];
    size_t n = 0;
    for (size_t i = 0; i < room->members_len; i++) {
        bool heard = hears(room->members[i], m, but);
        if (heard && room->members[i]->hear != NULL)
            room->members[i]->hear(room->members[i], m);
        else if (heard)
            to[n++] = client_of(room->members[i]);
        if (n == CONN_MANY_MAX || i + 1 == room->members_len) {
            size_t queued = clients_send_encoded(to, n, payload, len);
            s->counters.deliveries += m->type == MESSAGE_SAID ? queued : 0;
            n = 0;
        }
    }
    return bandwidth_cost(len);
}

void chat_notice(struct server *s, const char *text)
{
    struct message m = {.type = MESSAGE_NOTICE};
    m.notice.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    (void)push(s, &s->rooms.everybody, &m, NULL);
}

/* One push for a run of changes of the same kind; a user that is alone in the run isn't told of itself. Adds what it
 * costs. */
static size_t tell_run(struct server *s, struct room *room, size_t from, size_t *cost)
{
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message m = {.type = MESSAGE_PRESENCE};
    struct message_list list;
    size_t i = from;
    message_list_init(&list, buf);
    for (; i < room->changes_len && room->changes[i].what == room->changes[from].what; i++) {
        struct message_entry entry = {0};
        memcpy(entry.name, room->changes[i].name, sizeof entry.name);
        if (message_list_add(&list, buf, &entry, false) != 0)
            break;
    }
    m.presence.what = (uint8_t)room->changes[from].what;
    memcpy(m.presence.room, room->name, sizeof m.presence.room);
    m.presence.list = list;
    *cost += push(s, room, &m, i - from == 1 ? rooms_user(&s->rooms, room->changes[from].name) : NULL);
    return i;
}

/* The cost is taken from the room's bandwidth, of which members that come and go, perhaps over and over, get only a
 * part. */
static void tell_room(struct server *s, struct room *room)
{
    uint32_t rate = s->limits->max_said_room;
    size_t cost = 0;
    room_sort_changes(room);
    for (size_t i = 0; i < room->changes_len;)
        i = tell_run(s, room, i, &cost);
    budget_take(&room->bandwidth.budget, rate, cost, s->now * 1000);
    room_told(room, s->now);
    int64_t next = s->now + (int64_t)cost * 1000 * PRESENCE_PART / rate;
    if (room->tell_at < next)
        room->tell_at = next;
}

static void tell_changes(struct server *s)
{
    struct room *room;
    while ((room = rooms_take_changed(&s->rooms, s->now)) != NULL)
        tell_room(s, room);
}

void chat_end_turn(struct server *s)
{
    do {
        tell_changes(s); /* this may end slow readers, whose leaving is told in the next round */
        clients_flush(s);
    } while (rooms_wait(&s->rooms, s->now, -1) == 0 || s->to_flush != NULL);
}

/* --- Coming and going --------------------------------------------------------------------------------------------- */

enum message_error chat_join_room(struct server *s, struct room_user *user, const char *name)
{
    struct room *room;
    return room_join(&s->rooms, user, name, &room);
}

static enum message_error find_own_room(struct server *s, const struct room_user *user, const char *name,
                                        struct room **room)
{
    *room = room_find(&s->rooms, name);
    if (*room == NULL)
        return MESSAGE_E_NO_SUCH_ROOM;
    return room_has(*room, user) ? MESSAGE_E_NONE : MESSAGE_E_NOT_IN_ROOM;
}

enum message_error chat_leave_room(struct server *s, struct room_user *user, const char *name)
{
    struct room *room;
    enum message_error error = find_own_room(s, user, name, &room);
    if (error == MESSAGE_E_NONE)
        room_leave(&s->rooms, user, room);
    return error;
}

static void say_now(struct server *s, struct room_user *user, struct room *room, struct message_bytes text)
{
    struct message m = {.type = MESSAGE_SAID};
    if (room_untold(room, user))
        tell_room(s, room); /* members are told that a user joined before they hear it */
    memcpy(m.said.room, room->name, sizeof m.said.room);
    memcpy(m.said.sender, user->name, sizeof m.said.sender);
    m.said.time = clock_now();
    m.said.text = text;
    s->counters.messages++;
    (void)push(s, room, &m, user);
}

enum message_error chat_say_in(struct server *s, struct room_user *user, const char *name, struct message_bytes text)
{
    struct room *room;
    enum message_error error = find_own_room(s, user, name, &room);
    if (error != MESSAGE_E_NONE)
        return error;
    budget_take(&room->bandwidth.budget, s->limits->max_said_room, bandwidth_cost(text.len), s->now * 1000);
    say_now(s, user, room, text);
    return MESSAGE_E_NONE;
}

/* --- Requests ----------------------------------------------------------------------------------------------------- */

static void answer(struct client *c, uint32_t request, enum message_error error)
{
    if (error == MESSAGE_E_NONE)
        client_ok(c, request);
    else
        client_refuse(c, request, error);
}

void chat_join(struct client *c, const struct message *m)
{
    enum message_error error = chat_join_room(c->server, &c->user, m->join.room);
    if (error == MESSAGE_E_LIMIT)
        client_refuse_with(c, m->request, error, c->server->rooms.full);
    else
        answer(c, m->request, error);
}

void chat_leave(struct client *c, const struct message *m)
{
    answer(c, m->request, chat_leave_room(c->server, &c->user, m->leave.room));
}

/* A copy of the text waits, and nothing more is read from its sender. -1: no memory. */
static int hold(struct client *c, const struct message *m, struct room *room)
{
    struct server *s = c->server;
    struct speech *speech = malloc(sizeof *speech + m->say.text.len);
    if (speech == NULL)
        return -1;
    *speech = (struct speech){.owner = c, .request = m->request, .len = m->say.text.len};
    memcpy(speech->text, m->say.text.data, m->say.text.len);
    bandwidth_wait(&room->bandwidth, room_seat(room, &c->user), speech);
    c->speech = speech;
    deadline_cancel(&c->deadline); /* we don't read, so no answer can arrive */
    if (room->bandwidth_time.queue == NULL)
        deadline_set(&s->bandwidth_time, &room->bandwidth_time, s->now);
    return 0;
}

void chat_say(struct client *c, const struct message *m)
{
    struct server *s = c->server;
    size_t cost = bandwidth_cost(m->say.text.len);
    struct room *room;
    enum message_error error = find_own_room(s, &c->user, m->say.room, &room);
    if (error != MESSAGE_E_NONE) {
        answer(c, m->request, error);
        return;
    }
    budget_take(&c->said, s->limits->max_said, cost, s->now * 1000);
    if (bandwidth_take(&room->bandwidth, room_seat(room, &c->user), cost, s->limits->max_said_room, s->now * 1000)) {
        say_now(s, &c->user, room, m->say.text);
        answer(c, m->request, MESSAGE_E_NONE);
    } else if (hold(c, m, room) != 0) {
        answer(c, m->request, MESSAGE_E_LIMIT);
    }
}

/* Says what waits, as far as the room may say more now. */
static void say_what_waits(struct server *s, struct room *room)
{
    struct speech *speech;
    while ((speech = bandwidth_next(&room->bandwidth, s->limits->max_said_room, s->now * 1000)) != NULL) {
        struct client *c = speech->owner;
        c->speech = NULL;
        say_now(s, &c->user, room, (struct message_bytes){speech->text, speech->len});
        client_ok(c, speech->request);
        free(speech);
        client_spoke(c);
    }
    if (room->bandwidth.first != NULL)
        deadline_set(&s->bandwidth_time, &room->bandwidth_time, s->now);
}

void chat_expire(struct server *s)
{
    struct deadline *d;
    while ((d = deadline_expired(&s->bandwidth_time, s->now)) != NULL)
        say_what_waits(s, d->owner);
}

void chat_rooms(struct client *c, const struct message *m)
{
    const struct rooms *rooms = &c->server->rooms;
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    struct message out = {.type = MESSAGE_ROOMS, .request = m->request};
    message_list_init(&list, buf);
    for (size_t i = rooms_after(rooms, m->list_rooms.after); i < rooms->len; i++) {
        struct message_entry entry = {.members = (uint32_t)rooms->list[i]->members_len};
        memcpy(entry.name, rooms->list[i]->name, sizeof entry.name);
        out.rooms.more = message_list_add(&list, buf, &entry, true) != 0;
        if (out.rooms.more)
            break;
    }
    out.rooms.list = list;
    client_send(c, &out);
}

/* Anybody may ask who is in any room: rooms are no secret here. */
void chat_who(struct client *c, const struct message *m)
{
    const struct room *room = room_find(&c->server->rooms, m->who.room);
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    struct message out = {.type = MESSAGE_MEMBERS, .request = m->request};
    if (room == NULL) {
        client_refuse(c, m->request, MESSAGE_E_NO_SUCH_ROOM);
        return;
    }
    message_list_init(&list, buf);
    for (size_t i = room_members_after(room, m->who.after); i < room->members_len; i++) {
        struct message_entry entry = {0};
        memcpy(entry.name, room->members[i]->name, sizeof entry.name);
        out.members.more = message_list_add(&list, buf, &entry, false) != 0;
        if (out.members.more)
            break;
    }
    memcpy(out.members.room, room->name, sizeof out.members.room);
    out.members.list = list;
    client_send(c, &out);
}
