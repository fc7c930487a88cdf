/* SPDX-License-Identifier: MIT */
/* A peer that has finished its handshake and then does what it likes, and a caller that does what the state allows. The
 * input is steps, `u8 what, u8 n` each, some with n bytes after them:
 *      0 to 3   a Record of this content type with n bytes, rightly sealed
 *      4        n bytes as they are
 *      5        n more bytes of the last Record are left out: what comes then can't be right
 *      6, 7, 8  the caller sends a message of n bytes, a KeyUpdate, a Close
 *      9        n hours pass
 * A model says what must come of each step. */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/workbench/rng_fixed.h"
#include "net/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct session session;
static struct record peer; /* what seals towards us */
static bool fresh_keys;    /* the peer's last Record was a KeyUpdate: another one would be refused */
static struct rng rng;
static uint64_t now;
static uint8_t in[4 * FRAME_MAX_LEN], out_bytes[2 * SESSION_OUT_MAX];
static struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};

/* A session as it is after ESTABLISHED: the peer's Finished has come under the first keys. */
static void start(void)
{
    size_t frame_len, payload_len;
    enum content_type type;
    uint8_t *payload;
    static const uint8_t to_peer[RECORD_SECRET_LEN] = {1}, from_peer[RECORD_SECRET_LEN] = {2};
    memset(&session, 0, sizeof session);
    session.state = SESSION_STATE_OPEN;
    session.role = HANDSHAKE_SERVER;
    session.suite = SUITE_AES128;
    session.group = DH_FFDHE3072;
    record_init(&session.send, SUITE_AES128, to_peer, NULL);
    record_init(&session.receive, SUITE_AES128, from_peer, NULL);
    record_init(&peer, SUITE_AES128, from_peer, NULL);
    rng_fixed_init(&rng, "fuzz", 4);
    now = 0;
    fresh_keys = false;
    enum net_err err = record_seal(&peer, &rng, in, sizeof in, &frame_len, CONTENT_FINISHED, NULL, 0);
    assert(err == NET_OK);
    err = record_open(&session.receive, in, frame_len, &type, &payload, &payload_len);
    assert(err == NET_OK && type == CONTENT_FINISHED);
}

/* What the session must make of the peer's next Record. */
static enum session_event expected(uint8_t type, size_t len)
{
    if (session.state != SESSION_STATE_OPEN)
        return SESSION_FAILED; /* it failed, or the Close was the last word */
    if (type == CONTENT_APPLICATION)
        return SESSION_MESSAGE;
    if (len > 0 || type == CONTENT_FINISHED || (type == CONTENT_KEY_UPDATE && fresh_keys))
        return SESSION_FAILED;
    return type == CONTENT_CLOSE ? SESSION_CLOSED : SESSION_MORE;
}

static enum session_event feed(size_t len)
{
    struct session_message msg;
    size_t used;
    out.len = 0;
    enum session_event event = session_feed(&session, &rng, now, in, len, &used, &out, &msg);
    assert(used <= len);
    assert((event == SESSION_FAILED) == (session_error(&session) != NET_OK));
    assert(event != SESSION_MESSAGE || (msg.payload > in && msg.payload + msg.len < in + used));
    return event;
}

static void receive(uint8_t type, const uint8_t *payload, size_t len)
{
    size_t frame_len;
    enum session_event right = expected(type, len);
    if (record_seal(&peer, &rng, in, sizeof in, &frame_len, (enum content_type)type, payload, len) != NET_OK)
        return;
    fresh_keys = type == CONTENT_KEY_UPDATE;
    if (fresh_keys)
        record_update(&peer);
    assert(feed(frame_len) == right);
}

static void receive_raw(const uint8_t *bytes, size_t len)
{
    bool over = session.state != SESSION_STATE_OPEN;
    memcpy(in, bytes, len);
    enum session_event event = feed(len);
    assert(event == SESSION_FAILED || (event == SESSION_MORE && (!over || len == 0)));
}

/* A Record that the peer has sealed is lost on the way. */
static void lose(const uint8_t *payload, size_t len)
{
    size_t frame_len;
    (void)record_seal(&peer, &rng, in, sizeof in, &frame_len, CONTENT_APPLICATION, payload, len);
    if (record_seal(&peer, &rng, in, sizeof in, &frame_len, CONTENT_APPLICATION, payload, len) == NET_OK)
        assert(feed(frame_len) == SESSION_FAILED);
}

static void send_something(uint8_t what, const uint8_t *payload, size_t len)
{
    bool failed = session.state == SESSION_STATE_FAILED, said_goodbye = session.close_sent;
    bool may_talk = session.state == SESSION_STATE_OPEN && !said_goodbye; /* else only a Close may still go out */
    out.len = 0;
    enum net_err err = what == 6   ? session_send(&session, &rng, now, &out, payload, len)
                       : what == 7 ? session_update(&session, &rng, now, &out)
                                   : session_close(&session, &rng, &out);
    if (failed)
        assert(err != NET_OK && out.len == 0);
    else if (may_talk || (what == 8 && !said_goodbye))
        assert(err == NET_OK && out.len > 0);
    else
        assert(out.len == 0 && err == (what == 8 ? NET_OK : NET_ERR_CLOSED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    start();
    while (size >= 2) {
        uint8_t what = data[0] % 10;
        size_t len = data[1];
        data += 2, size -= 2;
        if (what == 9) {
            now += 3600 * len;
            continue;
        }
        len = len < size ? len : size;
        if (what <= CONTENT_FINISHED)
            receive(what, data, len);
        else if (what == 4)
            receive_raw(data, len);
        else if (what == 5)
            lose(data, len);
        else
            send_something(what, data, len);
        data += len, size -= len;
    }
    session_wipe(&session);
    record_wipe(&peer);
    return 0;
}
