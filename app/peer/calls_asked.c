/* SPDX-License-Identifier: MIT */
/* What the user and sealed rooms ask of calls, and whether it is done: calls.c has what becomes of each call. */
#include <assert.h>
#include <string.h>

#include "app/peer/calls_impl.h"
#include "crypto/ct.h"

/* --- From the user ------------------------------------------------------------------------------------------------ */

/* The one that is there, or is being made, or else a new one; NULL: no memory. One that was left, and whose good-bye is
 * not sent, is gone on with: another would take its place, and what is on its way in it be lost. */
static struct call *have_call(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = calls_find_phase(c, peer, CALL_IS_OPEN);
    if (call == NULL || call->session.close_sent)
        call = calls_find_phase(c, peer, CALL_HALF_OPEN);
    if (call == NULL)
        call = calls_begin(c, now, peer, NULL, 0);
    if (call != NULL)
        call->closes = false;
    return call;
}

static struct call *want(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = have_call(c, now, peer);
    if (call != NULL)
        call->wanted = true;
    return call;
}

void calls_say(struct calls *c, int64_t now, const char *peer, const uint8_t *text, size_t len)
{
    struct call *call = want(c, now, peer);
    if (call == NULL || call_say(call, text, len, now) != 0)
        c->hooks.unsaid(c->hooks.arg, peer, text, len, CALLS_NO_MEMORY);
    if (call != NULL)
        calls_go_on(c, call, now);
}

void calls_call(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = want(c, now, peer);
    if (call == NULL)
        c->hooks.cut(c->hooks.arg, peer, CALLS_NO_MEMORY);
    else
        calls_go_on(c, call, now);
}

void calls_leave(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = calls_find_to_say(c, peer);
    if (call == NULL || call->closes)
        return;
    call->wanted = false;
    if (call->for_room)
        return;
    if (call->phase == CALL_HALF_OPEN && call->waiting.first == NULL) {
        calls_drop(c, call, now, NULL);
        return;
    }
    call_close(call);
    calls_go_on(c, call, now);
}

void calls_leave_all(struct calls *c, int64_t now)
{
    for (struct call *call = c->list; call != NULL; call = call->next)
        call->for_room = false;
    for (struct call *call = c->list; call != NULL;)
        if (call->closes) {
            call = call->next;
        } else {
            calls_leave(c, now, call->peer);
            call = c->list; /* any of them may be gone */
        }
}

/* --- From sealed rooms -------------------------------------------------------------------------------------------- */

void calls_reach(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = have_call(c, now, peer);
    if (call == NULL)
        return;
    call->for_room = true;
    calls_go_on(c, call, now);
}

void calls_renew(struct calls *c, int64_t now, const char *peer)
{
    struct call *call = calls_find_phase(c, peer, CALL_HALF_OPEN);
    if (call == NULL)
        call = calls_begin(c, now, peer, NULL, 0);
    if (call == NULL)
        return;
    call->for_room = true;
    calls_go_on(c, call, now);
}

void calls_unreach(struct calls *c, const char *peer)
{
    for (struct call *call = c->list; call != NULL; call = call->next)
        if (strcmp(call->peer, peer) == 0)
            call->for_room = false;
}

static struct call *find_live(const struct calls *c, const char *peer)
{
    struct call *call = calls_find_phase(c, peer, CALL_IS_OPEN);
    return call != NULL && !call->closes && !call->session.close_sent ? call : NULL;
}

const struct call *calls_live(const struct calls *c, const char *peer)
{
    return find_live(c, peer);
}

bool calls_is_making(const struct calls *c, const char *peer)
{
    return calls_find_phase(c, peer, CALL_HALF_OPEN) != NULL;
}

int calls_give(struct calls *c, int64_t now, const char *peer, const uint8_t *payload, size_t len)
{
    struct call *call = find_live(c, peer);
    assert(call != NULL);
    if (call_give(call, payload, len, now) != 0)
        return -1;
    calls_go_on(c, call, now);
    return 0;
}

bool calls_is_giving(const struct calls *c, const char *peer)
{
    const struct call *call = find_live(c, peer);
    return call != NULL && (call_gives(call) || call->unsent > 0);
}

bool calls_is_unanswered(const struct calls *c, const char *peer)
{
    const struct call *call = find_live(c, peer);
    return call != NULL && call_is_unanswered(call);
}

void calls_take_back(struct calls *c, const char *peer)
{
    struct call *call = find_live(c, peer);
    if (call != NULL)
        call_take_back(call);
}

/* --- What is under way -------------------------------------------------------------------------------------------- */

/* Texts of one call that were not acknowledged, nor told. */
static size_t texts_under_way(const struct call *call)
{
    size_t n = 0;
    for (const struct call_text *t = call->waiting.first; t != NULL; t = t->next)
        n += !t->given;
    for (const struct call_text *t = call->unconfirmed.first; t != NULL; t = t->next)
        n += !t->given && !t->told;
    return n;
}

bool calls_take_more(const struct calls *c)
{
    for (const struct call *call = c->list; call != NULL; call = call->next)
        if (texts_under_way(call) >= CALLS_TEXTS_MAX)
            return false;
    return true;
}

void calls_compared(struct calls *c, const char *peer, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    for (struct call *call = c->list; call != NULL; call = call->next)
        if (strcmp(call->peer, peer) == 0 && ct_equal(call->fingerprint, fingerprint, sizeof call->fingerprint))
            call->state = PEER_COMPARED;
}

/* CAUTION: whoever has the key before, a thief perhaps, would go on being spoken to; tests/test_calls_trust.c:
 * test_a_call_with_the_key_before. */
void calls_trusted(struct calls *c, int64_t now, const char *peer,
                   const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    struct call *call = calls_find_phase(c, peer, CALL_IS_OPEN);
    if (call != NULL && !ct_equal(call->fingerprint, fingerprint, sizeof call->fingerprint))
        calls_drop(c, call, now, NULL);
}

bool calls_is_calling(const struct calls *c)
{
    for (const struct call *call = c->list; call != NULL; call = call->next)
        if (call->wanted && call->phase == CALL_HALF_OPEN)
            return true;
    return false;
}

bool calls_are_leaving(const struct calls *c)
{
    for (const struct call *call = c->list; call != NULL; call = call->next)
        if (call->closes && call->phase == CALL_IS_OPEN && !call->session.close_sent)
            return true;
    return c->relays.unsent != NULL;
}

bool calls_wait_for_texts(const struct calls *c)
{
    for (const struct call *call = c->list; call != NULL; call = call->next)
        if (texts_under_way(call) > 0)
            return true;
    return false;
}
