/* SPDX-License-Identifier: MIT */
/* A server that relays what it likes to a user with calls, in whatever name, and answers as it likes; the user talks
 * meanwhile. Steps, `u8 what, u8 whom, u8 n` each, some with n bytes after them. Of whom the low bits are one of six
 * peers, two of them known and one of them oneself, the high bits one of four numbers of calls:
 *      0        relays an empty frame
 *      1        relays a frame whose header is right for these bytes: the first is its type
 *      2        relays these bytes, if they are a frame at all
 *      3        relays a ClientHello that is in order but for changes, `u16 position, u8 value` each
 *      4        an open call appears where there is none; n & 1: that we have made
 *      5        relays a text of these bytes in it, rightly sealed, and a step before it where that is due; no bytes: an
 *               acknowledgement of what was passed on last, or else a Close
 *      6        passes on what waits: n frames, to where they belong
 *      7        answers n relays with ok
 *      8        answers one with an error
 *      9        the user says n letters
 *      10       the user calls (n = 0), leaves (1), leaves all (2), or compares keys
 *      11       n times 100 ms pass
 *      12       a computation is begun; 13: it is over
 *      14       the connection ends
 * Each text that is said ends in one way; all that grows has its bound. */
#include <assert.h>
#include <stdio.h>

#include "app/message/text.h"
#include "app/peer/calls.h"
#include "crypto/bytes.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/open_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEERS 6
#define NUMBERS 4

static const char *const names[PEERS] = {"ann", "bob", "me", "peer", "tom", "zoe"};
static const uint8_t groups[] = {DH_FFDHE2048}, suites[] = {SUITE_AES128};

static struct calls calls;
static struct peers peers;
static struct identity nobody; /* it has no key: a callee gets as far as its own signature, which fails */
static struct open_peer open_peers[PEERS][NUMBERS];
static struct call *at_work;
static struct rng work_rng;
static int64_t now;
static size_t said, ended, texts, shown;
static uint8_t hello[FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX];
static size_t hello_len;

/* --- What the user is told ---------------------------------------------------------------------------------------- */

static void on_opened(void *arg, const struct call *call, bool first)
{
    (void)arg, (void)call, (void)first;
    assert(0); /* nobody here has the key of an identity */
}

static void on_text(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    (void)arg;
    shown++;
    assert(call->phase == CALL_IS_OPEN && text_valid(text, len));
}

static void on_end(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    (void)arg, (void)call;
    ended++;
    assert(text_valid(text, len));
}

static void on_unconfirmed(void *arg, const char *peer, const uint8_t *text, size_t len)
{
    assert(peer[0] != '\0');
    on_end(arg, NULL, text, len);
}

static void on_unsaid(void *arg, const char *peer, const uint8_t *text, size_t len, const char *why)
{
    assert(peer[0] != '\0' && why != NULL);
    on_end(arg, NULL, text, len);
}

static void on_cut(void *arg, const char *peer, const char *why)
{
    (void)arg;
    assert(peer[0] != '\0' && why != NULL);
}

static void on_refused(void *arg, const char *line)
{
    (void)arg;
    assert(line[0] != '\0');
}

static uint64_t unix_time(void)
{
    return 0;
}

/* --- Beginning ---------------------------------------------------------------------------------------------------- */

/* What somebody called "ann" would send. */
static void make_hello(void)
{
    static struct session session;
    static struct handshake hs;
    static struct ratchet ratchet;
    struct session_buffer out = {.data = hello, .cap = sizeof hello};
    struct handshake_config config;
    handshake_config_default(&config, HANDSHAKE_CLIENT);
    config.kind = HANDSHAKE_USER_USER;
    config.client_name = "ann";
    config.server_name = "me";
    config.groups = groups;
    config.groups_len = sizeof groups;
    config.identity = &nobody;
    config.ratchet = &ratchet;
    rng_fixed_init(&work_rng, "hello", 5);
    session_init(&session, &hs, &config);
    enum session_event event = session_start(&session);
    while (event == SESSION_WORK) {
        session_work(&session, &work_rng);
        event = session_step(&session, &work_rng, 0, &out);
    }
    hello_len = out.len;
    session_wipe(&session);
}

static void start(void)
{
    static const struct calls_hooks hooks = {.opened = on_opened,
                                             .text = on_text,
                                             .confirmed = on_end,
                                             .unconfirmed = on_unconfirmed,
                                             .unsaid = on_unsaid,
                                             .cut = on_cut,
                                             .refused = on_refused};
    static const char known[] = "chat.example:7447 bob new SHA256:rIu0mp3TqLMX2lvBtAxDlSyKOM0bWnUt0cl9fxKCGyg=\n"
                                "chat.example:7447 tom new SHA256:rIu0mp3TqLMX2lvBtAxDlSyKOM0bWnUt0cl9fxKCGyg=\n";
    const struct calls_config config = {.me = "me",
                                        .identity = &nobody,
                                        .peers = &peers,
                                        .suites = suites,
                                        .suites_len = sizeof suites,
                                        .groups = groups,
                                        .groups_len = sizeof groups,
                                        .unix_time = unix_time};
    size_t line;
    peers = (struct peers){.home = "/nowhere", .server = "chat.example:7447"};
    int failed = peers_parse(&peers, known, sizeof known - 1, &line);
    assert(failed == 0);
    if (hello_len == 0)
        make_hello();
    calls_init(&calls, &config, &hooks);
    rng_fixed_init(&calls.rng, "fuzz", 4);
    rng_fixed_init(&work_rng, "work", 4);
    now = 1000;
    said = ended = texts = shown = 0;
}

/* --- What the server does ----------------------------------------------------------------------------------------- */

static void number(uint8_t id[static MESSAGE_CALL_LEN], size_t n)
{
    memset(id, 0, MESSAGE_CALL_LEN);
    id[MESSAGE_CALL_LEN - 1] = (uint8_t)n;
}

/* As it comes over the wire: whatever is no message ends the connection there. */
static void relay(size_t peer, size_t n, const uint8_t *frame, size_t len)
{
    static uint8_t bytes[MESSAGE_MAX_LEN];
    struct message m = {.type = MESSAGE_RELAYED};
    size_t bytes_len;
    memcpy(m.relayed.name, names[peer], strlen(names[peer]) + 1);
    number(m.relayed.call, n);
    m.relayed.frame = (struct message_bytes){(uint8_t *)(uintptr_t)frame, len};
    if (message_encode(bytes, sizeof bytes, &bytes_len, &m) != 0 ||
        message_decode(&m, bytes, bytes_len) != MESSAGE_E_NONE)
        return;
    calls_relayed(&calls, now, &m);
}

static void relay_headed(size_t peer, size_t n, const uint8_t *data, size_t len)
{
    uint8_t frame[FRAME_HEADER_LEN + 255] = {0, FRAME_VERSION};
    if (len == 0)
        return;
    frame[0] = data[0];
    bytes_store_be16(frame + 2, (uint16_t)(len - 1));
    memcpy(frame + FRAME_HEADER_LEN, data + 1, len - 1);
    relay(peer, n, frame, FRAME_HEADER_LEN + len - 1);
}

static void relay_hello(size_t peer, size_t n, const uint8_t *data, size_t len)
{
    uint8_t frame[sizeof hello];
    memcpy(frame, hello, hello_len);
    for (; len >= 3; data += 3, len -= 3)
        frame[bytes_load_be16(data) % hello_len] = data[2];
    relay(peer, n, frame, hello_len);
}

static struct call *find(size_t peer, size_t n)
{
    uint8_t id[MESSAGE_CALL_LEN];
    struct call *call = calls.list;
    number(id, n);
    while (call != NULL && (strcmp(call->peer, names[peer]) != 0 || memcmp(call->id, id, sizeof id) != 0))
        call = call->next;
    return call;
}

static struct call *find_open(size_t peer)
{
    struct call *call = calls.list;
    while (call != NULL && (strcmp(call->peer, names[peer]) != 0 || call->phase != CALL_IS_OPEN))
        call = call->next;
    return call;
}

static void appear(size_t peer, size_t n, bool caller)
{
    uint8_t id[MESSAGE_CALL_LEN];
    if (strcmp(names[peer], "me") == 0 || find(peer, n) != NULL || find_open(peer) != NULL)
        return;
    number(id, n);
    struct call *call = open_call(&open_peers[peer][n], now, "me", names[peer], id, caller);
    assert(call != NULL);
    call->next = calls.list;
    calls.list = call;
}

/* What the peer says next is in payload. */
static size_t next_payload(struct open_peer *from, uint8_t payload[static 3 + 255], const uint8_t *data, size_t len)
{
    if (len == 0) {
        payload[0] = 2;
        bytes_store_be64(payload + 1, from->ack);
        from->ack_due = false;
        return 1 + 8;
    }
    payload[0] = 1;
    bytes_store_be16(payload + 1, (uint16_t)len);
    memcpy(payload + 3, data, len);
    texts++;
    return 3 + len;
}

static void relay_sealed(size_t peer, size_t n, const uint8_t *data, size_t len)
{
    struct open_peer *from = &open_peers[peer][n];
    uint8_t payload[3 + 255], bytes[2 * SESSION_OUT_MAX];
    struct session_buffer out = {.data = bytes, .cap = sizeof bytes};
    bool close = len == 0 && !from->ack_due;
    if (from->session.state != SESSION_STATE_OPEN || from->session.close_sent)
        return;
    if (!close && session_step_due(&from->session))
        (void)open_call_go(from, session_begin_step(&from->session), &out);
    size_t step = out.len;
    enum net_err err = close ? session_close(&from->session, &from->rng, &out)
                             : session_send(&from->session, &from->rng, 0, &out, payload,
                                            next_payload(from, payload, data, len));
    if (err != NET_OK)
        return;
    if (step > 0)
        relay(peer, n, bytes, step);
    relay(peer, n, bytes + step, out.len - step);
}

/* To the peer's session, if it is one of those: it goes on as it would, as far as what came is in order. */
static void read_relay(struct open_peer *to, const struct message *m)
{
    uint8_t bytes[MESSAGE_FRAME_MAX], out_bytes[SESSION_OUT_MAX];
    struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};
    struct session_message msg;
    size_t used;
    if (m->relay.frame.len == 0 || to->session.state != SESSION_STATE_OPEN)
        return;
    memcpy(bytes, m->relay.frame.data, m->relay.frame.len);
    enum session_event event = session_feed(&to->session, &to->rng, 0, bytes, m->relay.frame.len, &used, &out, &msg);
    if (open_call_go(to, event, &out) == SESSION_MESSAGE && msg.payload[0] == 1) {
        to->ack = to->session.receive.sequence - 1;
        to->ack_due = true;
    }
}

static void pass_on(size_t frames)
{
    struct message m;
    while (frames-- > 0 && calls_next_relay(&calls, &m))
        for (size_t peer = 0; peer < PEERS; peer++)
            if (strcmp(m.relay.name, names[peer]) == 0)
                read_relay(&open_peers[peer][m.relay.call[MESSAGE_CALL_LEN - 1] % NUMBERS], &m);
}

static void answer(size_t n, enum message_error code)
{
    while (n-- > 0 && calls.relays.unanswered_len > 0)
        calls_answered(&calls, now, code, code == MESSAGE_E_NONE ? NULL : "no");
}

/* --- What the user does, and time --------------------------------------------------------------------------------- */

static void say(size_t peer, size_t n)
{
    uint8_t text[1 + 255];
    memset(text, 'u', sizeof text);
    if (strcmp(names[peer], "me") == 0 || !calls_take_more(&calls))
        return;
    said++;
    calls_say(&calls, now, names[peer], text, 1 + n);
}

static void command(size_t peer, size_t n)
{
    static const uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {0};
    if (strcmp(names[peer], "me") == 0)
        return;
    if (n == 0)
        calls_call(&calls, now, names[peer]);
    else if (n == 1)
        calls_leave(&calls, now, names[peer]);
    else if (n == 2)
        calls_leave_all(&calls, now);
    else
        calls_compared(&calls, names[peer], fingerprint);
}

static void work_begin(void)
{
    if (at_work == NULL && (at_work = calls_next_work(&calls)) != NULL)
        call_work(at_work, &work_rng);
}

static void work_end(void)
{
    if (at_work != NULL)
        calls_worked(&calls, at_work, now);
    at_work = NULL;
}

static void check(void)
{
    size_t half = 0, open = 0;
    for (const struct call *call = calls.list; call != NULL; call = call->next) {
        half += call->phase == CALL_HALF_OPEN;
        open += call->phase == CALL_IS_OPEN;
        assert(call->phase != CALL_IS_OVER && !call->dead);
        assert(call->in_bytes <= CALL_WAITING_MAX + 4 * MESSAGE_FRAME_MAX && call->unsent <= CALLS_UNSENT_MAX + 2);
        for (const struct call *other = call->next; other != NULL; other = other->next)
            assert(strcmp(call->peer, other->peer) != 0 || call->phase != other->phase);
    }
    assert(half <= PEERS && open <= PEERS && shown <= texts && ended <= said);
    assert(calls.relays.unanswered_len <= RELAYS_UNANSWERED_MAX && calls.relays.unsent_len <= RELAYS_UNSENT_MAX);
    assert(calls_wait(&calls, now, 1000) >= 0);
}

static void act(uint8_t what, uint8_t whom, size_t n, const uint8_t *data, size_t len)
{
    size_t peer = whom % 8 % PEERS, id = whom / 64;
    switch (what) {
    case 0:
        relay(peer, id, NULL, 0);
        break;
    case 1:
        relay_headed(peer, id, data, len);
        break;
    case 2:
        relay(peer, id, data, len);
        break;
    case 3:
        relay_hello(peer, id, data, len);
        break;
    case 4:
        appear(peer, id, n & 1);
        break;
    case 5:
        relay_sealed(peer, id, data, len);
        break;
    case 6:
        pass_on(n);
        break;
    case 7:
        answer(n, MESSAGE_E_NONE);
        break;
    case 8:
        answer(1, (enum message_error)(n + 1));
        break;
    case 9:
        say(peer, n);
        break;
    case 10:
        command(peer, n);
        break;
    case 11:
        now += (int64_t)n * 100;
        calls_tick(&calls, now);
        break;
    case 12:
        work_begin();
        break;
    case 13:
        work_end();
        break;
    default:
        calls_cut(&calls, now);
        break;
    }
    check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    start();
    while (size >= 3) {
        uint8_t what = data[0] % 15, whom = data[1];
        size_t n = data[2], len = 0;
        data += 3, size -= 3;
        if (what == 1 || what == 2 || what == 3 || what == 5)
            len = n < size ? n : size;
        act(what, whom, n, data, len);
        data += len, size -= len;
    }
    work_end();
    calls_cut(&calls, now);
    assert(calls.list == NULL && ended == said);
    calls_free(&calls);
    peers_free(&peers);
    for (size_t i = 0; i < PEERS; i++)
        for (size_t n = 0; n < NUMBERS; n++)
            if (open_peers[i][n].session.ratchet != NULL)
                session_wipe(&open_peers[i][n].session);
    memset(open_peers, 0, sizeof open_peers);
    return 0;
}
