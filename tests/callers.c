/* SPDX-License-Identifier: MIT */
/* Whoever drives a call does what caller_go does, with a network in place of the queues. */
#include "tests/callers.h"

#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/test.h"

static const uint8_t fast_groups[] = {DH_FFDHE2048};
static const uint8_t first_suite[] = {SUITE_AES128};
static const uint8_t the_id[MESSAGE_CALL_LEN] = "one call of many";

static void init_side(struct caller *side, const char *name, int64_t *now)
{
    side->name = name;
    side->now = now;
    side->groups = fast_groups;
    side->groups_len = sizeof fast_groups;
    rng_fixed_init(&side->rng, name, strlen(name));
    rng_fixed_init(&side->work_rng, name, strlen(name) - 1);
}

void callers_init(struct callers *t)
{
    memset(t, 0, sizeof *t);
    t->now = 1000;
    init_side(&t->alice, "alice", &t->now);
    init_side(&t->bob, "bob", &t->now);
}

static void make_call(struct caller *side, const char *peer, bool calls)
{
    const struct call_setup setup = {
        .me = side->name,
        .peer = peer,
        .identity = keys_identity(side->name),
        .suites = first_suite,
        .suites_len = sizeof first_suite,
        .groups = side->groups,
        .groups_len = side->groups_len,
        .group = side->group,
        .caller = calls,
        .id = the_id,
    };
    side->call = call_new(&setup, *side->now);
}

void callers_start(struct callers *t)
{
    make_call(&t->alice, "bob", true);
    make_call(&t->bob, "alice", false);
    assert_true(t->alice.call != NULL && t->bob.call != NULL);
    caller_go(&t->alice);
}

void callers_open(struct callers *t)
{
    callers_init(t);
    callers_start(t);
    callers_run(t);
    assert_int_equal(t->alice.opened, 1);
    assert_int_equal(t->bob.opened, 1);
}

static void queue_frames(struct caller *side, const struct session_buffer *out)
{
    for (size_t at = 0, len; at < out->len; at += len) {
        assert_true(side->sent_len < CALLERS_FRAMES_MAX);
        len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(out->data + at + 2);
        assert_true(at + len <= out->len);
        struct callers_frame *f = &side->sent[side->sent_len++];
        f->len = len;
        f->bytes = malloc(len);
        assert_non_null(f->bytes);
        memcpy(f->bytes, out->data + at, len);
    }
}

static void note(struct callers_text *texts, size_t *texts_len, const struct call_got *got)
{
    assert_true(*texts_len < CALLERS_TEXTS_MAX);
    struct callers_text *t = &texts[(*texts_len)++];
    t->len = got->len;
    memcpy(t->text, got->text, got->len < sizeof t->text ? got->len : sizeof t->text);
}

static void happened(struct caller *side, enum call_event event, const struct call_got *got)
{
    side->opened += event == CALL_OPENED;
    side->closed += event == CALL_CLOSED;
    side->failed += event == CALL_FAILED;
    side->peers += event == CALL_PEER;
    if (event == CALL_TEXT)
        note(side->shown, &side->shown_len, got);
    if (event == CALL_GIVEN && side->given_len < sizeof side->given / sizeof *side->given)
        note(side->given, &side->given_len, got);
    if (event == CALL_CONFIRMED)
        note(side->confirmed, &side->confirmed_len, got);
    if (event == CALL_PEER && side->refuses)
        call_refuse(side->call);
    else if (event == CALL_PEER)
        call_accept(side->call, PEER_NEW);
}

bool caller_work(struct caller *side)
{
    static uint8_t bytes[SESSION_OUT_MAX];
    struct session_buffer out = {.data = bytes, .cap = sizeof bytes};
    if (side->call == NULL || !side->call->working)
        return false;
    side->works++;
    call_work(side->call, &side->work_rng);
    call_worked(side->call, &side->rng, *side->now, &out);
    queue_frames(side, &out);
    return true;
}

void caller_go(struct caller *side)
{
    static uint8_t bytes[SESSION_OUT_MAX];
    enum call_event event;
    do {
        struct session_buffer out = {.data = bytes, .cap = sizeof bytes};
        struct call_got got = {NULL, 0};
        event = call_next(side->call, &side->rng, *side->now, &out, &got);
        queue_frames(side, &out);
        happened(side, event, &got);
        if (event == CALL_WORK && !side->slow)
            (void)caller_work(side);
    } while (event != CALL_QUIET);
}

void caller_say(struct caller *side, const char *text)
{
    assert_int_equal(call_say(side->call, (const uint8_t *)text, strlen(text), *side->now), 0);
    caller_go(side);
}

int caller_take(struct caller *side, const uint8_t *frame, size_t len)
{
    int result = call_take(side->call, frame, len);
    caller_go(side);
    return result;
}

/* The oldest of the queue, which is the caller's to free; NULL: it is empty. */
static uint8_t *oldest(struct caller *from, size_t *len)
{
    if (from->sent_len == 0)
        return NULL;
    uint8_t *bytes = from->sent[0].bytes;
    *len = from->sent[0].len;
    memmove(from->sent, from->sent + 1, --from->sent_len * sizeof from->sent[0]);
    return bytes;
}

bool callers_carry(struct caller *from, struct caller *to)
{
    size_t len;
    uint8_t *bytes = oldest(from, &len);
    if (bytes == NULL)
        return false;
    (void)caller_take(to, bytes, len);
    free(bytes);
    return true;
}

bool callers_drop(struct caller *from)
{
    size_t len;
    uint8_t *bytes = oldest(from, &len);
    free(bytes);
    return bytes != NULL;
}

void callers_run(struct callers *t)
{
    caller_go(&t->alice);
    caller_go(&t->bob);
    while (callers_carry(&t->alice, &t->bob) || callers_carry(&t->bob, &t->alice))
        continue;
}

void caller_step(struct caller *side)
{
    side->call->event = session_begin_step(&side->call->session);
    caller_go(side);
}

void caller_forge(struct caller *side, enum content_type type, const void *payload, size_t len)
{
    static uint8_t bytes[SESSION_OUT_MAX];
    struct session_buffer out = {.data = bytes, .cap = sizeof bytes};
    struct record *send = &side->call->session.send;
    assert_int_equal(record_seal(send, &side->rng, bytes, sizeof bytes, &out.len, type, payload, len), NET_OK);
    record_update(send); /* as after every Record of a call */
    queue_frames(side, &out);
}

static void expect(const struct callers_text *texts, size_t texts_len, size_t n, const char *text)
{
    assert_true(n < texts_len);
    assert_int_equal(texts[n].len, strlen(text));
    assert_memory_equal(texts[n].text, text, strlen(text));
}

void caller_expect_shown(const struct caller *side, size_t n, const char *text)
{
    expect(side->shown, side->shown_len, n, text);
}

void caller_expect_confirmed(const struct caller *side, size_t n, const char *text)
{
    expect(side->confirmed, side->confirmed_len, n, text);
}

static void expect_wiped(const struct record *r)
{
    assert_true(all_zero(r->secret, sizeof r->secret));
    assert_true(all_zero(&r->key, sizeof r->key));
}

void caller_expect_failed(const struct caller *side, enum net_err why)
{
    const struct call *c = side->call;
    assert_int_equal(side->failed, 1);
    assert_int_equal(c->phase, CALL_IS_OVER);
    assert_string_equal(net_err_text(c->why), net_err_text(why));
    expect_wiped(&c->session.send);
    expect_wiped(&c->session.receive);
    assert_true(all_zero(&c->ratchet, sizeof c->ratchet));
    assert_null(c->handshake);
    assert_null(c->in);
}

static void end_side(struct caller *side)
{
    while (callers_drop(side))
        continue;
    if (side->call != NULL)
        call_free(side->call);
    side->call = NULL;
}

void callers_end(struct callers *t)
{
    end_side(&t->alice);
    end_side(&t->bob);
}
