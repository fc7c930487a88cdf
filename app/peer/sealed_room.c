/* SPDX-License-Identifier: MIT */
/* Who is in a room is what its founder signed, and nothing else: not who is in the server's room of that name, nor what
 * another member says. So each list is judged by the founder's key and by the one before it, and everything that comes
 * is looked up on the list that it names, by name and key, before anything is done with it. */
#include "app/peer/sealed_room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"

static const uint8_t zeros[SHA256_DIGEST_LEN];

static bool same(const void *a, const void *b)
{
    return ct_equal(a, b, SHA256_DIGEST_LEN);
}

/* --- Others ------------------------------------------------------------------------------------------------------- */

static void drop_held(struct sealed_other *o)
{
    struct sealed_held *h = o->held;
    o->held = h->next;
    free(h);
}

static void wipe_other(struct sealed_other *o)
{
    while (o->held != NULL)
        drop_held(o);
    ct_wipe(o, sizeof *o);
}

struct sealed_other *sealed_room_other(struct sealed_room *r, const char *name,
                                       const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, name) == 0 && same(r->others[i].fingerprint, fingerprint))
            return &r->others[i];
    return NULL;
}

static void add_others(struct sealed_room *r, const struct room_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct room_list_member *m = &l->members[i];
        if (strcmp(m->name, r->me) == 0 || sealed_room_other(r, m->name, m->fingerprint) != NULL)
            continue;
        assert(r->others_len < SEALED_ROOM_OTHERS_MAX);
        struct sealed_other *o = &r->others[r->others_len++];
        *o = (struct sealed_other){.here = false};
        memcpy(o->name, m->name, sizeof o->name);
        memcpy(o->fingerprint, m->fingerprint, sizeof o->fingerprint);
    }
}

static void note_here(struct sealed_other *o, bool here)
{
    o->here = here;
    o->was_here = o->was_here || here;
}

static char *find_here(struct sealed_room *r, const char *name)
{
    for (size_t i = 0; i < SEALED_ROOM_HERE_MAX; i++)
        if (strcmp(r->here[i], name) == 0)
            return r->here[i];
    return NULL;
}

/* Somebody whom the founder has still to tell that a list before these two removed it; *gone are there before it. */
static bool is_to_be_told(const struct sealed_room *r, struct sealed_other *o, size_t *gone)
{
    if (!sealed_room_is_founder(r) || o->told || *gone == SEALED_ROOM_GONE_MAX)
        return false;
    sealed_room_forget_keys(o);
    ++*gone;
    return true;
}

/* Those who are on neither list go; the others are marked by whether they are on the newest. */
static void sync_others(struct sealed_room *r)
{
    size_t gone = 0;
    for (size_t i = 0; i < r->others_len;) {
        struct sealed_other *o = &r->others[i];
        o->listed = room_list_has(&r->list, o->name, o->fingerprint);
        if (o->listed || (r->has_before && room_list_has(&r->before, o->name, o->fingerprint)) ||
            is_to_be_told(r, o, &gone)) {
            i++;
            continue;
        }
        wipe_other(o);
        *o = r->others[--r->others_len];
        ct_wipe(&r->others[r->others_len], sizeof *o);
    }
    add_others(r, &r->list);
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        o->listed = room_list_has(&r->list, o->name, o->fingerprint);
        o->told = o->told && !o->listed;
        note_here(o, find_here(r, o->name) != NULL);
    }
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

static void wipe_own_key(struct sealed_room *r)
{
    sender_key_wipe(&r->mine);
    r->has_mine = false;
}

void sealed_room_forget_keys(struct sealed_other *o)
{
    sender_key_wipe(&o->newest);
    sender_key_wipe(&o->before);
    o->has_newest = o->has_before = false;
    while (o->held != NULL)
        drop_held(o);
}

static void wipe_keys(struct sealed_room *r)
{
    wipe_own_key(r);
    for (size_t i = 0; i < r->others_len; i++)
        sealed_room_forget_keys(&r->others[i]);
}

static bool is_on(const struct sealed_room *r, const struct room_list *l)
{
    return room_list_has(l, r->me, r->own);
}

/* -1: the certificate is none of that founder's. */
static int take_founder(struct sealed_room *r, const char *founder, const uint8_t *certificate, size_t len)
{
    struct certificate c;
    if (len > sizeof r->founder_certificate || certificate_decode(&c, certificate, len) != NET_OK ||
        c.role != CERTIFICATE_USER || strcmp(c.name, founder) != 0 || strlen(founder) > NAME_MAX_LEN)
        return -1;
    memcpy(r->founder, founder, strlen(founder) + 1);
    memcpy(r->founder_certificate, certificate, len);
    r->founder_certificate_len = len;
    memcpy(r->founder_key.n, c.modulus, sizeof r->founder_key.n);
    return 0;
}

/* A list of this room, by its founder. */
static bool is_of_founder(const struct sealed_room *r, const struct room_list *l)
{
    return (l->count == 0 || strcmp(l->members[0].name, r->founder) == 0) && room_list_verify(l, &r->founder_key) == 0;
}

static struct sealed_room *new_room(const char *me, const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN])
{
    struct sealed_room *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    memcpy(r->me, me, strlen(me) + 1);
    memcpy(r->own, own, sizeof r->own);
    return r;
}

void sealed_room_free(struct sealed_room *r)
{
    for (size_t i = 0; i < r->others_len; i++)
        wipe_other(&r->others[i]);
    transcript_free(&r->receipts);
    ct_wipe(r, sizeof *r);
    free(r);
}

struct sealed_room *sealed_room_found(const char *name, const char *me, const struct identity *identity,
                                      struct rng *rng)
{
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(own, identity->key.n);
    struct sealed_room *r = new_room(me, own);
    if (r == NULL)
        return NULL;
    r->state = SEALED_ROOM_IN;
    r->list.count = 1;
    rng_key(rng, r->list.room, sizeof r->list.room);
    memcpy(r->list.name, name, strlen(name) + 1);
    memcpy(r->list.members[0].name, me, strlen(me) + 1);
    memcpy(r->list.members[0].fingerprint, own, sizeof own);
    if (take_founder(r, me, identity->certificate, identity->certificate_len) != 0 ||
        room_list_sign(&r->list, &identity->key, rng) != 0) {
        sealed_room_free(r);
        return NULL;
    }
    return r;
}

struct sealed_room *sealed_room_kept(enum sealed_room_state state, const struct room_list *list,
                                     const struct room_list *before, const char *me,
                                     const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN], const char *founder,
                                     const uint8_t *certificate, size_t certificate_len)
{
    struct sealed_room *r = new_room(me, own);
    if (r == NULL)
        return NULL;
    r->state = state;
    r->list = *list;
    if (before != NULL)
        r->before = *before;
    r->has_before = before != NULL;
    r->listed_at = -SEALED_ROOM_BEFORE_MS; /* long ago */
    if (take_founder(r, founder, certificate, certificate_len) != 0 || !is_of_founder(r, list) ||
        (before != NULL && !is_of_founder(r, before))) {
        sealed_room_free(r);
        return NULL;
    }
    if ((state == SEALED_ROOM_IN || state == SEALED_ROOM_ASKED || state == SEALED_ROOM_LEFT) && !is_on(r, list))
        r->state = SEALED_ROOM_OUT; /* one has another key now, say */
    if (r->has_before)
        add_others(r, &r->before);
    sync_others(r);
    return r;
}

struct sealed_room *sealed_room_asked(const struct room_list *list, const char *me,
                                      const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN], const char *founder,
                                      const uint8_t *certificate, size_t certificate_len)
{
    if (list->count == 0 || !room_list_has(list, me, own) || strcmp(founder, me) == 0)
        return NULL;
    return sealed_room_kept(SEALED_ROOM_ASKED, list, NULL, me, own, founder, certificate, certificate_len);
}

bool sealed_room_is_founder(const struct sealed_room *r)
{
    return strcmp(r->founder, r->me) == 0;
}

bool sealed_room_takes_keys(const struct sealed_room *r)
{
    return r->state == SEALED_ROOM_IN || r->state == SEALED_ROOM_ASKED;
}

const char *sealed_room_state_words(const struct sealed_room *r)
{
    static const char *const words[] = {
        [SEALED_ROOM_ASKED] = "you are invited, and have not accepted",
        [SEALED_ROOM_IN] = "you have not joined it: /join it",
        [SEALED_ROOM_LEFT] = "you have left it",
        [SEALED_ROOM_OUT] = "you are not on its list any more, and can read nothing that is said now",
        [SEALED_ROOM_STOPPED] = "its founder signed two histories of it: it is over",
        [SEALED_ROOM_CLOSED] = "its founder has closed it",
    };
    return words[r->state];
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

/* Whether that peer may have given it: who is on it; and where it closes the room, who was on the one before. */
static bool may_give(const struct sealed_room *r, const struct room_list *l, const char *peer,
                     const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    return room_list_has(l->count > 0 ? l : &r->list, peer, fingerprint);
}

/* CAUTION: whoever may go back to an older list, or take one of two, lets the server, or somebody who was removed,
 * choose who reads what is said; tests/test_sealed_room.c: test_lists_go_forward_alone, test_two_histories. */
enum sealed_room_news sealed_room_judge(const struct sealed_room *r, const struct room_list *l, const char *peer,
                                        const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    bool over = r->state == SEALED_ROOM_STOPPED || r->state == SEALED_ROOM_CLOSED;
    if (!ct_equal(l->room, r->list.room, sizeof l->room) || room_list_same(l, &r->list) ||
        !may_give(r, l, peer, fingerprint))
        return SEALED_ROOM_NOTHING;
    if (l->n < r->list.n)
        return SEALED_ROOM_NOTHING;
    bool invites = r->state == SEALED_ROOM_OUT && is_on(r, l); /* which is for the founder to do */
    if (over || strcmp(l->name, r->list.name) != 0 || (invites && strcmp(peer, r->founder) != 0) ||
        !is_of_founder(r, l))
        return SEALED_ROOM_NOTHING;
    if (l->n == r->list.n || (l->n == r->list.n + 1 && !same(l->before, r->list.hash)))
        return SEALED_ROOM_SPLIT;
    return SEALED_ROOM_NEWER;
}

/* Where a member of that name is, or would be: behind the founder, by name. */
static size_t place_of(const struct room_list *l, const char *name)
{
    size_t at = 1;
    while (at < l->count && strcmp(l->members[at].name, name) < 0)
        at++;
    return at;
}

static void change(struct room_list *l, const char *peer, const uint8_t *fingerprint)
{
    size_t at = place_of(l, peer);
    bool there = at < l->count && strcmp(l->members[at].name, peer) == 0;
    if (there) {
        l->count--;
        memmove(&l->members[at], &l->members[at + 1], (l->count - at) * sizeof l->members[0]);
    }
    if (fingerprint == NULL)
        return;
    assert(l->count < ROOM_LIST_MEMBERS_MAX);
    memmove(&l->members[at + 1], &l->members[at], (l->count - at) * sizeof l->members[0]);
    l->members[at] = (struct room_list_member){{0}, {0}};
    memcpy(l->members[at].name, peer, strlen(peer) + 1);
    memcpy(l->members[at].fingerprint, fingerprint, sizeof l->members[at].fingerprint);
    l->count++;
}

int sealed_room_next_list(struct room_list *next, const struct sealed_room *r, const char *peer,
                          const uint8_t *fingerprint, const struct identity *identity, struct rng *rng)
{
    struct room_list l = r->list;
    l.n++;
    memcpy(l.before, r->list.hash, sizeof l.before);
    if (peer == NULL)
        l.count = 0;
    else
        change(&l, peer, fingerprint);
    if (room_list_sign(&l, &identity->key, rng) != 0)
        return -1;
    *next = l;
    return 0;
}

void sealed_room_set_state(struct sealed_room *r, enum sealed_room_state state)
{
    r->state = state;
    if (!sealed_room_takes_keys(r))
        wipe_keys(r);
}

enum sealed_room_state sealed_room_state_by(const struct sealed_room *r, const struct room_list *l)
{
    if (l->count == 0)
        return SEALED_ROOM_CLOSED;
    if (!is_on(r, l))
        return SEALED_ROOM_OUT;
    return r->state == SEALED_ROOM_OUT ? SEALED_ROOM_ASKED : r->state;
}

/* CAUTION: a key that was drawn for another list is known to whoever was on that one;
 * tests/test_sealed_room.c: test_a_key_for_each_list. */
void sealed_room_take(struct sealed_room *r, const struct room_list *l, int64_t now)
{
    struct room_list taken = *l; /* l may be one of r's own */
    r->before = r->list;
    r->has_before = true;
    r->list = taken;
    r->listed_at = now;
    wipe_own_key(r);
    sync_others(r);
    sealed_room_set_state(r, sealed_room_state_by(r, &r->list));
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

/* The list of that L: the newest, or the one before while it is good. */
static const struct room_list *list_of(const struct sealed_room *r, const uint8_t *hash, int64_t now)
{
    if (same(hash, r->list.hash))
        return &r->list;
    if (r->has_before && same(hash, r->before.hash) && now - r->listed_at < SEALED_ROOM_BEFORE_MS)
        return &r->before;
    return NULL;
}

static bool has_id(const struct sender_key *k, const struct sender_key *other)
{
    return ct_equal(k->id, other->id, sizeof k->id) && same(k->list, other->list);
}

/* One for the list before comes behind what there is for the newest. */
static void put_key(const struct sealed_room *r, struct sealed_other *o, const struct sender_key *k, int64_t now)
{
    bool late = o->has_newest && same(o->newest.list, r->list.hash) && !same(k->list, r->list.hash);
    if (!late) {
        o->before = o->newest;
        o->before_from = o->newest_from;
        o->has_before = o->has_newest;
        o->newest = *k;
        o->newest_from = k->i;
        o->has_newest = true;
    } else {
        o->before = *k;
        o->before_from = k->i;
        o->has_before = true;
    }
    o->replaced = now;
}

/* CAUTION: from nobody but who is on the newest list, and on the one that the key is for, with the key of that call;
 * tests/test_sealed_room.c: test_whose_key_is_taken. */
void sealed_room_take_key(struct sealed_room *r, const struct sender_key *k, const struct sealed_from *from,
                          int64_t now)
{
    const struct room_list *l = list_of(r, k->list, now);
    struct sealed_other *o = sealed_room_other(r, from->peer, from->fingerprint);
    struct certificate c;
    if (o == NULL || !o->listed || !sealed_room_takes_keys(r) || l == NULL ||
        !room_list_has(l, from->peer, from->fingerprint))
        return;
    if ((o->has_newest && has_id(k, &o->newest)) || (o->has_before && has_id(k, &o->before)) ||
        transcript_refuses_key(&r->receipts, from->peer, k->id, k->list, k->i) ||
        certificate_decode(&c, from->certificate, from->certificate_len) != NET_OK)
        return; /* what one has is as far or further on; or it would open what nobody could be shown later */
    put_key(r, o, k, now);
    o->state = from->state;
    memcpy(o->certificate, from->certificate, from->certificate_len);
    o->certificate_len = from->certificate_len;
    memcpy(o->key.n, c.modulus, sizeof o->key.n);
}

void sealed_room_draw_key(struct sealed_room *r, int64_t now, bool for_line, struct rng *rng)
{
    bool used_up = r->mine.i >= SENDER_KEY_MESSAGES || now - r->mine_since >= SEALED_ROOM_KEY_MS;
    if (r->has_mine && !(for_line && used_up))
        return;
    sender_key_draw(&r->mine, r->list.room, r->list.hash, rng);
    r->has_mine = true;
    r->mine_since = now;
}

/* --- What was shown ----------------------------------------------------------------------------------------------- */

static void note_shown(struct sealed_room *r, const uint8_t hash[static SHA256_DIGEST_LEN])
{
    memcpy(r->shown[r->shown_next], hash, sizeof r->shown[0]);
    r->shown_next = (r->shown_next + 1) % SEALED_ROOM_SHOWN_MAX;
    if (r->shown_len < SEALED_ROOM_SHOWN_MAX)
        r->shown_len++;
}

static bool was_shown(const struct sealed_room *r, const uint8_t hash[static SHA256_DIGEST_LEN])
{
    for (size_t i = 0; i < r->shown_len; i++)
        if (same(r->shown[i], hash))
            return true;
    return false;
}

/* CAUTION: they are all that shows what the server withholds, or changes the order of; and what one member says to some
 * and not to others. tests/test_sealed_room.c: test_marks. */
static unsigned marks_of(const struct sealed_room *r, const struct sealed_other *o, const struct sealed_statement *s)
{
    unsigned marks = same(s->list, r->list.hash) ? 0 : SEALED_MARK_OLD_LIST;
    if (!o->spoke)
        return marks;
    if (!same(s->prev, o->last))
        marks |= same(s->prev, zeros) ? SEALED_MARK_ANEW : SEALED_MARK_MISSING;
    if (!same(s->seen, zeros) && !same(s->seen, o->seen) && !was_shown(r, s->seen))
        marks |= SEALED_MARK_UNSEEN;
    return marks;
}

static void note_line(struct sealed_room *r, struct sealed_other *o, const struct sealed_statement *s)
{
    sealed_statement_hash(o->last, s);
    memcpy(o->seen, s->seen, sizeof o->seen);
    memcpy(r->seen, o->last, sizeof r->seen);
    o->spoke = true;
    note_shown(r, o->last);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

static struct sender_key *key_of(struct sealed_other *o, const struct sealed_head *head, int64_t now)
{
    if (o->has_newest && ct_equal(o->newest.id, head->key_id, sizeof head->key_id))
        return &o->newest;
    if (o->has_before && ct_equal(o->before.id, head->key_id, sizeof head->key_id) &&
        now - o->replaced < SEALED_ROOM_BEFORE_MS)
        return &o->before;
    return NULL;
}

/* HELD: what it takes to open it is not there. */
static enum sealed_room_opened open_now(struct sealed_room *r, struct sealed_other *o, const struct sealed_head *head,
                                        const uint8_t *in, size_t in_len, int64_t now, struct sealed_line *line)
{
    const struct room_list *l = list_of(r, head->list, now);
    struct sender_key *k = key_of(o, head, now);
    if (o->state == PEER_CHANGED)
        return SEALED_ROOM_UNOPENED;
    if (l == NULL || k == NULL || r->state == SEALED_ROOM_ASKED)
        return SEALED_ROOM_HELD;
    if (head->i < (k == &o->newest ? o->newest_from : o->before_from))
        return SEALED_ROOM_DROPPED; /* it was said before one was given the key */
    if (!room_list_has(l, o->name, o->fingerprint) ||
        sealed_open(&line->statement, k, in, in_len, o->name, k, &o->key) != 0)
        return SEALED_ROOM_UNOPENED;
    line->state = o->state;
    line->certificate = o->certificate;
    line->certificate_len = o->certificate_len;
    line->marks = marks_of(r, o, &line->statement);
    note_line(r, o, &line->statement);
    return SEALED_ROOM_LINE;
}

/* CAUTION: with a bound that is lower than what one may say at once, whoever pastes lines behind a new key would lose
 * some at all members who are still computing the call that the key came in; tests/integration/test_sealed_client.py:
 * test_lines_pasted_behind_a_new_list. */
static enum sealed_room_opened hold(struct sealed_other *o, uint64_t time, const uint8_t *in, size_t in_len,
                                    int64_t now)
{
    struct sealed_held **at = &o->held;
    size_t bytes = in_len;
    for (; *at != NULL; at = &(*at)->next)
        bytes += (*at)->len;
    struct sealed_held *h = bytes <= SEALED_ROOM_HELD_BYTES ? malloc(sizeof *h + in_len) : NULL;
    if (h == NULL)
        return SEALED_ROOM_UNOPENED;
    *h = (struct sealed_held){.since = now, .time = time, .len = in_len};
    memcpy(h->bytes, in, in_len);
    *at = h;
    return SEALED_ROOM_HELD;
}

/* Of the key that the list which it names has for that name, if that list is known, or else the newest. */
static struct sealed_other *sender_of(struct sealed_room *r, const char *sender, const struct sealed_head *head,
                                      int64_t now)
{
    const struct room_list *l = list_of(r, head->list, now);
    const struct room_list_member *m = room_list_find(l != NULL ? l : &r->list, sender);
    return m != NULL ? sealed_room_other(r, sender, m->fingerprint) : NULL;
}

enum sealed_room_opened sealed_room_open(struct sealed_room *r, const char *sender, uint64_t time, const uint8_t *in,
                                         size_t in_len, int64_t now, bool waits, struct sealed_line *line)
{
    struct sealed_head head;
    if (sealed_head(&head, in, in_len) != 0 || !ct_equal(head.room, r->list.room, sizeof head.room) ||
        r->state != SEALED_ROOM_IN)
        return SEALED_ROOM_DROPPED;
    struct sealed_other *o = sender_of(r, sender, &head, now);
    if (o == NULL)
        return SEALED_ROOM_DROPPED;
    line->time = time;
    enum sealed_room_opened opened = open_now(r, o, &head, in, in_len, now, line);
    if (opened == SEALED_ROOM_HELD)
        opened = waits ? hold(o, time, in, in_len, now) : SEALED_ROOM_UNOPENED;
    return opened;
}

/* Of one sender. False: nothing of it can be opened yet, nor is too old. */
static bool open_first_held(struct sealed_room *r, struct sealed_other *o, int64_t now, struct sealed_line *line,
                            enum sealed_room_opened *opened)
{
    struct sealed_held *h = o->held;
    struct sealed_head head;
    if (h == NULL || sealed_head(&head, h->bytes, h->len) != 0)
        return false;
    line->time = h->time;
    *opened = open_now(r, o, &head, h->bytes, h->len, now, line);
    if (*opened == SEALED_ROOM_HELD && now - h->since < SEALED_ROOM_BEFORE_MS)
        return false;
    if (*opened == SEALED_ROOM_HELD)
        *opened = SEALED_ROOM_UNOPENED;
    drop_held(o);
    return true;
}

struct sealed_other *sealed_room_open_held(struct sealed_room *r, int64_t now, struct sealed_line *line,
                                           enum sealed_room_opened *opened)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (open_first_held(r, &r->others[i], now, line, opened))
            return &r->others[i];
    return NULL;
}

bool sealed_room_may_complain(struct sealed_other *o, int64_t now)
{
    if (o->complained && now - o->complained_at < SEALED_ROOM_COMPLAIN_MS)
        return false;
    o->complained = true;
    o->complained_at = now;
    return true;
}

/* --- Sealing ------------------------------------------------------------------------------------------------------ */

int sealed_room_seal(struct sealed_room *r, const struct identity *identity, const uint8_t *text, size_t text_len,
                     struct rng *rng, struct sealed_statement *s, uint8_t *out, size_t *len)
{
    assert(r->state == SEALED_ROOM_IN && r->has_mine && text_len <= TEXT_MAX_LEN);
    *s = (struct sealed_statement){.i = r->mine.i, .text_len = text_len};
    memcpy(s->room, r->list.room, sizeof s->room);
    memcpy(s->list, r->list.hash, sizeof s->list);
    memcpy(s->sender, r->me, sizeof s->sender);
    memcpy(s->key_id, r->mine.id, sizeof s->key_id);
    memcpy(s->prev, r->prev, sizeof s->prev);
    memcpy(s->seen, r->seen, sizeof s->seen);
    memcpy(s->text, text, text_len);
    if (sealed_statement_sign(s, &identity->key, rng) != 0 || sealed_seal(out, SEALED_MAX, len, s, &r->mine, rng) != 0)
        return -1;
    sender_key_advance(&r->mine);
    sealed_statement_hash(r->prev, s);
    note_shown(r, r->prev);
    return 0;
}

void sealed_room_enter(struct sealed_room *r, bool entered)
{
    r->entered = entered;
    memset(r->here, 0, sizeof r->here);
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        o->spoke = o->here = o->was_here = o->was_called = o->to_call = false;
        while (r->others[i].held != NULL)
            drop_held(&r->others[i]);
    }
}

/* A place for a name: a free one, or that of somebody who is not on the list, of whom anybody can bring any number. */
static char *place_here(struct sealed_room *r)
{
    char *at = find_here(r, "");
    for (size_t i = 0; at == NULL && i < SEALED_ROOM_HERE_MAX; i++)
        if (room_list_find(&r->list, r->here[i]) == NULL)
            at = r->here[i];
    return at;
}

void sealed_room_here(struct sealed_room *r, const char *name, bool here)
{
    char *at = find_here(r, name);
    if (at != NULL && !here)
        *at = '\0';
    if (at == NULL && here && (at = place_here(r)) != NULL)
        memcpy(at, name, strlen(name) + 1);
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, name) == 0)
            note_here(&r->others[i], here);
}

/* --- Time --------------------------------------------------------------------------------------------------------- */

/* CAUTION: whoever is robbed later should not have what opens what was said before; tests/test_sealed_room.c:
 * test_what_is_too_old_goes. */
void sealed_room_tick(struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        if (o->has_before && (list_of(r, o->before.list, now) == NULL || now - o->replaced >= SEALED_ROOM_BEFORE_MS)) {
            sender_key_wipe(&o->before);
            o->has_before = false;
        }
        if (o->has_newest && list_of(r, o->newest.list, now) == NULL) {
            sender_key_wipe(&o->newest);
            o->has_newest = false;
        }
    }
}

static int64_t until(int64_t then, int64_t now, int64_t otherwise)
{
    int64_t wait = then > now ? then - now : 0;
    return wait < otherwise ? wait : otherwise;
}

int64_t sealed_room_wait(const struct sealed_room *r, int64_t now, int64_t otherwise)
{
    for (size_t i = 0; i < r->others_len; i++) {
        const struct sealed_other *o = &r->others[i];
        if (o->has_before)
            otherwise = until(o->replaced + SEALED_ROOM_BEFORE_MS, now, otherwise);
        if ((o->has_newest && !same(o->newest.list, r->list.hash)) ||
            (o->has_before && !same(o->before.list, r->list.hash)))
            otherwise = until(r->listed_at + SEALED_ROOM_BEFORE_MS, now, otherwise);
        if (o->held != NULL)
            otherwise = until(o->held->since + SEALED_ROOM_BEFORE_MS, now, otherwise);
    }
    return otherwise;
}
