/* SPDX-License-Identifier: MIT */
/* Lists that are taken. Each is on disk before it is, and so before anybody is given it. */
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

int sealed_rooms_write(struct sealed_rooms *rs, struct sealed_room *r, enum sealed_room_state state,
                       const struct room_list *l, char why[static WHY_LEN])
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

/* CAUTION: a text that was typed for some may not be sealed to more; tests/test_sealed_rooms_lines.c:
 * test_somebody_added_while_a_line_waits. */
static void after_list(struct sealed_rooms *rs, struct sealed_room *r)
{
    char why[WHY_LEN];
    const struct room_list_member *added = find_added(r);
    if (r->state != SEALED_ROOM_IN) {
        sealed_rooms_give_texts_back(rs, r, sealed_room_state_words(r));
    } else if (added != NULL) {
        why_say(why, "%s was added meanwhile: say it again, if %s may read it", added->name, added->name);
        sealed_rooms_give_texts_back(rs, r, why);
    }
    sealed_rooms_let_go_of_calls(rs, &r->before);
}

static void stop(struct sealed_rooms *rs, struct sealed_room *r)
{
    char why[WHY_LEN];
    if (r->kept && sealed_rooms_write(rs, r, SEALED_ROOM_STOPPED, &r->list, why) != 0)
        rs->hooks.complain(rs->hooks.arg, why);
    sealed_room_set_state(r, SEALED_ROOM_STOPPED);
    sealed_rooms_give_texts_back(rs, r, sealed_room_state_words(r));
    sealed_rooms_let_go_of_calls(rs, &r->list);
    rs->hooks.stopped(rs->hooks.arg, r);
}

int64_t sealed_rooms_next_list_at(const struct sealed_room *r)
{
    return r->lists_due - (SEALED_ROOMS_LISTS - 1) * SEALED_ROOMS_LIST_MS;
}

static void note_taken(struct sealed_room *r, int64_t now)
{
    r->lists_due = (r->lists_due > now ? r->lists_due : now) + SEALED_ROOMS_LIST_MS;
}

/* By that founder; NULL: by all. */
static size_t asked_len(const struct sealed_rooms *rs, const char *founder)
{
    size_t n = 0;
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        n += r->state == SEALED_ROOM_ASKED && (founder == NULL || strcmp(r->founder, founder) == 0);
    return n;
}

/* CAUTION: without bounds whoever one has met could fill memory and screen, or keep all others from asking; so they
 * could where the first who asks had the name. tests/test_sealed_rooms_lists.c: test_invitations_are_bounded;
 * tests/test_sealed_rooms.c: test_rooms_of_one_name. */
static bool may_ask(const struct sealed_rooms *rs, const char *name, const char *founder)
{
    if (asked_len(rs, founder) >= SEALED_ROOMS_ASKED_OF_ONE || asked_len(rs, NULL) >= SEALED_ROOMS_ASKED_MAX)
        return false;
    return sealed_rooms_find_asked(rs, name, founder) == NULL;
}

static bool has_name_free(const struct sealed_rooms *rs, const char *name)
{
    char why[WHY_LEN];
    return sealed_rooms_may_be_in(rs, name, why) == 0;
}

/* That founder's place, or else that of whoever may ask again first. */
static struct sealed_rooms_asker *place_of(struct sealed_rooms *rs, const char *founder)
{
    struct sealed_rooms_asker *place = &rs->askers[0];
    for (size_t i = 0; i < SEALED_ROOMS_ASKERS_MAX; i++) {
        struct sealed_rooms_asker *a = &rs->askers[i];
        if (strcmp(a->founder, founder) == 0)
            return a;
        if (a->due < place->due)
            place = a;
    }
    return place;
}

int64_t sealed_rooms_next_asking_at(struct sealed_rooms *rs, const char *founder)
{
    const struct sealed_rooms_asker *a = place_of(rs, founder);
    return a->due - (SEALED_ROOMS_ASKINGS - 1) * SEALED_ROOMS_ASKING_MS;
}

static void note_asking(struct sealed_rooms *rs, const char *founder, int64_t now)
{
    struct sealed_rooms_asker *a = place_of(rs, founder);
    if (strcmp(a->founder, founder) != 0) /* who takes another's place is as late, or many could take turns */
        *a = (struct sealed_rooms_asker){.due = a->due};
    memcpy(a->founder, founder, strlen(founder) + 1);
    a->due = (a->due > now ? a->due : now) + SEALED_ROOMS_ASKING_MS;
}

static void ask(struct sealed_rooms *rs, const struct sealed_room *r, int64_t now)
{
    note_asking(rs, r->founder, now);
    rs->hooks.asked(rs->hooks.arg, r);
}

/* One is in another room of that name: whoever is invited is to hear of it, as the founder takes them for a member; but
 * not with each of its lists. */
static void tell_name_taken(struct sealed_rooms *rs, const struct room_list *l, const char *founder, int64_t now)
{
    struct sealed_rooms_asker *a = place_of(rs, founder);
    if (strcmp(a->founder, founder) == 0 && ct_equal(a->told, l->room, sizeof a->told))
        return;
    note_asking(rs, founder, now);
    memcpy(place_of(rs, founder)->told, l->room, sizeof a->told);
    rs->hooks.name_taken(rs->hooks.arg, l->name, founder);
}

/* CAUTION: a list that is given before it is on disk can be followed by another of the same number, after a crash: two
 * histories. tests/test_sealed_rooms_lists.c: test_nobody_is_given_what_is_not_on_disk. */
int sealed_rooms_take_new(struct sealed_rooms *rs, struct sealed_room *r, const struct room_list *l, int64_t now,
                          char why[static WHY_LEN])
{
    enum sealed_room_state was = r->state;
    if (r->kept && sealed_rooms_write(rs, r, sealed_room_state_by(r, l), l, why) != 0)
        return -1;
    sealed_room_take(r, l, now);
    if (r->receipts.certificate_count > 0)
        (void)!transcript_add_list(&r->receipts, &r->list); /* without memory: with its first line */
    if (was != r->state && r->state == SEALED_ROOM_ASKED)
        ask(rs, r, now);
    else if (was == SEALED_ROOM_IN || (was == SEALED_ROOM_ASKED && r->state != was))
        rs->hooks.listed(rs->hooks.arg, r);
    after_list(rs, r);
    return 0;
}

static void take_invitation(struct sealed_rooms *rs, const struct sealed_rooms_given *g, const struct room_list *l,
                            int64_t now)
{
    if (!may_ask(rs, l->name, g->peer))
        return;
    struct sealed_room *r = sealed_room_asked(l, rs->config.me, rs->own, g->peer, g->certificate, g->certificate_len);
    if (r == NULL)
        return;
    if (!has_name_free(rs, l->name)) {
        tell_name_taken(rs, l, g->peer, now);
        sealed_room_free(r);
        return;
    }
    r->listed_at = now; /* of the rooms of its name it is the newest; sealed_rooms_find */
    r->next = rs->list;
    rs->list = r;
    ask(rs, r, now);
}

/* It is given again with each line that is sealed to it. */
static void complain_of(struct sealed_rooms *rs, struct sealed_room *r, const struct room_list *l, const char *why)
{
    if (!ct_equal(r->unsaved, l->hash, sizeof r->unsaved))
        rs->hooks.complain(rs->hooks.arg, why);
    memcpy(r->unsaved, l->hash, sizeof r->unsaved);
}

/* Again, to a room that one was in. */
static bool invites(const struct sealed_room *r, const struct room_list *l)
{
    return r->state == SEALED_ROOM_OUT && room_list_has(l, r->me, r->own);
}

void sealed_rooms_take_list(struct sealed_rooms *rs, const struct sealed_rooms_given *g, int64_t now)
{
    static struct room_list l;
    char why[WHY_LEN];
    if (room_list_decode(&l, g->payload + 1, g->len - 1) != 0)
        return;
    struct sealed_room *r = sealed_rooms_by_id(rs, l.room);
    if (r == NULL) {
        take_invitation(rs, g, &l, now);
        return;
    }
    switch (sealed_room_judge(r, &l, g->peer, g->fingerprint)) {
    case SEALED_ROOM_NOTHING: /* where it is older, its giver was given the newest in this call, or will be */
        break;
    case SEALED_ROOM_NEWER:
        if (invites(r, &l) && !may_ask(rs, l.name, r->founder))
            break;
        if (invites(r, &l) && !has_name_free(rs, l.name)) {
            tell_name_taken(rs, &l, r->founder, now);
            break;
        }
        note_taken(r, now);
        if (sealed_rooms_take_new(rs, r, &l, now, why) != 0)
            complain_of(rs, r, &l, why);
        break;
    case SEALED_ROOM_SPLIT:
        stop(rs, r);
        break;
    }
}
