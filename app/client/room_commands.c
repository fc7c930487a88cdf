/* SPDX-License-Identifier: MIT */
/* A command first finds its room, by its name or as the one that one talks in. Of each name there are two: the server's
 * room, which one joins and leaves, and the one of the founder's list, in which one is while one is on that. */
#include "app/client/room_commands.h"

#include <stdio.h>
#include <string.h>

#include "app/client/conversation.h"
#include "app/client/room_screen.h"

#define CLOSE_YES "yes"

/* --- Which room --------------------------------------------------------------------------------------------------- */

static bool want_name(struct conversation *c, const char *room)
{
    if (name_sealed_valid(room, strlen(room)))
        return true;
    screen_bad_sealed_name(&c->screen, room);
    return false;
}

/* Whether there are sealed rooms at all; else says why not. */
static bool are_on(struct conversation *c)
{
    const struct direct *d = &c->direct;
    if (d->state == DIRECT_ON && d->rooms.begun)
        return true;
    screen_not_understood(&c->screen, "no sealed rooms: %s", d->state == DIRECT_ON ? d->rooms.why : d->why);
    return false;
}

static bool want_room(struct conversation *c, const char *room)
{
    return want_name(c, room) && are_on(c);
}

/* NULL, and said: there is none. */
static struct sealed_room *want_known(struct conversation *c, const char *room)
{
    if (!want_room(c, room))
        return NULL;
    struct sealed_room *r = sealed_rooms_find(&c->direct.rooms.sealed, room);
    if (r == NULL)
        screen_not_understood(&c->screen, "no sealed room %s is known here", room);
    return r;
}

/* The one that one talks in. */
static struct sealed_room *want_here(struct conversation *c)
{
    if (name_is_sealed(c->room))
        return want_known(c, c->room);
    screen_not_understood(&c->screen, "you talk in no sealed room: /join one that you are in, or found one by /seal");
    return NULL;
}

static bool want_member(struct conversation *c, const char *name)
{
    if (!name_valid(name, strlen(name)))
        screen_bad_name(&c->screen, name, "user");
    else if (strcmp(name, c->user) == 0)
        screen_not_understood(&c->screen, "that is you");
    else
        return true;
    return false;
}

/* --- Coming and going --------------------------------------------------------------------------------------------- */

/* Until one is somewhere again, which is where a move that is not refused leads. */
static void tell_nowhere(struct conversation *c)
{
    char shown[SEEN_NAMES_PRINT_LEN];
    if (c->room[0] != '\0')
        return;
    const char *before = c->room_before;
    const struct sealed_room *r = sealed_rooms_find(&c->direct.rooms.sealed, before);
    bool over = name_is_sealed(before) && (r == NULL || r->state != SEALED_ROOM_IN);
    if (conversation_is_in(c, before) && !over)
        line_show(&c->screen.line, stdout, "* what you type is said to nobody now: /join %s to talk there again",
                  seen_names_quote(shown, before));
    else
        line_show(&c->screen.line, stdout, "* what you type is said to nobody now: /join a room");
}

/* CAUTION: what is typed next is for that room alone, whoever refuses it, the server or this program: in the room
 * before, or to the user that one talked with, it would be said to others, and in the clear.
 * tests/test_room_commands.c: test_what_is_typed_after_a_refused_join, test_what_is_typed_after_a_refusal. */
static void talk_nowhere(struct conversation *c)
{
    c->direct.with[0] = '\0';
    conversation_go_to(c, "");
}

void room_commands_stay_out(struct conversation *c)
{
    talk_nowhere(c);
    tell_nowhere(c);
}

/* Talk leads there once the server has let one in. */
static void go_to(struct conversation *c, const char *room)
{
    conversation_join(c, room);
    if (c->awaited)
        c->when_answered = tell_nowhere;
    else
        tell_nowhere(c);
}

/* As somebody who has just come, also where one has stayed in the server's room, of another room of that name, say. */
static void come_to(struct conversation *c, const char *room)
{
    sealed_rooms_entered(&c->direct.rooms.sealed, room, false);
    go_to(c, room);
}

/* False here, and below: it is refused, and that is said. */
static bool found(struct conversation *c, const char *room)
{
    char why[WHY_LEN];
    if (!want_room(c, room))
        return false;
    if (sealed_rooms_found(&c->direct.rooms.sealed, room, why) != 0) {
        screen_not_understood(&c->screen, "%s: not founded: %s", room, why);
        return false;
    }
    line_show(&c->screen.line, stdout, "* you founded the sealed room %s: /invite others into it", room);
    return true;
}

void room_commands_seal(struct conversation *c, const char *room)
{
    talk_nowhere(c);
    if (found(c, room))
        come_to(c, room);
    else
        tell_nowhere(c);
}

static bool accept(struct conversation *c, const char *room, const char *founder)
{
    char why[WHY_LEN], shown[SEEN_NAMES_PRINT_LEN];
    if (!want_room(c, room))
        return false;
    struct sealed_room *r = sealed_rooms_find_asked(&c->direct.rooms.sealed, room, founder);
    if (r == NULL)
        r = sealed_rooms_find(&c->direct.rooms.sealed, room);
    if (r == NULL || (r->state == SEALED_ROOM_ASKED && strcmp(r->founder, founder) != 0)) {
        screen_not_understood(&c->screen, "%s: you have no such invitation%s%s", room, r != NULL ? ", but one by " : "",
                              r != NULL ? seen_names_quote(shown, r->founder) : "");
        return false;
    }
    if (sealed_rooms_accept(&c->direct.rooms.sealed, r, why) != 0) {
        screen_not_understood(&c->screen, "%s: %s", room, why);
        return false;
    }
    room_screen_accepted(&c->screen, &c->direct.rooms.sealed, r);
    return true;
}

void room_commands_accept(struct conversation *c, const char *room, const char *founder)
{
    talk_nowhere(c);
    if (accept(c, room, founder))
        come_to(c, room);
    else
        tell_nowhere(c);
}

static bool may_join(struct conversation *c, const char *room)
{
    if (!want_room(c, room))
        return false;
    const struct sealed_room *r = sealed_rooms_find(&c->direct.rooms.sealed, room);
    if (r == NULL)
        screen_not_understood(
            &c->screen,
            "%s: no sealed room of that name is known here: whoever founded it invites you, or you found "
            "another by /seal %s",
            room, room);
    else if (r->state == SEALED_ROOM_ASKED)
        screen_not_understood(&c->screen, "%s: %s: /accept %s %s", room, sealed_room_state_words(r), room, r->founder);
    else if (r->state != SEALED_ROOM_IN)
        screen_not_understood(&c->screen, "%s: %s", room, sealed_room_state_words(r));
    else
        return true;
    return false;
}

void room_commands_join(struct conversation *c, const char *room)
{
    talk_nowhere(c);
    if (may_join(c, room))
        go_to(c, room);
    else
        tell_nowhere(c);
}

/* What was said stays in memory when the keys are forgotten, and has none of them in it. */
static void tell_may_save(struct conversation *c, const struct sealed_room *r)
{
    if (r->receipts.count > 0)
        line_show(&c->screen.line, stdout,
                  "* %s: /save FILE %s keeps what was said there, until you quit, or are in another room of that name",
                  r->list.name, r->list.name);
}

static void tell_left(struct conversation *c, const struct sealed_room *r, bool was_in)
{
    char shown[SEEN_NAMES_PRINT_LEN];
    line_show(&c->screen.line, stdout, "* you %s %s%s, and %s is told, now, or once you are both here",
              was_in ? "left" : "declined the invitation to", r->list.name,
              was_in ? " for good: its keys are forgotten" : "", seen_names_quote(shown, r->founder));
    if (was_in)
        tell_may_save(c, r);
}

/* The server's room is left when the room's keys are forgotten. */
void room_commands_leave(struct conversation *c, const char *room)
{
    char why[WHY_LEN];
    if (!want_name(c, room))
        return;
    struct sealed_room *r = sealed_rooms_find(&c->direct.rooms.sealed, room);
    bool was_in = r != NULL && r->state == SEALED_ROOM_IN, was_asked = r != NULL && r->state == SEALED_ROOM_ASKED;
    if (r != NULL && sealed_rooms_leave(&c->direct.rooms.sealed, r, why) != 0) {
        screen_not_understood(&c->screen, "%s: %s", room, why);
        return;
    }
    if (was_in || was_asked)
        tell_left(c, r, was_in);
    if (conversation_is_in(c, room))
        conversation_leave(c, room);
    else if (!was_in && !was_asked)
        screen_not_understood(&c->screen, "%s: you are not in it", room);
}

void room_commands_decline(struct conversation *c, const char *room, const char *founder)
{
    char why[WHY_LEN];
    if (!want_name(c, room))
        return;
    struct sealed_room *r = sealed_rooms_find_asked(&c->direct.rooms.sealed, room, founder);
    const struct sealed_room *in = sealed_rooms_find(&c->direct.rooms.sealed, room);
    if (r == NULL && in != NULL && in->state == SEALED_ROOM_IN && strcmp(in->founder, founder) == 0)
        room_commands_leave(c, room); /* it is not declined any more */
    else if (r == NULL)
        screen_not_understood(&c->screen, "%s: you have no such invitation", room);
    else if (sealed_rooms_leave(&c->direct.rooms.sealed, r, why) != 0)
        screen_not_understood(&c->screen, "%s: %s", room, why);
    else
        tell_left(c, r, false);
}

/* --- The founder -------------------------------------------------------------------------------------------------- */

void room_commands_invite(struct conversation *c, const char *name)
{
    char why[WHY_LEN], shown[SEEN_NAMES_PRINT_LEN];
    struct sealed_room *r = want_member(c, name) ? want_here(c) : NULL;
    if (r == NULL)
        return;
    (void)seen_names_quote(shown, name);
    if (sealed_rooms_invite(&c->direct.rooms.sealed, c->direct.now(), r, name, why) != 0)
        screen_refused(&c->screen, "%s: %s is not invited: %s", r->list.name, shown, why);
    else
        line_show(&c->screen.line, stdout,
                  room_list_find(&r->list, name) != NULL
                      ? "* %s: %s is on its list already: calling them to invite them once more"
                      : "* %s: calling %s to invite them",
                  r->list.name, shown);
}

void room_commands_remove(struct conversation *c, const char *name)
{
    char why[WHY_LEN], shown[SEEN_NAMES_PRINT_LEN];
    struct sealed_room *r = want_member(c, name) ? want_here(c) : NULL;
    if (r == NULL)
        return;
    bool listed = room_list_find(&r->list, name) != NULL;
    if (sealed_rooms_remove(&c->direct.rooms.sealed, c->direct.now(), r, name, why) != 0)
        screen_not_understood(&c->screen, "%s: %s is not removed: %s", r->list.name, seen_names_quote(shown, name),
                              why);
    else if (!listed) /* else the new list says it */
        line_show(&c->screen.line, stdout, "* %s: %s is not invited any more", r->list.name,
                  seen_names_quote(shown, name));
}

static void closed(struct conversation *c, const struct sealed_room *r)
{
    tell_may_save(c, r);
    if (conversation_is_in(c, r->list.name))
        conversation_leave(c, r->list.name);
}

static void close_answered(struct conversation *c)
{
    struct room_talk *t = &c->direct.rooms;
    struct sealed_room *r = sealed_rooms_find(&t->sealed, t->closing);
    char why[WHY_LEN];
    if (c->form.why[0] != '\0')
        screen_complain(&c->screen, "%s: not closed: %s", t->closing, c->form.why);
    else if (strcmp(c->form.name, CLOSE_YES) != 0)
        screen_not_understood(&c->screen, "%s: not closed: that was not " CLOSE_YES, t->closing);
    else if (r == NULL)
        screen_not_understood(&c->screen, "%s: not closed: %s", t->closing, t->why);
    else if (sealed_rooms_close(&t->sealed, c->direct.now(), r, why) != 0)
        screen_not_understood(&c->screen, "%s: not closed: %s", t->closing, why);
    else
        closed(c, r);
    form_wipe(&c->form);
}

void room_commands_close(struct conversation *c)
{
    struct sealed_room *r = want_here(c);
    if (r == NULL)
        return;
    if (!sealed_room_is_founder(r)) {
        char shown[SEEN_NAMES_PRINT_LEN];
        screen_not_understood(&c->screen, "%s: only %s, who founded it, can close it", r->list.name,
                              seen_names_quote(shown, r->founder));
        return;
    }
    if (r->state != SEALED_ROOM_IN) {
        screen_not_understood(&c->screen, "%s: %s", r->list.name, sealed_room_state_words(r));
        return;
    }
    snprintf(c->direct.rooms.closing, sizeof c->direct.rooms.closing, "%s", r->list.name);
    line_show(&c->screen.line, stdout, "* %s: nobody can say anything there again, nor be invited; nothing undoes it",
              r->list.name);
    form_begin(&c->form, FORM_NAME, close_answered);
    snprintf(c->form.name_question, sizeof c->form.name_question, "type " CLOSE_YES " to close it: ");
}

/* --- Texts -------------------------------------------------------------------------------------------------------- */

void room_commands_say(struct conversation *c, const char *text, size_t len)
{
    struct direct *d = &c->direct;
    struct sealed_room *r = d->state == DIRECT_ON ? sealed_rooms_find(&d->rooms.sealed, c->room) : NULL;
    if (r != NULL)
        sealed_rooms_say(&d->rooms.sealed, d->now(), r, (const uint8_t *)text, len);
    else
        screen_complain(&c->screen, "not said in %s: no such sealed room is known here%s%s", c->room,
                        d->state == DIRECT_ON ? "" : ": ", d->state == DIRECT_ON ? "" : d->why);
}

/* --- Receipts ----------------------------------------------------------------------------------------------------- */

void room_commands_save(struct conversation *c, const char *file, const char *room)
{
    char why[WHY_LEN];
    bool named = *room != '\0';
    if (!named && !name_is_sealed(c->room)) {
        screen_not_understood(&c->screen, "you talk in no sealed room: /save FILE +ROOM names one");
        return;
    }
    const char *name = named ? room : c->room;
    if (want_known(c, name) == NULL)
        return;
    const struct sealed_room *r = sealed_rooms_find_said(&c->direct.rooms.sealed, name);
    if (sealed_rooms_save(r, file, why) != 0) {
        bool shell = *file == '~' && r->receipts.count > 0 && c->screen.line.terminal;
        screen_complain(&c->screen, "%s: not saved: %s%s", r->list.name, why,
                        shell ? "; ~ is a name like others here, and not your folder as in a shell" : "");
        return;
    }
    line_show(&c->screen.line, stdout,
              "* %s: saved in %s, which you can show to anybody: glass transcript verify %s says who said what, and "
              "checks it",
              r->list.name, file, file);
    if (r->unkept > 0)
        screen_complain(&c->screen, "%s: %zu line%s missing in it: there was no memory to keep %s", r->list.name,
                        r->unkept, r->unkept == 1 ? " is" : "s are", r->unkept == 1 ? "it" : "them");
}
