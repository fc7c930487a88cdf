/* SPDX-License-Identifier: MIT */
/* What a server does to sealed rooms. It can open nothing of what it passes on there; but it says who is there, who has
 * said something, in which room, in which order, and to whom. */
#include <stdlib.h>
#include <string.h>

#include "app/workbench/labs/misdeed.h"

#define EVERYBODY "*"

/* --- Whom it is about --------------------------------------------------------------------------------------------- */

static bool is_in(const char *names, const char *name)
{
    size_t len = strlen(name);
    if (strcmp(names, EVERYBODY) == 0)
        return true;
    for (const char *at = names; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool is_between(const struct misdeeds *d, const char *from, const char *to)
{
    return (is_in(d->word[0], from) && is_in(d->word[1], to)) || (is_in(d->word[1], from) && is_in(d->word[0], to));
}

static bool is_line(const struct misdeeds *d, const char *to, const struct message *m)
{
    return m->type == MESSAGE_SEALED && is_in(d->word[0], m->sealed.sender) && is_in(d->word[1], to);
}

/* --- What was sealed ---------------------------------------------------------------------------------------------- */

void misdeed_lines_init(struct misdeed_lines *lines)
{
    *lines = (struct misdeed_lines){.first = NULL};
    lines->end = &lines->first;
}

void misdeed_lines_free(struct misdeed_lines *lines)
{
    for (struct misdeed_sealed *s = lines->first, *next; s != NULL; s = next) {
        next = s->next;
        free(s);
    }
    misdeed_lines_init(lines);
}

void misdeed_keep_line(struct misdeed_lines *lines, const char *to, const struct message *m)
{
    struct misdeed_sealed *s = NULL;
    if (lines->len < MISDEED_KEPT_MAX && m->sealed.sealed.len <= sizeof s->bytes)
        s = calloc(1, sizeof *s);
    if (s == NULL)
        return;
    memcpy(s->room, m->sealed.room, sizeof s->room);
    memcpy(s->from, m->sealed.sender, sizeof s->from);
    memcpy(s->to, to, strlen(to) + 1);
    s->time = m->sealed.time;
    s->len = m->sealed.sealed.len;
    memcpy(s->bytes, m->sealed.sealed.data, s->len);
    *lines->end = s;
    lines->end = &s->next;
    lines->len++;
}

static void push(struct misdeeds *d, const char *to, const struct message *m)
{
    struct treacherous_user *u = treacherous_find(d->t, to);
    if (u != NULL)
        treacherous_push(d->t, u, m);
}

static void say(struct misdeeds *d, const struct misdeed_sealed *s, const char *room)
{
    struct message m = {.type = MESSAGE_SEALED, .sealed = {.time = s->time, .sealed = {s->bytes, s->len}}};
    memcpy(m.sealed.room, room, strlen(room) + 1);
    memcpy(m.sealed.sender, s->from, sizeof m.sealed.sender);
    push(d, s->to, &m);
}

/* --- To whom, and when -------------------------------------------------------------------------------------------- */

/* A list and a sender key are given in calls: who gets none of these knows of no removal. */
bool misdeed_apart(struct misdeeds *d, const char *to, const struct message *m)
{
    return m->type != MESSAGE_RELAYED || !is_between(d, m->relayed.name, to);
}

bool misdeed_apart_all(struct misdeeds *d, const char *to, const struct message *m)
{
    return misdeed_apart(d, to, m) && (m->type != MESSAGE_SEALED || !is_between(d, m->sealed.sender, to));
}

bool misdeed_withhold_line(struct misdeeds *d, const char *to, const struct message *m)
{
    return !is_line(d, to, m);
}

bool misdeed_hold_line(struct misdeeds *d, const char *to, const struct message *m)
{
    if (!is_line(d, to, m))
        return true;
    misdeed_keep_line(&d->held_lines, to, m);
    return false;
}

void misdeed_release_lines(struct misdeeds *d)
{
    for (const struct misdeed_sealed *s = d->held_lines.first; s != NULL; s = s->next)
        say(d, s, s->room);
    misdeed_lines_free(&d->held_lines);
}

/* Several users got it, and it is kept for each. */
static bool is_first(const struct misdeeds *d, const struct misdeed_sealed *s)
{
    const struct misdeed_sealed *f = d->kept_lines.first;
    while (f != s && (f->len != s->len || memcmp(f->bytes, s->bytes, s->len) != 0))
        f = f->next;
    return f == s;
}

void misdeed_say_again(struct misdeeds *d)
{
    for (const struct misdeed_sealed *s = d->kept_lines.first; s != NULL; s = s->next) {
        struct misdeed_sealed again = *s;
        if (strcmp(s->from, d->word[0]) == 0 || !is_first(d, s))
            continue; /* one's own never comes back */
        memcpy(again.to, d->word[0], strlen(d->word[0]) + 1);
        say(d, &again, d->word[1][0] != '\0' ? d->word[1] : s->room);
    }
}

/* --- Whose it is, and what ---------------------------------------------------------------------------------------- */

/* Before the line as it is: so each member gets it under both names. */
bool misdeed_stamp_line(struct misdeeds *d, const char *to, const struct message *m)
{
    struct message other = *m;
    if (m->type != MESSAGE_SEALED || strcmp(m->sealed.sender, d->word[0]) != 0)
        return true;
    memcpy(other.sealed.sender, d->word[1], sizeof other.sealed.sender);
    push(d, to, &other);
    return true;
}

/* Before the line as it is: with a bit of one byte flipped, for each byte from that offset on; and cut by blocks, as
 * nothing else has a length that a client would look at. */
bool misdeed_spoil_line(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t bytes[SEALED_MAX];
    struct message spoilt = *m;
    if (m->type != MESSAGE_SEALED || !is_in(d->word[0], to) || m->sealed.sealed.len > sizeof bytes)
        return true;
    size_t len = m->sealed.sealed.len;
    spoilt.sealed.sealed = (struct message_bytes){bytes, len};
    for (size_t at = strtoul(d->word[1], NULL, 10); at < len; at++) {
        memcpy(bytes, m->sealed.sealed.data, len);
        bytes[at] ^= (uint8_t)(1u << (at % 8));
        push(d, to, &spoilt);
    }
    memcpy(bytes, m->sealed.sealed.data, len);
    while ((spoilt.sealed.sealed.len -= AES_BLOCK_LEN) >= SEALED_MIN)
        push(d, to, &spoilt);
    return true;
}

/* --- Who is there ------------------------------------------------------------------------------------------------- */

static void tell_presence(struct misdeeds *d, enum message_presence what)
{
    struct message m = {.type = MESSAGE_PRESENCE, .presence.what = (uint8_t)what};
    struct message_entry entry = {.members = 0};
    uint8_t buf[1 + NAME_MAX_LEN];
    memcpy(entry.name, d->word[0], sizeof entry.name);
    memcpy(m.presence.room, d->word[1], sizeof m.presence.room);
    message_list_init(&m.presence.list, buf);
    if (message_list_add(&m.presence.list, buf, &entry, false) != 0)
        return;
    for (struct treacherous_user *u = d->t->users; u != NULL; u = u->next)
        if (!u->over && strcmp(u->name, d->word[0]) != 0)
            treacherous_push(d->t, u, &m);
}

/* What does not fit is left out: no room of a lab is so large. */
static void add_name(struct message_list *list, uint8_t *buf, const char *name)
{
    struct message_entry entry = {.members = 0};
    memcpy(entry.name, name, strlen(name) + 1);
    if (message_list_add(list, buf, &entry, false) != 0)
        return;
}

/* The list of members, which is in order, with that name in it, or without. */
static void push_members(struct misdeeds *d, const char *to, const struct message *m, bool with)
{
    static uint8_t buf[MESSAGE_MAX_LEN];
    struct message other = *m;
    struct message_list left = m->members.list;
    struct message_entry entry;
    message_list_init(&other.members.list, buf);
    while (message_list_next(&left, &entry, false)) {
        int order = strcmp(entry.name, d->word[0]);
        if (with && order >= 0) {
            add_name(&other.members.list, buf, d->word[0]);
            with = false;
        }
        if (order != 0)
            add_name(&other.members.list, buf, entry.name);
    }
    if (with)
        add_name(&other.members.list, buf, d->word[0]);
    push(d, to, &other);
}

static bool is_about(const struct misdeeds *d, const char *to, const struct message *m)
{
    return strcmp(m->members.room, d->word[1]) == 0 && strcmp(to, d->word[0]) != 0;
}

void misdeed_put_in_begin(struct misdeeds *d)
{
    tell_presence(d, MESSAGE_JOINED);
}

bool misdeed_put_in(struct misdeeds *d, const char *to, const struct message *m)
{
    if (m->type == MESSAGE_SEALED && strcmp(m->sealed.sender, d->word[0]) != 0)
        push(d, d->word[0], m); /* once for each who gets it */
    if (m->type != MESSAGE_MEMBERS || !is_about(d, to, m))
        return true;
    push_members(d, to, m, true);
    return false;
}

void misdeed_hide_begin(struct misdeeds *d)
{
    tell_presence(d, MESSAGE_LEFT);
}

bool misdeed_hide(struct misdeeds *d, const char *to, const struct message *m)
{
    if (m->type != MESSAGE_MEMBERS || !is_about(d, to, m))
        return true;
    push_members(d, to, m, false);
    return false;
}
