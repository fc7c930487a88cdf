/* SPDX-License-Identifier: MIT */
/* Rows are printed through line_show and line_said alone, whatever the words in them are: these keep them from driving
 * the terminal, and what is being typed from being torn. */
#include "app/client/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/fingerprint.h"

#define NAMES_LEN (MESSAGE_LIST_MAX * (SEEN_NAMES_PRINT_LEN + 2) + 1)

/* --- What goes wrong here ----------------------------------------------------------------------------------------- */

void screen_complain(struct screen *s, const char *format, ...)
{
    char text[SCREEN_ERROR_LEN + 500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_show(&s->line, stderr, "glasschat: %s", text);
    s->complained = true;
}

static void end_script(struct screen *s, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void end_script(struct screen *s, const char *format, va_list args)
{
    char text[SCREEN_ERROR_LEN + 400];
    vsnprintf(text, sizeof text, format, args);
    s->script_ends = !s->line.terminal;
    if (s->script_ends && s->line.number > 0)
        screen_complain(s, "%s (line %zu: nothing after it was done or said)", text, s->line.number);
    else if (s->script_ends)
        screen_complain(s, "%s (before the first line: nothing was done or said)", text);
    else
        screen_complain(s, "%s", text);
}

void screen_not_understood(struct screen *s, const char *format, ...)
{
    va_list args;
    /* first: what is typed once the complaint has been read counts */
    bool more = s->line.terminal && line_discard_typed(&s->line);
    va_start(args, format);
    end_script(s, format, args);
    va_end(args);
    if (more)
        line_show(&s->line, stdout, "* what was typed or pasted right after it is thrown away");
}

void screen_bad_name(struct screen *s, const char *name, const char *what)
{
    const char *why = message_error_text(MESSAGE_E_BAD_NAME);
    if (s->line.terminal)
        screen_not_understood(s, "'%.40s' is no %s: %s", name, what, why);
    else
        screen_not_understood(s, "that is no %s: %s", what, why);
}

void screen_bad_sealed_name(struct screen *s, const char *name)
{
    char meant[NAME_MAX_LEN + 1];
    int len = snprintf(meant, sizeof meant, "%c%s", NAME_SEALED_MARK, name_is_sealed(name) ? name + 1 : name);
    for (char *p = meant; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    bool ask = s->line.terminal && len <= NAME_MAX_LEN && name_sealed_valid(meant, strlen(meant));
    screen_not_understood(s,
                          "that is no sealed room: its name is a + and 1 to 31 of a-z 0-9 _ -, the first of them a "
                          "letter%s%s%s",
                          ask ? ": did you mean " : "", ask ? meant : "", ask ? "?" : "");
}

void screen_refused(struct screen *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_script(s, format, args);
    va_end(args);
}

/* --- Names -------------------------------------------------------------------------------------------------------- */

/* How those of a list were seen: seen_names_joined or seen_names_listed. */
typedef const char *seen_fn(struct seen_names *names, const char *name);

static const char *not_seen(struct seen_names *names, const char *name)
{
    (void)names;
    (void)name;
    return NULL;
}

/* "alice, bob", without the user whose name is but. Returns how many there were. */
static size_t join_names(struct screen *s, char out[static NAMES_LEN], struct message_list list, const char *but,
                         seen_fn *seen)
{
    struct message_entry entry;
    size_t len = 0, n = 0;
    out[0] = '\0';
    while (message_list_next(&list, &entry, false)) {
        if (strcmp(entry.name, but) == 0)
            continue;
        if (n++ > 0)
            len += (size_t)snprintf(out + len, NAMES_LEN - len, ", ");
        len += seen_names_print(out + len, entry.name, seen(&s->seen_names, entry.name));
    }
    return n;
}

/* --- Where one talks ---------------------------------------------------------------------------------------------- */

/* What came elsewhere is told where the prompt can be changed while somebody types. */
static const char *place_shown(const struct screen *s, char out[static UNREAD_LEN])
{
    if (!s->line.edits)
        return s->unread.here;
    unread_print(out, &s->unread);
    return out;
}

void screen_go_to(struct screen *s, const char *place)
{
    char shown[UNREAD_LEN];
    unread_go_to(&s->unread, place);
    line_prompt(&s->line, place_shown(s, shown));
}

void screen_answered(struct screen *s, const char *place)
{
    char shown[UNREAD_LEN];
    unread_read(&s->unread, place);
    line_prompt(&s->line, place_shown(s, shown));
}

void screen_left(struct screen *s, const char *room)
{
    people_left(&s->people, room);
    screen_answered(s, room);
}

void screen_spoke(struct screen *s, const char *room, const char *sender)
{
    char place[NAME_MAX_LEN + 2], shown[UNREAD_LEN];
    bool direct = strcmp(room, PEOPLE_DIRECT) == 0;
    snprintf(place, sizeof place, "%s%s", direct ? "@" : "", direct ? sender : room);
    people_spoke(&s->people, room, sender);
    unread_came(&s->unread, place);
    line_prompt_next(&s->line, place_shown(s, shown));
}

static void are_here(struct screen *s, const char *room, struct message_list list, bool here)
{
    struct message_entry entry;
    while (message_list_next(&list, &entry, false))
        (here ? people_here : people_gone)(&s->people, room, entry.name);
}

/* --- Between users ------------------------------------------------------------------------------------------------ */

void screen_call(struct screen *s, const char *peer, enum peer_state state, const uint8_t *first, bool talking)
{
    char name[SEEN_NAMES_PRINT_LEN], key[FINGERPRINT_TEXT_LEN];
    if (first != NULL) {
        fingerprint_print(key, first);
        (void)seen_names_print(name, peer, seen_names_listed(&s->seen_names, peer));
        line_show(&s->line, stdout, "* first call with %s, key %s: %s; /verify %s says how to compare it", name, key,
                  peer_state_words(state), peer);
    }
    if (talking)
        line_show(&s->line, stdout, "* %s is there: %s", seen_names_quote(name, peer), peer_state_words(state));
}

void screen_direct(struct screen *s, const char *peer, enum peer_state state, const char *text, size_t len)
{
    char name[SEEN_NAMES_PRINT_LEN], after[40];
    screen_spoke(s, PEOPLE_DIRECT, peer);
    (void)seen_names_print(name, peer, seen_names_spoke(&s->seen_names, peer));
    snprintf(after, sizeof after, ", %s] ", peer_state_words(state));
    const struct style_said said = {.before = "[",
                                    .sender = peer,
                                    .shown = name,
                                    .after = after,
                                    .text = text,
                                    .text_len = len,
                                    .you = seen_names_you(&s->seen_names),
                                    .to_you = true};
    line_said(&s->line, &said);
}

void screen_has_it(struct screen *s, const char *peer)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* %s has it", seen_names_quote(name, peer));
}

void screen_unconfirmed(struct screen *s, const char *peer, const char *text, size_t len)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* not confirmed: to %s: %.*s", seen_names_quote(name, peer), (int)len, text);
    s->complained = true;
}

void screen_unanswered(struct screen *s, const char *room, const char *text, size_t len)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* not confirmed: in %s: %.*s", seen_names_quote(name, room), (int)len, text);
    s->complained = true;
}

void screen_unsent(struct screen *s, const char *room, const char *text, size_t len)
{
    char name[SEEN_NAMES_PRINT_LEN];
    screen_complain(s, "not said in %s: %.*s", seen_names_quote(name, room), (int)len, text);
}

void screen_unsaid(struct screen *s, const char *peer, const char *why)
{
    char name[SEEN_NAMES_PRINT_LEN];
    screen_complain(s, "not said to %s: %s", seen_names_quote(name, peer), why);
}

void screen_call_ended(struct screen *s, const char *peer, const char *why)
{
    char name[SEEN_NAMES_PRINT_LEN];
    screen_complain(s, "the call with %s ended: %s", seen_names_quote(name, peer), why);
}

void screen_no_identity(struct screen *s, const char *user, enum identity_result result, const char *why)
{
    char name[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_quote(name, user);
    if (result == IDENTITY_NONE)
        line_show(&s->line, stdout,
                  "* no key of %s is kept here: no direct messages. Move it here from where it is; if there is none, "
                  "/identity new makes one",
                  name);
    else if (result == IDENTITY_WRONG_PASSWORD)
        line_show(&s->line, stdout,
                  "* the key of %s that is kept here is under another password: no direct messages. /identity unlock "
                  "asks for that one; /identity new makes another key",
                  name);
    else
        screen_complain(s, "no direct messages: %s", why);
}

/* --- Pushes ------------------------------------------------------------------------------------------------------- */

void screen_said(struct screen *s, const struct message *m)
{
    char sender[SEEN_NAMES_PRINT_LEN], room[SEEN_NAMES_PRINT_LEN], before[SEEN_NAMES_PRINT_LEN + 4];
    screen_spoke(s, m->said.room, m->said.sender);
    (void)seen_names_print(sender, m->said.sender, seen_names_spoke(&s->seen_names, m->said.sender));
    snprintf(before, sizeof before, "[%s] ", seen_names_quote(room, m->said.room));
    const struct style_said said = {.time = m->said.time,
                                    .before = before,
                                    .sender = m->said.sender,
                                    .shown = sender,
                                    .after = ": ",
                                    .text = (const char *)m->said.text.data,
                                    .text_len = m->said.text.len,
                                    .you = seen_names_you(&s->seen_names)};
    line_said(&s->line, &said);
}

void screen_presence(struct screen *s, const struct message *m, const char *user)
{
    char names[NAMES_LEN], room[SEEN_NAMES_PRINT_LEN];
    bool came = m->presence.what == MESSAGE_JOINED;
    are_here(s, m->presence.room, m->presence.list, came);
    if (join_names(s, names, m->presence.list, user, came ? seen_names_joined : not_seen) > 0)
        line_show(&s->line, stdout, "* %s %s %s", names, came ? "joined" : "left",
                  seen_names_quote(room, m->presence.room));
}

void screen_notice(struct screen *s, const struct message *m)
{
    line_show(&s->line, stdout, "* notice: %.*s", (int)m->notice.text.len, (const char *)m->notice.text.data);
}

/* --- Answers ------------------------------------------------------------------------------------------------------ */

void screen_members(struct screen *s, const struct message *m, bool quiet)
{
    char names[NAMES_LEN], room[SEEN_NAMES_PRINT_LEN];
    are_here(s, m->members.room, m->members.list, true);
    (void)join_names(s, names, m->members.list, "", seen_names_listed); /* so that of two alike both are told */
    if (quiet)
        return;
    if (join_names(s, names, m->members.list, "", seen_names_listed) > 0)
        line_show(&s->line, stdout, "* in %s: %s", seen_names_quote(room, m->members.room), names);
}

void screen_room(struct screen *s, const struct message_entry *room, bool you_among_them)
{
    char name[SEEN_NAMES_PRINT_LEN];
    people_room(&s->people, room->name);
    line_show(&s->line, stdout, "* room %s: %u member%s%s", seen_names_quote(name, room->name), (unsigned)room->members,
              room->members == 1 ? "" : "s", you_among_them ? ", you among them" : "");
}

void screen_blocked(struct screen *s, const struct message *m)
{
    char names[NAMES_LEN];
    if (join_names(s, names, m->blocked.list, "", not_seen) > 0)
        line_show(&s->line, stdout, "* you don't hear: %s", names);
    else
        line_show(&s->line, stdout, "* you have blocked nobody");
}

void screen_talk_in(struct screen *s, const char *room)
{
    char name[SEEN_NAMES_PRINT_LEN];
    line_show(&s->line, stdout, "* you talk in %s now", seen_names_quote(name, room));
}

void screen_done(struct screen *s, enum message_type request, const char *about)
{
    char name[SEEN_NAMES_PRINT_LEN];
    if (request == MESSAGE_JOIN)
        line_show(&s->line, stdout, "* you joined %s", seen_names_quote(name, about));
    if (request == MESSAGE_LEAVE)
        line_show(&s->line, stdout, "* you left %s", seen_names_quote(name, about));
    if (request == MESSAGE_BLOCK)
        line_show(&s->line, stdout, "* %s is blocked", seen_names_quote(name, about));
    if (request == MESSAGE_UNBLOCK)
        line_show(&s->line, stdout, "* you hear %s again", seen_names_quote(name, about));
}

void screen_not_done(struct screen *s, enum message_type request, const char *about, const char *why)
{
    char name[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_quote(name, about);
    if (request == MESSAGE_SAY || request == MESSAGE_SEAL)
        screen_complain(s, "not said in %s: %s", name, why);
    else if (request == MESSAGE_JOIN || request == MESSAGE_LEAVE)
        screen_refused(s, "%s: %s", name, why);
    else
        screen_complain(s, "%s: %s", name, why);
}

void screen_server_error(struct screen *s, const struct message *m)
{
    screen_complain(s, SCREEN_SERVER_SAYS "%.*s", (int)m->error.text.len, (const char *)m->error.text.data);
}
