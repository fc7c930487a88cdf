/* SPDX-License-Identifier: MIT */
/* What calls hand in is only looked at by its layout, and kept for the next turn: so nothing here changes under a loop
 * that goes on with a call. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_rooms_impl.h"
#include "crypto/ct.h"

#define INBOX_MAX 4096

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
        good = len == SEALED_ROOMS_LEAVE_LEN;
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
    *g = (struct sealed_rooms_given){
        .call = call->number,
        .state = call->state,
        .certificate_len = call->certificate_len,
        .len = len,
    };
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

void sealed_rooms_look_at_inbox(struct sealed_rooms *rs, int64_t now)
{
    for (struct sealed_rooms_given *g; (g = take_given(rs)) != NULL; free_given(g)) {
        if (g->payload[0] == CALL_INSIDE_LIST)
            sealed_rooms_take_list(rs, g, now);
        else if (g->payload[0] == CALL_INSIDE_SENDER_KEY)
            take_key(rs, g, now);
        else
            take_leave(rs, g);
    }
}

void sealed_rooms_drop_inbox(struct sealed_rooms *rs)
{
    for (struct sealed_rooms_given *g; (g = take_given(rs)) != NULL;)
        free_given(g);
}
