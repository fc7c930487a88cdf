/* SPDX-License-Identifier: MIT */
/* A whole session, from the first hello to the Close, of which every byte in turn is the last to arrive, or is changed;
 * and all of them one by one. Each side of each kind of handshake is the victim. It must end cleanly: what came before
 * the fault is there, nothing else is, and no key is left. */
#include "net/session.h"

#include "crypto/bytes.h"
#include "tests/talk.h"
#include "tests/test.h"

#define FRAMES_MAX 12
#define STREAM_MAX 8192

static const char *const texts[] = {"first", "", "after the update", "a last one, of two blocks"};
#define TEXTS (sizeof texts / sizeof *texts)

static struct talk t;

/* What the victim's peer sends in all, and the victim as it was before each frame of it. */
static struct {
    uint8_t bytes[STREAM_MAX];
    size_t len, frames, start[FRAMES_MAX + 1];        /* start[frames] is the end */
    size_t messages_before[FRAMES_MAX + 1], finished; /* the frame with the peer's Finished */
    struct talk_side before[FRAMES_MAX];
} stream;

static size_t have;     /* bytes in the victim's input */
static size_t messages; /* that it has got: the first of texts, in order (checked) */
static size_t established;

/* Feeds the victim until it needs more, or it is over. */
static enum session_event feed(struct talk_side *v, const uint8_t *bytes, size_t len)
{
    assert_true(have + len <= sizeof v->in);
    memcpy(v->in + have, bytes, len);
    have += len;
    for (;;) {
        size_t used;
        enum session_event event = session_feed(&v->session, &v->rng, v->now, v->in, have, &used, &v->out, &v->msg);
        if (event == SESSION_MESSAGE) {
            assert_true(messages < TEXTS && v->msg.len == strlen(texts[messages]));
            assert_memory_equal(v->msg.payload, texts[messages++], v->msg.len);
        }
        have -= used;
        memmove(v->in, v->in + used, have);
        event = talk_go(v, event);
        established += event == SESSION_ESTABLISHED;
        if (event == SESSION_FAILED || event == SESSION_CLOSED || (event == SESSION_MORE && used == 0))
            return event;
    }
}

static void restore(struct talk_side *v, size_t frame)
{
    *v = stream.before[frame];
    have = 0;
    messages = stream.messages_before[frame];
    established = frame > stream.finished;
}

/* --- The session -------------------------------------------------------------------------------------------------- */

/* Sends everything that a side has to say once it may: its wire holds it afterwards. */
static void say_everything(struct talk_side *side)
{
    for (size_t i = 0; i < TEXTS; i++) {
        talk_send(side, texts[i]);
        if (i == 1 && side->session.ratchet == NULL)
            assert_int_equal(session_update(&side->session, &side->rng, side->now, &side->out), NET_OK);
    }
    assert_int_equal(session_close(&side->session, &side->rng, &side->out), NET_OK);
}

static void keep(const struct talk_side *peer)
{
    assert_true(stream.len + peer->out.len <= STREAM_MAX);
    memcpy(stream.bytes + stream.len, peer->wire, peer->out.len);
    stream.len += peer->out.len;
}

static void cut_into_frames(void)
{
    stream.frames = 0;
    for (size_t at = 0; at < stream.len; at += FRAME_HEADER_LEN + (size_t)bytes_load_be16(stream.bytes + at + 2)) {
        assert_true(stream.frames < FRAMES_MAX);
        stream.start[stream.frames++] = at;
    }
    stream.start[stream.frames] = stream.len;
}

static void begin(enum handshake_kind kind)
{
    talk_init_untraced(&t, kind);
    talk_start(&t);
}

/* Lets the two talk once undisturbed and keeps what the peer sends, then lets the victim hear it again frame by frame:
 * all randomness is fixed, so it is at each point as it was. Returns the victim. */
static struct talk_side *record(enum handshake_kind kind, enum handshake_role role)
{
    struct talk_side *v = role == HANDSHAKE_CLIENT ? &t.client : &t.server;
    struct talk_side *peer = role == HANDSHAKE_CLIENT ? &t.server : &t.client;
    stream.len = 0;
    begin(kind);
    if (role == HANDSHAKE_SERVER)
        keep(&t.client);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_MORE);
    if (role == HANDSHAKE_CLIENT)
        keep(&t.server);
    assert_int_equal(talk_carry(&t.server, &t.client), SESSION_ESTABLISHED);
    if (role == HANDSHAKE_SERVER)
        keep(&t.client);
    assert_int_equal(talk_carry(&t.client, &t.server), SESSION_ESTABLISHED);
    say_everything(peer);
    keep(peer);
    talk_end(&t);
    cut_into_frames();

    begin(kind);
    v->out.len = have = messages = established = 0;
    for (size_t i = 0; i < stream.frames; i++) {
        stream.before[i] = *v;
        stream.messages_before[i] = messages;
        enum session_event event = feed(v, stream.bytes + stream.start[i], stream.start[i + 1] - stream.start[i]);
        assert_int_equal(event, i + 1 < stream.frames ? SESSION_MORE : SESSION_CLOSED);
        if (established == 0)
            stream.finished = i + 1;
    }
    assert_int_equal(messages, TEXTS);
    return v;
}

/* --- Faults ------------------------------------------------------------------------------------------------------- */

static void one_by_one(struct talk_side *v)
{
    restore(v, 0);
    for (size_t i = 0; i < stream.len; i++)
        assert_int_equal(feed(v, stream.bytes + i, 1), i + 1 < stream.len ? SESSION_MORE : SESSION_CLOSED);
    assert_int_equal(messages, TEXTS);
}

/* The connection ends inside this frame, at each of its bytes. */
static void cut_in(struct talk_side *v, size_t frame)
{
    size_t len = stream.start[frame + 1] - stream.start[frame];
    for (size_t cut = 0; cut < len; cut++) {
        restore(v, frame);
        assert_int_equal(feed(v, stream.bytes + stream.start[frame], cut), SESSION_MORE);
        assert_int_equal(messages, stream.messages_before[frame]);
        assert_int_equal(session_fail(&v->session, NET_ERR_CUT), SESSION_FAILED);
        talk_expect_failed(v, NET_ERR_CUT);
    }
}

/* Each byte of this frame is changed; all that follows comes as it was sent. */
static void change_in(struct talk_side *v, size_t frame)
{
    static uint8_t changed[STREAM_MAX];
    for (size_t at = stream.start[frame]; at < stream.start[frame + 1]; at++) {
        memcpy(changed, stream.bytes, stream.len);
        changed[at] ^= (uint8_t)(1 << at % 8);
        restore(v, frame);
        if (feed(v, changed + stream.start[frame], stream.len - stream.start[frame]) == SESSION_MORE)
            session_fail(&v->session, NET_ERR_CUT); /* a length grew: it waits for what never comes */
        assert_int_equal(messages, stream.messages_before[frame]);
        assert_int_equal(established, frame > stream.finished);
        talk_expect_failed(v, session_error(&v->session));
    }
}

static void disturb(enum handshake_kind kind, enum handshake_role role)
{
    struct talk_side *v = record(kind, role);
    one_by_one(v);
    for (size_t i = 0; i < stream.frames; i++) {
        cut_in(v, i);
        change_in(v, i);
    }
    talk_end(&t);
}

static void test_a_client_of_a_server(void **state)
{
    (void)state;
    disturb(HANDSHAKE_USER_SERVER, HANDSHAKE_CLIENT);
}

static void test_a_server(void **state)
{
    (void)state;
    disturb(HANDSHAKE_USER_SERVER, HANDSHAKE_SERVER);
}

static void test_a_user_who_calls(void **state)
{
    (void)state;
    disturb(HANDSHAKE_USER_USER, HANDSHAKE_CLIENT);
}

static void test_a_user_who_is_called(void **state)
{
    (void)state;
    disturb(HANDSHAKE_USER_USER, HANDSHAKE_SERVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_client_of_a_server),
        cmocka_unit_test(test_a_server),
        cmocka_unit_test(test_a_user_who_calls),
        cmocka_unit_test(test_a_user_who_is_called),
    };
    return RUN(tests);
}
