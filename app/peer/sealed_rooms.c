/* SPDX-License-Identifier: MIT */
/* What there is of rooms, and the order of a turn: first what was given in calls, then what is to be given, then the
 * lines, which so go out behind the keys. */
#include "app/peer/sealed_rooms.h"

#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

/* --- Finding ------------------------------------------------------------------------------------------------------ */

struct sealed_room *sealed_rooms_by_id(const struct sealed_rooms *rs, const uint8_t id[static ROOM_LIST_ID_LEN])
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
        if (strcmp(r->list.name, name) == 0 && (found == NULL || r->state == SEALED_ROOM_IN ||
                                                (is_over(found) && (!is_over(r) || r->listed_at > found->listed_at))))
            found = r;
    return found;
}

/* CAUTION: else whoever founds another room of that name, and invites to it, keeps a proof of what was said in this one
 * from being saved; tests/test_sealed_rooms_lines.c: test_receipts_of_an_older_room. */
struct sealed_room *sealed_rooms_find_said(const struct sealed_rooms *rs, const char *name)
{
    struct sealed_room *found = sealed_rooms_find(rs, name);
    if (found == NULL || found->state == SEALED_ROOM_IN)
        return found;
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        if (strcmp(r->list.name, name) == 0 && r->said > found->said)
            found = r;
    return found;
}

struct sealed_room *sealed_rooms_find_asked(const struct sealed_rooms *rs, const char *name, const char *founder)
{
    struct sealed_room *r = rs->list;
    while (r != NULL &&
           (r->state != SEALED_ROOM_ASKED || strcmp(r->list.name, name) != 0 || strcmp(r->founder, founder) != 0))
        r = r->next;
    return r;
}

int sealed_rooms_may_be_in(const struct sealed_rooms *rs, const char *name, char why[static WHY_LEN])
{
    const struct sealed_room *r = sealed_rooms_find(rs, name);
    if (r == NULL || r->state != SEALED_ROOM_IN)
        return 0;
    return why_say(why, "there is a sealed room %s of %s's already", name, r->founder);
}

const struct call *sealed_rooms_live_call(const struct sealed_rooms *rs, const struct sealed_other *o)
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

struct sealed_other *sealed_rooms_find_listed(struct sealed_room *r, const char *name)
{
    const struct room_list_member *m = room_list_find(&r->list, name);
    return m != NULL ? sealed_room_other(r, name, m->fingerprint) : NULL;
}

void sealed_rooms_let_go_of_calls(struct sealed_rooms *rs, const struct room_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        if (!sealed_rooms_is_member(rs, l->members[i].name))
            calls_unreach(rs->calls, l->members[i].name);
}

/* --- Going on ----------------------------------------------------------------------------------------------------- */

static void go_on_room(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    sealed_room_tick(r, now);
    sealed_rooms_show_held(rs, r, now);
    sealed_rooms_remove_leavers(rs, r, now);
    if (r->state == SEALED_ROOM_IN)
        sealed_room_draw_key(r, now, false, &rs->rng);
    for (size_t i = 0; i < r->others_len; i++)
        if (r->others[i].to_call)
            sealed_rooms_call_who_is_there(rs, r, &r->others[i], now);
    sealed_rooms_call_founder(rs, r, now);
    sealed_rooms_give_all(rs, r, now);
    sealed_rooms_tell_late(rs, r, now);
    while (sealed_rooms_say_next(rs, r, now))
        continue;
}

/* CAUTION: an invitation that was taken back is as if there had been none: otherwise whoever has a call could fill
 * memory with them. tests/test_sealed_rooms_bounds.c: test_invitations_that_are_taken_back. */
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
    sealed_rooms_look_at_inbox(rs, now);
    forget_invitations(rs);
    sealed_rooms_go_on_inviting(rs, now);
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
        otherwise = until(rs->inbox_at, now, otherwise);
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        otherwise = until(sealed_rooms_call_founder_at(rs, r), now, sealed_room_wait(r, now, otherwise));
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
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        if (strcmp(r->list.name, room) == 0)
            sealed_room_enter(r, entered);
}

void sealed_rooms_here(struct sealed_rooms *rs, const char *room, const char *name, bool here, bool call)
{
    struct sealed_room *found = sealed_rooms_find(rs, room);
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        if (strcmp(r->list.name, room) == 0)
            sealed_room_here(r, name, here);
    struct sealed_other *o = found != NULL ? sealed_rooms_find_listed(found, name) : NULL;
    if (o != NULL)
        o->to_call = o->to_call || (here && call);
}

void sealed_rooms_cut(struct sealed_rooms *rs, const char *why)
{
    for (struct sealed_room *r = rs->list; r != NULL; r = r->next)
        sealed_rooms_give_texts_back(rs, r, why);
}

/* --- The user ----------------------------------------------------------------------------------------------------- */

int sealed_rooms_accept(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN])
{
    if (r->state != SEALED_ROOM_ASKED)
        return why_say(why, "%s",
                       r->state == SEALED_ROOM_IN ? "you are on its list already" : sealed_room_state_words(r));
    if (sealed_rooms_may_be_in(rs, r->list.name, why) != 0 ||
        sealed_rooms_write(rs, r, SEALED_ROOM_IN, &r->list, why) != 0)
        return -1;
    sealed_room_set_state(r, SEALED_ROOM_IN);
    sealed_rooms_begin_receipts(r);
    return 0;
}

int sealed_rooms_leave(struct sealed_rooms *rs, struct sealed_room *r, char why[static WHY_LEN])
{
    if (r->state != SEALED_ROOM_IN && r->state != SEALED_ROOM_ASKED)
        return 0;
    if (sealed_room_is_founder(r))
        return why_say(why, "you founded it: nobody else can change its list. /close it; or just go, and come back");
    if (sealed_rooms_write(rs, r, SEALED_ROOM_LEFT, &r->list, why) != 0)
        return -1;
    sealed_room_set_state(r, SEALED_ROOM_LEFT);
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        o->given.has_list = o->was_called = false; /* what the founder is given now is the leaving */
        o->to_call = strcmp(o->name, r->founder) == 0;
    }
    sealed_rooms_give_texts_back(rs, r, sealed_room_state_words(r));
    sealed_rooms_let_go_of_calls(rs, &r->list);
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
        sealed_rooms_begin_receipts(r);
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
    sealed_rooms_drop_inbox(rs);
    sealed_rooms_drop_texts(rs);
    for (struct sealed_rooms_invite *i; (i = rs->invites) != NULL; free(i))
        rs->invites = i->next;
    free_rooms(rs);
    rng_wipe(&rs->rng);
    ct_wipe(rs, sizeof *rs);
}
