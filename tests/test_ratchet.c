/* SPDX-License-Identifier: MIT */
/* The known answers of whole conversations: each Record as its sender seals it, what the sender keeps then, and what is
 * refused in its place. */
#include "net/ratchet.h"
#include "net/session.h"

#include "tests/talk.h"
#include "tests/test.h"
#include "tests/vec.h"

#define FRAMES_MAX 64

static struct talk t;
static bool caller; /* whose Record the present vector is */

/* What each side has sealed, whole frames; [1] is the caller's. */
static struct {
    uint8_t frame[FRAMES_MAX][SESSION_CALL_PAYLOAD_MAX + 100];
    size_t len[FRAMES_MAX], sealed, compared, opened;
} sent[2];

/* The last value traced under each name: of whoever computed last. */
static struct last {
    const char *name;
    uint8_t data[DH_PUBLIC_MAX_LEN];
    size_t len;
} last[] = {
    {.name = "step_private"}, {.name = "step_public"}, {.name = "step_Z"}, {.name = "step_t"}, {.name = "root"}};

static void note(void *arg, const char *name, const uint8_t *data, size_t len)
{
    (void)arg;
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
        if (strcmp(last[i].name, name) == 0 && len <= sizeof last[i].data) {
            memcpy(last[i].data, data, len);
            last[i].len = len;
        }
}

static void check_last(struct vec *v, const char *field, const char *name)
{
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++)
        if (strcmp(last[i].name, name) == 0)
            vec_check(v, field, last[i].data, last[i].len);
}

static struct talk_side *side_of(bool of_caller)
{
    return of_caller ? &t.client : &t.server;
}

/* --- Two sides, stopped at each Record ---------------------------------------------------------------------------- */

/* What a side has put on its wire joins what it has sent. */
static void gather(bool of_caller)
{
    struct talk_side *s = side_of(of_caller);
    for (size_t at = 0; at < s->out.len;) {
        size_t len = talk_frame_len(s->wire + at), i = sent[of_caller].sealed++;
        assert_true(i < FRAMES_MAX && len <= sizeof sent[0].frame[0]);
        memcpy(sent[of_caller].frame[i], s->wire + at, len);
        sent[of_caller].len[i] = len;
        at += len;
    }
    s->out.len = 0;
}

/* Feeds one frame, and does what it asks for; but step 0, right behind a Finished, is a vector of its own. */
static enum session_event take(struct talk_side *s, const uint8_t *frame, size_t len)
{
    size_t used;
    memcpy(s->in, frame, len);
    enum session_event event = session_feed(&s->session, &s->rng, 0, s->in, len, &used, &s->out, &s->msg);
    assert_true(used == len || event == SESSION_FAILED);
    bool step_0 = s->session.state == SESSION_STATE_STEPPING && !s->ratchet.begun && s == &t.client;
    return step_0 ? event : talk_go(s, event);
}

/* Lets a side open all that the other has sealed, but for the last few. */
static void open_all_but(bool of_caller, size_t crosses)
{
    struct talk_side *s = side_of(of_caller);
    bool other = !of_caller;
    assert_true(sent[other].sealed >= crosses);
    while (sent[other].opened < sent[other].sealed - crosses) {
        size_t i = sent[other].opened++;
        assert_int_not_equal(take(s, sent[other].frame[i], sent[other].len[i]), SESSION_FAILED);
        gather(of_caller);
    }
}

static const char *seed_of(bool of_caller)
{
    bool first = strcmp(t.client.config.client_name, "alice") == 0;
    return of_caller ? first ? "alice calls" : "bob calls 989" : first ? "bob answers" : "alice answers 989";
}

/* As the two handshakes of kind 2 in vectors/handshake.txt were made. */
static void configure(bool first)
{
    static const uint8_t forward[] = {1, 2}, backward[] = {2, 1};
    struct handshake_config *c = &t.client.config, *s = &t.server.config;
    c->suites = forward;
    s->suites = first ? forward : backward;
    c->groups = first ? backward : forward;
    s->groups = backward;
    c->suites_len = s->suites_len = 2;
    c->groups_len = first ? 1 : 2;
    s->groups_len = first ? 1 : 2;
    if (!first) {
        c->client_name = s->client_name = "bob";
        c->server_name = s->server_name = "alice";
        c->identity = keys_identity("bob");
        s->identity = keys_identity("alice");
    }
    talk_seed(&t.client, seed_of(true));
    talk_seed(&t.server, seed_of(false));
}

/* A side's first step follows its salt in the fixed source: what the signature's blinding drew doesn't count. */
static void skip_to_steps(bool of_caller)
{
    struct talk_side *s = side_of(of_caller);
    uint8_t skipped[HELLO_RANDOM_LEN + DH_PRIVATE_MAX_LEN + 32];
    talk_seed_work(s, seed_of(of_caller));
    rng_fill(&s->work_rng, skipped, HELLO_RANDOM_LEN + dh_group(s->session.group)->x_len + 32);
}

static void begin(const char *handshake)
{
    talk_end(&t);
    talk_init(&t, HANDSHAKE_USER_USER);
    memset(sent, 0, sizeof sent);
    configure(strcmp(handshake, "kind 2, alice calls bob") == 0);
    t.client.trace.event = t.server.trace.event = note;
    talk_start(&t);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    gather(false);
    assert_int_equal(take(&t.client, sent[0].frame[0], sent[0].len[0]), SESSION_MORE); /* the ServerHello */
    sent[0].opened = sent[0].compared = 1;
}

/* --- Records ------------------------------------------------------------------------------------------------------ */

/* Lets the sender of the present vector seal its next Record. */
static void seal(struct vec *v, const char *type)
{
    struct talk_side *s = side_of(caller);
    size_t len;
    const uint8_t *payload = vec_hex(v, "payload", &len);
    if (strcmp(type, "step") == 0 && vec_number(v, "n") < 2)
        skip_to_steps(caller);
    if (strcmp(type, "step") == 0)
        assert_int_not_equal(
            talk_go(s, s->session.state == SESSION_STATE_STEPPING ? SESSION_WORK : session_begin_step(&s->session)),
            SESSION_FAILED);
    else if (strcmp(type, "application") == 0)
        assert_int_equal(session_send(&s->session, &s->rng, 0, &s->out, payload, len), NET_OK);
    else if (strcmp(type, "close") == 0)
        assert_int_equal(session_close(&s->session, &s->rng, &s->out), NET_OK);
    gather(caller);
}

static void check_step(struct vec *v)
{
    const struct talk_side *s = side_of(caller);
    assert_int_equal(s->ratchet.n, vec_number(v, "n"));
    check_last(v, "private", "step_private");
    check_last(v, "public", "step_public");
    if (s->ratchet.n > 0) {
        check_last(v, "Z", "step_Z");
        check_last(v, "t", "step_t");
    }
}

static void check_secret(struct vec *v, const char *field, const struct record *direction)
{
    vec_check(v, field, direction->secret, direction->failed == NET_OK ? RECORD_SECRET_LEN : 0);
}

/* What the sender keeps. */
static void check_kept(struct vec *v)
{
    const struct talk_side *s = side_of(caller);
    check_secret(v, "c_secret", caller ? &s->session.send : &s->session.receive);
    check_secret(v, "s_secret", caller ? &s->session.receive : &s->session.send);
    vec_check(v, "root", s->session.hs != NULL ? s->hs.root : s->ratchet.root, sizeof s->ratchet.root);
    if (vec_has(v, "n"))
        assert_int_equal(s->ratchet.n, vec_number(v, "n"));
}

static void check_sealed(struct vec *v)
{
    const char *type = vec_text(v, "type");
    open_all_but(caller, vec_has(v, "crosses") ? (size_t)vec_number(v, "crosses") : 0);
    seal(v, type);
    size_t i = sent[caller].compared++;
    assert_int_equal(vec_number(v, "sequence"), caller ? i : i - 1); /* the callee's ServerHello is no Record */
    assert_int_equal(sent[caller].sealed, i + 1);
    vec_check(v, "frame", sent[caller].frame[i], sent[caller].len[i]);
    vec_check(v, "iv", sent[caller].frame[i] + FRAME_HEADER_LEN, 16);
    if (strcmp(type, "step") == 0)
        check_step(v);
    check_kept(v);
}

/* What must be refused: its tag is right where it says what it is. */
static void check_refused(struct vec *v)
{
    struct talk_side *s = side_of(!caller), before;
    size_t len, payload_len;
    uint8_t copy[FRAME_MAX_LEN], *payload;
    enum content_type type;
    open_all_but(!caller, 0);
    const uint8_t *frame = vec_hex(v, "frame", &len);
    before = *s;
    memcpy(copy, frame, len);
    struct record reader = s->session.receive;
    if (vec_has(v, "type")) {
        (void)vec_text(v, "type");
        assert_int_equal(record_open(&reader, copy, len, &type, &payload, &payload_len), NET_OK);
        vec_check(v, "payload", payload, payload_len);
        assert_int_equal(vec_number(v, "sequence"), s->session.receive.sequence);
    }
    if (vec_has(v, "iv"))
        vec_check(v, "iv", frame + FRAME_HEADER_LEN, 16);
    assert_int_equal(take(s, frame, len), SESSION_FAILED);
    talk_expect_failed(s, session_error(&s->session));
    *s = before;
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("ratchet");
    char handshake[100] = "";
    talk_init(&t, HANDSHAKE_USER_USER);
    while (vec_next(v)) {
        const char *of = vec_text(v, "handshake");
        if (strcmp(of, handshake) != 0)
            begin(strcpy(handshake, of));
        caller = strcmp(vec_text(v, "from"), "client") == 0;
        if (vec_rejects(v))
            check_refused(v);
        else
            check_sealed(v);
    }
    vec_close(v);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
    };
    return RUN(tests);
}
