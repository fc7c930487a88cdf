/* SPDX-License-Identifier: MIT */
/* What calls hand in is only looked at by its layout, and kept for the next turn: so nothing here changes under a loop
 * that goes on with a call. A list is on disk before it is taken, and so before anybody is given it.
 *
 * A member gets what it may have by its name *and* its key alone: the fingerprint of the live call is compared with the
 * list's each time. Neither who is in the server's room nor who says to be somebody is of any meaning here. */
#include "app/peer/sealed_rooms.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"

#define LEAVE_LEN (1 + ROOM_LIST_ID_LEN)
#define INBOX_MAX 4096

/* Something that was given, in whose call. */
struct sealed_rooms_given {
    struct sealed_rooms_given *next;
    char peer[NAME_MAX_LEN + 1];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t certificate_len;
    enum peer_state state;
    size_t len;
    uint8_t payload[];
};

struct sealed_rooms_text {
    struct sealed_rooms_text *next;
    struct sealed_room *room;
    int64_t since;
    size_t len;
    uint8_t text[];
};

struct sealed_rooms_invite {
    struct sealed_rooms_invite *next;
    struct sealed_room *room;
    char peer[NAME_MAX_LEN + 1];
    int64_t since;
    bool added; /* to the list, which is on its way */
    bool arrived;
    bool again; /* once more, in another call */
    bool failed;
    char why[WHY_LEN];
};

/* --- Finding ------------------------------------------------------------------------------------------------------ */

static struct sealed_room *by_id(const struct sealed_rooms *rs, const uint8_t id[static ROOM_LIST_ID_LEN])
{
    struct sealed_room *r = rs->list;
    while (r != NULL && !ct_equal(r->list.room, id, ROOM_LIST_ID_LEN))
        r = r->next;
    return r;
}

static bool is_over(const struct sealed_room *r)
{
    return r->state != SEALED_ROOM_IN && r->state != SEALED_ROOM_ASKED;
}

struct sealed_room *sealed_rooms_find(const struct sealed_rooms *rs, const char *name)
{
    struct sealed_room *found = NULL;
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        if (strcmp(r->list.name, name) == 0 && (found == NULL || is_over(found)))
            found = r;
    return found;
}

/* The live call with that member, if it has the key of the list; NULL: there is none. */
static const struct call *live_call(const struct sealed_rooms *rs, const struct sealed_other *o)
{
    const struct call *call = calls_live(rs->calls, o->name);
    return call != NULL && ct_equal(call->fingerprint, o->fingerprint, sizeof o->fingerprint) ? call : NULL;
}

bool sealed_rooms_is_member(const struct sealed_rooms *rs, const char *peer)
{
    for (const struct sealed_rooms_invite *i = rs->invites; i != NULL; i = i->next)
        if (strcmp(i->peer, peer) == 0)
            return true;
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        if (r->state == SEALED_ROOM_IN && room_list_find(&r->list, peer) != NULL)
            return true;
    return false;
}

static struct sealed_other *find_listed(struct sealed_room *r, const char *name)
{
    const struct room_list_member *m = room_list_find(&r->list, name);
    return m != NULL ? sealed_room_other(r, name, m->fingerprint) : NULL;
}

/* --- Texts -------------------------------------------------------------------------------------------------------- */

static struct sealed_rooms_text **first_of(struct sealed_rooms *rs, const struct sealed_room *r)
{
    struct sealed_rooms_text **at = &rs->texts;
    while (*at != NULL && (*at)->room != r)
        at = &(*at)->next;
    return at;
}

static void drop_text(struct sealed_rooms *rs, struct sealed_rooms_text **at)
{
    struct sealed_rooms_text *t = *at;
    *at = t->next;
    if (t->next == NULL)
        rs->texts_end = at;
    rs->texts_len--;
    ct_wipe(t->text, t->len);
    free(t);
}

static void give_texts_back(struct sealed_rooms *rs, const struct sealed_room *r, const char *why)
{
    for (struct sealed_rooms_text **at; *(at = first_of(rs, r)) != NULL;) {
        rs->hooks.unsaid(rs->hooks.arg, r, (*at)->text, (*at)->len, why);
        drop_text(rs, at);
    }
}

static const char *over_words(const struct sealed_room *r)
{
    static const char *const words[] = {
        [SEALED_ROOM_ASKED] = "you have not accepted the invitation",
        [SEALED_ROOM_IN] = "you have not joined it: /join it",
        [SEALED_ROOM_LEFT] = "you have left it",
        [SEALED_ROOM_OUT] = "you are not on its list any more",
        [SEALED_ROOM_STOPPED] = "its founder signed two histories of it: it is over",
        [SEALED_ROOM_CLOSED] = "its founder has closed it",
    };
    return words[r->state];
}

void sealed_rooms_say(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const uint8_t *text, size_t len)
{
    bool may = r->state == SEALED_ROOM_IN && r->entered;
    struct sealed_rooms_text *t = may ? malloc(sizeof *t + len) : NULL;
    if (t == NULL) {
        rs->hooks.unsaid(rs->hooks.arg, r, text, len, may ? "there is no memory for it" : over_words(r));
        return;
    }
    *t = (struct sealed_rooms_text){.room = r, .since = now, .len = len};
    memcpy(t->text, text, len);
    *rs->texts_end = t;
    rs->texts_end = &t->next;
    rs->texts_len++;
}

bool sealed_rooms_take_more(const struct sealed_rooms *rs)
{
    return rs->texts_len < SEALED_ROOMS_LINES_MAX;
}

bool sealed_rooms_wait_for_texts(const struct sealed_rooms *rs)
{
    return rs->texts_len > 0;
}

/* --- Receipts ----------------------------------------------------------------------------------------------------- */

/* What can't be kept, where there is no memory, is missing there, and the file says so. */
static void begin_receipts(struct sealed_room *r)
{
    if (r->receipts.certificate_count == 0)
        (void)!transcript_init(&r->receipts, &r->list, r->founder_certificate, r->founder_certificate_len);
}

static void keep_receipt(struct sealed_room *r, const struct sealed_statement *s, const uint8_t *certificate,
                         size_t len)
{
    bool newest = ct_equal(s->list, r->list.hash, sizeof s->list);
    if (r->receipts.certificate_count > 0)
        (void)!transcript_add(&r->receipts, s, newest ? &r->list : &r->before, certificate, len);
}

int sealed_rooms_save(const struct sealed_room *r, const char *path, char why[static WHY_LEN])
{
    if (r->receipts.count == 0)
        return why_say(why, "nothing was said in %s since this program was started", r->list.name);
    return transcript_save(&r->receipts, path, why);
}

/* --- Taking lists ------------------------------------------------------------------------------------------------- */

/* -1: it could not be written down. */
static int save(struct sealed_rooms *rs, struct sealed_room *r, enum sealed_room_state state, const struct room_list *l,
                char why[static WHY_LEN])
{
    static struct rooms_file_room kept;
    bool next = l != &r->list;
    kept = (struct rooms_file_room){.state = state, .list = *l, .has_before = next || r->has_before};
    kept.before = next ? r->list : r->before;
    memcpy(kept.founder, r->founder, sizeof kept.founder);
    memcpy(kept.certificate, r->founder_certificate, r->founder_certificate_len);
    kept.certificate_len = r->founder_certificate_len;
    if (rooms_file_save(&rs->config.file, &kept, why) != 0)
        return -1;
    r->kept = true;
    return 0;
}

/* Who is on the new list, and was not on the one before, with that key; NULL: nobody. */
static const struct room_list_member *find_added(const struct sealed_room *r)
{
    for (size_t i = 0; i < r->list.count; i++) {
        const struct room_list_member *m = &r->list.members[i];
        if (strcmp(m->name, r->me) != 0 && !room_list_has(&r->before, m->name, m->fingerprint))
            return m;
    }
    return NULL;
}

static void let_go_of_calls(struct sealed_rooms *rs, const struct room_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (!sealed_rooms_is_member(rs, l->members[i].name))
            calls_unreach(rs->calls, l->members[i].name);
}

/* CAUTION: a text that was typed for some may not be sealed to more; tests/test_sealed_rooms.c:
 * test_somebody_added_while_a_line_waits. */
static void after_list(struct sealed_rooms *rs, struct sealed_room *r)
{
    char why[WHY_LEN];
    const struct room_list_member *added = find_added(r);
    if (r->state != SEALED_ROOM_IN) {
        give_texts_back(rs, r, over_words(r));
    } else if (added != NULL) {
        why_say(why, "%s was added meanwhile: say it again, if %s may read it", added->name, added->name);
        give_texts_back(rs, r, why);
    }
    let_go_of_calls(rs, &r->before);
}

/* CAUTION: a list that is given before it is on disk can be followed by another of the same number, after a crash: two
 * histories. tests/test_sealed_rooms.c: test_nobody_is_given_what_is_not_on_disk. */
static int take_new(struct sealed_rooms *rs, struct sealed_room *r, const struct room_list *l, int64_t now,
                    char why[static WHY_LEN])
{
    enum sealed_room_state was = r->state;
    if (r->kept && save(rs, r, sealed_room_state_by(r, l), l, why) != 0)
        return -1;
    sealed_room_take(r, l, now);
    if (r->receipts.certificate_count > 0)
        (void)!transcript_add_list(&r->receipts, &r->list);
    if (was != r->state && r->state == SEALED_ROOM_ASKED)
        rs->hooks.asked(rs->hooks.arg, r);
    else if (was != r->state || r->state == SEALED_ROOM_IN)
        rs->hooks.listed(rs->hooks.arg, r);
    after_list(rs, r);
    return 0;
}

static void stop(struct sealed_rooms *rs, struct sealed_room *r)
{
    char why[WHY_LEN];
    if (r->kept && save(rs, r, SEALED_ROOM_STOPPED, &r->list, why) != 0)
        rs->hooks.complain(rs->hooks.arg, why);
    sealed_room_set_state(r, SEALED_ROOM_STOPPED);
    give_texts_back(rs, r, over_words(r));
    let_go_of_calls(rs, &r->list);
    rs->hooks.stopped(rs->hooks.arg, r);
}

/* By that founder; NULL: by all. */
static size_t asked_len(const struct sealed_rooms *rs, const char *founder)
{
    size_t n = 0;
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        n += r->state == SEALED_ROOM_ASKED && (founder == NULL || strcmp(r->founder, founder) == 0);
    return n;
}

/* CAUTION: without bounds whoever one has met could fill memory and screen, or keep all others from asking;
 * tests/test_sealed_rooms.c: test_invitations_are_bounded. */
static bool may_ask(const struct sealed_rooms *rs, const char *name, const char *founder)
{
    const struct sealed_room *there = sealed_rooms_find(rs, name);
    if (asked_len(rs, founder) >= SEALED_ROOMS_ASKED_OF_ONE)
        return false;
    return asked_len(rs, NULL) < SEALED_ROOMS_ASKED_MAX && (there == NULL || is_over(there));
}

static void ask(struct sealed_rooms *rs, const struct sealed_rooms_given *g, const struct room_list *l)
{
    if (!may_ask(rs, l->name, g->peer))
        return;
    struct sealed_room *r = sealed_room_asked(l, rs->config.me, rs->own, g->peer, g->certificate, g->certificate_len);
    if (r == NULL)
        return;
    r->next = rs->list;
    rs->list = r;
    rs->hooks.asked(rs->hooks.arg, r);
}

/* It is given again with each line that is sealed to it. */
static void complain_of(struct sealed_rooms *rs, struct sealed_room *r, const struct room_list *l, const char *why)
{
    if (!ct_equal(r->unsaved, l->hash, sizeof r->unsaved))
        rs->hooks.complain(rs->hooks.arg, why);
    memcpy(r->unsaved, l->hash, sizeof r->unsaved);
}

static void take_list(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    static struct room_list l;
    char why[WHY_LEN];
    if (room_list_decode(&l, g->payload + 1, g->len - 1) != 0)
        return;
    struct sealed_room *r = by_id(rs, l.room);
    if (r == NULL) {
        ask(rs, g, &l);
        return;
    }
    switch (sealed_room_judge(r, &l, g->peer, g->fingerprint)) {
    case SEALED_ROOM_NOTHING:
    case SEALED_ROOM_BEHIND: /* it was given the newest in this call, or will be */
        break;
    case SEALED_ROOM_NEWER:
        if (r->state == SEALED_ROOM_OUT && room_list_has(&l, r->me, r->own) && !may_ask(rs, l.name, r->founder))
            break;
        if (take_new(rs, r, &l, now, why) != 0)
            complain_of(rs, r, &l, why);
        break;
    case SEALED_ROOM_SPLIT:
        stop(rs, r);
        break;
    }
}

/* --- What is given ------------------------------------------------------------------------------------------------ */

static bool has_layout(const uint8_t *payload, size_t len)
{
    static struct room_list l;
    struct sender_key k;
    bool good = false;
    if (payload[0] == CALL_INSIDE_SENDER_KEY)
        good = sender_key_decode(&k, payload, len) == 0;
    else if (payload[0] == CALL_INSIDE_LIST)
        good = room_list_decode(&l, payload + 1, len - 1) == 0;
    else if (payload[0] == CALL_INSIDE_LEAVE)
        good = len == LEAVE_LEN;
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

bool sealed_rooms_given(struct sealed_rooms *rs, const struct call *call, const uint8_t *payload, size_t len)
{
    if (!has_layout(payload, len) || inbox_len(rs) >= INBOX_MAX)
        return false;
    struct sealed_rooms_given *g = malloc(sizeof *g + len);
    if (g == NULL)
        return false;
    *g = (struct sealed_rooms_given){.state = call->state, .certificate_len = call->certificate_len, .len = len};
    memcpy(g->peer, call->peer, sizeof g->peer);
    memcpy(g->fingerprint, call->fingerprint, sizeof g->fingerprint);
    memcpy(g->certificate, call->certificate, call->certificate_len);
    memcpy(g->payload, payload, len);
    *rs->inbox_end = g;
    rs->inbox_end = &g->next;
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
    struct sealed_room *r = by_id(rs, k.room);
    if (r != NULL)
        sealed_room_take_key(r, &k, &from, now);
    sender_key_wipe(&k);
}

static void take_leave(struct sealed_rooms *rs, const struct sealed_rooms_given *g)
{
    struct sealed_room *r = by_id(rs, g->payload + 1);
    struct sealed_other *o = r != NULL ? sealed_room_other(r, g->peer, g->fingerprint) : NULL;
    if (o != NULL && sealed_room_is_founder(r))
        o->leaves = true;
}

static struct sealed_rooms_given *take_given(struct sealed_rooms *rs)
{
    struct sealed_rooms_given *g = rs->inbox;
    if (g == NULL)
        return NULL;
    rs->inbox = g->next;
    if (rs->inbox == NULL)
        rs->inbox_end = &rs->inbox;
    return g;
}

static void free_given(struct sealed_rooms_given *g)
{
    ct_wipe(g->payload, g->len);
    free(g);
}

static void look_at_inbox(struct sealed_rooms *rs, int64_t now)
{
    for (struct sealed_rooms_given *g; (g = take_given(rs)) != NULL; free_given(g)) {
        if (g->payload[0] == CALL_INSIDE_LIST)
            take_list(rs, g, now);
        else if (g->payload[0] == CALL_INSIDE_SENDER_KEY)
            take_key(rs, g, now);
        else
            take_leave(rs, g);
    }
}

/* --- Giving ------------------------------------------------------------------------------------------------------- */

static void give_list(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    memcpy(payload + 1, r->list.bytes, r->list.len);
    if (calls_give(rs->calls, now, o->name, payload, 1 + r->list.len) != 0)
        return; /* no memory: in the next turn */
    o->gave_list = true;
    o->gave_at = now;
    memcpy(o->given_list, r->list.hash, sizeof o->given_list);
}

static void give_key(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &r->mine);
    if (calls_give(rs->calls, now, o->name, payload, sizeof payload) == 0) {
        o->gave_key = true;
        o->gave_at = now;
        memcpy(o->given_key, r->mine.id, sizeof o->given_key);
    }
    ct_wipe(payload, sizeof payload);
}

/* Once for each list that has one's name still. */
static void give_leave(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    uint8_t payload[LEAVE_LEN] = {CALL_INSIDE_LEAVE};
    memcpy(payload + 1, r->list.room, ROOM_LIST_ID_LEN);
    if (calls_give(rs->calls, now, o->name, payload, sizeof payload) != 0)
        return;
    o->gave_list = true;
    o->gave_at = now;
    memcpy(o->given_list, r->list.hash, sizeof o->given_list);
}

static bool has_list(const struct sealed_room *r, const struct sealed_other *o)
{
    return o->gave_list && ct_equal(o->given_list, r->list.hash, sizeof o->given_list);
}

/* Whether it has one's own key, as far as that was given in its live call. */
static bool has_key(const struct sealed_room *r, const struct sealed_other *o)
{
    return o->gave_key && ct_equal(o->given_key, r->mine.id, sizeof o->given_key);
}

/* CAUTION: a server that keeps back one Record, and then has no other to pass on, would keep two members apart for as
 * long as they are there: what is given again ends that call, and in the next one all is given.
 * tests/test_sealed_rooms_bounds.c: test_who_is_there_before_the_list_is. */
static bool was_withheld(const struct sealed_rooms *rs, const struct sealed_other *o, int64_t now)
{
    return (o->gave_list || o->gave_key) && now - o->gave_at >= CALL_CONFIRM_MS &&
           calls_is_unanswered(rs->calls, o->name);
}

/* Whatever it has not, in its live call.
 *
 * CAUTION: of two who have two histories one finds it out first. If that one gave no list any more the other would go
 * on with half of the room; tests/test_sealed_rooms.c: test_who_finds_two_histories_shows_them. */
static void give(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    const struct call *call = live_call(rs, o);
    if (call == NULL)
        return;
    if (o->given_call != call->number) {
        o->given_call = call->number;
        o->gave_list = o->gave_key = false;
    }
    if (was_withheld(rs, o, now))
        o->gave_list = o->gave_key = false;
    bool lists = r->state == SEALED_ROOM_IN || r->state == SEALED_ROOM_CLOSED || r->state == SEALED_ROOM_STOPPED;
    bool to_founder = strcmp(o->name, r->founder) == 0;
    if (lists && !has_list(r, o))
        give_list(rs, r, o, now);
    else if (r->state == SEALED_ROOM_LEFT && to_founder && !has_list(r, o))
        give_leave(rs, r, o, now);
    if (r->state == SEALED_ROOM_IN && o->listed && r->has_mine && r->mine.i < SENDER_KEY_MESSAGES && !has_key(r, o) &&
        live_call(rs, o) != NULL)
        give_key(rs, r, o, now);
}

static void give_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        give(rs, r, &r->others[i], now);
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
 * in it then was passed over, and is given in another one. CAUTION: else that member would believe for ever that one
 * can read; tests/test_sealed_rooms.c: test_keys_that_were_passed_over. */
static void call_who_is_there(struct sealed_rooms *rs, struct sealed_room *r, struct sealed_other *o, int64_t now)
{
    bool renew = r->state == SEALED_ROOM_IN && !o->has_newest && calls_live(rs->calls, o->name) != NULL;
    if (!renew) {
        reach(rs, o, now);
        return;
    }
    o->to_call = false;
    calls_renew(rs->calls, now, o->name);
}

/* Before a line: whoever is there. */
static void reach_all(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].listed && r->others[i].here)
            reach(rs, &r->others[i], now);
}

void sealed_rooms_taken(struct sealed_rooms *rs, const struct call *call)
{
    for (struct sealed_rooms_invite *i = rs->invites; i != NULL; i = i->next) {
        const struct sealed_other *o = i->added ? find_listed(i->room, i->peer) : NULL;
        if (o != NULL && strcmp(i->peer, call->peer) == 0 && has_list(i->room, o) && o->given_call == call->number &&
            !call_gives(call) && !call_is_unanswered(call))
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

/* --- The founder -------------------------------------------------------------------------------------------------- */

static int may_change(const struct sealed_room *r, char why[static WHY_LEN])
{
    if (!sealed_room_is_founder(r))
        return why_say(why, "%s alone, who founded %s, can do that", r->founder, r->list.name);
    if (r->state != SEALED_ROOM_IN)
        return why_say(why, "%s", over_words(r));
    return 0;
}

/* The next list, taken. */
static int change_list(struct sealed_rooms *rs, struct sealed_room *r, const char *peer, const uint8_t *fingerprint,
                       int64_t now, char why[static WHY_LEN])
{
    static struct room_list next;
    if (sealed_room_next_list(&next, r, peer, fingerprint, rs->config.identity, &rs->rng) != 0)
        return why_say(why, "this machine computes wrongly");
    return take_new(rs, r, &next, now, why);
}

int sealed_rooms_remove(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const char *peer,
                        char why[static WHY_LEN])
{
    if (may_change(r, why) != 0)
        return -1;
    if (strcmp(peer, r->me) == 0 || room_list_find(&r->list, peer) == NULL)
        return why_say(why, "that is none of the others on the list");
    return change_list(rs, r, peer, NULL, now, why);
}

int sealed_rooms_close(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, char why[static WHY_LEN])
{
    return may_change(r, why) == 0 ? change_list(rs, r, NULL, NULL, now, why) : -1;
}

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
    o->gave_list = o->gave_key = false;
    return 0;
}

/* The call in which it was given may have been of a program that is gone: then there is another one, once.
 * True: there is nothing more to do. */
static bool watch_invite(struct sealed_rooms *rs, struct sealed_rooms_invite *i, int64_t now)
{
    if (i->arrived || find_listed(i->room, i->peer) == NULL)
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

static void go_on_inviting(struct sealed_rooms *rs, int64_t now)
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

/* Whoever has left is removed. */
static void remove_leavers(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    char why[WHY_LEN], name[NAME_MAX_LEN + 1];
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        bool removes = o->leaves && o->listed && r->state == SEALED_ROOM_IN;
        o->leaves = false;
        if (!removes)
            continue;
        memcpy(name, o->name, sizeof name); /* o may move */
        if (change_list(rs, r, name, NULL, now, why) != 0)
            rs->hooks.complain(rs->hooks.arg, why);
        i = SIZE_MAX; /* from the first again */
    }
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

/* The state of each key as it is now: the user may have compared it, or believed another one, since it came. */
static void update_states(const struct sealed_rooms *rs, struct sealed_room *r)
{
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        const struct peer *p = peers_find(rs->config.peers, o->name);
        if (p == NULL)
            continue;
        if (!ct_equal(p->fingerprint, o->fingerprint, sizeof o->fingerprint)) {
            o->state = PEER_CHANGED;
            sealed_room_forget_keys(o);
        } else if (p->kept == PEER_COMPARED || o->state != PEER_VOUCHED) {
            o->state = p->kept;
        }
    }
}

static void show(struct sealed_rooms *rs, struct sealed_room *r, const char *sender, struct sealed_other *o,
                 enum sealed_room_opened opened, int64_t now)
{
    if (opened == SEALED_ROOM_LINE) {
        const struct sealed_statement *s = &rs->line.statement;
        keep_receipt(r, s, rs->line.certificate, rs->line.certificate_len);
        rs->hooks.line(rs->hooks.arg, r, &rs->line);
    } else if (opened == SEALED_ROOM_UNOPENED && o != NULL && sealed_room_may_complain(o, now)) {
        rs->hooks.unopened(rs->hooks.arg, r, sender);
    }
    ct_wipe(&rs->line, sizeof rs->line);
}

void sealed_rooms_sealed(struct sealed_rooms *rs, int64_t now, const struct message *m)
{
    struct sealed_room *r = sealed_rooms_find(rs, m->sealed.room);
    const char *sender = m->sealed.sender;
    if (r == NULL || !r->entered)
        return;
    look_at_inbox(rs, now); /* what was given before it comes first */
    update_states(rs, r);
    bool waits = calls_live(rs->calls, sender) != NULL || calls_is_making(rs->calls, sender);
    enum sealed_room_opened opened = sealed_room_open(r, sender, m->sealed.time, m->sealed.sealed.data,
                                                      m->sealed.sealed.len, now, waits, &rs->line);
    show(rs, r, sender, find_listed(r, sender), opened, now);
}

static void show_held(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    enum sealed_room_opened opened;
    update_states(rs, r);
    for (struct sealed_other *o; (o = sealed_room_open_held(r, now, &rs->line, &opened)) != NULL;)
        show(rs, r, o->name, o, opened, now);
}

/* Whether a line waits for that member: a call with it is under way, or the key is on its way to the server. */
static bool waits_for(const struct sealed_rooms *rs, const struct sealed_room *r, const struct sealed_other *o,
                      int64_t now)
{
    if (!o->listed || (o->in_vain && now - o->in_vain_at < SEALED_ROOMS_CALL_MS))
        return false;
    if (live_call(rs, o) == NULL)
        return calls_is_making(rs->calls, o->name);
    return !has_key(r, o) || calls_is_giving(rs->calls, o->name);
}

static bool waits_for_any(const struct sealed_rooms *rs, const struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (waits_for(rs, r, &r->others[i], now))
            return true;
    return false;
}

/* What was to be given to that member, in any room, is given again when there is something to be given in. */
static void take_back(struct sealed_rooms *rs, const char *name)
{
    calls_take_back(rs->calls, name);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        for (size_t i = 0; i < r->others_len; i++)
            if (strcmp(r->others[i].name, name) == 0)
                r->others[i].gave_list = r->others[i].gave_key = false;
}

/* The line has waited for long enough. What is on its way to them is taken back: it would open this line, too, for
 * whoever gets it out of this program's memory later. */
static void stop_waiting(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        bool given = live_call(rs, o) != NULL && has_key(r, o) && !calls_is_giving(rs->calls, o->name);
        if (!o->listed || given)
            continue;
        if (waits_for(rs, r, o, now)) {
            o->in_vain = true;
            o->in_vain_at = now;
        }
        take_back(rs, o->name);
    }
}

/* Who is not there, or has no key for the line that is said now: told where these are not the ones of the line before.
 * */
static void tell_left_out(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    const char *names[SEALED_ROOM_OTHERS_MAX];
    size_t n = 0;
    bool changed = false;
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        bool is_new = !o->was_here && o->has_newest &&
                      now - o->gave_at < CALL_CONFIRM_MS; /* the server may be about to tell of it */
        bool out = o->listed && (!(o->here || is_new) || live_call(rs, o) == NULL || !has_key(r, o));
        changed = changed || (out && !o->left_out);
        o->left_out = out;
        if (out)
            names[n++] = o->name;
    }
    if (changed)
        rs->hooks.left_out(rs->hooks.arg, r, names, n);
}

static bool seal(struct sealed_rooms *rs, struct sealed_room *r, const struct sealed_rooms_text *t)
{
    static struct sealed_statement s;
    uint8_t out[SEALED_MAX];
    size_t len;
    if (sealed_room_seal(r, rs->config.identity, t->text, t->len, &rs->rng, &s, out, &len) != 0) {
        rs->hooks.unsaid(rs->hooks.arg, r, t->text, t->len, "this machine computes wrongly");
        return true;
    }
    bool sent = rs->hooks.send(rs->hooks.arg, r->list.name, out, len);
    if (sent) {
        const struct identity *own = rs->config.identity;
        keep_receipt(r, &s, own->certificate, own->certificate_len);
        rs->hooks.said(rs->hooks.arg, r, &s);
    }
    ct_wipe(&s, sizeof s);
    return sent;
}

/* False: none waits, or it goes on waiting. */
static bool say_next(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    struct sealed_rooms_text **at = first_of(rs, r);
    if (*at == NULL)
        return false;
    if (r->state != SEALED_ROOM_IN || !r->entered) {
        give_texts_back(rs, r, over_words(r));
        return false;
    }
    sealed_room_draw_key(r, now, true, &rs->rng);
    reach_all(rs, r, now);
    give_all(rs, r, now);
    if (waits_for_any(rs, r, now) && now - (*at)->since < SEALED_ROOMS_LINE_MS)
        return false;
    if (!rs->hooks.may_send(rs->hooks.arg))
        return false;
    stop_waiting(rs, r, now);
    tell_left_out(rs, r, now);
    if (!seal(rs, r, *at))
        return false;
    drop_text(rs, at);
    return true;
}

/* --- Going on ----------------------------------------------------------------------------------------------------- */

static void go_on_room(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    sealed_room_tick(r, now);
    show_held(rs, r, now);
    remove_leavers(rs, r, now);
    if (r->state == SEALED_ROOM_IN)
        sealed_room_draw_key(r, now, false, &rs->rng);
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].to_call)
            call_who_is_there(rs, r, &r->others[i], now);
    give_all(rs, r, now);
    while (say_next(rs, r, now))
        continue;
}

/* CAUTION: an invitation that was taken back is as if there had been none: whoever has a call could else fill memory
 * by them. tests/test_sealed_rooms_bounds.c: test_invitations_that_are_taken_back. */
static void forget_invitations(struct sealed_rooms *rs)
{
    for (struct sealed_room **at = &rs->list, *r; (r = *at) != NULL;) {
        if (r->kept || r->state == SEALED_ROOM_ASKED) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        sealed_room_free(r);
    }
}

void sealed_rooms_go_on(struct sealed_rooms *rs, int64_t now)
{
    look_at_inbox(rs, now);
    forget_invitations(rs);
    go_on_inviting(rs, now);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        go_on_room(rs, r, now);
}

static int64_t until(int64_t then, int64_t now, int64_t otherwise)
{
    int64_t wait = then > now ? then - now : 0;
    return wait < otherwise ? wait : otherwise;
}

int64_t sealed_rooms_wait(const struct sealed_rooms *rs, int64_t now, int64_t otherwise)
{
    if (rs->inbox != NULL)
        return 0;
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        otherwise = sealed_room_wait(r, now, otherwise);
    for (const struct sealed_rooms_invite *i = rs->invites; i != NULL; i = i->next)
        otherwise = until(i->since + SEALED_ROOMS_INVITE_MS, now, otherwise);
    for (const struct sealed_rooms_text *t = rs->texts; t != NULL; t = t->next)
        if (now - t->since < SEALED_ROOMS_LINE_MS) /* else it waits for an answer of the server */
            otherwise = until(t->since + SEALED_ROOMS_LINE_MS, now, otherwise);
    return otherwise;
}

/* --- The server's room -------------------------------------------------------------------------------------------- */

void sealed_rooms_entered(struct sealed_rooms *rs, const char *room, bool entered)
{
    struct sealed_room *r = sealed_rooms_find(rs, room);
    if (r != NULL)
        sealed_room_enter(r, entered);
}

void sealed_rooms_here(struct sealed_rooms *rs, const char *room, const char *name, bool here, bool call)
{
    struct sealed_room *r = sealed_rooms_find(rs, room);
    if (r == NULL)
        return;
    sealed_room_here(r, name, here);
    struct sealed_other *o = find_listed(r, name);
    if (o != NULL)
        o->to_call = o->to_call || (here && call);
}

void sealed_rooms_cut(struct sealed_rooms *rs)
{
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        give_texts_back(rs, r, "the connection to the server ended");
}

/* --- The user ----------------------------------------------------------------------------------------------------- */

int sealed_rooms_found(struct sealed_rooms *rs, const char *name, char why[static WHY_LEN])
{
    const struct sealed_room *there = sealed_rooms_find(rs, name);
    if (there != NULL && !is_over(there))
        return why_say(why, "there is a sealed room %s of %s's already", name, there->founder);
    struct sealed_room *r = sealed_room_found(name, rs->config.me, rs->config.identity, &rs->rng);
    if (r == NULL)
        return why_say(why, "there is no memory for it, or this machine computes wrongly");
    if (save(rs, r, SEALED_ROOM_IN, &r->list, why) != 0) {
        sealed_room_free(r);
        return -1;
    }
    begin_receipts(r);
    r->next = rs->list;
    rs->list = r;
    return 0;
}

int sealed_rooms_accept(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN])
{
    if (r->state != SEALED_ROOM_ASKED)
        return why_say(why, "%s", r->state == SEALED_ROOM_IN ? "you are on its list already" : over_words(r));
    if (save(rs, r, SEALED_ROOM_IN, &r->list, why) != 0)
        return -1;
    sealed_room_set_state(r, SEALED_ROOM_IN);
    begin_receipts(r);
    return 0;
}

int sealed_rooms_leave(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN])
{
    if (r->state != SEALED_ROOM_IN && r->state != SEALED_ROOM_ASKED)
        return 0;
    if (sealed_room_is_founder(r))
        return why_say(why, "you founded it: nobody else can change its list. /close it; or just go, and come back");
    if (save(rs, r, SEALED_ROOM_LEFT, &r->list, why) != 0)
        return -1;
    sealed_room_set_state(r, SEALED_ROOM_LEFT);
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        o->gave_list = o->was_called = false; /* what the founder is given now is the leaving */
        o->to_call = strcmp(o->name, r->founder) == 0;
    }
    give_texts_back(rs, r, over_words(r));
    let_go_of_calls(rs, &r->list);
    return 0;
}

const char *sealed_rooms_state_words(const struct sealed_rooms *rs, const struct sealed_room *r,
                                     const struct room_list_member *m)
{
    const struct peer *p = peers_find(rs->config.peers, m->name);
    if (p == NULL)
        return "not met yet";
    if (!ct_equal(p->fingerprint, m->fingerprint, sizeof p->fingerprint))
        return "on the list with another key than the one you know: can't read";
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, m->name) == 0 && p->kept == PEER_NEW && r->others[i].state == PEER_VOUCHED &&
            ct_equal(r->others[i].fingerprint, m->fingerprint, sizeof m->fingerprint))
            return peer_state_words(PEER_VOUCHED);
    return peer_state_words(peers_state(p));
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void sealed_rooms_init(struct sealed_rooms *rs, const struct sealed_rooms_config *config,
                       const struct sealed_rooms_hooks *hooks, struct calls *calls)
{
    *rs = (struct sealed_rooms){.config = *config, .hooks = *hooks, .calls = calls};
    rs->inbox_end = &rs->inbox;
    rs->texts_end = &rs->texts;
    rng_init(&rs->rng);
    certificate_fingerprint(rs->own, config->identity->key.n);
}

/* What is read, and whose line it was that could not be taken: empty, none. */
struct loading {
    struct sealed_rooms *rs;
    char failed[NAME_MAX_LEN + 1];
};

static void keep(void *arg, const struct rooms_file_room *kept)
{
    struct loading *l = arg;
    struct sealed_rooms *rs = l->rs;
    struct sealed_room *r = sealed_room_kept(kept->state, &kept->list, kept->has_before ? &kept->before : NULL,
                                             rs->config.me, rs->own, kept->founder, kept->certificate,
                                             kept->certificate_len);
    if (r == NULL) {
        memcpy(l->failed, kept->list.name, sizeof l->failed);
        return;
    }
    r->kept = true;
    if (r->state == SEALED_ROOM_IN)
        begin_receipts(r);
    r->next = rs->list;
    rs->list = r;
}

static void free_rooms(struct sealed_rooms *rs)
{
    for (struct sealed_room *r; (r = rs->list) != NULL; sealed_room_free(r))
        rs->list = r->next;
}

int sealed_rooms_load(struct sealed_rooms *rs, char why[static WHY_LEN])
{
    struct loading l = {.rs = rs};
    int failed = rooms_file_load(&rs->config.file, keep, &l, why);
    if (failed == 0 && l.failed[0] != '\0')
        failed = why_say(why,
                         "%s/" ROOMS_FILE_FOLDER "/%s: the founder's signature of %s is wrong, or there is no memory",
                         rs->config.file.home, rs->config.file.name, l.failed);
    if (failed != 0)
        free_rooms(rs);
    return failed;
}

void sealed_rooms_free(struct sealed_rooms *rs)
{
    for (struct sealed_rooms_given *g; (g = take_given(rs)) != NULL;)
        free_given(g);
    while (rs->texts != NULL)
        drop_text(rs, &rs->texts);
    for (struct sealed_rooms_invite *i; (i = rs->invites) != NULL; free(i))
        rs->invites = i->next;
    free_rooms(rs);
    rng_wipe(&rs->rng);
    ct_wipe(rs, sizeof *rs);
}
