/* SPDX-License-Identifier: MIT */
/* Each source offers all that it has, in its order, and what does not begin as the word does is passed over. */
#include "app/client/complete.h"

#include <stdio.h>
#include <string.h>

#include "app/client/command.h"
#include "app/client/conversation.h"

/* The word that is being typed, and what completes it. */
struct completing {
    const struct conversation *c;
    struct line_words *out;
    const char *typed;  /* out->begun bytes */
    const char *before; /* the word before it, in a command */
    size_t before_len;
    const char *after; /* what follows it when it is complete */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; /* whatever the locale */
}

static bool begins_as_typed(const struct completing *w, const char *word)
{
    size_t i = 0;
    while (i < w->out->begun && word[i] != '\0' && lower(w->typed[i]) == word[i])
        i++;
    return i == w->out->begun;
}

static void offer(struct completing *w, const char *mark, const char *word)
{
    struct line_words *out = w->out;
    char *whole = out->words[out->len]; /* which has room for what is typed, too */
    if (out->len == LINE_WORDS_MAX)
        return;
    snprintf(whole, sizeof *out->words, "%s%s%s", mark, word, w->after);
    if (!begins_as_typed(w, whole))
        return;
    for (size_t i = 0; i < out->len; i++)
        if (strcmp(out->words[i], whole) == 0)
            return;
    out->len++;
}

/* --- People ------------------------------------------------------------------------------------------------------- */

static void offer_name(struct completing *w, const char *mark, const char *name)
{
    if (strcmp(name, w->c->user) != 0)
        offer(w, mark, name);
}

/* room NULL: of all rooms. */
static void offer_people(struct completing *w, const char *mark, const char *room)
{
    const struct people_one *found[PEOPLE_MAX];
    size_t n = people_of(&w->c->screen.people, room, found);
    for (size_t i = 0; i < n; i++)
        offer_name(w, mark, found[i]->name);
}

/* Who may be on the list of a sealed room and not be there. */
static void offer_listed(struct completing *w, const char *mark)
{
    const struct sealed_room *r = sealed_rooms_find(&w->c->direct.rooms.sealed, w->c->room);
    for (size_t i = 0; r != NULL && i < r->list.count; i++)
        offer_name(w, mark, r->list.members[i].name);
}

static void offer_users(struct completing *w, const char *mark)
{
    const struct peers *peers = &w->c->direct.peers;
    offer_people(w, mark, w->c->direct.with[0] == '\0' ? w->c->room : PEOPLE_DIRECT);
    offer_listed(w, mark);
    offer_people(w, mark, NULL);
    for (size_t i = 0; w->c->direct.has_peers && i < peers->count; i++)
        offer_name(w, mark, peers->list[i].name);
}

/* Who can read it: in a room, those who are there. */
static void offer_spoken_to(struct completing *w)
{
    if (w->c->direct.with[0] != '\0')
        offer_name(w, "", w->c->direct.with);
    else if (w->c->room[0] != '\0')
        offer_people(w, "", w->c->room);
}

/* --- Rooms -------------------------------------------------------------------------------------------------------- */

static void offer_sealed(struct completing *w)
{
    for (const struct sealed_room *r = w->c->direct.rooms.sealed.list; r != NULL; r = r->next)
        if (r->state != SEALED_ROOM_ASKED)
            offer(w, "", r->list.name);
}

/* Where one is first, but for the room in which one talks. */
static void offer_rooms(struct completing *w)
{
    const struct conversation *c = w->c;
    const struct people *p = &c->screen.people;
    for (size_t i = c->rooms_len; i-- > 0;)
        if (strcmp(c->rooms[i], c->room) != 0)
            offer(w, "", c->rooms[i]);
    for (const struct sealed_room *r = c->direct.rooms.sealed.list; r != NULL; r = r->next)
        if (r->state == SEALED_ROOM_IN)
            offer(w, "", r->list.name);
    for (size_t i = 0; i < p->rooms_len; i++)
        if (!name_is_sealed(p->rooms[i]))
            offer(w, "", p->rooms[i]);
    offer(w, "", c->room);
}

/* Both words of each invitation; or the founder's name, where the room's stands before it. */
static void offer_invitations(struct completing *w, bool both)
{
    char pair[2 * NAME_MAX_LEN + 2];
    for (const struct sealed_room *r = w->c->direct.rooms.sealed.list; r != NULL; r = r->next) {
        bool named = strlen(r->list.name) == w->before_len && memcmp(r->list.name, w->before, w->before_len) == 0;
        snprintf(pair, sizeof pair, "%s %s", r->list.name, r->founder);
        if (r->state == SEALED_ROOM_ASKED && (both || named))
            offer(w, "", both ? pair : r->founder);
    }
}

/* --- What a command takes ----------------------------------------------------------------------------------------- */

static void offer_commands(struct completing *w)
{
    const char *name;
    for (size_t i = 0; (name = command_at(i)) != NULL; i++)
        offer(w, "", name);
}

/* One of the words in command.c's table, in capitals, or one that is typed as it is. */
static void offer_kind(struct completing *w, const char *kind, bool founder_follows)
{
    if (strcmp(kind, "NAME") == 0)
        offer_users(w, "");
    else if (strcmp(kind, "@NAME") == 0)
        offer_users(w, "@");
    else if (strcmp(kind, "COMMAND") == 0)
        offer_commands(w);
    else if (strcmp(kind, "ROOM") == 0)
        offer_rooms(w);
    else if (strcmp(kind, "+ROOM") == 0 && founder_follows)
        offer_invitations(w, true);
    else if (strcmp(kind, "+ROOM") == 0)
        offer_sealed(w);
    else if (strcmp(kind, "FOUNDER") == 0)
        offer_invitations(w, false);
    else if (strcmp(kind, "TEXT") == 0 && w->out->begun > 0)
        offer_spoken_to(w);
    else if (lower(kind[0]) == kind[0] && kind[0] >= 'a')
        offer(w, "", kind);
}

/* Cuts the first word off what a command takes: without its brackets; empty where there is none. */
static const char *take_kind(char out[static LINE_WORD_LEN], const char *takes)
{
    size_t n = 0;
    while (*takes == ' ' || *takes == '[')
        takes++;
    for (; *takes != '\0' && *takes != ' ' && *takes != '|'; takes++)
        if (*takes != ']' && n < LINE_WORD_LEN - 1)
            out[n++] = *takes;
    out[n] = '\0';
    return takes;
}

/* The nth of its words in each of the ways in which the command may be used; a text has any number of them. */
static void offer_nth(struct completing *w, const char *takes, size_t nth)
{
    while (*takes != '\0') {
        char kind[LINE_WORD_LEN], next[LINE_WORD_LEN];
        takes = take_kind(kind, takes);
        for (size_t i = 0; i < nth && strcmp(kind, "TEXT") != 0; i++)
            takes = take_kind(kind, takes);
        takes = take_kind(next, takes);
        offer_kind(w, kind, strcmp(next, "FOUNDER") == 0);
        takes += strcspn(takes, "|");
        takes += *takes == '|';
    }
}

/* --- A line ------------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How many words stand before the one that is typed; *before is the last of them. */
static size_t words_before(struct completing *w, const char *text)
{
    size_t n = 0;
    for (const char *p = text; p < w->typed;) {
        while (p < w->typed && is_blank(*p))
            p++;
        const char *word = p;
        while (p < w->typed && !is_blank(*p))
            p++;
        if (p == word)
            break;
        w->before = word;
        w->before_len = (size_t)(p - word);
        n++;
    }
    return n;
}

void complete_line(void *arg, struct line_words *out, const char *text, size_t len)
{
    size_t from = len;
    while (from > 0 && !is_blank(text[from - 1]))
        from--;
    struct completing w = {.c = arg, .out = out, .typed = text + from, .before = "", .after = " "};
    out->begun = len - from;
    if (out->begun >= LINE_WORD_LEN)
        return;
    bool is_command = len > 0 && text[0] == '/' && !(len > 1 && text[1] == '/');
    size_t n = words_before(&w, text);
    const char *takes = is_command && n > 0 ? command_takes(text, len) : NULL;
    if (takes != NULL) {
        offer_nth(&w, takes, n - 1);
    } else if (is_command && n == 0) {
        offer_commands(&w);
    } else if (!is_command && (from == 0 || out->begun > 0)) {
        w.after = from == 0 ? ": " : " ";
        offer_spoken_to(&w);
    }
}
