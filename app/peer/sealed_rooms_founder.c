/* SPDX-License-Identifier: MIT */
/* What the founder of a room alone does: it changes the list. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"

int sealed_rooms_found(struct sealed_rooms *rs, const char *name, char why[static WHY_LEN])
{
    if (sealed_rooms_may_be_in(rs, name, why) != 0)
        return -1;
    struct sealed_room *r = sealed_room_found(name, rs->config.me, rs->config.identity, &rs->rng);
    if (r == NULL)
        return why_say(why, "there is no memory for it, or this machine computes wrongly");
    if (sealed_rooms_write(rs, r, SEALED_ROOM_IN, &r->list, why) != 0) {
        sealed_room_free(r);
        return -1;
    }
    sealed_rooms_begin_receipts(r);
    r->next = rs->list;
    rs->list = r;
    return 0;
}

static int may_change(const struct sealed_room *r, char why[static WHY_LEN])
{
    if (!sealed_room_is_founder(r))
        return why_say(why, "only %s, who founded %s, can do that", r->founder, r->list.name);
    if (r->state != SEALED_ROOM_IN)
        return why_say(why, "%s", sealed_room_state_words(r));
    return 0;
}

/* The next list, taken. */
static int change_list(struct sealed_rooms *rs, struct sealed_room *r, const char *peer, const uint8_t *fingerprint,
                       int64_t now, char why[static WHY_LEN])
{
    static struct room_list next;
    if (sealed_room_next_list(&next, r, peer, fingerprint, rs->config.identity, &rs->rng) != 0)
        return why_say(why, "this machine computes wrongly");
    return sealed_rooms_take_new(rs, r, &next, now, why);
}

/* False: there was none. */
static bool drop_invites(struct sealed_rooms *rs, const struct sealed_room *r, const char *peer)
{
    bool dropped = false;
    for (struct sealed_rooms_invite **at = &rs->invites, *i; (i = *at) != NULL;) {
        if (i->room != r || strcmp(i->peer, peer) != 0) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        free(i);
        dropped = true;
    }
    if (dropped && !sealed_rooms_is_member(rs, peer))
        calls_unreach(rs->calls, peer);
    return dropped;
}

/* CAUTION: whoever is still being called to be invited would else be put on the list after all, when they answer;
 * tests/test_sealed_rooms_founder.c: test_removing_takes_an_invitation_back. */
int sealed_rooms_remove(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const char *peer,
                        char why[static WHY_LEN])
{
    if (may_change(r, why) != 0)
        return -1;
    bool listed = strcmp(peer, r->me) != 0 && room_list_find(&r->list, peer) != NULL;
    if (listed && change_list(rs, r, peer, NULL, now, why) != 0)
        return -1;
    if (!drop_invites(rs, r, peer) && !listed)
        return why_say(why, "nobody of that name is on its list");
    return 0;
}

int sealed_rooms_close(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, char why[static WHY_LEN])
{
    return may_change(r, why) == 0 ? change_list(rs, r, NULL, NULL, now, why) : -1;
}

static void forget_leaving(struct sealed_room *r, const char *name)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, name) == 0)
            r->others[i].leaves = false;
}

void sealed_rooms_remove_leavers(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    char why[WHY_LEN], name[NAME_MAX_LEN + 1];
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        if (!o->leaves || !o->listed || r->state != SEALED_ROOM_IN) {
            o->leaves = false;
            continue;
        }
        memcpy(name, o->name, sizeof name); /* o may move */
        if (change_list(rs, r, name, NULL, now, why) != 0)
            rs->hooks.complain(rs->hooks.arg, why);
        forget_leaving(r, name); /* until here it says why it was removed */
        i = SIZE_MAX;            /* from the first again */
    }
}

/* --- Invitations -------------------------------------------------------------------------------------------------- */

/* Also when whoever was invited is reached: others may have been added meanwhile. */
static int has_room_for(const struct sealed_room *r, const char *peer, char why[static WHY_LEN])
{
    if (r->list.count < ROOM_LIST_MEMBERS_MAX || room_list_find(&r->list, peer) != NULL)
        return 0;
    return why_say(why, "%d are on the list already: no more can be", ROOM_LIST_MEMBERS_MAX);
}

int sealed_rooms_invite(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const char *peer,
                        char why[static WHY_LEN])
{
    if (may_change(r, why) != 0 || has_room_for(r, peer, why) != 0)
        return -1;
    if (strcmp(peer, r->me) == 0)
        return why_say(why, "you are on its list already");
    struct sealed_rooms_invite *i = calloc(1, sizeof *i);
    if (i == NULL)
        return why_say(why, "there is no memory for it");
    i->room = r;
    i->since = now;
    memcpy(i->peer, peer, strlen(peer) + 1);
    i->next = rs->invites;
    rs->invites = i;
    calls_reach(rs->calls, now, peer);
    return 0;
}

/* Who is on the list already, with that key, is given it again. */
static int add(struct sealed_rooms *rs, struct sealed_room *r, const struct call *call, int64_t now,
               char why[static WHY_LEN])
{
    struct sealed_other *o = sealed_room_other(r, call->peer, call->fingerprint);
    if (o == NULL || !o->listed)
        return has_room_for(r, call->peer, why) == 0 ? change_list(rs, r, call->peer, call->fingerprint, now, why) : -1;
    o->given.has_list = o->given.has_key = false;
    return 0;
}

/* The call in which it was given may have been of a program that is gone: then there is another one, once.
 * True: there is nothing more to do. */
static bool watch_invite(struct sealed_rooms *rs, struct sealed_rooms_invite *i, int64_t now)
{
    if (i->arrived || sealed_rooms_find_listed(i->room, i->peer) == NULL)
        return true;
    if (calls_live(rs->calls, i->peer) == NULL && !calls_is_making(rs->calls, i->peer)) {
        i->again = true;
        calls_reach(rs->calls, now, i->peer);
    }
    return false;
}

/* True: it is done, or can't be. */
static bool try_invite(struct sealed_rooms *rs, struct sealed_rooms_invite *i, int64_t now)
{
    struct sealed_room *r = i->room;
    const struct call *call = calls_live(rs->calls, i->peer);
    if (!i->failed && may_change(r, i->why) != 0) {
        i->failed = true;
    } else if (!i->failed && now - i->since >= SEALED_ROOMS_INVITE_MS) {
        i->failed = true;
        (void)why_say(i->why, "their program did not answer in time");
    } else if (!i->failed && i->added) {
        if (watch_invite(rs, i, now))
            return true;
    } else if (!i->failed && call != NULL) {
        i->added = true;
        i->since = now;
        i->failed = add(rs, r, call, now, i->why) != 0;
    }
    if (i->failed)
        rs->hooks.uninvited(rs->hooks.arg, r, i->peer, i->why);
    return i->failed;
}

void sealed_rooms_go_on_inviting(struct sealed_rooms *rs, int64_t now)
{
    for (struct sealed_rooms_invite **at = &rs->invites, *i; (i = *at) != NULL;) {
        if (!try_invite(rs, i, now)) {
            at = &i->next;
            continue;
        }
        *at = i->next;
        if (!sealed_rooms_is_member(rs, i->peer))
            calls_unreach(rs->calls, i->peer);
        free(i);
    }
}

void sealed_rooms_note_arrived(struct sealed_rooms *rs, const struct call *call)
{
    for (struct sealed_rooms_invite *i = rs->invites; i != NULL; i = i->next) {
        const struct sealed_other *o = i->added ? sealed_rooms_find_listed(i->room, i->peer) : NULL;
        if (o != NULL && sealed_rooms_has_taken_list(i->room, o, call))
            i->arrived = true;
    }
}

void sealed_rooms_unreached(struct sealed_rooms *rs, const char *peer, const char *why)
{
    for (struct sealed_rooms_invite *i = rs->invites; i != NULL; i = i->next)
        if (strcmp(i->peer, peer) == 0 && !i->failed) {
            i->failed = !i->added || i->again;
            i->again = i->added;
            (void)why_say(i->why, "%s", why);
        }
}
