/* SPDX-License-Identifier: MIT */
/* Frames wait in a ring until the server has its turn, so that nobody is called while its own call is on the stack. */
#include "app/workbench/attacks/scene.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "net/frame.h"

static const uint8_t suites[] = {SUITE_AES128};
static const uint8_t groups[] = {DH_FFDHE2048}; /* the fastest */

static void deliver(struct scene *s, const struct scene_frame *f)
{
    scene_deliver(s, s->end[f->from].to, f->bytes, f->len);
}

/* Keys once in a process: two users' and Mallory's. */
static const struct rsa_private *key_of(int end, struct rng *rng)
{
    static struct rsa_private key[3];
    static bool made[3];
    int which = end == SCENE_AS_ALICE ? SCENE_AS_BOB : end;
    if (!made[which])
        rsa_generate(&key[which], rng);
    made[which] = true;
    return &key[which];
}

static void make_end(struct scene *s, int end, const char *name, int to)
{
    struct certificate c = {.role = CERTIFICATE_USER, .not_after = UINT64_MAX};
    struct scene_end *e = &s->end[end];
    *e = (struct scene_end){.name = name, .to = to, .identity.key = *key_of(end, s->rng)};
    memcpy(c.name, name, strlen(name) + 1);
    (void)certificate_sign_self(&c, &e->identity.key, s->rng); /* fails by a fault alone: nobody takes it then */
    e->identity.certificate_len = certificate_encode(e->identity.certificate, &c);
}

void scene_begin(struct scene *s, struct rng *rng)
{
    memset(s, 0, sizeof *s);
    s->rng = rng;
    s->relay = deliver;
    make_end(s, SCENE_ALICE, "alice", SCENE_BOB);
    make_end(s, SCENE_BOB, "bob", SCENE_ALICE);
}

void scene_part(struct scene *s)
{
    make_end(s, SCENE_AS_BOB, "bob", SCENE_ALICE);
    make_end(s, SCENE_AS_ALICE, "alice", SCENE_BOB);
    s->end[SCENE_ALICE].to = SCENE_AS_BOB;
    s->end[SCENE_BOB].to = SCENE_AS_ALICE;
}

static void queue(struct scene *s, int from, const struct session_buffer *out)
{
    for (size_t at = 0, len; at + FRAME_HEADER_LEN <= out->len; at += len) {
        len = FRAME_HEADER_LEN + bytes_load_be16(out->data + at + 2);
        assert(s->count < SCENE_FRAMES_MAX && len <= MESSAGE_FRAME_MAX);
        struct scene_frame *f = &s->frame[(s->first + s->count++) % SCENE_FRAMES_MAX];
        f->from = from;
        f->len = len;
        memcpy(f->bytes, out->data + at, len);
    }
}

static void hear(struct scene *s, int end, const struct call_got *got)
{
    struct scene_end *e = &s->end[end];
    size_t len = got->len < SCENE_TEXT_MAX ? got->len : SCENE_TEXT_MAX - 1;
    memcpy(e->last, got->text, len);
    e->last[len] = '\0';
    e->shown++;
    if (s->heard != NULL)
        s->heard(s, end, e->last);
}

static void compute(struct scene *s, int end, struct session_buffer *out)
{
    call_work(s->end[end].call, s->rng);
    call_worked(s->end[end].call, s->rng, s->now, out);
    queue(s, end, out);
}

static void go_on(struct scene *s, int end)
{
    static uint8_t bytes[SESSION_OUT_MAX];
    struct scene_end *e = &s->end[end];
    enum call_event event = e->call != NULL ? CALL_SENT : CALL_QUIET;
    while (event != CALL_QUIET) {
        struct session_buffer out = {.data = bytes, .cap = sizeof bytes};
        struct call_got got;
        event = call_next(e->call, s->rng, s->now, &out, &got);
        queue(s, end, &out);
        out.len = 0;
        if (event == CALL_WORK)
            compute(s, end, &out);
        if (event == CALL_PEER) {
            memcpy(e->peer, e->call->fingerprint, sizeof e->peer);
            call_accept(e->call, PEER_NEW);
        }
        if (event == CALL_TEXT)
            hear(s, end, &got);
        e->confirmed += event == CALL_CONFIRMED;
        e->failed = e->failed || event == CALL_FAILED;
    }
}

void scene_run(struct scene *s)
{
    for (;;) {
        for (int end = 0; end < SCENE_ENDS; end++)
            go_on(s, end);
        if (s->count == 0)
            return;
        struct scene_frame f = s->frame[s->first];
        s->first = (s->first + 1) % SCENE_FRAMES_MAX;
        s->count--;
        s->relay(s, &f);
    }
}

void scene_deliver(struct scene *s, int to, const uint8_t *frame, size_t len)
{
    if (s->end[to].call != NULL && call_take(s->end[to].call, frame, len) != 0)
        s->end[to].failed = true; /* it is over, or no frame */
}

static void begin_call(struct scene *s, int end, bool caller)
{
    static const uint8_t id[MESSAGE_CALL_LEN] = "the only one";
    struct scene_end *e = &s->end[end];
    const struct call_setup setup = {.me = e->name,
                                     .peer = s->end[e->to].name,
                                     .identity = &e->identity,
                                     .suites = suites,
                                     .groups = groups,
                                     .suites_len = sizeof suites,
                                     .groups_len = sizeof groups,
                                     .caller = caller,
                                     .id = id};
    e->call = call_new(&setup, s->now);
}

void scene_call(struct scene *s)
{
    begin_call(s, SCENE_ALICE, true);
    begin_call(s, s->end[SCENE_ALICE].to, false);
    if (s->end[SCENE_AS_ALICE].name != NULL)
        begin_call(s, SCENE_AS_ALICE, true);
    if (s->end[SCENE_BOB].call == NULL)
        begin_call(s, SCENE_BOB, false);
    scene_run(s);
}

void scene_say(struct scene *s, int from, const char *text)
{
    if (s->end[from].call == NULL || s->end[from].failed ||
        call_say(s->end[from].call, (const uint8_t *)text, strlen(text), s->now) != 0)
        return;
    scene_run(s);
}

void scene_number(const struct scene *s, int end, char number[static SAFETY_LEN])
{
    const struct scene_end *e = &s->end[end];
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(own, e->identity.key.n);
    safety_number(number, e->name, own, s->end[e->to].name, e->peer);
}

void scene_end_all(struct scene *s)
{
    for (int end = 0; end < SCENE_ENDS; end++)
        if (s->end[end].call != NULL)
            call_free(s->end[end].call);
    memset(s, 0, sizeof *s);
}
