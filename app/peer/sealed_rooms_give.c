/* SPDX-License-Identifier: MIT */
/* A member gets what it may have by its name *and* its key alone: the fingerprint of the live call is compared with the
 * list's each time. Neither who is in the server's room nor who says to be somebody is of any meaning here. */
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

/* --- What --------------------------------------------------------------------------------------------------------- */

static void note_given(const struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    o->given.has_list = true;
    o->given.at = now;
    memcpy(o->given.list, r->list.hash, sizeof o->given.list);
}

static void give_list(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    memcpy(payload + 1, r->list.bytes, r->list.len);
    if (calls_give(rs->calls, now, o->name, payload, 1 + r->list.len) != 0)
        return; /* no memory: in the next turn */
    note_given(r, o, now);
}

static void give_key(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &r->mine);
    if (calls_give(rs->calls, now, o->name, payload, sizeof payload) == 0) {
        o->given.has_key = true;
        o->given.at = now;
        memcpy(o->given.key, r->mine.id, sizeof o->given.key);
    }
    ct_wipe(payload, sizeof payload);
}

/* Once for each list that has one's name still. */
static void give_leave(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[SEALED_ROOMS_LEAVE_LEN] = {CALL_INSIDE_LEAVE};
    memcpy(payload + 1, r->list.room, ROOM_LIST_ID_LEN);
    if (calls_give(rs->calls, now, o->name, payload, sizeof payload) == 0)
        note_given(r, o, now);
}

static bool has_list(const struct sealed_room *r, const struct sealed_other *o)
{
    return o->given.has_list && ct_equal(o->given.list, r->list.hash, sizeof o->given.list);
}

bool sealed_rooms_has_key(const struct sealed_room *r, const struct sealed_other *o)
{
    return o->given.has_key && ct_equal(o->given.key, r->mine.id, sizeof o->given.key);
}

static bool gives_lists(const struct sealed_room *r)
{
    return r->state == SEALED_ROOM_IN || r->state == SEALED_ROOM_CLOSED || r->state == SEALED_ROOM_STOPPED;
}

/* What is given in another call is given anew: the one before may have been of a program that is gone. */
static void enter_call(struct sealed_other *o, const struct call *call)
{
    if (o->given.call != call->number)
        o->given.has_list = o->given.has_key = false;
    o->given.call = call->number;
}

/* CAUTION: a server that keeps back one Record, and then has no other to pass on, would keep two members apart for as
 * long as they are there: what is given again ends that call, and in the next one all is given.
 * tests/test_sealed_rooms_bounds.c: test_who_is_there_before_the_list_is. */
static bool was_withheld(const struct sealed_rooms *rs, const struct sealed_other *o, int64_t now)
{
    return (o->given.has_list || o->given.has_key) && now - o->given.at >= CALL_CONFIRM_MS &&
           calls_is_unanswered(rs->calls, o->name);
}

/* Whatever it has not, in its live call.
 *
 * CAUTION: of two who have two histories one finds it out first. If that one gave no list any more the other would go
 * on with half of the room; tests/test_sealed_rooms_lists.c: test_who_finds_two_histories_shows_them. */
static void give(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    const struct call *call = sealed_rooms_live_call(rs, o);
    if (call == NULL)
        return;
    enter_call(o, call);
    if (was_withheld(rs, o, now))
        o->given.has_list = o->given.has_key = false;
    bool to_founder = strcmp(o->name, r->founder) == 0;
    if (gives_lists(r) && !has_list(r, o))
        give_list(rs, r, o, now);
    else if (r->state == SEALED_ROOM_LEFT && to_founder && !has_list(r, o))
        give_leave(rs, r, o, now);
    if (r->state == SEALED_ROOM_IN && o->listed && r->has_mine && r->mine.i < SENDER_KEY_MESSAGES &&
        !sealed_rooms_has_key(r, o) && sealed_rooms_live_call(rs, o) != NULL)
        give_key(rs, r, o, now);
}

void sealed_rooms_give_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        give(rs, r, &r->others[i], now);
}

void sealed_rooms_take_back(struct sealed_rooms *rs, const char *name)
{
    calls_take_back(rs->calls, name);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        for (size_t i = 0; i < r->others_len; i++)
            if (strcmp(r->others[i].name, name) == 0)
                r->others[i].given.has_list = r->others[i].given.has_key = false;
}

/* --- What has arrived --------------------------------------------------------------------------------------------- */

bool sealed_rooms_has_taken_list(const struct sealed_room *r, const struct sealed_other *o, const struct call *call)
{
    return strcmp(o->name, call->peer) == 0 && has_list(r, o) && o->given.call == call->number;
}

void sealed_rooms_taken(struct sealed_rooms *rs, const struct call *call)
{
    if (call_gives(call) || call_is_unanswered(call))
        return;
    sealed_rooms_note_arrived(rs, call);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        for (size_t i = 0; i < r->others_len; i++) {
            struct sealed_other *o = &r->others[i];
            if ((!o->listed || r->state == SEALED_ROOM_LEFT) && sealed_rooms_has_taken_list(r, o, call))
                o->told = true;
        }
}

/* --- Calls of the room's own -------------------------------------------------------------------------------------- */

static void reach(struct sealed_rooms *rs, struct sealed_other *o, int64_t now)
{
    o->to_call = false;
    if (calls_live(rs->calls, o->name) != NULL || calls_is_making(rs->calls, o->name) ||
        (o->was_called && now - o->called_at < SEALED_ROOMS_CALL_MS))
        return;
    o->was_called = true;
    o->called_at = now;
    calls_reach(rs->calls, now, o->name);
}

/* One has entered. A live call with somebody whose key is not here is from before one was in the room: what was given
 * in it then was passed over, and is given in another one. But nothing of the founder's is, whose list comes first: its
 * key is on its way, and with another call what is said in this one could be lost. CAUTION: else that member would
 * believe for ever that one can read; tests/test_sealed_rooms_give.c: test_keys_that_were_passed_over. */
void sealed_rooms_call_who_is_there(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    bool to_founder = strcmp(o->name, r->founder) == 0;
    bool renew = r->state == SEALED_ROOM_IN && !o->has_newest && !to_founder && calls_live(rs->calls, o->name) != NULL;
    if (!renew) {
        reach(rs, o, now);
        return;
    }
    o->to_call = false;
    calls_renew(rs->calls, now, o->name);
}

void sealed_rooms_reach_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].listed && r->others[i].here)
            reach(rs, &r->others[i], now);
}

/* NULL: it knows, or is told by what is there. */
static const struct sealed_other *founder_to_call(const struct sealed_rooms *rs, const struct sealed_room *r)
{
    for (size_t i = 0; r->state == SEALED_ROOM_LEFT && i < r->others_len; i++) {
        const struct sealed_other *o = &r->others[i];
        if (o->listed && !o->told && strcmp(o->name, r->founder) == 0 && calls_live(rs->calls, o->name) == NULL &&
            !calls_is_making(rs->calls, o->name))
            return o;
    }
    return NULL;
}

int64_t sealed_rooms_call_founder_at(const struct sealed_rooms *rs, const struct sealed_room *r)
{
    const struct sealed_other *o = founder_to_call(rs, r);
    if (o == NULL)
        return INT64_MAX;
    return o->was_called ? o->called_at + SEALED_ROOMS_LEAVE_MS : 0;
}

void sealed_rooms_call_founder(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    if (sealed_rooms_call_founder_at(rs, r) <= now)
        reach(rs, sealed_rooms_find_listed(r, r->founder), now);
}
