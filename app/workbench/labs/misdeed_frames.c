/* SPDX-License-Identifier: MIT */
/* What a server does to the frames of a call without knowing what is in them: it loses, repeats, changes and mixes them
 * up. Of what is said in rooms it could do all of this unseen; here each function is three lines of bookkeeping. */
#include <stdlib.h>
#include <string.h>

#include "app/workbench/labs/misdeed.h"
#include "crypto/bytes.h"
#include "crypto/dh_group.h"
#include "net/frame.h"
#include "net/hello.h"

static uint64_t number(const struct misdeeds *d, size_t word)
{
    return strtoull(d->word[word], NULL, 10);
}

static bool is_from(const struct misdeeds *d, const struct message *m)
{
    const char *from;
    switch (m->type) {
    case MESSAGE_RELAYED:
        from = m->relayed.name;
        break;
    case MESSAGE_SAID:
        from = m->said.sender;
        break;
    case MESSAGE_SEALED:
        from = m->sealed.sender;
        break;
    default:
        return false;
    }
    return strcmp(d->word[0], "*") == 0 || strcmp(d->word[0], from) == 0;
}

static bool is_frame(const struct message *m, enum frame_type type)
{
    return m->type == MESSAGE_RELAYED && m->relayed.frame.len > 0 && m->relayed.frame.data[0] == type;
}

static void hand_over(struct misdeeds *d, const char *to, const struct message *m, const uint8_t *frame, size_t len)
{
    treacherous_hand_over(d->t, to, m->relayed.name, m->relayed.call, frame, len);
}

/* --- One frame ---------------------------------------------------------------------------------------------------- */

bool misdeed_flip(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t frame[MESSAGE_FRAME_MAX];
    if (m->type != MESSAGE_RELAYED || d->count != number(d, 0) || m->relayed.frame.len == 0)
        return true;
    size_t len = m->relayed.frame.len, at = (size_t)number(d, 1) % len;
    memcpy(frame, m->relayed.frame.data, len);
    frame[at] ^= (uint8_t)(1u << (at % 8));
    hand_over(d, to, m, frame, len);
    return false;
}

/* It stays a frame, with the right length in its header: else the client would leave such a server. */
bool misdeed_truncate(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t frame[MESSAGE_FRAME_MAX];
    size_t len = FRAME_HEADER_LEN + (size_t)number(d, 1);
    if (m->type != MESSAGE_RELAYED || d->count != number(d, 0) || m->relayed.frame.len <= len)
        return true;
    memcpy(frame, m->relayed.frame.data, len);
    frame_header(frame, frame[0], len - FRAME_HEADER_LEN);
    hand_over(d, to, m, frame, len);
    return false;
}

bool misdeed_drop(struct misdeeds *d, const char *to, const struct message *m)
{
    (void)to;
    return m->type != MESSAGE_RELAYED || d->count != number(d, 0);
}

bool misdeed_cut(struct misdeeds *d, const char *to, const struct message *m)
{
    (void)to;
    return m->type != MESSAGE_RELAYED || d->count < number(d, 0);
}

/* --- All of somebody's -------------------------------------------------------------------------------------------- */

bool misdeed_withhold(struct misdeeds *d, const char *to, const struct message *m)
{
    (void)to;
    bool hellos = strcmp(d->word[1], "hello") == 0;
    return !is_from(d, m) || (hellos && !is_frame(m, FRAME_CLIENT_HELLO));
}

bool misdeed_hold(struct misdeeds *d, const char *to, const struct message *m)
{
    if (m->type != MESSAGE_RELAYED || !is_from(d, m))
        return true;
    misdeed_keep(&d->held, to, m);
    return false;
}

void misdeed_release(struct misdeeds *d)
{
    while (d->held.first != NULL) {
        struct misdeed_frame *f = d->held.first;
        misdeed_repeat(d, f, NULL);
        d->held.first = f->next;
        d->held.len--;
        free(f);
    }
    d->held.end = &d->held.first;
}

bool misdeed_forge(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t frame[MESSAGE_FRAME_MAX];
    if (!is_frame(m, FRAME_RECORD) || !is_from(d, m))
        return true;
    rng_fill(&d->t->rng, frame, m->relayed.frame.len);
    memcpy(frame, m->relayed.frame.data, FRAME_HEADER_LEN);
    hand_over(d, to, m, frame, m->relayed.frame.len);
    return false;
}

/* --- Twice, late, or in the place of another ---------------------------------------------------------------------- */

bool misdeed_replay(struct misdeeds *d, const char *to, const struct message *m)
{
    if (m->type == MESSAGE_SAID || m->type == MESSAGE_SEALED)
        treacherous_push(d->t, treacherous_find(d->t, to), m);
    else if (m->type == MESSAGE_RELAYED)
        hand_over(d, to, m, m->relayed.frame.data, m->relayed.frame.len);
    return true;
}

bool misdeed_reorder(struct misdeeds *d, const char *to, const struct message *m)
{
    if (!is_frame(m, FRAME_RECORD) || strcmp(d->word[0], to) != 0)
        return true;
    if (d->held.len == 0) {
        misdeed_keep(&d->held, to, m);
        return false;
    }
    hand_over(d, to, m, m->relayed.frame.data, m->relayed.frame.len);
    misdeed_release(d);
    return false;
}

/* The first Record that the two ever had between them in another call, and if it was from `from`. */
static const struct misdeed_frame *find_kept(const struct misdeeds *d, const char *from, const char *to,
                                             const struct message *m, bool same_call)
{
    for (const struct misdeed_frame *f = d->kept.first; f != NULL; f = f->next)
        if (f->len > 0 && f->bytes[0] == FRAME_RECORD && strcmp(f->from, from) == 0 && strcmp(f->to, to) == 0 &&
            (memcmp(f->call, m->relayed.call, sizeof f->call) == 0) == same_call)
            return f;
    return NULL;
}

static bool put_in_place(struct misdeeds *d, const char *to, const struct message *m, const struct misdeed_frame *f)
{
    if (f != NULL)
        hand_over(d, to, m, f->bytes, f->len);
    return f == NULL;
}

bool misdeed_other_call(struct misdeeds *d, const char *to, const struct message *m)
{
    if (!is_frame(m, FRAME_RECORD) || strcmp(d->word[0], to) != 0)
        return true;
    return put_in_place(d, to, m, find_kept(d, m->relayed.name, to, m, false));
}

bool misdeed_turn_back(struct misdeeds *d, const char *to, const struct message *m)
{
    if (!is_frame(m, FRAME_RECORD) || strcmp(d->word[0], to) != 0)
        return true;
    return put_in_place(d, to, m, find_kept(d, to, m->relayed.name, m, true));
}

/* --- Public values ------------------------------------------------------------------------------------------------ */

enum bad_value { BAD_ZERO, BAD_ONE, BAD_P_MINUS_1, BAD_NO_SQUARE, BAD_SHORT };

/* p is 7 modulo 8: 2 is a square, -1 is none, so p-2 is none. */
static void make_bad(uint8_t *y, const struct dh_group *g, enum bad_value which)
{
    memset(y, 0, g->p_len);
    if (which == BAD_ONE)
        y[g->p_len - 1] = 1;
    if (which == BAD_P_MINUS_1 || which == BAD_NO_SQUARE) {
        memcpy(y, g->p, g->p_len);
        y[g->p_len - 1] = (uint8_t)(y[g->p_len - 1] - (which == BAD_P_MINUS_1 ? 1 : 2));
    }
}

/* The value and what follows it, written anew; the header's length goes with it. */
static size_t replace_value(uint8_t *out, const struct message *m, const uint8_t *old, size_t old_len, uint64_t which)
{
    const uint8_t *frame = m->relayed.frame.data;
    size_t before = (size_t)(old - frame), len = m->relayed.frame.len;
    memcpy(out, frame, len);
    const struct dh_group *g = old_len == 384 ? dh_group(DH_FFDHE3072) : dh_group(DH_FFDHE4096);
    if (which != BAD_SHORT) {
        make_bad(out + before, g, (enum bad_value)which);
        return len;
    }
    memmove(out + before, frame + before + 1, len - before - 1);
    bytes_store_be16(out + before - 2, (uint16_t)(old_len - 1));
    frame_header(out, frame[0], len - 1 - FRAME_HEADER_LEN);
    return len - 1;
}

bool misdeed_bad_value(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t frame[MESSAGE_FRAME_MAX];
    const uint8_t *in = m->relayed.frame.data;
    struct hello_client client;
    struct hello_server server;
    size_t len = 0;
    if (is_frame(m, FRAME_CLIENT_HELLO) && strcmp(d->word[1], "server") != 0 &&
        hello_decode_client(&client, in, m->relayed.frame.len) == NET_OK)
        len = replace_value(frame, m, client.public_value, client.public_value_len, number(d, 0));
    else if (is_frame(m, FRAME_SERVER_HELLO) && strcmp(d->word[1], "client") != 0 &&
             hello_decode_server(&server, in, m->relayed.frame.len) == NET_OK)
        len = replace_value(frame, m, server.public_value, server.public_value_len, number(d, 0));
    if (len == 0)
        return true;
    hand_over(d, to, m, frame, len);
    return false;
}
