/* SPDX-License-Identifier: MIT */
/* A message is encoded once, and then sealed for each member under that member's own keys: this is a server that its
 * users trust with the lobby. In sealed rooms it is the same with what they have sealed for each other before. Members
 * are walked while some of them fall out; client.h says why that is safe. */
#include "app/server/chat.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/blocked_users.h"

#define PRESENCE_PART 4          /* news of who came and went takes at most a fourth of what is sent in a room */
#define GATHER_BYTES (16 * 1024) /* said in one turn: then it looks no further before it sends */
#define GATHER_MS 5              /* nor is another look begun after that, whatever floods in meanwhile */

/* --- To many ------------------------------------------------------------------------------------------------------ */

/* Whether a member of a sealed room, which is a client, can take one more line: one that reads too slowly loses what is
 * sealed, and nothing else.
 * CAUTION: else whoever seals enough ends somebody else's connection; tests/test_seal.c:
 * test_a_seal_never_cuts_a_member. */
static bool takes_more(const struct server *s, struct room_user *user)
{
    return conn_queued(&client_of(user)->conn) <= client_unread_max(s);
}

/* Whether a member of a room gets what is pushed there: not if it is the one left out (but), nor if it has blocked the
 * one who says it. */
static bool hears(const struct server *s, struct room_user *user, const struct message *m, const struct room_user *but)
{
    if (user == but)
        return false;
    if (m->type == MESSAGE_SAID)
        return !blocked_users_has(user->blocks, m->said.sender);
    if (m->type == MESSAGE_SEALED)
        return !blocked_users_has(user->blocks, m->sealed.sender) && takes_more(s, user);
    return true;
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
        bool heard = hears(s, room->members[i], m, but);
        if (heard && room->members[i]->hear != NULL)
            room->members[i]->hear(room->members[i], m);
        else if (heard)
            to[n++] = client_of(room->members[i]);
        if (n == CONN_MANY_MAX || i + 1 == room->members_len) {
            size_t queued = clients_send_encoded(to, n, payload, len);
            s->counters.deliveries += m->type == MESSAGE_SAID || m->type == MESSAGE_SEALED ? queued : 0;
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

/* The last look may bring as much as any first one does. So texts stop at half of what may wait for a member before
 * sealed lines are left out.
 * CAUTION: a dead client keeps its descriptor until the turn is over. Where none is left, a listener that is looked at
 * once more ends another stranger; tests/test_gather.c: test_when_a_turn_reads_on. */
bool chat_gathers(const struct server *s, size_t before, int64_t turn_ms)
{
    size_t most = client_unread_max(s) / 2 < GATHER_BYTES ? client_unread_max(s) / 2 : GATHER_BYTES;
    return s->gathered > before && s->gathered < most && turn_ms < GATHER_MS && s->dead == NULL;
}

void chat_end_turn(struct server *s)
{
    s->gathered = 0;
    do {
        tell_changes(s); /* this may end slow readers, whose leaving is told in the next round */
        clients_flush(s);
    } while (rooms_wait(&s->rooms, s->now, -1) == 0 || s->to_flush != NULL);
}

/* --- Coming and going --------------------------------------------------------------------------------------------- */

/* Whether a sealed room may be known to this user. The operator has no keys, and a client of version 1.0 ends its
 * connection when it gets such a name, or such a line.
 * CAUTION: what is sealed goes to whoever is in the room, as ready can't be taken back; tests/test_seal.c:
 * test_nothing_is_known_before_ready, test_the_operator_is_in_no_sealed_room. */
static bool knows_sealed(struct room_user *user)
{
    return user->hear == NULL && client_of(user)->ready;
}

static bool may_know(struct room_user *user, const char *name)
{
    return !name_is_sealed(name) || knows_sealed(user);
}

enum message_error chat_join_room(struct server *s, struct room_user *user, const char *name)
{
    struct room *room;
    return may_know(user, name) ? room_join(&s->rooms, user, name, &room) : MESSAGE_E_BAD_NAME;
}

static enum message_error find_own_room(struct server *s, struct room_user *user, const char *name, struct room **room)
{
    if (!may_know(user, name))
        return MESSAGE_E_BAD_NAME;
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

static void said(struct message *m, const struct room_user *user, const struct room *room, struct message_bytes text)
{
    *m = (struct message){.type = MESSAGE_SAID, .said = {.time = clock_now(), .text = text}};
    memcpy(m->said.room, room->name, sizeof m->said.room);
    memcpy(m->said.sender, user->name, sizeof m->said.sender);
}

static void sealed(struct message *m, const struct room_user *user, const struct room *room, struct message_bytes line)
{
    *m = (struct message){.type = MESSAGE_SEALED, .sealed = {.time = clock_now(), .sealed = line}};
    memcpy(m->sealed.room, room->name, sizeof m->sealed.room);
    memcpy(m->sealed.sender, user->name, sizeof m->sealed.sender);
}

/* Which of the two it is, the room says: say takes no sealed room, and seal no other. */
static void say_now(struct server *s, struct room_user *user, struct room *room, struct message_bytes bytes)
{
    struct message m;
    if (room_untold(room, user))
        tell_room(s, room); /* members are told that a user joined before they hear it */
    if (name_is_sealed(room->name))
        sealed(&m, user, room, bytes);
    else
        said(&m, user, room, bytes);
    s->counters.messages++;
    s->gathered += push(s, room, &m, user);
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

/* A copy of it waits, and nothing more is read from its sender. -1: no memory. */
static int hold(struct client *c, uint32_t request, struct room *room, struct message_bytes bytes)
{
    struct server *s = c->server;
    struct speech *speech = malloc(sizeof *speech + bytes.len);
    if (speech == NULL)
        return -1;
    *speech = (struct speech){.owner = c, .request = request, .len = bytes.len};
    memcpy(speech->text, bytes.data, bytes.len);
    bandwidth_wait(&room->bandwidth, room_seat(room, &c->user), speech);
    c->speech = speech;
    deadline_cancel(&c->deadline); /* we don't read, so no answer can arrive */
    if (room->bandwidth_time.queue == NULL)
        deadline_set(&s->bandwidth_time, &room->bandwidth_time, s->now);
    return 0;
}

/* A text in a room, or a sealed line in a sealed one. */
static void speak(struct client *c, uint32_t request, const char *name, struct message_bytes bytes)
{
    struct server *s = c->server;
    size_t cost = bandwidth_cost(bytes.len);
    struct room *room;
    enum message_error error = find_own_room(s, &c->user, name, &room);
    if (error != MESSAGE_E_NONE) {
        answer(c, request, error);
        return;
    }
    budget_take(&c->said, s->limits->max_said, cost, s->now * 1000);
    if (bandwidth_take(&room->bandwidth, room_seat(room, &c->user), cost, s->limits->max_said_room, s->now * 1000)) {
        say_now(s, &c->user, room, bytes);
        answer(c, request, MESSAGE_E_NONE);
    } else if (hold(c, request, room, bytes) != 0) {
        answer(c, request, MESSAGE_E_LIMIT);
    }
}

void chat_say(struct client *c, const struct message *m)
{
    speak(c, m->request, m->say.room, m->say.text);
}

void chat_seal(struct client *c, const struct message *m)
{
    speak(c, m->request, m->seal.room, m->seal.sealed);
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

/* CAUTION: rooms that are left out take no place on a page, or their number would show; tests/test_seal.c:
 * test_pages_are_full_without_them. */
void chat_rooms(struct client *c, const struct message *m)
{
    const struct rooms *rooms = &c->server->rooms;
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    struct message out = {.type = MESSAGE_ROOMS, .request = m->request};
    message_list_init(&list, buf);
    for (size_t i = rooms_after(rooms, m->list_rooms.after); i < rooms->len; i++) {
        struct message_entry entry = {.members = (uint32_t)rooms->list[i]->members_len};
        if (!may_know(&c->user, rooms->list[i]->name))
            continue;
        memcpy(entry.name, rooms->list[i]->name, sizeof entry.name);
        out.rooms.more = message_list_add(&list, buf, &entry, true) != 0;
        if (out.rooms.more)
            break;
    }
    out.rooms.list = list;
    client_send(c, &out);
}

/* Anybody may ask who is in any room that they may know of: rooms are no secret here. */
void chat_who(struct client *c, const struct message *m)
{
    const struct room *room = room_find(&c->server->rooms, m->who.room);
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    struct message out = {.type = MESSAGE_MEMBERS, .request = m->request};
    bool known = may_know(&c->user, m->who.room);
    if (!known || room == NULL) {
        client_refuse(c, m->request, known ? MESSAGE_E_NO_SUCH_ROOM : MESSAGE_E_BAD_NAME);
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
