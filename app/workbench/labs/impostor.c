/* SPDX-License-Identifier: MIT */
/* Each of her calls has two halves with the same number: the one towards the caller, where she is the callee, and the
 * one towards the callee, whom she calls. A text that one half gets is said in the other. */
#include "app/workbench/labs/impostor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/bytes.h"
#include "net/frame.h"

enum { TO_CALLER, TO_CALLEE };

struct impostor_call {
    struct impostor_call *next;
    char name[2][NAME_MAX_LEN + 1]; /* of the caller, and of the callee */
    struct identity identity[2];    /* what she shows to either */
    struct call *half[2];
};

static const uint8_t suites[] = {SUITE_AES128, SUITE_AES256};
static const uint8_t groups[] = {DH_FFDHE3072, DH_FFDHE4096};

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void impostor_begin(struct impostor *i, struct treacherous *t, const struct rsa_private *key)
{
    *i = (struct impostor){.t = t, .key = key};
}

static void free_call(struct impostor_call *c)
{
    for (int side = 0; side < 2; side++)
        if (c->half[side] != NULL)
            call_free(c->half[side]);
    free(c);
}

void impostor_end(struct impostor *i)
{
    while (i->calls != NULL) {
        struct impostor_call *c = i->calls;
        i->calls = c->next;
        free_call(c);
    }
}

/* What a half has to send, frame by frame. */
static void hand_over(struct impostor *i, const struct impostor_call *c, int side, const struct session_buffer *out)
{
    for (size_t at = 0; at + FRAME_HEADER_LEN <= out->len;) {
        size_t len = FRAME_HEADER_LEN + bytes_load_be16(out->data + at + 2);
        treacherous_hand_over(i->t, c->name[side], c->name[1 - side], c->half[side]->id, out->data + at, len);
        at += len;
    }
}

static void go_on(struct impostor *i, struct impostor_call *c, int side);

/* She has read something. */
static void say_on(struct impostor *i, struct impostor_call *c, int side, const struct call_got *got)
{
    treacherous_tap(i->t, c->name[side], c->name[1 - side], got->text, got->len);
    if (c->half[1 - side]->phase != CALL_IS_OVER && call_say(c->half[1 - side], got->text, got->len, now()) == 0)
        go_on(i, c, 1 - side);
}

/* A list, or a key, of a sealed room: what anybody gives her she has, and passes on. */
static void give_on(struct impostor *i, struct impostor_call *c, int side, const struct call_got *got)
{
    static const char *const what[] = {[CALL_INSIDE_SENDER_KEY] = "[a sender key]",
                                       [CALL_INSIDE_LIST] = "[a list]",
                                       [CALL_INSIDE_LEAVE] = "[that somebody leaves]"};
    const char *name = what[got->text[0]];
    treacherous_tap(i->t, c->name[side], c->name[1 - side], (const uint8_t *)name, strlen(name));
    if (c->half[1 - side]->phase != CALL_IS_OVER && call_give(c->half[1 - side], got->text, got->len, now()) == 0)
        go_on(i, c, 1 - side);
}

static void close_other(struct impostor *i, struct impostor_call *c, int side)
{
    call_close(c->half[side]);
    go_on(i, c, side);
}

static void compute(struct impostor *i, struct impostor_call *c, int side)
{
    struct session_buffer out = {.data = i->out, .cap = sizeof i->out};
    call_work(c->half[side], &i->t->rng);
    call_worked(c->half[side], &i->t->rng, now(), &out);
    hand_over(i, c, side, &out);
}

static void go_on(struct impostor *i, struct impostor_call *c, int side)
{
    enum call_event event = CALL_SENT;
    while (event != CALL_QUIET) {
        struct session_buffer out = {.data = i->out, .cap = sizeof i->out};
        struct call_got got;
        event = call_next(c->half[side], &i->t->rng, now(), &out, &got);
        hand_over(i, c, side, &out);
        if (event == CALL_WORK)
            compute(i, c, side);
        else if (event == CALL_PEER)
            call_accept(c->half[side], PEER_NEW);
        else if (event == CALL_TEXT)
            say_on(i, c, side, &got);
        else if (event == CALL_GIVEN)
            give_on(i, c, side, &got);
        else if (event == CALL_CLOSED && c->half[1 - side]->phase != CALL_IS_OVER)
            close_other(i, c, 1 - side);
    }
}

/* Half of a call, in the name of who is at the other end. */
static struct call *make_half(struct impostor *i, struct impostor_call *c, int side, const uint8_t *id)
{
    struct certificate certificate = {.role = CERTIFICATE_USER, .not_after = UINT64_MAX};
    struct identity *own = &c->identity[side];
    memcpy(certificate.name, c->name[1 - side], sizeof c->name[0]);
    own->key = *i->key;
    (void)certificate_sign_self(&certificate, i->key, &i->t->rng); /* fails by a fault alone: nobody takes it then */
    own->certificate_len = certificate_encode(own->certificate, &certificate);
    const struct call_setup setup = {.me = c->name[1 - side],
                                     .peer = c->name[side],
                                     .identity = own,
                                     .suites = suites,
                                     .groups = groups,
                                     .suites_len = sizeof suites,
                                     .groups_len = sizeof groups,
                                     .caller = side == TO_CALLEE,
                                     .id = id};
    return call_new(&setup, now());
}

static struct impostor_call *new_call(struct impostor *i, const char *caller, const char *callee, const uint8_t *id)
{
    struct impostor_call *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    memcpy(c->name[TO_CALLER], caller, strlen(caller) + 1);
    memcpy(c->name[TO_CALLEE], callee, strlen(callee) + 1);
    for (int side = 0; side < 2; side++)
        if ((c->half[side] = make_half(i, c, side, id)) == NULL) {
            free_call(c);
            return NULL;
        }
    c->next = i->calls;
    i->calls = c;
    return c;
}

bool impostor_hear(struct impostor *i, const char *to, const struct message *m)
{
    const char *from = m->relayed.name;
    const uint8_t *frame = m->relayed.frame.data;
    size_t len = m->relayed.frame.len;
    struct impostor_call *c = i->calls;
    int side = TO_CALLER;
    for (; c != NULL; c = c->next) {
        side = strcmp(c->name[TO_CALLER], from) == 0 ? TO_CALLER : TO_CALLEE;
        if (memcmp(c->half[side]->id, m->relayed.call, MESSAGE_CALL_LEN) == 0 && strcmp(c->name[side], from) == 0 &&
            strcmp(c->name[1 - side], to) == 0)
            break;
    }
    bool fresh = c == NULL && len > 0 && frame[0] == FRAME_CLIENT_HELLO;
    if (fresh) {
        c = new_call(i, from, to, m->relayed.call);
        side = TO_CALLER;
    }
    if (c == NULL)
        return false;
    if (len > 0 && call_take(c->half[side], frame, len) == 0)
        go_on(i, c, side);
    if (fresh)
        go_on(i, c, TO_CALLEE);
    return true;
}
