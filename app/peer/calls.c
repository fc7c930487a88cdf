/* SPDX-License-Identifier: MIT */
/* A list of calls, two of one peer at most. Each is gone on with until nothing more happens in it or it waits for a
 * computation; what it has to send joins one queue, relays.h, so that the order of everything is kept.
 *
 * The server may claim that anybody has sent anything. So nothing here trusts where a frame is said to be from: it is
 * fed to the call of that name and number, whose keys decide; and what a stranger can begin is bounded: a place for
 * each name that is known, and a few for all others together. */
#include "app/peer/calls.h"

#include <stdlib.h>
#include <string.h>

#include "app/peer/calls_impl.h"
#include "crypto/ct.h"

/* --- Finding ------------------------------------------------------------------------------------------------------ */

static struct call *find(const struct calls *c, const char *peer, const uint8_t *id)
{
    struct call *call = c->list;
    while (call != NULL && (strcmp(call->peer, peer) != 0 || !ct_equal(call->id, id, sizeof call->id)))
        call = call->next;
    return call;
}

struct call *calls_find_phase(const struct calls *c, const char *peer, enum call_phase phase)
{
    struct call *call = c->list;
    while (call != NULL && (call->phase != phase || strcmp(call->peer, peer) != 0))
        call = call->next;
    return call;
}

struct call *calls_find_to_say(const struct calls *c, const char *peer)
{
    struct call *call = calls_find_phase(c, peer, CALL_IS_OPEN);
    return call != NULL && !call->closes ? call : calls_find_phase(c, peer, CALL_HALF_OPEN);
}

/* Who goes first: what the user has asked for, then what a room wants. */
static int rank(const struct call *call)
{
    return call->wanted ? 2 : call->for_room ? 1 : 0;
}

/* By the user, or by a room. */
static bool is_asked_for(const struct call *call)
{
    return rank(call) > 0;
}

static bool is_stranger(const struct calls *c, const char *peer)
{
    return peers_find(c->config.peers, peer) == NULL;
}

/* Whether it is time to say it again, which is then noted. Where all places are taken by others of whom it was said
 * just now, it is not. */
static bool may_tell(struct calls_told told[static CALLS_TOLD_MAX], const char *peer, int64_t now, int64_t pause)
{
    struct calls_told *place = &told[0];
    for (size_t i = 0; i < CALLS_TOLD_MAX && strcmp(place->name, peer) != 0; i++) {
        struct calls_told *t = &told[i];
        if (strcmp(t->name, peer) == 0 || t->name[0] == '\0' || (place->name[0] != '\0' && t->when < place->when))
            place = t;
    }
    if (place->name[0] != '\0' && now - place->when < pause)
        return false;
    memcpy(place->name, peer, strlen(peer) + 1);
    place->when = now;
    return true;
}

/* --- Relays ------------------------------------------------------------------------------------------------------- */

/* All frames that a call has made. -1: as relays_add.
 * CAUTION: whoever sends wrong hellos makes us answer each by an Alert, at no cost; if all of these waited, there would
 * soon be no place for anything else. tests/test_calls_endings.c: test_a_flood_of_wrong_hellos. */
static int queue_frames(struct calls *c, struct call *call, const struct session_buffer *out)
{
    for (size_t at = 0, len; at < out->len; at += len) {
        len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(out->data + at + 2);
        if (out->data[at] == FRAME_ALERT && c->relays.unsent_len >= CALLS_ALERTS_MAX)
            continue;
        if (relays_add(&c->relays, call->peer, call->id, out->data + at, len) != 0)
            return -1;
        call->unsent++;
    }
    return 0;
}

/* Of the calls that the user, or else a room, has asked for, and that have something to send: the one of which nothing
 * went for longest.
 * CAUTION: behind what strangers make us answer, as fast as the server takes it, what the user says would be late, and
 * so it would behind one peer who makes us acknowledge as much; tests/test_calls_bounds.c:
 * test_what_the_user_says_goes_first, test_calls_that_the_user_wants_take_turns. */
static const struct call *find_urgent(const struct calls *c)
{
    const struct call *urgent = NULL;
    for (const struct call *call = c->list; call != NULL; call = call->next)
        if (is_asked_for(call) && call->unsent > 0 &&
            (urgent == NULL || rank(call) > rank(urgent) || (rank(call) == rank(urgent) && call->sent < urgent->sent)))
            urgent = call;
    return urgent;
}

bool calls_next_relay(struct calls *c, struct message *m)
{
    const struct call *urgent = find_urgent(c);
    if (!relays_next(&c->relays, urgent != NULL ? urgent->peer : NULL, urgent != NULL ? urgent->id : NULL, m))
        return false;
    struct call *call = find(c, m->relay.name, m->relay.call);
    /* Where none of its own waited, it was a frame of a call before it, of the same number. */
    if (call != NULL && m->relay.frame.len > 0 && call->unsent > 0) {
        call->unsent--;
        call->sent = ++c->sent;
    }
    return true;
}

/* --- A call's beginning ------------------------------------------------------------------------------------------- */

struct call *calls_begin(struct calls *c, int64_t now, const char *peer, const uint8_t *id, uint8_t group)
{
    uint8_t drawn[MESSAGE_CALL_LEN];
    if (id == NULL)
        rng_fill(&c->rng, drawn, sizeof drawn);
    const struct call_setup setup = {
        .me = c->config.me,
        .peer = peer,
        .identity = c->config.identity,
        .suites = c->config.suites,
        .suites_len = c->config.suites_len,
        .groups = c->config.groups,
        .groups_len = c->config.groups_len,
        .group = group,
        .trace = c->config.trace,
        .trace_arg = c->config.trace_arg,
        .caller = id == NULL,
        .id = id != NULL ? id : drawn,
    };
    struct call *call = call_new(&setup, now);
    if (call == NULL)
        return NULL;
    call->for_room = c->hooks.is_member != NULL && c->hooks.is_member(c->hooks.arg, peer);
    call->number = ++c->begun;
    call->next = c->list;
    c->list = call;
    return call;
}

/* --- A call's end ------------------------------------------------------------------------------------------------- */

static void unlink_call(struct calls *c, struct call *call)
{
    struct call **at = &c->list;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
}

/* What was said and not acknowledged is told, once. */
static void tell_unconfirmed(struct calls *c, struct call *call, int64_t now, bool all)
{
    struct call_text *t;
    while ((t = call_unconfirmed(call, now, all)) != NULL) {
        c->hooks.unconfirmed(c->hooks.arg, call->peer, t->text, t->len);
        call_told(t);
    }
}

static void tell_unsaid(struct calls *c, struct call *call, const char *why)
{
    for (struct call_text *t = call->waiting.first; t != NULL; t = t->next)
        c->hooks.unsaid(c->hooks.arg, call->peer, t->text, t->len, why);
}

/* What waits to be said in a call that ends: goes over to another one of that peer, or is told as not said. */
static void pass_texts_on(struct calls *c, struct call *call, int64_t now, const char *why)
{
    bool answered = !call->was_open && !call->caller && call->why != NET_ERR_REFUSED;
    struct call *other = calls_find_to_say(c, call->peer);
    if (call->waiting.first == NULL)
        return;
    bool anew = other == NULL && (why == NULL || answered);
    if (anew)
        other = calls_begin(c, now, call->peer, NULL, 0);
    if (other == NULL) {
        tell_unsaid(c, call, why != NULL ? why : CALLS_NO_MEMORY);
        return;
    }
    other->wanted = true;
    if (anew)
        other->closes = call->closes; /* the user has left it */
    call_move_texts(other, call);
    calls_go_on(c, other, now);
}

/* Takes a call out of the list and lets go of it. why: what the user is told, or NULL where nothing is wrong. */
static void end(struct calls *c, struct call *call, int64_t now, const char *why)
{
    call_take_back(call);
    bool told = call->waiting.first != NULL; /* with why */
    unlink_call(c, call);
    tell_unconfirmed(c, call, now, true);
    pass_texts_on(c, call, now, why);
    if (why != NULL && call->wanted && !told)
        c->hooks.cut(c->hooks.arg, call->peer, why);
    else if (why != NULL && call->for_room && c->hooks.unreached != NULL)
        c->hooks.unreached(c->hooks.arg, call->peer, why);
    call->dead = true;
    if (!call->handed)
        call_free(call);
}

/* The same of one that has failed, or must. */
void calls_drop(struct calls *c, struct call *call, int64_t now, const char *why)
{
    relays_drop(&c->relays, call->peer, call->id);
    end(c, call, now, why);
}

/* What the user wanted of a half-open call is wanted of the one that takes its place, and within its time: else a
 * server that sends one hello after the other would keep the user waiting for ever. */
static void take_place(struct call *call, struct call *before)
{
    if (before->wanted)
        call->began = before->began;
    call->wanted = before->wanted;
    call->for_room = call->for_room || before->for_room;
    call->closes = before->closes;
    call_move_texts(call, before);
}

/* To the one user of this program everything that goes wrong inside a call is one thing; the peer is told nothing. */
static const char *failure(const struct call *call)
{
    static const char *const tampered =
        "the call failed: what came is not what was sent, or not by whom it was meant to be";
    switch (call->why) {
    case NET_ERR_ALERT:
        return "their program and this one have no group or suite in common: try without --group and --suite";
    case NET_ERR_REFUSED:
        return "their key is not believed";
    case NET_ERR_TIMEOUT:
        return "their program did not answer in time";
    default:
        return tampered;
    }
}

static void failed(struct calls *c, struct call *call, int64_t now)
{
    struct call *again = NULL;
    if (call->caller && call->why == NET_ERR_ALERT && call->retry_group != 0 && !call->second_try)
        again = calls_begin(c, now, call->peer, NULL, call->retry_group);
    if (again != NULL)
        take_place(again, call);
    end(c, call, now, again != NULL ? NULL : failure(call));
    if (again != NULL)
        calls_go_on(c, again, now);
}

/* --- What happens in a call --------------------------------------------------------------------------------------- */

static void refuse(struct calls *c, const struct call *call, int64_t now, const char *why)
{
    if (may_tell(c->refused, call->peer, now, call->wanted ? 0 : CALLS_WARN_MS))
        c->hooks.refused(c->hooks.arg, why);
}

static void decide(struct calls *c, struct call *call, int64_t now)
{
    const struct calls_config *f = &c->config;
    enum peer_state state;
    char why[WHY_LEN];
    if (peers_decide(f->peers, call->peer, call_certificate(call), f->user_ca, f->unix_time(), &state, why) ==
        PEERS_ACCEPTED) {
        call_accept(call, state);
        return;
    }
    refuse(c, call, now, why);
    call_refuse(call);
}

/* Beyond a bound, the open call that nobody asked for and that is idle for longest says good-bye; not the one that was
 * opened now, which the caller is in the middle of. */
static void close_unwanted(struct calls *c, const struct call *opened_now, int64_t now)
{
    struct call *idle = NULL;
    size_t unwanted = 0;
    for (struct call *call = c->list; call != NULL; call = call->next) {
        if (call->phase != CALL_IS_OPEN || is_asked_for(call) || call->closes)
            continue;
        unwanted++;
        if (call != opened_now && (idle == NULL || call->used <= idle->used))
            idle = call;
    }
    if (unwanted <= CALLS_UNWANTED_MAX)
        return;
    call_close(idle);
    calls_go_on(c, idle, now);
}

/* CAUTION: a key is kept, and the call before this one given up, only now that the peer has shown that the key is its
 * own; anybody can show a certificate. tests/test_calls.c: test_a_call_that_never_opens_takes_no_place. */
static void opened(struct calls *c, struct call *call, int64_t now)
{
    char why[WHY_LEN];
    bool first = is_stranger(c, call->peer);
    if (peers_met(c->config.peers, call->peer, call->fingerprint, why) != 0) {
        refuse(c, call, now, why);
        call_fail(call, NET_ERR_REFUSED);
        return;
    }
    for (struct call *old = c->list; old != NULL; old = old->next)
        if (old != call && old->phase == CALL_IS_OPEN && strcmp(old->peer, call->peer) == 0) {
            call->wanted = call->wanted || old->wanted;
            call->for_room = call->for_room || old->for_room;
            call_move_texts(call, old);
            calls_drop(c, old, now, NULL);
            break;
        }
    c->hooks.opened(c->hooks.arg, call, first);
    close_unwanted(c, call, now);
}

/* False where the call is gone. */
static bool happened(struct calls *c, struct call *call, enum call_event event, const struct call_got *got, int64_t now)
{
    switch (event) {
    case CALL_QUIET:
    case CALL_SENT:
        return true;
    case CALL_WORK:
        call->due = ++c->due;
        return true;
    case CALL_PEER:
        decide(c, call, now);
        return true;
    case CALL_OPENED:
        opened(c, call, now);
        return true;
    case CALL_TEXT:
        c->hooks.text(c->hooks.arg, call, got->text, got->len);
        return true;
    case CALL_GIVEN:
        if (c->hooks.given == NULL || !c->hooks.given(c->hooks.arg, call, got->text, got->len))
            call_fail(call, NET_ERR_MALFORMED);
        return true;
    case CALL_TAKEN:
        if (c->hooks.taken != NULL)
            c->hooks.taken(c->hooks.arg, call);
        return true;
    case CALL_CONFIRMED:
        c->hooks.confirmed(c->hooks.arg, call, got->text, got->len);
        return true;
    case CALL_CLOSED:
        end(c, call, now, NULL);
        return false;
    case CALL_FAILED:
        failed(c, call, now);
        return false;
    }
    return true;
}

void calls_go_on(struct calls *c, struct call *call, int64_t now)
{
    enum call_event event = CALL_SENT;
    while (event != CALL_QUIET && !call->working && call->unsent < CALLS_UNSENT_MAX) {
        struct session_buffer out = {.data = c->out, .cap = sizeof c->out};
        struct call_got got;
        event = call_next(call, &c->rng, now, &out, &got);
        if (event == CALL_FAILED)
            relays_drop(&c->relays, call->peer, call->id);
        if (queue_frames(c, call, &out) != 0) {
            calls_drop(c, call, now, CALLS_NO_MEMORY);
            return;
        }
        if (!happened(c, call, event, &got, now))
            return;
    }
}

/* --- From the server ---------------------------------------------------------------------------------------------- */

static void no_such_call(struct calls *c, int64_t now, const char *peer, const uint8_t *id)
{
    if (may_tell(c->empty, peer, now, CALLS_EMPTY_MS))
        (void)!relays_add(&c->relays, peer, id, NULL, 0); /* without memory nothing is said: it proves nothing anyway */
}

/* Before another call is answered: the oldest of those that are being answered gives way to it, where there are too
 * many, of unknown peers or of all. */
static void bound_answering(struct calls *c, int64_t now, bool strangers, size_t max)
{
    struct call *oldest = NULL;
    size_t n = 0;
    for (struct call *call = c->list; call != NULL; call = call->next)
        if (call->phase == CALL_HALF_OPEN && !is_asked_for(call) && (!strangers || is_stranger(c, call->peer))) {
            oldest = call; /* the list has the newest first */
            n++;
        }
    if (n >= max)
        calls_drop(c, oldest, now, NULL);
}

/* The newest call, into the place in the list of one before it, which ends.
 * CAUTION: at the head it would be the newest again, and whoever calls again and again push out whoever calls once;
 * tests/test_calls_bounds.c: test_strangers_who_call_again. */
static void move_behind(struct calls *c, struct call *newest, struct call *before)
{
    c->list = newest->next;
    newest->next = before->next;
    before->next = newest;
}

/* A ClientHello of a number that is not in use: a call is answered, where it may be. */
static void answer(struct calls *c, int64_t now, const struct message *m)
{
    const char *peer = m->relayed.name;
    struct call *half = calls_find_phase(c, peer, CALL_HALF_OPEN);
    if (half != NULL && half->caller && strcmp(c->config.me, peer) < 0)
        return; /* theirs and ours cross, and ours stands */
    if (half == NULL && is_stranger(c, peer))
        bound_answering(c, now, true, CALLS_STRANGERS_MAX);
    if (half == NULL)
        bound_answering(c, now, false, CALLS_ANSWERING_MAX);
    struct call *call = calls_begin(c, now, peer, m->relayed.call, 0);
    if (call == NULL)
        return;
    if (half != NULL) {
        take_place(call, half);
        move_behind(c, call, half);
        calls_drop(c, half, now, NULL);
    }
    if (call_take(call, m->relayed.frame.data, m->relayed.frame.len) != 0)
        calls_drop(c, call, now, CALLS_NO_MEMORY);
    else
        calls_go_on(c, call, now);
}

void calls_relayed(struct calls *c, int64_t now, const struct message *m)
{
    const char *peer = m->relayed.name;
    const uint8_t *frame = m->relayed.frame.data;
    size_t len = m->relayed.frame.len;
    bool hello = len > 0 && frame[0] == FRAME_CLIENT_HELLO;
    struct call *call = find(c, peer, m->relayed.call);
    if (strcmp(peer, c->config.me) == 0 || (hello && call != NULL))
        return;
    if (call == NULL && hello)
        answer(c, now, m);
    else if (call == NULL && len > 0)
        no_such_call(c, now, peer, m->relayed.call);
    else if (call != NULL && len == 0)
        calls_drop(c, call, now, "their program knows no such call any more: it may have been started anew");
    else if (call != NULL && call_take(call, frame, len) != 0)
        calls_drop(c, call, now, "the call failed: more came than it could take");
    else if (call != NULL)
        calls_go_on(c, call, now);
}

void calls_answered(struct calls *c, int64_t now, enum message_error code, const char *words)
{
    struct relay *relay = relays_answered(&c->relays);
    struct call *call = find(c, relay->to, relay->call);
    if (code != MESSAGE_E_NONE && call != NULL && relay->len > 0)
        calls_drop(c, call, now, words);
    else if (call != NULL)
        calls_go_on(c, call, now); /* it may have waited for room */
    free(relay);
}

/* --- Computing ---------------------------------------------------------------------------------------------------- */

/* CAUTION: two older calls in which there is always something to compute would keep all others from opening;
 * tests/test_calls_bounds.c: test_nobody_computes_twice_before_another. */
static bool goes_before(const struct call *call, const struct call *other)
{
    return rank(call) != rank(other) ? rank(call) > rank(other) : call->due < other->due;
}

struct call *calls_next_work(struct calls *c)
{
    struct call *next = NULL;
    for (struct call *call = c->list; call != NULL; call = call->next)
        if (call->working && !call->handed && (next == NULL || goes_before(call, next)))
            next = call;
    if (next != NULL)
        next->handed = true;
    return next;
}

void calls_worked(struct calls *c, struct call *call, int64_t now)
{
    struct session_buffer out = {.data = c->out, .cap = sizeof c->out};
    call->handed = false;
    if (call->dead) {
        call_free(call);
        return;
    }
    call_worked(call, &c->rng, now, &out);
    if (queue_frames(c, call, &out) != 0)
        calls_drop(c, call, now, CALLS_NO_MEMORY);
    else
        calls_go_on(c, call, now);
}

/* --- Time --------------------------------------------------------------------------------------------------------- */

/* Texts that wait for too long are told, and the rest goes on waiting. True where any of them was to be said. */
static bool tell_late(struct calls *c, struct call *call, int64_t now)
{
    struct call_text *t;
    bool told = call_late(call, now) != NULL;
    tell_unconfirmed(c, call, now, false);
    while ((t = call_late(call, now)) != NULL) {
        c->hooks.unsaid(c->hooks.arg, call->peer, t->text, t->len, "it could not be sent in time");
        call_drop(call, t);
    }
    return told;
}

/* The texts of one's own call end with it, for its reason. */
static void look_at_time(struct calls *c, struct call *call, int64_t now)
{
    bool over = call->phase == CALL_HALF_OPEN && now - call->began >= CALL_OPEN_MS;
    bool told = !(over && call->caller) && tell_late(c, call, now);
    if (over) {
        call->why = NET_ERR_TIMEOUT;
        calls_drop(c, call, now, told ? NULL : failure(call));
    } else if (call->session.close_sent && now - call->used >= CALL_CLOSE_MS && !call->handed) {
        end(c, call, now, NULL);
    } else {
        calls_go_on(c, call, now);
    }
}

/* While one is looked at, others may go; so each time the list is begun anew. */
void calls_tick(struct calls *c, int64_t now)
{
    struct call *call = c->list;
    c->turn++;
    while (call != NULL)
        if (call->turn == c->turn) {
            call = call->next;
        } else {
            call->turn = c->turn;
            look_at_time(c, call, now);
            call = c->list;
        }
}

int64_t calls_wait(const struct calls *c, int64_t now, int64_t otherwise)
{
    for (const struct call *call = c->list; call != NULL; call = call->next)
        otherwise = call_wait(call, now, otherwise);
    return otherwise;
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void calls_init(struct calls *c, const struct calls_config *config, const struct calls_hooks *hooks)
{
    memset(c, 0, sizeof *c);
    c->config = *config;
    c->hooks = *hooks;
    rng_init(&c->rng);
    relays_init(&c->relays);
}

/* The oldest first, so that texts are told in the order in which they were said. */
void calls_cut(struct calls *c, int64_t now)
{
    while (c->list != NULL) {
        struct call *oldest = c->list;
        while (oldest->next != NULL)
            oldest = oldest->next;
        oldest->why = NET_ERR_REFUSED; /* no other call takes its place */
        calls_drop(c, oldest, now, "the connection to the server ended");
    }
    relays_free(&c->relays); /* they would be answered by nobody, or by the next server */
}

void calls_free(struct calls *c)
{
    while (c->list != NULL) {
        struct call *call = c->list;
        c->list = call->next;
        call_free(call);
    }
    relays_free(&c->relays);
    rng_wipe(&c->rng);
    ct_wipe(c, sizeof *c);
}
