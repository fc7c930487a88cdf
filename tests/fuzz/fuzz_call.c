/* SPDX-License-Identifier: MIT */
/* A peer that has the right keys of an open call and then does what it likes, and a user who talks. Of the first byte of
 * the input bit 0 chooses who called. What follows is steps, `u8 what, u8 n` each, some with n bytes after them:
 *      0        an Application Record with these bytes
 *      1        a text of these bytes
 *      2        an acknowledgement: of what is due, and n more
 *      3        a step that is in order; n > 0: a Record of type 4 with these bytes
 *      4        a frame of these bytes, not sealed by anybody
 *      5        a Close, n > 0: with these bytes
 *      6        a Record of another type
 *      7        the user says a text of n letters
 *      8        n times 100 ms pass, and what is over is told
 *      9        the user says good-bye
 *      10       from now on computations wait; once more: no more
 * A model says what is shown and what is confirmed; and all that is sent must open at the peer. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/message/text.h"
#include "crypto/bytes.h"
#include "tests/fuzz/open_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct call *call;
static struct open_peer peer;
static struct rng rng;
static int64_t now;
static bool slow, over;
static uint8_t out_bytes[SESSION_OUT_MAX];
static size_t texts, shown, acks, confirmed, said, told; /* how many: were sent, were shown; the same of ours */

static void send_frames(const struct session_buffer *out)
{
    assert(!over || out->len == 0);
    if (session_error(&peer.session) == NET_OK && peer.session.state == SESSION_STATE_OPEN)
        open_call_read(&peer, out);
}

static void go(void)
{
    enum call_event event;
    do {
        struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};
        struct call_got got = {NULL, 0};
        event = call_next(call, &rng, now, &out, &got);
        send_frames(&out);
        if (event == CALL_WORK && !slow) {
            out.len = 0;
            call_work(call, &rng);
            call_worked(call, &rng, now, &out);
            send_frames(&out);
        }
        assert(event != CALL_PEER && event != CALL_OPENED);
        assert(event != CALL_TEXT || text_valid(got.text, got.len));
        assert(event != CALL_CONFIRMED || (got.len > 0 && got.text[0] == 'u'));
        shown += event == CALL_TEXT;
        confirmed += event == CALL_CONFIRMED;
        over = over || event == CALL_FAILED || event == CALL_CLOSED;
    } while (event != CALL_QUIET);
    assert(shown <= texts && confirmed <= acks && confirmed + told <= said);
}

static void take(const uint8_t *frame, size_t len)
{
    if (call_take(call, frame, len) != 0 && !over && !call->handed) {
        call->working = false;
        call_fail(call, NET_ERR_SLOW);
    }
    go();
}

/* Any Record under the keys that the peer would send the next one with. */
static void forge(enum content_type type, const uint8_t *payload, size_t len)
{
    uint8_t frame[FRAME_MAX_LEN];
    size_t frame_len;
    if (record_seal(&peer.session.send, &peer.rng, frame, sizeof frame, &frame_len, type, payload, len) != NET_OK)
        return;
    record_update(&peer.session.send);
    take(frame, frame_len);
}

static void forge_text(const uint8_t *text, size_t len)
{
    uint8_t payload[3 + 255] = {1};
    bytes_store_be16(payload + 1, (uint16_t)len);
    memcpy(payload + 3, text, len);
    texts++;
    forge(CONTENT_APPLICATION, payload, 3 + len);
}

static void forge_ack(size_t n)
{
    uint8_t payload[9] = {2};
    const struct call_text *first = call->unconfirmed.first;
    bytes_store_be64(payload + 1, (first != NULL ? first->sequence : 0) + n);
    acks += n == 0;
    forge(CONTENT_APPLICATION, payload, sizeof payload);
}

static void step(void)
{
    struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};
    uint8_t frame[FRAME_MAX_LEN];
    if (!session_step_due(&peer.session) || peer.session.send.failed != NET_OK)
        return;
    (void)open_call_go(&peer, session_begin_step(&peer.session), &out);
    memcpy(frame, out.data, out.len);
    take(frame, out.len);
}

static void say(size_t n)
{
    uint8_t text[1 + 255];
    memset(text, 'u', sizeof text);
    if (call_say(call, text, 1 + n, now) == 0)
        said++;
    go();
}

static void tell(bool all)
{
    struct call_text *t;
    while ((t = call_unconfirmed(call, now, all)) != NULL) {
        told++;
        call_told(t);
    }
    while ((t = call_late(call, now)) != NULL) {
        told++;
        call_drop(call, t);
    }
    assert(call_wait(call, now, 1000) >= 0);
}

static void pass(size_t n)
{
    now += (int64_t)n * 100;
    tell(false);
    go();
}

static void wake(void)
{
    struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};
    slow = !slow;
    if (slow || !call->working)
        return;
    call_work(call, &rng);
    call_worked(call, &rng, now, &out);
    send_frames(&out);
    go();
}

/* A payload that may be anything counts as what it may be. */
static void forge_any(const uint8_t *data, size_t len)
{
    texts += len > 0 && data[0] == 1;
    acks += len > 0 && data[0] == 2;
    forge(CONTENT_APPLICATION, data, len);
}

static void act(uint8_t what, size_t n, const uint8_t *data, size_t len)
{
    switch (what) {
    case 0:
        forge_any(data, len);
        break;
    case 1:
        forge_text(data, len);
        break;
    case 2:
        forge_ack(n);
        break;
    case 3:
        if (n == 0)
            step();
        else
            forge(CONTENT_STEP, data, len);
        break;
    case 4:
        take(data, len);
        break;
    case 5:
        forge(CONTENT_CLOSE, data, len);
        break;
    case 6:
        forge(n % 2 ? CONTENT_FINISHED : CONTENT_KEY_UPDATE, data, len);
        break;
    case 7:
        say(n);
        break;
    case 8:
        pass(n);
        break;
    case 9:
        call_close(call);
        go();
        break;
    default:
        wake();
        break;
    }
}

static void start(bool caller)
{
    static const uint8_t id[MESSAGE_CALL_LEN] = {0};
    now = 1000;
    slow = over = false;
    texts = shown = acks = confirmed = said = told = 0;
    rng_fixed_init(&rng, "fuzz", 4);
    call = open_call(&peer, now, "me", "peer", id, caller);
    assert(call != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    start(data[0] & 1);
    data++, size--;
    while (size >= 2) {
        uint8_t what = data[0] % 11;
        size_t n = data[1], len = 0;
        data += 2, size -= 2;
        if (what <= 6 && what != 2)
            len = n < size ? n : size;
        if (what == 6)
            len = len > 0;
        act(what, n, data, len);
        data += len, size -= len;
    }
    tell(true);
    assert(confirmed + told + call->waiting.len == said);
    call_free(call);
    session_wipe(&peer.session);
    return 0;
}
