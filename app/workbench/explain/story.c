/* SPDX-License-Identifier: MIT */
/* Each event either is a value of the handshake, or part of a set of keys, or part of a Record, or a frame. A frame is
 * met twice where both sides report: when it is made, and when it arrives. The trace does not report what is wiped:
 * that follows from docs/protocol.md section 5, which says when it must be. */
#include "app/workbench/explain/story.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/pkcs7.h"
#include "net/hello.h"
#include "net/record.h"

static const char *const names[STORY_VALUES] = {
    [STORY_C] = "C",
    [STORY_CLIENT_RANDOM] = "client_random",
    [STORY_CLIENT_PRIVATE] = "client_private",
    [STORY_CLIENT_PUBLIC] = "client_public",
    [STORY_SERVER_RANDOM] = "server_random",
    [STORY_SERVER_PRIVATE] = "server_private",
    [STORY_SERVER_PUBLIC] = "server_public",
    [STORY_SIGNED_HASH] = "signed_hash",
    [STORY_SIGNATURE] = "signature",
    [STORY_T] = "T",
    [STORY_Z] = "Z",
    [STORY_PRK] = "prk",
};

const char *story_name(enum story_id id)
{
    return names[id];
}

/* --- Who knows what ----------------------------------------------------------------------------------------------- */

static void nobody(struct story_value *v)
{
    for (size_t who = 0; who < STORY_WHO; who++)
        v->known.since[who] = v->known.until[who] = STORY_NEVER;
}

static void knows(struct story_value *v, enum story_who who, size_t moment)
{
    if (v->known.since[who] == STORY_NEVER)
        v->known.since[who] = moment;
}

static void learns(struct story_value *v, enum story_who who, size_t moment, const uint8_t *data, size_t len)
{
    if (len > sizeof v->data)
        return;
    memcpy(v->data, data, len);
    v->len = len;
    knows(v, who, moment);
}

static void wipes(struct story_value *v, enum story_who who, size_t moment)
{
    if (v->known.since[who] != STORY_NEVER && v->known.until[who] == STORY_NEVER)
        v->known.until[who] = moment;
}

static void wipes_keys(struct story_keys *k, enum story_who who, size_t moment)
{
    wipes(&k->secret, who, moment);
    wipes(&k->enc_key, who, moment);
    wipes(&k->mac_key, who, moment);
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void story_begin(struct story *s, bool client, bool server)
{
    memset(s, 0, sizeof *s);
    s->told[HANDSHAKE_CLIENT] = client;
    s->told[HANDSHAKE_SERVER] = server;
    for (size_t i = 0; i < STORY_VALUES; i++)
        nobody(&s->values[i]);
    s->pending[0].frame = s->pending[1].frame = STORY_NEVER;
}

void story_end(struct story *s)
{
    for (size_t i = 0; i < s->frames_len; i++) {
        struct story_frame *f = &s->frames[i];
        if (f->plaintext != NULL)
            ct_wipe(f->plaintext, f->plaintext_len);
        free(f->plaintext);
        free(f->data);
    }
    ct_wipe(s, sizeof *s);
}

/* A side begins another connection: the story is that of the last one. */
static void begin_again(struct story *s)
{
    size_t begun = s->begun + 1;
    bool client = s->told[HANDSHAKE_CLIENT], server = s->told[HANDSHAKE_SERVER];
    story_end(s);
    story_begin(s, client, server);
    s->begun = begun;
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

static uint8_t *copy(const uint8_t *data, size_t len)
{
    uint8_t *p = malloc(len);
    if (p == NULL)
        abort();
    memcpy(p, data, len);
    return p;
}

/* A frame that goes out from a side, or that comes in where only the receiver reports. NULL where no more are kept. */
static struct story_frame *add_frame(struct story *s, enum handshake_role from, double seconds, const uint8_t *data,
                                     size_t len)
{
    if (s->frames_len == STORY_FRAMES_MAX || len == 0) {
        s->left_out++;
        return NULL;
    }
    struct story_frame *f = &s->frames[s->frames_len++];
    *f = (struct story_frame){.from = from, .seconds = seconds, .data = copy(data, len), .len = len};
    return f;
}

/* The frame that arrives at a side: the first from the other that has not, where that one reports too. */
static struct story_frame *arrival(struct story *s, enum handshake_role side, double seconds, const uint8_t *data,
                                   size_t len)
{
    enum handshake_role from = side == HANDSHAKE_CLIENT ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT;
    struct story_frame *f = NULL;
    for (size_t i = 0; i < s->frames_len && f == NULL && s->told[from]; i++)
        if (s->frames[i].from == from && !s->frames[i].arrived)
            f = &s->frames[i];
    if (f == NULL && !s->told[from])
        f = add_frame(s, from, seconds, data, len);
    if (f != NULL)
        f->arrived = true;
    return f;
}

/* The side has got as far as this frame; returns the moment. */
static size_t reaches(struct story *s, enum handshake_role side, const struct story_frame *f)
{
    size_t moment = f != NULL ? (size_t)(f - s->frames) + 1 : s->frames_len;
    if (s->seen[side] < moment)
        s->seen[side] = moment;
    return moment;
}

/* What is in a frame is known to everybody from then on, and to a receiver that reports. */
static void published(struct story *s, enum story_id id, const struct story_frame *f, const uint8_t *data, size_t len)
{
    size_t moment = (size_t)(f - s->frames) + 1;
    enum handshake_role to = f->from == HANDSHAKE_CLIENT ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT;
    learns(&s->values[id], STORY_EAVESDROPPER, moment, data, len);
    if (s->told[to])
        learns(&s->values[id], (enum story_who)to, moment, data, len);
}

static void publish_client_hello(struct story *s, const struct story_frame *f)
{
    struct hello_client hello;
    if (f->len < FRAME_HEADER_LEN || hello_decode_client(&hello, f->data, f->len) != NET_OK)
        return;
    s->group = hello.group;
    published(s, STORY_CLIENT_RANDOM, f, hello.random, HELLO_RANDOM_LEN);
    published(s, STORY_CLIENT_PUBLIC, f, hello.public_value, hello.public_value_len);
}

static void publish_server_hello(struct story *s, const struct story_frame *f)
{
    struct hello_server hello;
    if (f->len < FRAME_HEADER_LEN || hello_decode_server(&hello, f->data, f->len) != NET_OK)
        return;
    s->suite = hello.suite;
    published(s, STORY_SERVER_RANDOM, f, hello.random, HELLO_RANDOM_LEN);
    published(s, STORY_SERVER_PUBLIC, f, hello.public_value, hello.public_value_len);
    published(s, STORY_SIGNATURE, f, hello.signature, RSA_SIGNATURE_LEN);
}

/* A hello or an Alert: met where its sender makes it, and again where it arrives. */
static void take_hello(struct story *s, enum handshake_role side, enum handshake_role sender, double seconds,
                       const uint8_t *data, size_t len)
{
    struct story_frame *f = side == sender ? add_frame(s, side, seconds, data, len)
                                           : arrival(s, side, seconds, data, len);
    if (f == NULL)
        return;
    if (f->data[0] == FRAME_CLIENT_HELLO)
        publish_client_hello(s, f);
    else if (f->data[0] == FRAME_SERVER_HELLO)
        publish_server_hello(s, f);
    reaches(s, side, f);
}

/* --- Records ------------------------------------------------------------------------------------------------------ */

/* The newest keys of a direction. */
static struct story_keys *keys_of(struct story *s, enum handshake_role sender)
{
    for (size_t i = s->keys_len; i > 0; i--)
        if (s->keys[i - 1].sender == sender)
            return &s->keys[i - 1];
    return NULL;
}

static void set_plaintext(struct story_frame *f, const uint8_t *plaintext, size_t len)
{
    if (f->plaintext == NULL && len > 0) {
        f->plaintext = copy(plaintext, len);
        f->plaintext_len = len;
    }
}

/* A Close: who sent it wipes the keys for sending, who got it those for receiving. */
static void look_for_close(struct story *s, enum handshake_role side, const struct story_frame *f)
{
    struct story_keys *k = keys_of(s, f->from);
    if (k != NULL && f->plaintext != NULL && f->plaintext[0] == CONTENT_CLOSE)
        wipes_keys(k, (enum story_who)side, s->seen[side]);
}

static void take_sealed(struct story *s, enum handshake_role side, double seconds, const uint8_t *data, size_t len)
{
    struct story_pending *p = &s->pending[side];
    struct story_frame *f = add_frame(s, side, seconds, data, len);
    if (f == NULL)
        return;
    f->sequence = p->sequence;
    f->keys = keys_of(s, side);
    set_plaintext(f, p->plaintext, p->plaintext_len);
    reaches(s, side, f);
    look_for_close(s, side, f);
}

static void take_opening(struct story *s, enum handshake_role side, double seconds, const uint8_t *data, size_t len)
{
    struct story_pending *p = &s->pending[side];
    struct story_frame *f = arrival(s, side, seconds, data, len);
    p->frame = f != NULL ? (size_t)(f - s->frames) : STORY_NEVER;
    if (f == NULL)
        return;
    f->sequence = p->sequence;
    if (f->keys == NULL)
        f->keys = keys_of(s, f->from);
    reaches(s, side, f);
}

/* It is reported without its padding, which follows from its length. */
static void take_opened(struct story *s, enum handshake_role side, const uint8_t *data, size_t len)
{
    struct story_pending *p = &s->pending[side];
    if (p->frame == STORY_NEVER || len == 0 || pkcs7_padded_len(len) > sizeof p->plaintext)
        return;
    memcpy(p->plaintext, data, len);
    set_plaintext(&s->frames[p->frame], p->plaintext, pkcs7_pad(p->plaintext, len));
    look_for_close(s, side, &s->frames[p->frame]);
}

static bool take_record(struct story *s, enum handshake_role side, double seconds, const char *name,
                        const uint8_t *data, size_t len)
{
    struct story_pending *p = &s->pending[side];
    if (strcmp(name, "seal_sequence") == 0 || strcmp(name, "open_sequence") == 0) {
        p->sequence = len == 8 ? bytes_load_be64(data) : 0;
        p->plaintext_len = 0;
    } else if (strcmp(name, "seal_plaintext") == 0) {
        p->plaintext_len = len <= sizeof p->plaintext ? len : 0;
        memcpy(p->plaintext, data, p->plaintext_len);
    } else if (strcmp(name, "seal_frame") == 0) {
        take_sealed(s, side, seconds, data, len);
    } else if (strcmp(name, "open_frame") == 0) {
        take_opening(s, side, seconds, data, len);
    } else if (strcmp(name, "open_plaintext") == 0) {
        take_opened(s, side, data, len);
    } else {
        return false;
    }
    return true;
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

/* The direction whose keys a side reports: first its own, then the other's, and later that of the KeyUpdate that it has
 * just sent or opened. */
static enum handshake_role direction(const struct story *s, enum handshake_role side)
{
    enum handshake_role other = side == HANDSHAKE_CLIENT ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT;
    bool own = false, others = false;
    for (size_t i = 0; i < s->keys_len; i++) {
        own = own || (s->keys[i].sender == side && s->keys[i].secret.known.since[side] != STORY_NEVER);
        others = others || (s->keys[i].sender == other && s->keys[i].secret.known.since[side] != STORY_NEVER);
    }
    if (!own || !others)
        return own ? other : side;
    return s->seen[side] > 0 ? s->frames[s->seen[side] - 1].from : side;
}

/* The keys that begin with this secret: those that the other side has reported already, or new ones. */
static struct story_keys *find_keys(struct story *s, enum handshake_role sender, const uint8_t *secret, size_t len)
{
    struct story_keys *last = keys_of(s, sender);
    for (size_t i = 0; i < s->keys_len; i++)
        if (s->keys[i].sender == sender && s->keys[i].secret.len == len &&
            memcmp(s->keys[i].secret.data, secret, len) == 0)
            return &s->keys[i];
    if (s->keys_len == STORY_KEYS_MAX)
        return NULL;
    struct story_keys *k = &s->keys[s->keys_len++];
    k->sender = sender;
    k->generation = last != NULL ? last->generation + 1 : 0;
    nobody(&k->secret);
    nobody(&k->enc_key);
    nobody(&k->mac_key);
    return k;
}

/* The secret before this one is not needed any more, nor are its keys. */
static void wipe_last_keys(struct story *s, enum handshake_role side, const struct story_keys *k)
{
    for (size_t i = 0; i < s->keys_len; i++)
        if (s->keys[i].sender == k->sender && s->keys[i].generation + 1 == k->generation)
            wipes_keys(&s->keys[i], (enum story_who)side, s->seen[side]);
}

static bool take_key(struct story *s, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    enum story_who who = (enum story_who)side;
    if (s->left_out > 0) /* whose frame brought them is not kept */
        return false;
    if (strcmp(name, "secret") == 0) {
        s->making[side] = find_keys(s, direction(s, side), data, len);
        if (s->making[side] != NULL) {
            learns(&s->making[side]->secret, who, s->seen[side], data, len);
            wipe_last_keys(s, side, s->making[side]);
        }
        return true;
    }
    bool enc = strcmp(name, "enc_key") == 0;
    if (!enc && strcmp(name, "mac_key") != 0)
        return false;
    if (s->making[side] != NULL)
        learns(enc ? &s->making[side]->enc_key : &s->making[side]->mac_key, who, s->seen[side], data, len);
    return true;
}

/* --- The handshake's values --------------------------------------------------------------------------------------- */

/* What is gone once this value is there: docs/protocol.md section 5.1. */
static void wipe_after(struct story *s, enum handshake_role side, enum story_id id)
{
    enum story_who who = (enum story_who)side;
    size_t now = s->seen[side];
    if (id == STORY_Z)
        wipes(&s->values[side == HANDSHAKE_CLIENT ? STORY_CLIENT_PRIVATE : STORY_SERVER_PRIVATE], who, now);
    else if (id == STORY_PRK)
        wipes(&s->values[STORY_Z], who, now);
}

static void take_value(struct story *s, enum handshake_role side, enum story_id id, const uint8_t *data, size_t len)
{
    if (id == STORY_C && s->values[STORY_C].known.since[side] != STORY_NEVER)
        begin_again(s);
    learns(&s->values[id], (enum story_who)side, s->seen[side], data, len);
    wipe_after(s, side, id);
}

/* Who sees both hellos can compute T and what is signed; C is the same in every session of this kind. */
static void settle(struct story *s)
{
    struct story_value *v = s->values;
    if (v[STORY_C].len > 0)
        knows(&v[STORY_C], STORY_EAVESDROPPER, 0);
    for (enum story_id id = STORY_SIGNED_HASH; id <= STORY_T; id++)
        if (id != STORY_SIGNATURE && v[id].len > 0)
            knows(&v[id], STORY_EAVESDROPPER, v[STORY_SERVER_RANDOM].known.since[STORY_EAVESDROPPER]);
}

void story_event(struct story *s, enum handshake_role side, double seconds, const char *name, const uint8_t *data,
                 size_t len)
{
    if (take_record(s, side, seconds, name, data, len) || take_key(s, side, name, data, len))
        return;
    if (strcmp(name, "client_hello") == 0)
        take_hello(s, side, HANDSHAKE_CLIENT, seconds, data, len);
    else if (strcmp(name, "server_hello") == 0 || strcmp(name, "alert") == 0)
        take_hello(s, side, HANDSHAKE_SERVER, seconds, data, len);
    else if (strcmp(name, "c_secret") == 0) /* prk has done its work; the secret is reported again with its keys */
        wipes(&s->values[STORY_PRK], (enum story_who)side, s->seen[side]);
    for (enum story_id id = 0; id < STORY_VALUES; id++)
        if (strcmp(name, names[id]) == 0)
            take_value(s, side, id, data, len);
    settle(s);
}
