/* SPDX-License-Identifier: MIT */
/* What is said: it waits until whoever may read it has the key, and is sealed to the list that it was typed for. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

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

void sealed_rooms_give_texts_back(struct sealed_rooms *rs, const struct sealed_room *r, const char *why)
{
    for (struct sealed_rooms_text **at; *(at = first_of(rs, r)) != NULL;) {
        rs->hooks.unsaid(rs->hooks.arg, r, (*at)->text, (*at)->len, why);
        drop_text(rs, at);
    }
}

void sealed_rooms_drop_texts(struct sealed_rooms *rs)
{
    while (rs->texts != NULL)
        drop_text(rs, &rs->texts);
}

void sealed_rooms_say(struct sealed_rooms *rs, int64_t now, struct sealed_room *r, const uint8_t *text, size_t len)
{
    bool may = r->state == SEALED_ROOM_IN && r->entered;
    struct sealed_rooms_text *t = may ? malloc(sizeof *t + len) : NULL;
    if (t == NULL) {
        rs->hooks.unsaid(rs->hooks.arg, r, text, len, may ? "there is no memory for it" : sealed_room_state_words(r));
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

void sealed_rooms_begin_receipts(struct sealed_room *r)
{
    if (r->receipts.certificate_count == 0)
        (void)!transcript_init(&r->receipts, &r->list, r->founder_certificate, r->founder_certificate_len);
}

/* What can't be kept, where there is no memory, is missing in the file. That says so where a later line names it; after
 * the last ones there is none, and so all are counted. */
static void keep_receipt(struct sealed_rooms *rs, struct sealed_room *r, const struct sealed_statement *s,
                         const uint8_t *certificate, size_t len)
{
    bool newest = ct_equal(s->list, r->list.hash, sizeof s->list);
    r->said = ++rs->said;
    if (r->receipts.certificate_count == 0 ||
        transcript_add(&r->receipts, s, newest ? &r->list : &r->before, certificate, len) != 0)
        r->unkept++;
}

int sealed_rooms_save(const struct sealed_room *r, const char *path, char why[static WHY_LEN])
{
    if (r->receipts.count == 0 && r->unkept > 0)
        return why_say(why, "there was no memory to keep what was said in %s", r->list.name);
    if (r->receipts.count == 0)
        return why_say(why, "nothing was said in %s since this program was started", r->list.name);
    return transcript_save(&r->receipts, path, why);
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

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
        keep_receipt(rs, r, s, rs->line.certificate, rs->line.certificate_len);
        rs->hooks.line(rs->hooks.arg, r, &rs->line);
    } else if (opened == SEALED_ROOM_UNOPENED && o != NULL && sealed_room_may_complain(o, now)) {
        rs->hooks.unopened(rs->hooks.arg, r, sender);
    }
    ct_wipe(&rs->line, sizeof rs->line);
}

/* CAUTION: a key moves on with each line that it opens. What is held comes first, or it could not be opened any more;
 * tests/test_sealed_rooms_lines.c: test_what_is_held_comes_first. */
void sealed_rooms_sealed(struct sealed_rooms *rs, int64_t now, const struct message *m)
{
    struct sealed_room *r = sealed_rooms_find(rs, m->sealed.room);
    const char *sender = m->sealed.sender;
    if (r == NULL || !r->entered)
        return;
    sealed_rooms_look_at_inbox(rs, now); /* what was given before it comes first, and then what was said before it */
    sealed_rooms_show_held(rs, r, now);
    bool waits = r->list_waits || calls_live(rs->calls, sender) != NULL || calls_is_making(rs->calls, sender);
    enum sealed_room_opened opened = sealed_room_open(r, sender, m->sealed.time, m->sealed.sealed.data,
                                                      m->sealed.sealed.len, now, waits, &rs->line);
    show(rs, r, sender, sealed_rooms_find_listed(r, sender), opened, now);
}

void sealed_rooms_show_held(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    enum sealed_room_opened opened;
    update_states(rs, r);
    for (struct sealed_other *o; (o = sealed_room_open_held(r, now, &rs->line, &opened)) != NULL;)
        show(rs, r, o->name, o, opened, now);
}

/* --- Sealing ------------------------------------------------------------------------------------------------------ */

/* Whether a line waits for that member: a call with it is under way, or the key is on its way to the server. */
static bool waits_for(const struct sealed_rooms *rs, const struct sealed_room *r, const struct sealed_other *o,
                      int64_t now)
{
    if (!o->listed || (o->in_vain && now - o->in_vain_at < SEALED_ROOMS_CALL_MS))
        return false;
    if (sealed_rooms_live_call(rs, o) == NULL)
        return calls_is_making(rs->calls, o->name);
    return !sealed_rooms_has_key(r, o) || calls_is_giving(rs->calls, o->name);
}

static bool waits_for_any(const struct sealed_rooms *rs, const struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++)
        if (waits_for(rs, r, &r->others[i], now))
            return true;
    return false;
}

/* The line has waited for long enough. What is on its way to them is taken back: it would open this line, too, for
 * whoever gets it out of this program's memory later. */
static void stop_waiting(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        bool given = sealed_rooms_live_call(rs, o) != NULL && sealed_rooms_has_key(r, o) &&
                     !calls_is_giving(rs->calls, o->name);
        if (!o->listed || given)
            continue;
        if (waits_for(rs, r, o, now)) {
            o->in_vain = true;
            o->in_vain_at = now;
        }
        sealed_rooms_take_back(rs, o->name);
    }
}

/* Whether what that member was given has not been acknowledged in time. */
static bool is_late(const struct sealed_rooms *rs, const struct sealed_other *o, int64_t now)
{
    const struct call *call = sealed_rooms_live_call(rs, o);
    return call != NULL && call_is_late(call, now);
}

/* Whether that member has one's own key, as far as the acknowledgements say that have come, or may still come. */
static bool may_have_key(const struct sealed_rooms *rs, const struct sealed_room *r, const struct sealed_other *o,
                         int64_t now)
{
    return sealed_rooms_live_call(rs, o) != NULL && sealed_rooms_has_key(r, o) && !is_late(rs, o, now);
}

/* Who is not there, or has no key for the line that is said now: told where these are not the ones of the line before.
 *
 * CAUTION: who is there is the server's word alone. Without the acknowledgements somebody whose program is gone would
 * count as one who reads for as long as the server says so; tests/test_sealed_rooms_lines.c:
 * test_who_never_acknowledges. */
static void tell_left_out(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    const char *names[SEALED_ROOM_OTHERS_MAX];
    size_t n = 0;
    bool changed = false;
    for (size_t i = 0; i < r->others_len; i++) {
        struct sealed_other *o = &r->others[i];
        bool is_new = !o->was_here && o->has_newest &&
                      now - o->given.at < CALL_CONFIRM_MS; /* the server may be about to tell of it */
        bool out = o->listed && (!(o->here || is_new) || !may_have_key(rs, r, o, now));
        changed = changed || (out && !o->left_out);
        o->left_out = out;
        if (out)
            names[n++] = o->name;
    }
    if (changed)
        rs->hooks.left_out(rs->hooks.arg, r, names, n);
}

void sealed_rooms_tell_late(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    for (size_t i = 0; i < r->others_len && r->mine.i > 0; i++) {
        const struct sealed_other *o = &r->others[i];
        if (o->listed && o->here && !o->left_out && is_late(rs, o, now))
            tell_left_out(rs, r, now);
    }
}

bool sealed_rooms_may_read(const struct sealed_rooms *rs, const struct sealed_room *r, const struct room_list_member *m,
                           int64_t now)
{
    for (size_t i = 0; i < r->others_len; i++) {
        const struct sealed_other *o = &r->others[i];
        if (o->listed && strcmp(o->name, m->name) == 0)
            return !is_late(rs, o, now) && (!o->left_out || may_have_key(rs, r, o, now));
    }
    return true;
}

/* False: it could not be sent, and stays. */
static bool seal(struct sealed_rooms *rs, struct sealed_room *r, const struct sealed_rooms_text *t)
{
    static struct sealed_statement s;
    const struct identity *own = rs->config.identity;
    uint8_t out[SEALED_MAX];
    size_t len;
    bool done = true;
    if (sealed_room_seal(r, own, t->text, t->len, &rs->rng, &s, out, &len) != 0) {
        rs->hooks.unsaid(rs->hooks.arg, r, t->text, t->len, "this machine computes wrongly");
    } else if (!rs->hooks.send(rs->hooks.arg, r->list.name, out, len)) {
        done = false;
    } else {
        keep_receipt(rs, r, &s, own->certificate, own->certificate_len);
        rs->hooks.said(rs->hooks.arg, r, &s);
    }
    ct_wipe(&s, sizeof s);
    return done;
}

bool sealed_rooms_say_next(struct sealed_rooms *rs, struct sealed_room *r, int64_t now)
{
    struct sealed_rooms_text **at = first_of(rs, r);
    if (*at == NULL)
        return false;
    if (r->state != SEALED_ROOM_IN || !r->entered) {
        sealed_rooms_give_texts_back(rs, r, sealed_room_state_words(r));
        return false;
    }
    sealed_room_draw_key(r, now, true, &rs->rng);
    sealed_rooms_reach_all(rs, r, now);
    sealed_rooms_give_all(rs, r, now);
    if ((r->list_waits || waits_for_any(rs, r, now)) && now - (*at)->since < SEALED_ROOMS_LINE_MS)
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
