/* SPDX-License-Identifier: MIT */
/* A call goes on where its session stopped: each event of the session is dealt with by one case, and where there is
 * none the next thing is done that can be: first the text that came last is acknowledged, then the next frame is read,
 * then the next text is said. So at most one acknowledgement waits at any time. Whatever comes from the peer is from
 * somebody who has a key, and no more is known of them: everything that they can make grow has a bound. */
#include "app/peer/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/message/text.h"
#include "crypto/ct.h"

#define ACK_LEN (1 + 8)
#define TEXT_HEAD_LEN (1 + 2)

/* What lives only until the call is open. */
struct call_handshake {
    struct handshake hs;
    struct handshake_config config;
    char me[NAME_MAX_LEN + 1];
};

struct call_frame {
    struct call_frame *next;
    size_t len;
    uint8_t bytes[];
};

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

static void texts_init(struct call_texts *t)
{
    *t = (struct call_texts){.first = NULL};
    t->end = &t->first;
}

static void tell(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct call *c = arg;
    c->told(c->told_arg, c, name, data, len);
}

static void configure(struct call *c, const struct call_setup *s)
{
    struct call_handshake *h = c->handshake;
    memcpy(h->me, s->me, strlen(s->me) + 1);
    h->config = (struct handshake_config){
        .role = s->caller ? HANDSHAKE_CLIENT : HANDSHAKE_SERVER,
        .kind = HANDSHAKE_USER_USER,
        .client_name = s->caller ? h->me : c->peer,
        .server_name = s->caller ? c->peer : h->me,
        .suites = s->suites,
        .suites_len = s->suites_len,
        .groups = s->groups,
        .groups_len = s->groups_len,
        .group = s->group,
        .identity = s->identity,
        .ratchet = &c->ratchet,
        .trace = s->trace != NULL ? &c->trace : NULL,
    };
}

struct call *call_new(const struct call_setup *setup, int64_t now)
{
    struct call *c = calloc(1, sizeof *c);
    if (c == NULL || (c->handshake = malloc(sizeof *c->handshake)) == NULL) {
        free(c);
        return NULL;
    }
    memcpy(c->peer, setup->peer, strlen(setup->peer) + 1);
    memcpy(c->id, setup->id, sizeof c->id);
    c->caller = setup->caller;
    c->second_try = setup->group != 0;
    c->began = c->used = now;
    c->in_end = &c->in;
    c->told = setup->trace;
    c->told_arg = setup->trace_arg;
    c->trace = (struct trace){.event = tell, .arg = c};
    texts_init(&c->waiting);
    texts_init(&c->unconfirmed);
    configure(c, setup);
    session_init(&c->session, &c->handshake->hs, &c->handshake->config);
    c->event = session_start(&c->session);
    return c;
}

static void free_text(struct call_text *t)
{
    ct_wipe(t->text, t->len);
    free(t);
}

static void empty_text(struct call_text *t)
{
    ct_wipe(t->text, t->len);
    t->len = 0;
}

static void free_texts(struct call_texts *texts)
{
    for (struct call_text *t = texts->first, *next; t != NULL; t = next) {
        next = t->next;
        free_text(t);
    }
    texts_init(texts);
}

static void free_frame(struct call_frame *f)
{
    if (f != NULL)
        ct_wipe(f->bytes, f->len); /* it may have been decrypted in place */
    free(f);
}

static void drop_input(struct call *c)
{
    while (c->in != NULL) {
        struct call_frame *f = c->in;
        c->in = f->next;
        free_frame(f);
    }
    c->in_end = &c->in;
    c->in_bytes = 0;
}

/* What call_next handed out last, or read without a word. */
static void drop_current(struct call *c)
{
    free_frame(c->current);
    c->current = NULL;
    if (c->confirmed != NULL)
        free_text(c->confirmed);
    c->confirmed = NULL;
}

static void drop_handshake(struct call *c)
{
    if (c->handshake != NULL)
        ct_wipe(c->handshake, sizeof *c->handshake);
    free(c->handshake);
    c->handshake = NULL;
}

void call_fail(struct call *c, enum net_err why)
{
    assert(!c->handed);
    c->working = false;
    if (c->phase == CALL_IS_OVER)
        return;
    c->event = session_fail(&c->session, why);
    drop_handshake(c);
    drop_input(c);
}

void call_free(struct call *c)
{
    assert(!c->handed);
    session_wipe(&c->session);
    drop_handshake(c);
    drop_input(c);
    drop_current(c);
    free_texts(&c->waiting);
    free_texts(&c->unconfirmed);
    ct_wipe(c, sizeof *c);
    free(c);
}

/* --- What is given from outside ----------------------------------------------------------------------------------- */

static bool is_whole_frame(const uint8_t *frame, size_t len)
{
    enum frame_type type;
    size_t frame_len;
    return frame_next(&type, &frame_len, frame, len, &frame_any) == NET_OK && frame_len == len && len > 0;
}

int call_take(struct call *c, const uint8_t *frame, size_t len)
{
    struct call_frame *f = NULL;
    if (c->phase == CALL_IS_OVER)
        return -1;
    if (is_whole_frame(frame, len) && c->in_bytes + len <= CALL_WAITING_MAX)
        f = malloc(sizeof *f + len);
    if (f == NULL) {
        c->why = NET_ERR_SLOW;
        return -1;
    }
    f->next = NULL;
    f->len = len;
    memcpy(f->bytes, frame, len);
    *c->in_end = f;
    c->in_end = &f->next;
    c->in_bytes += sizeof *f + len;
    return 0;
}

static void add_text(struct call_texts *texts, struct call_text *t)
{
    t->next = NULL;
    *texts->end = t;
    texts->end = &t->next;
    texts->len++;
}

static struct call_text *take_first(struct call_texts *texts)
{
    struct call_text *t = texts->first;
    texts->first = t->next;
    if (texts->first == NULL)
        texts->end = &texts->first;
    texts->len--;
    return t;
}

static int add_waiting(struct call *c, bool given, const uint8_t *text, size_t len, int64_t now)
{
    struct call_text *t = malloc(sizeof *t + len);
    if (t == NULL)
        return -1;
    *t = (struct call_text){.since = now, .given = given, .len = len};
    memcpy(t->text, text, len);
    add_text(&c->waiting, t);
    return 0;
}

int call_say(struct call *c, const uint8_t *text, size_t len, int64_t now)
{
    assert(len >= 1 && len <= TEXT_MAX_LEN);
    return add_waiting(c, false, text, len, now);
}

int call_give(struct call *c, const uint8_t *payload, size_t len, int64_t now)
{
    assert(len >= 1 && len <= CALL_GIVEN_MAX && payload[0] >= CALL_INSIDE_SENDER_KEY);
    return add_waiting(c, true, payload, len, now);
}

/* The first of them that was given, or NULL. */
static const struct call_text *first_given(const struct call_text *t)
{
    while (t != NULL && !t->given)
        t = t->next;
    return t;
}

bool call_gives(const struct call *c)
{
    return first_given(c->waiting.first) != NULL;
}

bool call_is_unanswered(const struct call *c)
{
    return first_given(c->unconfirmed.first) != NULL;
}

bool call_is_late(const struct call *c, int64_t now)
{
    const struct call_text *t = first_given(c->unconfirmed.first);
    return t != NULL && now - t->since >= CALL_CONFIRM_MS;
}

/* Takes one out, wherever it stands. */
static void take_out(struct call_texts *texts, struct call_text *t)
{
    struct call_text **at = &texts->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (t->next == NULL)
        texts->end = at;
    texts->len--;
}

void call_take_back(struct call *c)
{
    for (struct call_text *t = c->waiting.first, *next; t != NULL; t = next) {
        next = t->next;
        if (t->given) {
            take_out(&c->waiting, t);
            free_text(t);
        }
    }
}

void call_close(struct call *c)
{
    c->closes = true;
}

/* In front: whatever is said in two calls is said in the older one first. */
void call_move_texts(struct call *to, struct call *from)
{
    call_take_back(from);
    if (from->waiting.first == NULL)
        return;
    *from->waiting.end = to->waiting.first;
    if (to->waiting.first == NULL)
        to->waiting.end = from->waiting.end;
    to->waiting.first = from->waiting.first;
    to->waiting.len += from->waiting.len;
    texts_init(&from->waiting);
}

/* --- Computing ---------------------------------------------------------------------------------------------------- */

void call_work(struct call *c, struct rng *rng)
{
    session_work(&c->session, rng);
}

void call_worked(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out)
{
    c->working = false;
    c->event = session_step(&c->session, rng, (uint64_t)now / 1000, out);
}

const struct certificate *call_certificate(const struct call *c)
{
    return session_peer(&c->session);
}

void call_accept(struct call *c, enum peer_state state)
{
    c->state = state;
    c->event = session_accept(&c->session);
}

void call_refuse(struct call *c)
{
    c->event = session_refuse(&c->session);
}

/* --- Inside ------------------------------------------------------------------------------------------------------- */

static enum call_event got_text(const uint8_t *payload, size_t len, struct call_got *got)
{
    size_t text_len = len - TEXT_HEAD_LEN;
    if (len <= TEXT_HEAD_LEN || bytes_load_be16(payload + 1) != text_len || text_len > TEXT_MAX_LEN ||
        !text_valid((const char *)payload + TEXT_HEAD_LEN, text_len))
        return CALL_FAILED;
    *got = (struct call_got){payload + TEXT_HEAD_LEN, text_len};
    return CALL_TEXT;
}

/* Whether it has its layout is for whoever takes it to say. */
static enum call_event got_given(const uint8_t *payload, size_t len, struct call_got *got)
{
    *got = (struct call_got){payload, len};
    return CALL_GIVEN;
}

/* CAUTION: whatever is taken as an acknowledgement makes the user believe that the peer has the text;
 * tests/test_call.c: test_acks_of_nothing. */
static enum call_event got_ack(struct call *c, const uint8_t *payload, size_t len, struct call_got *got)
{
    if (len != ACK_LEN)
        return CALL_FAILED;
    uint64_t sequence = bytes_load_be64(payload + 1);
    struct call_text *t = c->unconfirmed.first;
    if (t == NULL || t->sequence != sequence) /* they are acknowledged in the order in which they were said */
        return CALL_FAILED;
    /* CAUTION: a peer that has opened a Record after our latest step, and says so without a step of its own, keeps what
     * was stolen useful; tests/test_call.c: test_a_step_that_is_left_out. */
    if (c->ratchet.mine && t->step == c->ratchet.n)
        return CALL_FAILED;
    c->confirmed = take_first(&c->unconfirmed);
    if (t->given || t->told)
        return t->given ? CALL_TAKEN : CALL_QUIET;
    *got = (struct call_got){t->text, t->len};
    return CALL_CONFIRMED;
}

/* CALL_QUIET: go on. */
static enum call_event got_message(struct call *c, const struct session_message *msg, int64_t now, struct call_got *got)
{
    enum call_event event = CALL_FAILED;
    uint8_t inside = msg->len > 0 ? msg->payload[0] : 0;
    if (inside == CALL_INSIDE_TEXT)
        event = got_text(msg->payload, msg->len, got);
    else if (inside == CALL_INSIDE_ACK)
        event = got_ack(c, msg->payload, msg->len, got);
    else if (inside >= CALL_INSIDE_SENDER_KEY && inside <= CALL_INSIDE_LEAVE)
        event = got_given(msg->payload, msg->len, got);
    if (event == CALL_TEXT || event == CALL_GIVEN) {
        c->ack_due = true;
        c->ack = c->session.receive.sequence - 1;
    }
    if (!c->session.close_sent) /* what comes after our Close keeps no call for longer */
        c->used = now;
    if (event == CALL_FAILED)
        call_fail(c, NET_ERR_MALFORMED);
    return event == CALL_FAILED ? CALL_QUIET : event; /* the session's event says so next */
}

/* --- Going on ----------------------------------------------------------------------------------------------------- */

/* Reads the oldest frame that waits. */
static enum call_event read_frame(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out,
                                  struct call_got *got)
{
    struct call_frame *f = c->in;
    struct session_message msg;
    size_t used;
    c->in = f->next;
    if (c->in == NULL)
        c->in_end = &c->in;
    c->in_bytes -= sizeof *f + f->len;
    c->current = f;
    c->event = session_feed(&c->session, rng, (uint64_t)now / 1000, f->bytes, f->len, &used, out, &msg);
    if (c->event != SESSION_MESSAGE)
        return CALL_QUIET;
    c->event = SESSION_MORE;
    return got_message(c, &msg, now, got);
}

/* Sends one payload, after the step that is due. False: the step is to be computed first. */
static bool send_inside(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out,
                        const uint8_t *payload, size_t len)
{
    if (session_step_due(&c->session)) {
        c->event = session_begin_step(&c->session);
        return false;
    }
    if (session_send(&c->session, rng, (uint64_t)now / 1000, out, payload, len) != NET_OK)
        c->event = SESSION_FAILED;
    return true;
}

static void send_ack(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out)
{
    uint8_t payload[ACK_LEN] = {CALL_INSIDE_ACK};
    bytes_store_be64(payload + 1, c->ack);
    if (send_inside(c, rng, now, out, payload, sizeof payload))
        c->ack_due = false;
}

/* CAUTION: what was given is wiped at once: an acknowledgement may be withheld for ever, and a sender key that is kept
 * opens what was sealed since; tests/test_call_given.c: test_what_was_given_is_wiped. */
static void send_waiting(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out)
{
    uint8_t payload[CALL_GIVEN_MAX] = {CALL_INSIDE_TEXT};
    struct call_text *t = c->waiting.first;
    uint64_t sequence = c->session.send.sequence;
    size_t head = t->given ? 0 : TEXT_HEAD_LEN;
    if (!t->given)
        bytes_store_be16(payload + 1, (uint16_t)t->len);
    memcpy(payload + head, t->text, t->len);
    if (send_inside(c, rng, now, out, payload, head + t->len)) {
        t->sequence = sequence;
        t->step = c->ratchet.n;
        t->since = c->used = now;
        add_text(&c->unconfirmed, take_first(&c->waiting));
        if (t->given)
            empty_text(t);
    }
    ct_wipe(payload, sizeof payload);
}

static void send_close(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out)
{
    c->used = now;
    if (session_close(&c->session, rng, out) != NET_OK)
        c->event = SESSION_FAILED;
}

/* The next thing to do where the session waits for nothing. False: there is none. */
static bool act(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out, enum call_event *event,
                struct call_got *got)
{
    bool may_send = c->phase == CALL_IS_OPEN && !c->session.close_sent;
    *event = CALL_QUIET;
    if (c->unconfirmed.len > CALL_TEXTS_MAX)
        call_fail(c, NET_ERR_SLOW);
    else if (c->ack_due && may_send)
        send_ack(c, rng, now, out);
    else if (c->in != NULL)
        *event = read_frame(c, rng, now, out, got);
    else if (c->waiting.first != NULL && may_send)
        send_waiting(c, rng, now, out);
    else if (c->closes && may_send && call_unconfirmed(c, now, true) == NULL)
        send_close(c, rng, now, out);
    else
        return false;
    return true;
}

/* Why it failed. Only two Alerts say something that users can do something about; any other says no more than that the
 * hello was not taken, as it came. */
static enum net_err reason(const struct call *c)
{
    uint8_t alert = session_alert_code(&c->session);
    enum net_err why = session_error(&c->session);
    bool known = alert == ALERT_GROUP_NOT_ALLOWED || alert == ALERT_SUITE_NOT_ALLOWED;
    return why == NET_ERR_ALERT && !known ? NET_ERR_MALFORMED : why;
}

/* The end, told once. */
static enum call_event over(struct call *c, enum call_event event)
{
    if (c->phase == CALL_IS_OVER)
        return CALL_QUIET;
    c->phase = CALL_IS_OVER;
    c->why = event == CALL_CLOSED ? NET_ERR_CLOSED : reason(c);
    c->retry_group = session_retry_group(&c->session);
    session_wipe(&c->session);
    drop_handshake(c);
    drop_input(c);
    return event;
}

static enum call_event opened(struct call *c, int64_t now)
{
    c->phase = CALL_IS_OPEN;
    c->was_open = true;
    c->used = now;
    drop_handshake(c);
    return CALL_OPENED;
}

enum call_event call_next(struct call *c, struct rng *rng, int64_t now, struct session_buffer *out,
                          struct call_got *got)
{
    enum call_event event = CALL_QUIET;
    if (c->working)
        return CALL_QUIET;
    assert(out->len == 0);
    while (event == CALL_QUIET && out->len == 0) {
        enum session_event next = c->event;
        c->event = SESSION_MORE;
        drop_current(c);
        switch (next) {
        case SESSION_MORE:
        case SESSION_MESSAGE:
            if (!act(c, rng, now, out, &event, got))
                return CALL_QUIET;
            break;
        case SESSION_WORK:
            c->working = true;
            return CALL_WORK;
        case SESSION_PEER:
            certificate_fingerprint(c->fingerprint, session_peer(&c->session)->modulus);
            c->certificate_len = certificate_encode(c->certificate, session_peer(&c->session));
            return CALL_PEER;
        case SESSION_ESTABLISHED:
            return opened(c, now);
        case SESSION_CLOSED:
            send_close(c, rng, now, out);
            return over(c, CALL_CLOSED);
        case SESSION_FAILED:
            c->event = SESSION_FAILED; /* for ever */
            return over(c, CALL_FAILED);
        }
    }
    return event == CALL_QUIET ? CALL_SENT : event;
}

/* --- How long ----------------------------------------------------------------------------------------------------- */

struct call_text *call_unconfirmed(struct call *c, int64_t now, bool all)
{
    for (struct call_text *t = c->unconfirmed.first; t != NULL; t = t->next)
        if (!t->told && !t->given && (all || now - t->since >= CALL_CONFIRM_MS))
            return t;
    return NULL;
}

void call_told(struct call_text *t)
{
    empty_text(t);
    t->told = true;
}

/* The first of them that is not one that is given. */
static struct call_text *first_text(struct call_text *t)
{
    while (t != NULL && t->given)
        t = t->next;
    return t;
}

struct call_text *call_late(struct call *c, int64_t now)
{
    struct call_text *t = first_text(c->waiting.first);
    return t != NULL && now - t->since >= CALL_CONFIRM_MS ? t : NULL;
}

void call_drop(struct call *c, struct call_text *t)
{
    take_out(&c->waiting, t);
    free_text(t);
}

static int64_t until(int64_t then, int64_t now, int64_t otherwise)
{
    int64_t wait = then > now ? then - now : 0;
    return wait < otherwise ? wait : otherwise;
}

int64_t call_wait(const struct call *c, int64_t now, int64_t otherwise)
{
    if (c->phase == CALL_HALF_OPEN)
        otherwise = until(c->began + CALL_OPEN_MS, now, otherwise);
    if (c->session.close_sent)
        otherwise = until(c->used + CALL_CLOSE_MS, now, otherwise);
    const struct call_text *text = first_text(c->waiting.first);
    if (text != NULL)
        otherwise = until(text->since + CALL_CONFIRM_MS, now, otherwise);
    for (const struct call_text *t = c->unconfirmed.first; t != NULL; t = t->next)
        if (!t->told && !t->given)
            return until(t->since + CALL_CONFIRM_MS, now, otherwise);
    return otherwise;
}
