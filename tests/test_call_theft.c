/* SPDX-License-Identifier: MIT */
/* What somebody can open who has stolen all that one side of a call keeps: exactly what docs/protocol.md section 8.4
 * says. Conversations are drawn, with Records that overtake each other between the directions; after each of their
 * events the state of either side is copied, and at the end every copy is tried on every Record. */
#include "net/ratchet.h"
#include "net/session.h"

#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"

#define EVENTS 40
#define RECORDS_MAX (3 * EVENTS)
#define NEVER UINT64_MAX

static struct talk t;

/* All that crossed the wire after the handshake. */
struct crossed {
    bool caller;             /* who sent it */
    uint64_t under;          /* the step that its keys are of */
    uint64_t sealed, opened; /* when, as the number of an event */
    uint64_t step;           /* it is this step; NEVER: it is none */
    size_t len;
    uint8_t frame[RECORD_FRAME_MIN + RATCHET_STEP_MAX + 16];
};

static struct crossed crossed[RECORDS_MAX];
static size_t crossed_len, delivered[2]; /* of each direction: how many of crossed were looked at; [1] the caller's */
static uint64_t now, under[2];

struct theft {
    bool caller;
    uint64_t at;
    struct record send, receive;
    struct ratchet ratchet;
};
static struct theft thefts[2 * EVENTS + 2];
static size_t thefts_len;

/* --- The conversation --------------------------------------------------------------------------------------------- */

static struct talk_side *side_of(bool caller)
{
    return caller ? &t.client : &t.server;
}

/* What a side has sent since the last call, frame by frame. */
static void note_sent(bool caller, uint64_t step)
{
    struct talk_side *s = side_of(caller);
    for (size_t at = 0; at < s->out.len; at += crossed[crossed_len++].len) {
        struct crossed *c = &crossed[crossed_len];
        assert_true(crossed_len < RECORDS_MAX);
        *c = (struct crossed){.caller = caller, .under = under[caller], .sealed = now, .opened = NEVER, .step = step};
        c->len = talk_frame_len(s->wire + at);
        assert_true(c->len <= sizeof c->frame);
        memcpy(c->frame, s->wire + at, c->len);
    }
    s->out.len = 0;
}

static void say(bool caller)
{
    struct talk_side *s = side_of(caller);
    if (session_step_due(&s->session)) {
        talk_step(s);
        note_sent(caller, s->ratchet.n);
        under[caller] = s->ratchet.n;
    }
    talk_send(s, "hello");
    note_sent(caller, NEVER);
}

/* The oldest Record of one side that has not arrived; false where there is none. */
static bool deliver(bool caller)
{
    for (size_t i = delivered[caller]; i < crossed_len; i++) {
        delivered[caller] = i + 1;
        if (crossed[i].caller != caller)
            continue;
        enum session_event event = talk_take(side_of(!caller), crossed[i].frame, crossed[i].len);
        assert_int_equal(event, crossed[i].step == NEVER ? SESSION_MESSAGE : SESSION_MORE);
        crossed[i].opened = now;
        return true;
    }
    return false;
}

static void steal(bool caller)
{
    const struct talk_side *s = side_of(caller);
    thefts[thefts_len++] = (struct theft){caller, now, s->session.send, s->session.receive, s->ratchet};
}

static uint32_t draw(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u; /* Numerical Recipes' generator: any will do */
    return *x >> 24;
}

static void converse(uint32_t seed)
{
    talk_init_untraced(&t, HANDSHAKE_USER_USER);
    talk_establish(&t);
    crossed_len = thefts_len = delivered[0] = delivered[1] = 0;
    under[0] = under[1] = 0;
    for (now = 1; now <= EVENTS; now++) {
        bool caller = draw(&seed) % 2;
        if (draw(&seed) % 5 < 2 || !deliver(caller))
            say(caller);
        steal(false);
        steal(true);
    }
}

/* --- The thief ---------------------------------------------------------------------------------------------------- */

static bool opened_by_thief[RECORDS_MAX];

static void follow(struct record *r, const uint8_t secret[static RECORD_SECRET_LEN])
{
    uint64_t sequence = r->sequence;
    record_init(r, SUITE_AES128, secret, NULL);
    r->sequence = sequence;
    r->steps = true;
}

/* Opens what it can of one direction, whose next Record these keys are for. With a ratchet that waits for the next step
 * it goes through that one as well. */
static void read_on(struct record r, bool caller, struct ratchet *ratchet, uint64_t sequence)
{
    uint64_t next = 0;
    for (size_t i = 0; i < crossed_len; i++) {
        const struct crossed *c = &crossed[i];
        uint8_t frame[sizeof c->frame], *payload;
        enum content_type type;
        size_t len;
        if (c->caller != caller || next++ < sequence)
            continue;
        memcpy(frame, c->frame, c->len);
        if (record_open(&r, frame, c->len, &type, &payload, &len) != NET_OK)
            return;
        opened_by_thief[i] = true;
        record_update(&r);
        if (type != CONTENT_STEP || ratchet == NULL || !ratchet_may_take(ratchet))
            continue;
        assert_int_equal(ratchet_take(ratchet, payload, len), 0);
        ratchet_work(ratchet, NULL);
        assert_false(ratchet->failed);
        follow(&r, ratchet->secret);
        ratchet_done(ratchet);
    }
}

/* Tries these keys on each Record of one direction, with the number that it has. */
static void try_keys(const struct record *r, bool caller, uint64_t first)
{
    for (size_t i = 0; i < crossed_len; i++) {
        struct record copy = *r;
        uint8_t frame[sizeof crossed[i].frame], *payload;
        enum content_type type;
        size_t len;
        if (crossed[i].caller != caller)
            continue;
        memcpy(frame, crossed[i].frame, crossed[i].len);
        copy.sequence = first++;
        if (record_open(&copy, frame, crossed[i].len, &type, &payload, &len) == NET_OK)
            opened_by_thief[i] = true;
    }
}

/* How many Records of the call came before the conversation: Finished, and the caller's step 0. */
static uint64_t before_it(bool caller)
{
    return caller ? 2 : 1;
}

/* If the secrets followed from the root that is kept, this would read the latest turn again. */
static void try_root(const struct theft *s)
{
    static const char label[] = "glasschat/1 ratchet";
    bool caller = s->caller == s->ratchet.mine;
    uint8_t info[sizeof label - 1 + 8], secret[RECORD_SECRET_LEN];
    memcpy(info, label, sizeof label - 1);
    bytes_store_be64(info + sizeof label - 1, s->ratchet.n);
    hkdf_expand(secret, sizeof secret, s->ratchet.root, info, sizeof info);
    for (uint64_t first = 0; first < RECORDS_MAX; first++) {
        struct record r = {.sequence = first + before_it(caller)};
        follow(&r, secret);
        read_on(r, caller, NULL, first);
    }
}

static void try_all(struct theft *s)
{
    memset(opened_by_thief, 0, sizeof opened_by_thief);
    try_keys(&s->send, s->caller, before_it(s->caller));
    try_keys(&s->receive, !s->caller, before_it(!s->caller));
    try_root(s);
    read_on(s->send, s->caller, NULL, s->send.sequence - before_it(s->caller));
    read_on(s->receive, !s->caller, &s->ratchet, s->receive.sequence - before_it(!s->caller));
}

/* The first step that this side draws after the theft. */
static uint64_t first_step_after(const struct theft *s)
{
    for (size_t i = 0; i < crossed_len; i++)
        if (crossed[i].caller == s->caller && crossed[i].step != NEVER && crossed[i].sealed > s->at)
            return crossed[i].step;
    return NEVER;
}

static bool claimed(const struct theft *s, const struct crossed *c)
{
    bool on_its_way = c->caller != s->caller && c->sealed <= s->at && c->opened > s->at;
    return on_its_way || (c->sealed > s->at && c->under < first_step_after(s));
}

static void test_a_thief_opens_exactly_this(void **state)
{
    (void)state;
    size_t opened = 0, closed = 0;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        converse(seed);
        for (size_t i = 0; i < thefts_len; i++) {
            try_all(&thefts[i]);
            for (size_t j = 0; j < crossed_len; j++) {
                if (opened_by_thief[j] != claimed(&thefts[i], &crossed[j]))
                    fail_msg("seed %u, %s robbed after event %u, Record %zu", seed,
                             thefts[i].caller ? "caller" : "callee", (unsigned)thefts[i].at, j);
                opened += opened_by_thief[j];
                closed += !opened_by_thief[j];
            }
        }
        talk_end(&t);
    }
    assert_true(opened > 1000 && closed > opened); /* or nothing was tried */
}

/* Robbed twice: the root of the step before, from either side; then the exponent of its sender. */
static void test_of_several_thefts(void **state)
{
    (void)state;
    talk_init_untraced(&t, HANDSHAKE_USER_USER);
    talk_establish(&t);
    crossed_len = thefts_len = delivered[0] = delivered[1] = 0;
    under[0] = under[1] = now = 0;
    say(true);
    while (deliver(true))
        ;
    steal(false); /* root_0, and step 0's value */
    say(false);   /* step 1 */
    while (deliver(false))
        ;
    steal(false); /* step 1's exponent, before step 2 has come */
    struct ratchet r = thefts[0].ratchet;
    r.latest.group = dh_group(DH_FFDHE2048);
    memcpy(r.latest.x, thefts[1].ratchet.latest.x, sizeof r.latest.x);
    r.mine = true;
    uint8_t payload[RATCHET_STEP_MAX];
    bytes_store_be16(payload, 256);
    memcpy(payload + 2, thefts[0].ratchet.latest.y, 256); /* step 0: Z of the same two values */
    assert_int_equal(ratchet_take(&r, payload, 2 + 256), 0);
    ratchet_work(&r, NULL);
    struct record reader = {.sequence = t.server.session.send.sequence - 1};
    follow(&reader, r.secret);
    memset(opened_by_thief, 0, sizeof opened_by_thief);
    read_on(reader, false, NULL, 1); /* behind the step */
    assert_true(opened_by_thief[crossed_len - 1]);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thief_opens_exactly_this),
        cmocka_unit_test(test_of_several_thefts),
    };
    return RUN(tests);
}
