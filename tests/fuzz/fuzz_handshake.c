/* SPDX-License-Identifier: MIT */
/* A stream of bytes into a session that waits for the peer's hello. Of the first byte of the input, bit 0 chooses the
 * side: 0 a server of kind 1, 1 a client of kind 1 that has sent its ClientHello. Bit 1 chooses what the rest is: 0 the
 * stream itself, 1 changes to a hello that is in order, `u16 position, u8 value` each, so that the fuzzer gets far
 * without having to find a Diffie-Hellman value. The randomness is fixed. Whatever comes, the session must end cleanly
 * or wait for more; it can't be established, since nobody here has the server's key. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "app/workbench/rng_fixed.h"
#include "net/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct session session;
static struct handshake hs;
static struct rng rng;
static struct identity identity;
static uint8_t in[FRAME_MAX_LEN], out_bytes[4 * SESSION_OUT_MAX];
static struct session_buffer out = {.data = out_bytes, .cap = sizeof out_bytes};

static void start(enum handshake_role role, struct handshake_config *config)
{
    static const uint8_t groups[] = {DH_FFDHE2048};
    handshake_config_default(config, role);
    config->groups = groups;
    config->groups_len = sizeof groups;
    config->identity = &identity; /* it has no key: a server gets as far as its own signature, which fails */
    out.len = 0;
    rng_fixed_init(&rng, "fuzz", 4);
    session_init(&session, &hs, config);
}

static enum session_event go(enum session_event event)
{
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_WORK && session.role == HANDSHAKE_SERVER)
            return session_fail(&session, NET_ERR_TIMEOUT); /* a worker's work is too slow for the fuzzer */
        if (event == SESSION_WORK)
            session_work(&session, &rng);
        event = event == SESSION_WORK ? session_step(&session, &rng, 0, &out) : session_accept(&session);
    }
    return event;
}

static void feed(const uint8_t *data, size_t size)
{
    struct session_message msg;
    size_t have = size < sizeof in ? size : sizeof in, at = 0, used;
    memcpy(in, data, have);
    enum session_event event;
    do {
        event = go(session_feed(&session, &rng, 0, in + at, have - at, &used, &out, &msg));
        assert(used <= have - at);
        at += used;
    } while (event == SESSION_MORE && used > 0);
    assert(event == SESSION_MORE || event == SESSION_FAILED);
    assert(event == SESSION_FAILED || have - at < session_wants(&session)); /* or more would be waited for in vain */
    assert((event == SESSION_FAILED) == (session_error(&session) != NET_OK));
}

/* The client's hello is the same each time: it is made once and put back. */
static void start_client(struct handshake_config *config)
{
    static struct session made;
    static struct handshake made_hs;
    static struct handshake_config made_config;
    if (made.hs == NULL) {
        start(HANDSHAKE_CLIENT, &made_config);
        assert(go(session_start(&session)) == SESSION_MORE);
        made = session;
        made_hs = hs;
    }
    *config = made_config;
    session = made;
    hs = made_hs;
    out.len = 0;
}

/* A hello that the side under test takes, but for its certificate: the ClientHello that start_client made. */
static size_t hello_in_order(enum handshake_role reader, uint8_t *frame)
{
    struct handshake_config config;
    static const uint8_t certificate[900] = {1, CERTIFICATE_SERVER, 81, 'x'};
    start_client(&config);
    const struct hello_client *client = &hs.client_hello;
    if (reader == HANDSHAKE_SERVER)
        return hello_encode_client(frame, client);
    size_t signed_len;
    struct hello_server server = {.random = client->random,
                                  .suite = SUITE_AES128,
                                  .public_value = client->public_value,
                                  .public_value_len = client->public_value_len,
                                  .certificate = certificate,
                                  .certificate_len = sizeof certificate};
    return hello_encode_server(frame, &signed_len, &server);
}

static void feed_changed(enum handshake_role reader, const uint8_t *changes, size_t len)
{
    static uint8_t frame[HELLO_SERVER_MAX];
    struct handshake_config config;
    size_t frame_len = hello_in_order(reader, frame);
    for (; len >= 3; changes += 3, len -= 3)
        frame[(size_t)(changes[0] << 8 | changes[1]) % frame_len] = changes[2];
    if (reader == HANDSHAKE_SERVER)
        start(reader, &config);
    else
        start_client(&config);
    feed(frame, frame_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct handshake_config config;
    if (size < 1)
        return 0;
    if (data[0] & 2) {
        feed_changed(data[0] % 2 == 0 ? HANDSHAKE_SERVER : HANDSHAKE_CLIENT, data + 1, size - 1);
        session_wipe(&session);
        return 0;
    }
    if (data[0] % 2 == 0)
        start(HANDSHAKE_SERVER, &config);
    else
        start_client(&config);
    feed(data + 1, size - 1);
    session_wipe(&session);
    return 0;
}
