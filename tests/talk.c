/* SPDX-License-Identifier: MIT */
/* Nothing here is clever: what the one side appends to its wire, the other gets as input. */
#include "tests/talk.h"
#include "tests/fill.h"

#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "tests/test.h"

static const uint8_t fast_groups[] = {DH_FFDHE2048};
static const uint8_t first_suite[] = {SUITE_AES128};

static void note(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct talk_side *side = arg;
    if (side->values_len == TALK_EVENTS_MAX)
        return;
    struct talk_value *v = &side->values[side->values_len++];
    snprintf(v->name, sizeof v->name, "%s", name);
    v->data = malloc(len + 1);
    assert_non_null(v->data);
    memcpy(v->data, data, len);
    v->len = len;
}

void talk_seed_work(struct talk_side *side, const char *seed)
{
    rng_fixed_init(&side->work_rng, seed, strlen(seed));
}

void talk_seed(struct talk_side *side, const char *seed)
{
    char iv_seed[RNG_FIXED_SEED_MAX];
    talk_seed_work(side, seed);
    int len = snprintf(iv_seed, sizeof iv_seed, "%s iv", seed);
    rng_fixed_init(&side->rng, iv_seed, (size_t)len);
}

static void init_side(struct talk_side *side, enum handshake_role role, enum handshake_kind kind)
{
    memset(side, 0, sizeof *side);
    talk_seed(side, role == HANDSHAKE_CLIENT ? "client" : "server");
    side->now = 1000;
    side->out = (struct session_buffer){.data = side->wire, .cap = sizeof side->wire};
    side->trace = (struct trace){.event = note, .arg = side};
    handshake_config_default(&side->config, role);
    side->config.kind = kind;
    side->config.suites = first_suite;
    side->config.suites_len = sizeof first_suite;
    side->config.groups = fast_groups;
    side->config.groups_len = sizeof fast_groups;
    side->config.trace = &side->trace;
    if (kind == HANDSHAKE_USER_USER) {
        side->config.client_name = "alice";
        side->config.server_name = "bob";
        side->config.ratchet = &side->ratchet;
        side->config.identity = keys_identity(role == HANDSHAKE_CLIENT ? "alice" : "bob");
    } else if (role == HANDSHAKE_SERVER) {
        side->config.identity = keys_identity("server");
    }
}

void talk_init(struct talk *t, enum handshake_kind kind)
{
    init_side(&t->client, HANDSHAKE_CLIENT, kind);
    init_side(&t->server, HANDSHAKE_SERVER, kind);
}

void talk_init_untraced(struct talk *t, enum handshake_kind kind)
{
    talk_init(t, kind);
    t->client.config.trace = t->server.config.trace = NULL;
}

enum session_event talk_go(struct talk_side *side, enum session_event event)
{
    for (;;) {
        if (event == SESSION_WORK) {
            side->works++;
            session_work(&side->session, &side->work_rng);
            event = session_step(&side->session, &side->rng, side->now, &side->out);
        } else if (event == SESSION_PEER) {
            side->peers++;
            snprintf(side->peer_name, sizeof side->peer_name, "%s", session_peer(&side->session)->name);
            event = side->refuse ? session_refuse(&side->session) : session_accept(&side->session);
        } else {
            return event;
        }
    }
}

void talk_start(struct talk *t)
{
    session_init(&t->client.session, &t->client.hs, &t->client.config);
    session_init(&t->server.session, &t->server.hs, &t->server.config);
    assert_int_equal(session_start(&t->server.session), SESSION_MORE);
    assert_int_equal(talk_go(&t->client, session_start(&t->client.session)), SESSION_MORE);
}

enum session_event talk_take(struct talk_side *side, const uint8_t *bytes, size_t len)
{
    assert_true(len <= sizeof side->in);
    memcpy(side->in, bytes, len);
    side->used = 0;
    enum session_event event;
    size_t used;
    do {
        event = session_feed(&side->session, &side->rng, side->now, side->in + side->used, len - side->used, &used,
                             &side->out, &side->msg);
        side->used += used;
        event = talk_go(side, event);
    } while (event == SESSION_MORE && used > 0);
    return event;
}

enum session_event talk_carry(struct talk_side *from, struct talk_side *to)
{
    enum session_event event = talk_take(to, from->wire, from->out.len);
    from->out.len = 0;
    return event;
}

size_t talk_until_answer(struct talk *t, enum handshake_kind kind, uint8_t answer[static TALK_ANSWER_MAX])
{
    talk_init_untraced(t, kind);
    talk_start(t);
    assert_int_equal(talk_carry(&t->client, &t->server), SESSION_MORE);
    memcpy(answer, t->server.wire, t->server.out.len);
    return t->server.out.len;
}

void talk_put_back(struct talk_side *side, const struct talk_side *before)
{
    side->session = before->session;
    side->hs = before->hs;
    side->ratchet = before->ratchet;
    side->out.len = before->out.len;
    side->peers = before->peers;
}

size_t talk_frame_len(const uint8_t *frame)
{
    return FRAME_HEADER_LEN + (size_t)bytes_load_be16(frame + 2);
}

void talk_establish(struct talk *t)
{
    talk_start(t);
    assert_int_equal(talk_carry(&t->client, &t->server), SESSION_MORE);
    assert_int_equal(talk_carry(&t->server, &t->client), SESSION_ESTABLISHED);
    assert_int_equal(talk_carry(&t->client, &t->server), SESSION_ESTABLISHED);
    assert_int_equal(t->server.out.len, 0);
}

void talk_step(struct talk_side *side)
{
    assert_int_equal(talk_go(side, session_begin_step(&side->session)), SESSION_MORE);
}

void talk_send(struct talk_side *side, const char *text)
{
    if (session_step_due(&side->session))
        talk_step(side);
    assert_int_equal(
        session_send(&side->session, &side->rng, side->now, &side->out, (const uint8_t *)text, strlen(text)), NET_OK);
}

enum net_err talk_close(struct talk_side *side)
{
    return session_close(&side->session, &side->rng, &side->out);
}

void talk_forge(struct talk_side *side, enum content_type type, const uint8_t *payload, size_t len)
{
    size_t frame_len;
    assert_int_equal(record_seal(&side->session.send, &side->rng, side->wire + side->out.len,
                                 sizeof side->wire - side->out.len, &frame_len, type, payload, len),
                     NET_OK);
    side->out.len += frame_len;
}

static void expect_record_wiped(const struct record *r)
{
    assert_int_not_equal(r->failed, NET_OK);
    assert_true(all_zero(r->secret, sizeof r->secret));
    assert_true(all_zero(&r->key, sizeof r->key));
}

void talk_expect_failed(const struct talk_side *side, enum net_err err)
{
    const struct handshake *h = &side->hs;
    assert_string_equal(net_err_text(session_error(&side->session)), net_err_text(err));
    expect_record_wiped(&side->session.send);
    expect_record_wiped(&side->session.receive);
    assert_null(side->session.hs);
    assert_true(all_zero(&side->ratchet, sizeof side->ratchet));
    size_t secrets = offsetof(struct handshake, group);
    assert_true(all_zero((const uint8_t *)h + secrets, sizeof *h - secrets));
}

void talk_expect_refused(const struct talk_side *side, enum session_event event)
{
    assert_int_equal(event, SESSION_FAILED);
    talk_expect_failed(side, session_error(&side->session));
}

void talk_expect_failure(struct talk_side *from, struct talk_side *to, enum net_err err)
{
    assert_int_equal(talk_carry(from, to), SESSION_FAILED);
    talk_expect_failed(to, err);
}

const struct talk_value *talk_value(const struct talk_side *side, const char *name, size_t nth)
{
    for (size_t i = 0; i < side->values_len; i++)
        if (strcmp(side->values[i].name, name) == 0 && nth-- == 0)
            return &side->values[i];
    fail_msg("nothing was traced as %s", name);
    return NULL;
}

static void end_side(struct talk_side *side)
{
    session_wipe(&side->session);
    for (size_t i = 0; i < side->values_len; i++)
        free(side->values[i].data);
}

void talk_end(struct talk *t)
{
    end_side(&t->client);
    end_side(&t->server);
}
