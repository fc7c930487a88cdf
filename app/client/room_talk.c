/* SPDX-License-Identifier: MIT */
/* Nothing is decided here but what is shown, and when no further line is read. */
#include "app/client/room_talk.h"

#include <stdio.h>
#include <string.h>

#include "app/client/room_screen.h"

void room_talk_init(struct room_talk *t, struct screen *screen, bool (*may_ask)(void *arg),
                    bool (*ask)(void *arg, struct message *m), void *arg)
{
    *t = (struct room_talk){.screen = screen, .may_ask = may_ask, .ask = ask, .arg = arg};
}

/* --- What the rooms tell ------------------------------------------------------------------------------------------ */

static void on_asked(void *arg, const struct sealed_room *r)
{
    struct room_talk *t = arg;
    room_screen_asked(t->screen, &t->sealed, r);
}

static void on_name_taken(void *arg, const char *room, const char *founder)
{
    struct room_talk *t = arg;
    room_screen_name_taken(t->screen, room, founder);
}

static void on_listed(void *arg, const struct sealed_room *r)
{
    struct room_talk *t = arg;
    if (sealed_rooms_find(&t->sealed, r->list.name) == r) /* else another one has the name now */
        room_screen_listed(t->screen, &t->sealed, r);
}

static void on_stopped(void *arg, const struct sealed_room *r)
{
    struct room_talk *t = arg;
    room_screen_stopped(t->screen, r);
}

static void on_line(void *arg, const struct sealed_room *r, const struct sealed_line *line)
{
    struct room_talk *t = arg;
    room_screen_line(t->screen, r, line);
}

/* Whoever typed it sees it: so it is not shown. */
static void on_said(void *arg, const struct sealed_room *r, const struct sealed_statement *s)
{
    struct room_talk *t = arg;
    if (t->said != NULL)
        t->said(t->arg, r->list.name, s->text, s->text_len);
}

static void on_unopened(void *arg, const struct sealed_room *r, const char *sender)
{
    struct room_talk *t = arg;
    room_screen_unopened(t->screen, r, sender);
}

static void on_unsaid(void *arg, const struct sealed_room *r, const uint8_t *text, size_t len, const char *why)
{
    struct room_talk *t = arg;
    room_screen_unsaid(t->screen, r->list.name, (const char *)text, len, why);
}

static void on_left_out(void *arg, const struct sealed_room *r, const char *const *names, size_t n)
{
    struct room_talk *t = arg;
    room_screen_left_out(t->screen, r, names, n);
}

static void on_uninvited(void *arg, const struct sealed_room *r, const char *peer, const char *why)
{
    struct room_talk *t = arg;
    room_screen_uninvited(t->screen, r, peer, why);
}

static void on_complain(void *arg, const char *why)
{
    struct room_talk *t = arg;
    screen_complain(t->screen, "%s", why);
}

static bool may_send(void *arg)
{
    struct room_talk *t = arg;
    return t->may_ask(t->arg);
}

static bool send_sealed(void *arg, const char *room, const uint8_t *sealed, size_t len)
{
    struct room_talk *t = arg;
    struct message m = {.type = MESSAGE_SEAL, .seal.sealed = {sealed, len}};
    memcpy(m.seal.room, room, strlen(room) + 1);
    return t->ask(t->arg, &m);
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void room_talk_begin(struct room_talk *t, const struct sealed_rooms_config *config, struct calls *calls)
{
    const struct sealed_rooms_hooks hooks = {
        .arg = t,
        .asked = on_asked,
        .name_taken = on_name_taken,
        .listed = on_listed,
        .stopped = on_stopped,
        .line = on_line,
        .said = on_said,
        .unopened = on_unopened,
        .unsaid = on_unsaid,
        .left_out = on_left_out,
        .uninvited = on_uninvited,
        .complain = on_complain,
        .may_send = may_send,
        .send = send_sealed,
    };
    sealed_rooms_init(&t->sealed, config, &hooks, calls);
    t->begun = sealed_rooms_load(&t->sealed, t->why) == 0;
    if (t->begun)
        return;
    sealed_rooms_free(&t->sealed);
    screen_complain(t->screen, "no sealed rooms: %s", t->why);
}

void room_talk_end(struct room_talk *t)
{
    sealed_rooms_free(&t->sealed);
    t->begun = false;
}

/* --- Who is there ------------------------------------------------------------------------------------------------- */

/* Who was thought to be there may have left while one was not. */
static void nobody_is_here(struct room_talk *t, const struct sealed_room *r)
{
    for (size_t i = 0; i < r->list.count; i++)
        sealed_rooms_here(&t->sealed, r->list.name, r->list.members[i].name, false, false);
}

static void are_here(struct room_talk *t, const char *room, struct message_list list, bool here, bool call)
{
    struct message_entry entry;
    while (message_list_next(&list, &entry, false))
        sealed_rooms_here(&t->sealed, room, entry.name, here, call);
}

void room_talk_members(struct room_talk *t, int64_t now, const struct message *m, bool first_page, bool quiet)
{
    const struct sealed_room *r = sealed_rooms_find(&t->sealed, m->members.room);
    if (r == NULL)
        return;
    if (first_page && !r->entered)
        nobody_is_here(t, r);
    are_here(t, r->list.name, m->members.list, true, quiet);
    if (quiet)
        return;
    room_screen_strangers(t->screen, r, m->members.list);
    if (m->members.more == 0)
        room_screen_members(t->screen, &t->sealed, r, now);
}

void room_talk_presence(struct room_talk *t, const struct message *m)
{
    are_here(t, m->presence.room, m->presence.list, m->presence.what == MESSAGE_JOINED, false);
}

/* --- What is waited for ------------------------------------------------------------------------------------------- */

static bool is_leaving(const struct room_talk *t)
{
    for (const struct sealed_room *r = t->sealed.list; r != NULL; r = r->next)
        if (r->state == SEALED_ROOM_LEFT &&
            (calls_is_making(t->sealed.calls, r->founder) || calls_is_giving(t->sealed.calls, r->founder)))
            return true;
    return false;
}

bool room_talk_waits(const struct room_talk *t)
{
    return sealed_rooms_wait_for_texts(&t->sealed) || is_leaving(t);
}

/* CAUTION: what a script says may be for those alone to whom its lines before have led: tests/test_room_commands.c:
 * test_a_script_waits. */
bool room_talk_takes_line(const struct room_talk *t)
{
    bool waits = t->sealed.invites != NULL || sealed_rooms_wait_for_texts(&t->sealed);
    return (t->screen->line.terminal || !waits) && sealed_rooms_take_more(&t->sealed);
}
