/* SPDX-License-Identifier: MIT */
/* What calls hand in is only looked at by its layout, and kept for the next turn: so nothing here changes under a loop
 * that goes on with a call. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

#define INBOX_MAX 4096 /* of what was given, and not looked at, or waits */

/* Sets g's room, and what it has of a list. False: it has not its layout. */
static bool has_layout(struct sealed_rooms_given *g, const uint8_t *payload, size_t len)
{
    static struct room_list l;
    struct sender_key k;
    const uint8_t *room = payload + 1; /* of leave */
    bool good = false;
    if (payload[0] == CALL_INSIDE_SENDER_KEY) {
        good = sender_key_decode(&k, payload, len) == 0;
        room = k.room;
    } else if (payload[0] == CALL_INSIDE_LIST) {
        good = room_list_decode(&l, payload + 1, len - 1) == 0;
        room = l.room;
        g->n = l.n;
        memcpy(g->before, l.before, sizeof g->before);
        memcpy(g->hash, l.hash, sizeof g->hash);
    } else if (payload[0] == CALL_INSIDE_LEAVE) {
        good = len == SEALED_ROOMS_LEAVE_LEN;
    }
    if (good)
        memcpy(g->room, room, sizeof g->room);
    ct_wipe(&k, sizeof k);
    return good;
}

static size_t inbox_len(const struct sealed_rooms *rs)
{
    size_t n = 0;
    for (const struct sealed_rooms_given *g = rs->inbox; g != NULL; g = g->next)
        n++;
    return n;
}

static void append(struct sealed_rooms *rs, struct sealed_rooms_given *g)
{
    g->next = NULL;
    *rs->inbox_end = g;
    rs->inbox_end = &g->next;
}

bool sealed_rooms_given(struct sealed_rooms *rs, const struct call *call, const uint8_t *payload, size_t len)
{
    struct sealed_rooms_given head = {
        .state = call->state,
        .certificate_len = call->certificate_len,
        .len = len,
    };
    if (!has_layout(&head, payload, len) || inbox_len(rs) >= INBOX_MAX)
        return false;
    struct sealed_rooms_given *g = malloc(sizeof *g + len);
    if (g == NULL)
        return false;
    *g = head;
    memcpy(g->peer, call->peer, sizeof g->peer);
    memcpy(g->fingerprint, call->fingerprint, sizeof g->fingerprint);
    memcpy(g->certificate, call->certificate, call->certificate_len);
    memcpy(g->payload, payload, len);
    append(rs, g);
    rs->inbox_at = 0;
    return true;
}

static void take_key(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    const struct sealed_from from = {
        .peer = g->peer,
        .fingerprint = g->fingerprint,
        .certificate = g->certificate,
        .certificate_len = g->certificate_len,
        .state = g->state,
    };
    struct sender_key k;
    if (sender_key_decode(&k, g->payload, g->len) != 0)
        return;
    struct sealed_room *r = sealed_rooms_by_id(rs, k.room);
    if (r != NULL)
        sealed_room_take_key(r, &k, &from, now);
    sender_key_wipe(&k);
}

static void take_leave(struct sealed_rooms *rs, const struct sealed_rooms_given *g)
{
    struct sealed_room *r = sealed_rooms_by_id(rs, g->payload + 1);
    struct sealed_other *o = r != NULL ? sealed_room_other(r, g->peer, g->fingerprint) : NULL;
    if (o != NULL && sealed_room_is_founder(r))
        o->leaves = true;
}

static void free_given(struct sealed_rooms_given *g)
{
    ct_wipe(g->payload, g->len);
    free(g);
}

static void look_at(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    if (g->payload[0] == CALL_INSIDE_LIST)
        sealed_rooms_take_list(rs, g, now);
    else if (g->payload[0] == CALL_INSIDE_SENDER_KEY)
        take_key(rs, g, now);
    else
        take_leave(rs, g);
}

/* It is no newer one, or is of another history. CAUTION: behind a list that waits it would be older than what is taken
 * meanwhile, and passed over: so a founder could have two histories, and two members with a call who don't find out.
 * tests/test_sealed_rooms_attacks.c: test_two_histories_behind_a_list_that_waits. */
static bool can_not_be_taken(const struct sealed_room *r, const struct sealed_rooms_given *g)
{
    return g->n <= r->list.n || (g->n == r->list.n + 1 && !ct_equal(g->before, r->list.hash, sizeof g->before));
}

/* When that list of that room (NULL: one that is not known) has its turn. */
static int64_t due_at(struct sealed_rooms *rs, const struct sealed_room *r, const struct sealed_rooms_given *g)
{
    int64_t list = r != NULL ? sealed_rooms_next_list_at(r) : INT64_MIN;
    bool may_invite = r == NULL || r->state == SEALED_ROOM_OUT; /* whoever gives it, or it could hurry the founder's */
    int64_t asking = may_invite ? sealed_rooms_next_asking_at(rs, r != NULL ? r->founder : g->peer) : INT64_MIN;
    return list > asking ? list : asking;
}

/* Whether that key is for a list that waits: of a room that is not known, for that of its own giver. */
static bool is_behind_list(const struct sealed_rooms *rs, const struct sealed_room *r,
                           const struct sealed_rooms_given *g)
{
    if (r != NULL)
        return r->list_waits && (sealed_room_takes_keys(r) || r->state == SEALED_ROOM_OUT);
    for (const struct sealed_rooms_given *l = rs->inbox; l != NULL; l = l->next)
        if (l->payload[0] == CALL_INSIDE_LIST && strcmp(l->peer, g->peer) == 0 &&
            ct_equal(l->room, g->room, sizeof g->room))
            return true;
    return false;
}

/* CAUTION: a founder could have all its members write and show one list after the other, as fast as it signs them; or
 * ask somebody about one room after the other, and take each back. So a list waits where its room has had too many, or
 * its founder has asked too often, and what was given behind it, the keys for it among that, waits too.
 * tests/test_sealed_rooms_bounds.c: test_a_founder_who_signs_list_after_list; tests/test_sealed_rooms_pace.c:
 * test_invitation_after_invitation. */
static bool is_to_wait(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    struct sealed_room *r = sealed_rooms_by_id(rs, g->room);
    bool list = g->payload[0] == CALL_INSIDE_LIST;
    if (!list)
        return g->payload[0] == CALL_INSIDE_SENDER_KEY && is_behind_list(rs, r, g);
    if (r != NULL && can_not_be_taken(r, g))
        return false;
    int64_t then = due_at(rs, r, g);
    bool early = now < then;
    if (early && then < rs->inbox_at)
        rs->inbox_at = then;
    if (r != NULL)
        r->list_waits = r->list_waits || early;
    return r != NULL ? r->list_waits : early;
}

/* Whether two that wait are of one peer and room; rooms that are not known count as one. */
static bool is_alike(const struct sealed_rooms *rs, const struct sealed_rooms_given *g,
                     const struct sealed_rooms_given *other)
{
    if (g->payload[0] != other->payload[0] || strcmp(g->peer, other->peer) != 0)
        return false;
    return ct_equal(g->room, other->room, sizeof g->room) ||
           (sealed_rooms_by_id(rs, g->room) == NULL && sealed_rooms_by_id(rs, other->room) == NULL);
}

/* Of each peer the newest list of a room is enough, or two of rooms that are not known, and two keys. What goes is an
 * older one of the same room, or else the first. CAUTION: newer lists of one room would else push out an invitation to
 * another that stands; tests/test_sealed_rooms_pace.c: test_two_invitations_wait. */
static void keep_waiting(struct sealed_rooms *rs, struct sealed_rooms_given *g)
{
    bool known = sealed_rooms_by_id(rs, g->room) != NULL;
    size_t n = 0, most = known && g->payload[0] == CALL_INSIDE_LIST ? 1 : 2;
    struct sealed_rooms_given **first = NULL, **same = NULL, *old;
    append(rs, g);
    for (struct sealed_rooms_given **at = &rs->inbox; *at != NULL; at = &(*at)->next) {
        if (!is_alike(rs, g, *at))
            continue;
        if (n++ == 0)
            first = at;
        if (!known && same == NULL && *at != g && ct_equal((*at)->room, g->room, sizeof g->room))
            same = at;
    }
    if (same == NULL && n <= most)
        return;
    first = same != NULL ? same : first;
    old = *first; /* is not g, which is the last of them */
    *first = old->next;
    free_given(old);
}

static bool is_due(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    const struct sealed_room *r = sealed_rooms_by_id(rs, g->room);
    return r != NULL && r->list_waits && g->payload[0] == CALL_INSIDE_LIST && !can_not_be_taken(r, g) &&
           now >= due_at(rs, r, g);
}

/* Of the same room, the list before g that is not the one before it; or g's own place. */
static struct sealed_rooms_given **at_odds_with(struct sealed_rooms_given **all, struct sealed_rooms_given **g)
{
    struct sealed_rooms_given **at = all;
    while (*at != NULL && ((*at)->payload[0] != CALL_INSIDE_LIST || (*at)->n + 1 != (*g)->n ||
                           !ct_equal((*at)->room, (*g)->room, sizeof(*g)->room) ||
                           ct_equal((*at)->hash, (*g)->before, sizeof(*g)->before)))
        at = &(*at)->next;
    return *at != NULL ? at : g;
}

/* The list that has its turn first; NULL: none has. */
static struct sealed_rooms_given **next_due(struct sealed_rooms *rs, struct sealed_rooms_given **all, int64_t now)
{
    struct sealed_rooms_given **newest = NULL;
    for (struct sealed_rooms_given **at = all; *at != NULL; at = &(*at)->next)
        if (is_due(rs, *at, now) && (newest == NULL || (*at)->n > (*newest)->n))
            newest = at;
    return newest != NULL ? at_odds_with(all, newest) : NULL;
}

/* CAUTION: of what waits the newest list comes first. Else members who were removed, and have kept older lists, put
 * those in front of it, each for a second, and read what is said meanwhile. tests/test_sealed_rooms_attacks.c:
 * test_old_lists_in_front_of_the_newest. */
static void look_at_newest_lists(struct sealed_rooms *rs, struct sealed_rooms_given **all, int64_t now)
{
    for (struct sealed_rooms_given **at; (at = next_due(rs, all, now)) != NULL;) {
        struct sealed_rooms_given *g = *at;
        *at = g->next;
        look_at(rs, g, now);
        free_given(g);
    }
}

void sealed_rooms_look_at_inbox(struct sealed_rooms *rs, int64_t now)
{
    struct sealed_rooms_given *all = rs->inbox;
    rs->inbox = NULL;
    rs->inbox_end = &rs->inbox;
    rs->inbox_at = INT64_MAX;
    look_at_newest_lists(rs, &all, now);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        r->list_waits = false;
    for (struct sealed_rooms_given *g; (g = all) != NULL;) {
        all = g->next;
        if (is_to_wait(rs, g, now)) {
            keep_waiting(rs, g);
        } else {
            look_at(rs, g, now);
            free_given(g);
        }
    }
}

void sealed_rooms_drop_inbox(struct sealed_rooms *rs)
{
    for (struct sealed_rooms_given *g; (g = rs->inbox) != NULL; free_given(g))
        rs->inbox = g->next;
}
