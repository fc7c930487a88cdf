/* SPDX-License-Identifier: MIT */
/* A member is never shown without the state of its key, but for whoever only came to the server's room: of those there
 * is no key. What stands before the colon of a line are names and this program's own words alone. */
#include "app/client/room_screen.h"

#include <stdio.h>
#include <string.h>

#define MARKS_LEN 200

/* --- What is said ------------------------------------------------------------------------------------------------- */

/* " (something before it is missing; ...)", or nothing. */
static const char *marks_words(char out[static MARKS_LEN], unsigned marks)
{
    static const struct {
        unsigned mark;
        const char *words;
    } all[] = {
        {SEALED_MARK_OLD_LIST, "said to the list before"},
        {SEALED_MARK_ANEW, "began anew"},
        {SEALED_MARK_MISSING, "something before it is missing"},
        {SEALED_MARK_UNSEEN, "said after a line that was not shown here"},
    };
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if ((marks & all[i].mark) != 0)
            len += (size_t)snprintf(out + len, MARKS_LEN - len, "%s%s", len == 0 ? " (" : "; ", all[i].words);
    if (len > 0)
        snprintf(out + len, MARKS_LEN - len, ")");
    return out;
}

void room_screen_line(struct screen *s, const struct sealed_room *r, const struct sealed_line *line)
{
    const struct sealed_statement *said = &line->statement;
    char sender[SEEN_NAMES_PRINT_LEN], marks[MARKS_LEN], before[NAME_MAX_LEN + 4], after[MARKS_LEN + 40];
    screen_spoke(s, r->list.name, said->sender);
    (void)seen_names_print(sender, said->sender, seen_names_spoke(&s->seen_names, said->sender));
    snprintf(before, sizeof before, "[%s] ", r->list.name);
    snprintf(after, sizeof after, ", %s%s: ", peer_state_words(line->state), marks_words(marks, line->marks));
    const struct style_said shown = {.time = line->time,
                                     .before = before,
                                     .sender = said->sender,
                                     .shown = sender,
                                     .after = after,
                                     .text = (const char *)said->text,
                                     .text_len = said->text_len,
                                     .you = seen_names_you(&s->seen_names)};
    line_said(&s->line, &shown);
}

void room_screen_unopened(struct screen *s, const struct sealed_room *r, const char *sender)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* %s: something that %s said could not be opened", r->list.name,
              seen_names_quote(name, sender));
}

void room_screen_unsaid(struct screen *s, const char *room, const char *text, size_t len, const char *why)
{
    line_show(&s->line, stderr, "glasschat: not said in %s: %s; it was: %.*s", room, why, (int)len, text);
    s->complained = true;
}

void room_screen_left_out(struct screen *s, const struct sealed_room *r, const char *const *names, size_t n)
{
    char all[SEALED_ROOM_OTHERS_MAX * (SEEN_NAMES_PRINT_LEN + 2)], name[SEEN_NAMES_PRINT_LEN];
    size_t len = 0;
    all[0] = '\0';
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? ", " : "",
                                seen_names_quote(name, names[i]));
    line_show(&s->line, stdout, "* %s: %s can't read what you say now: not there, or without a key of yours",
              r->list.name, all);
}

/* --- Who is on the list ------------------------------------------------------------------------------------------- */

static const char *name_listed(struct screen *s, char out[static SEEN_NAMES_PRINT_LEN], const char *name)
{
    (void)seen_names_print(out, name, seen_names_listed(&s->seen_names, name));
    return out;
}

static bool is_me(const struct sealed_room *r, const char *name)
{
    return strcmp(r->me, name) == 0;
}

/* With what stands before each row. */
static void show_member(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r,
                        const struct room_list_member *m, const char *what)
{
    char name[SEEN_NAMES_PRINT_LEN];
    bool founder = strcmp(m->name, r->founder) == 0;
    (void)seen_names_print(name, m->name, seen_names_told(&s->seen_names, m->name)); /* the founder can make them up */
    line_show(&s->line, stdout, "* %s: %s%s%s: %s", r->list.name, name, founder ? ", who founded it" : "", what,
              is_me(r, m->name) ? "you" : sealed_rooms_state_words(rs, r, m));
}

void room_screen_asked(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r)
{
    char founder[SEEN_NAMES_PRINT_LEN];
    (void)name_listed(s, founder, r->founder);
    line_show(&s->line, stdout, "* %s invites you to the sealed room %s, of which these are the members:", founder,
              r->list.name);
    for (size_t i = 0; i < r->list.count; i++)
        show_member(s, rs, r, &r->list.members[i], "");
    line_show(&s->line, stdout,
              "* %s: all that is said there is signed: whoever reads it can show it to anybody, later, too, and prove "
              "who said it",
              r->list.name);
    line_show(&s->line, stdout, "* %s: to be in it: /accept %s %s; if you don't want to be: /leave %s %s", r->list.name,
              r->list.name, r->founder, r->list.name, r->founder);
}

void room_screen_name_taken(struct screen *s, const char *room, const char *founder)
{
    char shown[SEEN_NAMES_PRINT_LEN];
    (void)name_listed(s, shown, founder);
    line_show(
        &s->line, stdout,
        "* %s invites you to another sealed room %s, but you can be in only one of that name: once you are out of "
        "yours, %s can invite you again",
        shown, room, shown);
}

void room_screen_accepted(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r)
{
    line_show(&s->line, stdout, "* you are in the sealed room %s now", r->list.name);
    for (size_t i = 0; i < r->list.count; i++)
        show_member(s, rs, r, &r->list.members[i], "");
}

/* Whether it was their own wish: the founder alone is told. */
static bool has_left(const struct sealed_room *r, const struct room_list_member *m)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].leaves && strcmp(r->others[i].name, m->name) == 0)
            return true;
    return false;
}

static void show_removed(struct screen *s, const struct sealed_room *r, const struct room_list_member *m)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* %s: %s%s is not on its list any more", r->list.name, seen_names_quote(name, m->name),
              has_left(r, m) ? " left, or declined, and" : "");
}

static void show_changes(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r)
{
    for (size_t i = 0; i < r->before.count; i++)
        if (room_list_find(&r->list, r->before.members[i].name) == NULL)
            show_removed(s, r, &r->before.members[i]);
    for (size_t i = 0; i < r->list.count; i++) {
        const struct room_list_member *m = &r->list.members[i];
        if (!room_list_has(&r->before, m->name, m->fingerprint))
            show_member(s, rs, r, m,
                        room_list_find(&r->before, m->name) != NULL ? " is listed with another key" : " was added");
    }
}

void room_screen_listed(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r)
{
    if (r->state == SEALED_ROOM_OUT || r->state == SEALED_ROOM_CLOSED)
        line_show(&s->line, stdout, "* %s: %s", r->list.name, sealed_room_state_words(r));
    else
        show_changes(s, rs, r);
}

void room_screen_stopped(struct screen *s, const struct sealed_room *r)
{
    char founder[SEEN_NAMES_PRINT_LEN];
    screen_complain(s, "%s: %s, who founded it, signed two lists that can't both be: it is over", r->list.name,
                    seen_names_quote(founder, r->founder));
}

void room_screen_uninvited(struct screen *s, const struct sealed_room *r, const char *peer, const char *why)
{
    char name[SEEN_NAMES_PRINT_LEN];
    screen_complain(s,
                    room_list_find(&r->list, peer) != NULL
                        ? "%s: %s is on its list, but may not have got the invitation: %s"
                        : "%s: %s is not invited: %s",
                    r->list.name, seen_names_quote(name, peer), why);
}

/* --- Coming and being there --------------------------------------------------------------------------------------- */

void room_screen_entered(struct screen *s, const char *room)
{
    line_show(&s->line, stdout, "* what is said in %s is signed: whoever reads it can prove to anybody who said it",
              room);
}

void room_screen_rooms(struct screen *s, const struct sealed_rooms *rs)
{
    char founder[SEEN_NAMES_PRINT_LEN];
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next) {
        if (r->state == SEALED_ROOM_IN)
            line_show(&s->line, stdout, "* you are in the sealed room %s: /join %s", r->list.name, r->list.name);
        else if (r->state == SEALED_ROOM_ASKED)
            line_show(&s->line, stdout, "* %s invites you to the sealed room %s: /accept %s %s",
                      name_listed(s, founder, r->founder), r->list.name, r->list.name, r->founder);
    }
}

static bool is_here(const struct sealed_room *r, const char *name)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].here && strcmp(r->others[i].name, name) == 0)
            return true;
    return is_me(r, name) && r->entered;
}

/* Whether a member is there is the server's word; that it has one's own key, its own. */
static const char *being_words(const struct sealed_rooms *rs, const struct sealed_room *r,
                               const struct room_list_member *m, int64_t now)
{
    if (!is_here(r, m->name))
        return ", who is not there";
    return r->state != SEALED_ROOM_IN || sealed_rooms_may_read(rs, r, m, now)
               ? ", who is there"
               : ", who is said to be there, and has not confirmed a key of yours";
}

void room_screen_members(struct screen *s, const struct sealed_rooms *rs, const struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->list.count; i++)
        show_member(s, rs, r, &r->list.members[i], being_words(rs, r, &r->list.members[i], now));
    if (r->state == SEALED_ROOM_OUT && r->entered) /* who leaves goes out of the server's room, too */
        line_show(&s->line, stdout, "* %s: you were removed from its list, and can read nothing that is said now",
                  r->list.name);
    else if (r->list.count == 0 || r->state != SEALED_ROOM_IN)
        line_show(&s->line, stdout, "* %s: %s", r->list.name, sealed_room_state_words(r));
}

void room_screen_strangers(struct screen *s, const struct sealed_room *r, struct message_list page)
{
    struct message_entry entry;
    char name[SEEN_NAMES_PRINT_LEN];
    while (message_list_next(&page, &entry, false))
        if (room_list_find(&r->list, entry.name) == NULL && !is_me(r, entry.name)) /* of oneself: room_screen_members */
            line_show(&s->line, stdout, "* %s: %s is there without being on its list, and hears nothing", r->list.name,
                      name_listed(s, name, entry.name));
}
