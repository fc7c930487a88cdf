/* SPDX-License-Identifier: MIT */
/* A session reads frames in a loop and does with each what its state allows: a hello goes to the handshake, a Record is
 * opened and means one of four things, and everything else ends it. There is one way to end badly, fail, from wherever
 * the trouble comes: both directions' keys and the handshake are wiped, and the first error is kept. */
#include "net/session.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void session_init(struct session *s, struct handshake *hs, const struct handshake_config *config)
{
    memset(s, 0, sizeof *s);
    s->role = config->role;
    s->trace = config->trace;
    s->hs = hs;
    s->ratchet = config->kind == HANDSHAKE_USER_USER ? config->ratchet : NULL;
    s->state = config->role == HANDSHAKE_CLIENT ? SESSION_STATE_WORK : SESSION_STATE_HELLO;
    handshake_init(hs, config);
}

enum session_event session_start(struct session *s)
{
    return s->state == SESSION_STATE_WORK ? SESSION_WORK : SESSION_MORE;
}

static void drop_handshake(struct session *s)
{
    if (s->hs != NULL)
        handshake_wipe(s->hs);
    s->hs = NULL;
}

static bool is_call(const struct session *s)
{
    return s->ratchet != NULL;
}

enum session_event session_fail(struct session *s, enum net_err err)
{
    if (s->state != SESSION_STATE_FAILED) {
        s->state = SESSION_STATE_FAILED;
        s->error = err;
    }
    record_fail(&s->send, s->error);
    record_fail(&s->receive, s->error);
    drop_handshake(s);
    if (is_call(s))
        ratchet_wipe(s->ratchet);
    return SESSION_FAILED;
}

void session_wipe(struct session *s)
{
    session_fail(s, NET_ERR_CLOSED);
}

enum net_err session_error(const struct session *s)
{
    return s->error;
}

uint8_t session_alert_code(const struct session *s)
{
    return s->alert_code;
}

uint8_t session_retry_group(const struct session *s)
{
    return s->retry_group;
}

/* --- Sending ------------------------------------------------------------------------------------------------------ */

static void append(struct session_buffer *out, const uint8_t *data, size_t len)
{
    assert(out->cap - out->len >= len);
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

/* In a call no key seals or opens a second Record.
 * CAUTION: without this whoever steals the keys of a call opens what was said since the last step;
 * tests/test_call_theft.c notices. */
static void change_keys(const struct session *s, struct record *direction)
{
    if (is_call(s))
        record_update(direction);
}

/* Seals one Record at the end of out; a failure ends the session. */
static enum net_err seal(struct session *s, struct rng *rng, struct session_buffer *out, enum content_type type,
                         const uint8_t *payload, size_t payload_len)
{
    size_t frame_len;
    enum net_err err = record_seal(&s->send, rng, out->data + out->len, out->cap - out->len, &frame_len, type, payload,
                                   payload_len);
    if (err != NET_OK) {
        session_fail(s, err);
        return err;
    }
    out->len += frame_len;
    change_keys(s, &s->send);
    return NET_OK;
}

/* Why nothing may be sent now; NET_OK where something may. */
static enum net_err may_send(const struct session *s)
{
    if (s->state == SESSION_STATE_FAILED)
        return s->error;
    assert(s->state == SESSION_STATE_OPEN || s->state == SESSION_STATE_CLOSED);
    return s->close_sent || s->state == SESSION_STATE_CLOSED ? NET_ERR_CLOSED : NET_OK;
}

enum net_err session_update(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out)
{
    assert(!is_call(s));
    enum net_err err = may_send(s);
    if (err == NET_OK)
        err = seal(s, rng, out, CONTENT_KEY_UPDATE, NULL, 0);
    if (err == NET_OK) {
        record_update(&s->send);
        s->send_since = now;
    }
    return err;
}

/* What must be before a message: the right to send, and new keys where it is time. */
static enum net_err send_begin(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out,
                               size_t payload_len)
{
    enum net_err err = may_send(s);
    if (err == NET_OK && is_call(s)) {
        assert(!session_step_due(s) && payload_len <= SESSION_CALL_PAYLOAD_MAX);
        return NET_OK;
    }
    if (err == NET_OK && (record_update_due(&s->send, payload_len) || now - s->send_since >= SESSION_KEY_SECONDS))
        err = session_update(s, rng, now, out);
    return err;
}

enum net_err session_send(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out,
                          const uint8_t *payload, size_t payload_len)
{
    enum net_err err = send_begin(s, rng, now, out, payload_len);
    if (err == NET_OK)
        err = seal(s, rng, out, CONTENT_APPLICATION, payload, payload_len);
    return err;
}

void session_send_many(struct session_one one[], size_t n, struct rng *rng, uint64_t now, const uint8_t *payload,
                       size_t payload_len)
{
    assert(n <= SESSION_MANY_MAX);
    for (size_t i = 0; i < n; i++)
        assert(!is_call(one[i].s));
    struct record_one records[SESSION_MANY_MAX];
    struct session_one *which[SESSION_MANY_MAX];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        struct session_buffer *out = one[i].out;
        one[i].err = send_begin(one[i].s, rng, now, out, payload_len);
        if (one[i].err != NET_OK)
            continue;
        records[len] = (struct record_one){
            .r = &one[i].s->send, .frame = out->data + out->len, .frame_cap = out->cap - out->len};
        which[len++] = &one[i];
    }
    record_seal_many(records, len, rng, CONTENT_APPLICATION, payload, payload_len);
    for (size_t i = 0; i < len; i++) {
        which[i]->err = records[i].err;
        if (records[i].err == NET_OK)
            which[i]->out->len += records[i].frame_len;
        else
            session_fail(which[i]->s, records[i].err);
    }
}

enum net_err session_close(struct session *s, struct rng *rng, struct session_buffer *out)
{
    if (s->state == SESSION_STATE_FAILED)
        return s->error;
    if ((s->state != SESSION_STATE_OPEN && s->state != SESSION_STATE_CLOSED) || s->close_sent)
        return NET_OK;
    enum net_err err = seal(s, rng, out, CONTENT_CLOSE, NULL, 0);
    if (err == NET_OK) {
        s->close_sent = 1;
        record_wipe(&s->send);
    }
    return err;
}

/* --- The handshake's progress ------------------------------------------------------------------------------------- */

/* A server that refuses a ClientHello says why, as far as it helps an honest client. */
static void append_alert(const struct handshake_config *config, enum net_err err, struct session_buffer *out)
{
    struct hello_alert alert = {.code = ALERT_BAD_HELLO};
    uint8_t frame[HELLO_ALERT_MAX];
    if (err == NET_ERR_GROUP)
        alert = (struct hello_alert){ALERT_GROUP_NOT_ALLOWED, config->groups, config->groups_len};
    else if (err == NET_ERR_SUITE)
        alert = (struct hello_alert){ALERT_SUITE_NOT_ALLOWED, config->suites, config->suites_len};
    else if (err != NET_ERR_MALFORMED && err != NET_ERR_PUBLIC_VALUE)
        return;
    size_t frame_len = hello_encode_alert(frame, &alert);
    trace_event(config->trace, "alert", frame, frame_len);
    append(out, frame, frame_len);
}

/* before_keys: the peer has not had a ServerHello from us, so an Alert may take its place. */
static enum session_event handshake_failed(struct session *s, bool before_keys, struct session_buffer *out)
{
    struct handshake *hs = s->hs;
    s->alert_code = hs->alert_code;
    s->retry_group = hs->retry_group;
    if (s->role == HANDSHAKE_SERVER && before_keys)
        append_alert(hs->config, hs->error, out);
    return session_fail(s, hs->error);
}

/* Both secrets are there: from here on both sides speak in Records, and the server's first is its Finished. */
static enum session_event start_records(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out)
{
    struct handshake *hs = s->hs;
    int client = s->role == HANDSHAKE_CLIENT;
    s->suite = hs->suite;
    s->group = hs->group;
    s->send_since = now;
    record_init(&s->send, (enum suite)hs->suite, client ? hs->c_secret : hs->s_secret, s->trace);
    record_init(&s->receive, (enum suite)hs->suite, client ? hs->s_secret : hs->c_secret, s->trace);
    ct_wipe(hs->c_secret, sizeof hs->c_secret);
    ct_wipe(hs->s_secret, sizeof hs->s_secret);
    s->send.steps = s->receive.steps = is_call(s);
    s->state = SESSION_STATE_FINISHED;
    if (!client && seal(s, rng, out, CONTENT_FINISHED, NULL, 0) != NET_OK)
        return SESSION_FAILED;
    return SESSION_MORE;
}

/* --- Steps: the ratchet of a call --------------------------------------------------------------------------------- */

bool session_step_due(const struct session *s)
{
    return is_call(s) && s->state == SESSION_STATE_OPEN && !s->close_sent && ratchet_is_due(s->ratchet);
}

static enum session_event make_step(struct session *s)
{
    ratchet_make(s->ratchet);
    s->state = SESSION_STATE_STEPPING;
    return SESSION_WORK;
}

enum session_event session_begin_step(struct session *s)
{
    assert(session_step_due(s));
    return make_step(s);
}

/* A direction's secret is replaced; its sequence goes on. */
static void rekey(struct record *direction, const uint8_t secret[static RECORD_SECRET_LEN])
{
    const struct record before = {
        .suite = direction->suite, .sequence = direction->sequence, .trace = direction->trace};
    record_wipe(direction);
    record_init(direction, before.suite, secret, before.trace);
    direction->sequence = before.sequence;
    direction->steps = true;
}

/* The step was computed: ours is sealed under the keys before it, and what follows has others. */
static enum session_event stepped(struct session *s, struct rng *rng, struct session_buffer *out)
{
    struct ratchet *r = s->ratchet;
    bool ours = r->mine;
    if (r->failed)
        return session_fail(s, NET_ERR_PUBLIC_VALUE);
    s->state = SESSION_STATE_OPEN;
    if (ours) {
        uint8_t payload[RATCHET_STEP_MAX];
        if (seal(s, rng, out, CONTENT_STEP, payload, ratchet_payload(r, payload)) != NET_OK)
            return SESSION_FAILED;
    }
    if (r->n > 0)
        rekey(ours ? &s->send : &s->receive, r->secret);
    ratchet_done(r);
    return r->n == 0 ? SESSION_ESTABLISHED : SESSION_MORE;
}

/* CAUTION: a step out of turn would take the place of the latest one, and two sides that differ in it have no keys in
 * common; tests/test_session_call.c: test_steps_out_of_turn. */
static enum session_event receive_step(struct session *s, const struct session_message *got)
{
    if (!is_call(s) || !ratchet_may_take(s->ratchet))
        return session_fail(s, NET_ERR_OUT_OF_TURN);
    ct_public(got->payload, got->len); /* hidden on the wire, but no secret */
    if (ratchet_take(s->ratchet, got->payload, got->len) != 0)
        return session_fail(s, NET_ERR_MALFORMED);
    s->state = SESSION_STATE_STEPPING;
    return SESSION_WORK;
}

/* Between users the caller's step 0 follows; the callee waits for it. */
static enum session_event begin_ratchet(struct session *s)
{
    bool caller = s->role == HANDSHAKE_CLIENT;
    ratchet_init(s->ratchet, dh_group(s->group), caller, s->hs->root, s->trace);
    drop_handshake(s);
    if (caller)
        return make_step(s);
    s->state = SESSION_STATE_STEP_0;
    return SESSION_MORE;
}

/* --- The handshake's end ------------------------------------------------------------------------------------------ */

/* The peer has shown all that it had to; the client answers the server's Finished with its own. */
static enum session_event establish(struct session *s, struct rng *rng, struct session_buffer *out)
{
    const struct handshake *hs = s->hs;
    if (s->role == HANDSHAKE_CLIENT && seal(s, rng, out, CONTENT_FINISHED, hs->finished, hs->finished_len) != NET_OK)
        return SESSION_FAILED;
    if (is_call(s))
        return begin_ratchet(s);
    s->state = SESSION_STATE_OPEN;
    drop_handshake(s);
    return SESSION_ESTABLISHED;
}

static enum session_event follow(struct session *s, enum handshake_state state, struct rng *rng, uint64_t now,
                                 struct session_buffer *out)
{
    bool before_keys = s->state == SESSION_STATE_HELLO || (s->state == SESSION_STATE_WORK && s->suite == 0);
    switch (state) {
    case HANDSHAKE_READ:
        s->state = SESSION_STATE_HELLO;
        return SESSION_MORE;
    case HANDSHAKE_WORK:
        s->state = SESSION_STATE_WORK;
        return SESSION_WORK;
    case HANDSHAKE_PEER:
        s->state = SESSION_STATE_PEER;
        return SESSION_PEER;
    case HANDSHAKE_KEYS:
        return start_records(s, rng, now, out);
    case HANDSHAKE_DONE:
        return establish(s, rng, out);
    case HANDSHAKE_FAILED:
        break;
    }
    return handshake_failed(s, before_keys, out);
}

void session_work(struct session *s, struct rng *rng)
{
    if (s->state == SESSION_STATE_STEPPING)
        ratchet_work(s->ratchet, rng);
    else
        handshake_work(s->hs, rng);
}

enum session_event session_step(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out)
{
    const uint8_t *frame;
    size_t frame_len;
    if (s->state == SESSION_STATE_FAILED)
        return SESSION_FAILED;
    if (s->state == SESSION_STATE_STEPPING)
        return stepped(s, rng, out);
    assert(s->state == SESSION_STATE_WORK);
    enum handshake_state state = handshake_step(s->hs, &frame, &frame_len);
    if (frame_len > 0)
        append(out, frame, frame_len);
    return follow(s, state, rng, now, out);
}

const struct certificate *session_peer(const struct session *s)
{
    assert(s->state == SESSION_STATE_PEER);
    return &s->hs->peer;
}

enum session_event session_accept(struct session *s)
{
    assert(s->state == SESSION_STATE_PEER);
    handshake_accept(s->hs);
    s->state = SESSION_STATE_WORK;
    return SESSION_WORK;
}

enum session_event session_refuse(struct session *s)
{
    assert(s->state == SESSION_STATE_PEER);
    return session_fail(s, NET_ERR_REFUSED);
}

/* --- What may come now -------------------------------------------------------------------------------------------- */

/* The first Record is the peer's Finished, whose payload has a known length. */
static size_t finished_max(const struct session *s)
{
    const struct handshake_config *config = s->hs->config;
    int named = s->role == HANDSHAKE_SERVER && config->kind == HANDSHAKE_USER_USER;
    return record_frame_len(named ? HANDSHAKE_FINISHED_MAX : 0) - FRAME_HEADER_LEN;
}

static struct frame_turn turn_of(const struct session *s)
{
    struct frame_turn turn = {{0}};
    switch (s->state) {
    case SESSION_STATE_HELLO:
        if (s->role == HANDSHAKE_SERVER) {
            turn.max[FRAME_CLIENT_HELLO] = FRAME_CLIENT_HELLO_MAX;
        } else {
            turn.max[FRAME_SERVER_HELLO] = FRAME_SERVER_HELLO_MAX;
            turn.max[FRAME_ALERT] = FRAME_ALERT_MAX;
        }
        break;
    case SESSION_STATE_FINISHED:
        turn.max[FRAME_RECORD] = finished_max(s);
        break;
    case SESSION_STATE_STEP_0:
        turn.max[FRAME_RECORD] = record_frame_len(2 + dh_group(s->group)->p_len) - FRAME_HEADER_LEN;
        break;
    case SESSION_STATE_OPEN:
        turn.max[FRAME_RECORD] = is_call(s) ? record_frame_len(SESSION_CALL_PAYLOAD_MAX) - FRAME_HEADER_LEN
                                            : FRAME_BODY_MAX;
        break;
    case SESSION_STATE_WORK:
    case SESSION_STATE_STEPPING:
    case SESSION_STATE_PEER:
    case SESSION_STATE_CLOSED:
    case SESSION_STATE_FAILED:
        break;
    }
    return turn;
}

size_t session_wants(const struct session *s)
{
    if (s->state == SESSION_STATE_CLOSED)
        return 1;
    struct frame_turn turn = turn_of(s);
    return frame_turn_len(&turn);
}

/* --- Receiving ---------------------------------------------------------------------------------------------------- */

/* The peer's first Record must be its Finished: whoever sealed it has the same keys and saw the same T. */
static enum session_event receive_finished(struct session *s, enum content_type type, const struct session_message *got,
                                           struct rng *rng, uint64_t now, struct session_buffer *out)
{
    if (type != CONTENT_FINISHED)
        return session_fail(s, NET_ERR_OUT_OF_TURN);
    return follow(s, handshake_finished(s->hs, got->payload, got->len), rng, now, out);
}

static enum session_event receive_open(struct session *s, enum content_type type, const struct session_message *got,
                                       struct session_message *msg)
{
    switch (type) {
    case CONTENT_APPLICATION:
        if (is_call(s) && s->ratchet->n == 0 && s->ratchet->mine) /* the callee's first must be step 1 */
            return session_fail(s, NET_ERR_OUT_OF_TURN);
        if (is_call(s) && got->len > SESSION_CALL_PAYLOAD_MAX) /* the longest frame has room for a few bytes more */
            return session_fail(s, NET_ERR_MALFORMED);
        *msg = *got;
        return SESSION_MESSAGE;
    case CONTENT_STEP:
        return receive_step(s, got);
    case CONTENT_KEY_UPDATE:
        if (is_call(s))
            return session_fail(s, NET_ERR_OUT_OF_TURN);
        if (got->len != 0)
            return session_fail(s, NET_ERR_MALFORMED);
        if (s->receive.records == 1) /* itself: a stream of nothing else would escape each bound on messages */
            return session_fail(s, NET_ERR_OUT_OF_TURN);
        record_update(&s->receive);
        return SESSION_MORE;
    case CONTENT_CLOSE:
        if (got->len != 0)
            return session_fail(s, NET_ERR_MALFORMED);
        s->state = SESSION_STATE_CLOSED;
        record_wipe(&s->receive);
        return SESSION_CLOSED;
    case CONTENT_FINISHED:
        break;
    }
    return session_fail(s, NET_ERR_OUT_OF_TURN);
}

static enum session_event receive_record(struct session *s, uint8_t *frame, size_t frame_len, struct rng *rng,
                                         uint64_t now, struct session_buffer *out, struct session_message *msg)
{
    enum content_type type;
    struct session_message got;
    enum net_err err = record_open(&s->receive, frame, frame_len, &type, &got.payload, &got.len);
    if (err != NET_OK)
        return session_fail(s, err);
    change_keys(s, &s->receive);
    if (s->state == SESSION_STATE_OPEN)
        return receive_open(s, type, &got, msg);
    if (s->state == SESSION_STATE_STEP_0)
        return type == CONTENT_STEP ? receive_step(s, &got) : session_fail(s, NET_ERR_OUT_OF_TURN);
    return receive_finished(s, type, &got, rng, now, out);
}

static enum session_event receive_frame(struct session *s, enum frame_type type, uint8_t *frame, size_t frame_len,
                                        struct rng *rng, uint64_t now, struct session_buffer *out,
                                        struct session_message *msg)
{
    if (s->state == SESSION_STATE_HELLO)
        return follow(s, handshake_feed(s->hs, type, frame, frame_len), rng, now, out);
    return receive_record(s, frame, frame_len, rng, now, out, msg);
}

/* What feed says at once, without reading anything; SESSION_MORE where it may read. */
static enum session_event frozen(struct session *s, size_t in_len)
{
    switch (s->state) {
    case SESSION_STATE_WORK:
    case SESSION_STATE_STEPPING:
        return SESSION_WORK;
    case SESSION_STATE_PEER:
        return SESSION_PEER;
    case SESSION_STATE_FAILED:
        return SESSION_FAILED;
    case SESSION_STATE_CLOSED:
        return in_len > 0 ? session_fail(s, NET_ERR_OUT_OF_TURN) : SESSION_MORE;
    case SESSION_STATE_HELLO:
    case SESSION_STATE_FINISHED:
    case SESSION_STATE_STEP_0:
    case SESSION_STATE_OPEN:
        break;
    }
    return SESSION_MORE;
}

enum session_event session_feed(struct session *s, struct rng *rng, uint64_t now, uint8_t *in, size_t in_len,
                                size_t *used, struct session_buffer *out, struct session_message *msg)
{
    *used = 0;
    enum session_event event = frozen(s, in_len);
    while (event == SESSION_MORE && *used < in_len) {
        enum frame_type type;
        size_t frame_len;
        struct frame_turn turn = turn_of(s);
        enum net_err err = frame_next(&type, &frame_len, in + *used, in_len - *used, &turn);
        if (err != NET_OK)
            return session_fail(s, err);
        if (frame_len == 0)
            break;
        uint8_t *frame = in + *used;
        *used += frame_len;
        event = receive_frame(s, type, frame, frame_len, rng, now, out, msg);
        if (event == SESSION_WORK && type == FRAME_CLIENT_HELLO && *used < in_len) /* no bytes before our answer */
            return session_fail(s, NET_ERR_OUT_OF_TURN);
    }
    return event;
}
