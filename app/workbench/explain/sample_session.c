/* SPDX-License-Identifier: MIT */
/* What one end appends to its wire the other is fed, at once and whole, so that no two frames cross. Each step checks
 * that it led to what it should; the first that does not ends the play. */
#include "app/workbench/explain/sample_session.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/rng_fixed.h"
#include "net/certificate.h"
#include "net/session.h"

#define NOW 0                        /* of the clock of the sessions: no key gets old here */
#define BEGINS UINT64_C(1767225600)  /* the certificate's not_before: 2026-01-01T00:00:00Z */
#define ENDS UINT64_C(2082758400)    /* its not_after: 2036-01-01T00:00:00Z */
#define SAID_AT UINT64_C(1772582400) /* when bob speaks: 2026-03-04T00:00:00Z */
#define SERVER_NAME "chat.example"   /* RFC 2606: nobody's */
#define NAME "alice"
#define OTHER_NAME "bob"
#define PASSWORD "a made-up password" /* nobody's */
#define FIRST_LINE "Hello, Bob!"
#define ANSWER "Gr\xc3\xbc\xc3\x9f dich, Alice." /* not all characters are one byte */
#define LAST_LINE "These are new keys."

struct end {
    enum handshake_role role;
    const struct sample_session_watch *watch;
    struct trace trace;
    struct handshake_config config;
    struct handshake hs;
    struct session session;
    struct rng work_rng; /* for session_work, as a worker thread has its own */
    struct rng rng;      /* for everything else: IVs alone */
    uint8_t wire[SESSION_OUT_MAX];
    struct session_buffer out; /* wire, and how much of it nobody has taken yet */
    enum message_type heard;   /* what the last message was */
};

struct play {
    struct end client, server;
    struct identity identity;
    uint32_t requests;
};

static void report(void *arg, const char *name, const uint8_t *data, size_t len)
{
    const struct end *end = arg;
    end->watch->event(end->watch->arg, end->role, name, data, len);
}

static void seed_rng(struct rng *rng, uint64_t seed, const char *what)
{
    char text[RNG_FIXED_SEED_MAX];
    int len = snprintf(text, sizeof text, "glasschat session %llu %s", (unsigned long long)seed, what);
    rng_fixed_init(rng, text, (size_t)len);
}

static void begin_end(struct end *end, enum handshake_role role, uint64_t seed,
                      const struct sample_session_watch *watch)
{
    bool client = role == HANDSHAKE_CLIENT;
    end->role = role;
    end->watch = watch;
    end->trace = (struct trace){.event = report, .arg = end};
    end->out = (struct session_buffer){.data = end->wire, .cap = sizeof end->wire};
    handshake_config_default(&end->config, role);
    end->config.trace = &end->trace;
    seed_rng(&end->work_rng, seed, client ? "client" : "server");
    seed_rng(&end->rng, seed, client ? "client iv" : "server iv");
}

/* The server's key and its certificate, signed by itself. */
static int make_identity(struct identity *identity, uint64_t seed)
{
    struct rng rng;
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = SERVER_NAME, .not_before = BEGINS, .not_after = ENDS};
    seed_rng(&rng, seed, "key");
    rsa_generate(&identity->key, &rng);
    if (certificate_sign_self(&c, &identity->key, &rng) != NET_OK)
        return -1;
    identity->certificate_len = certificate_encode(identity->certificate, &c);
    return 0;
}

/* Does what an event asks for, and returns the first that asks for nothing. The client meets this server for the first
 * time, and believes it. */
static enum session_event go_on(struct end *end, enum session_event event)
{
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_WORK) {
            session_work(&end->session, &end->work_rng);
            event = session_step(&end->session, &end->rng, NOW, &end->out);
        } else {
            event = session_accept(&end->session);
        }
    }
    return event;
}

/* Lets `to` take all that `from` has sent; -1 unless that leads to the event, at its end. */
static int carry(struct end *from, struct end *to, enum session_event expected)
{
    enum session_event event = SESSION_MORE;
    struct session_message msg;
    for (size_t at = 0, used; at < from->out.len; at += used) {
        event = go_on(
            to, session_feed(&to->session, &to->rng, NOW, from->wire + at, from->out.len - at, &used, &to->out, &msg));
        if (event == SESSION_FAILED)
            return -1;
        struct message m;
        if (event == SESSION_MESSAGE)
            to->heard = message_decode(&m, msg.payload, msg.len) == MESSAGE_E_NONE ? m.type : 0;
    }
    from->out.len = 0;
    return event == expected ? 0 : -1;
}

/* One message, from its sender's struct to its receiver's. */
static int tell(struct end *from, struct end *to, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) != 0 ||
        session_send(&from->session, &from->rng, NOW, &from->out, payload, len) != NET_OK)
        return -1;
    return carry(from, to, SESSION_MESSAGE) == 0 && to->heard == m->type ? 0 : -1;
}

/* A request and its answer, which is always ok. */
static int ask(struct play *p, struct message *m)
{
    m->request = ++p->requests;
    const struct message ok = {.type = MESSAGE_OK, .request = m->request};
    return tell(&p->client, &p->server, m) == 0 ? tell(&p->server, &p->client, &ok) : -1;
}

static struct message_bytes bytes_of(const char *text)
{
    return (struct message_bytes){(const uint8_t *)text, strlen(text)};
}

static int say(struct play *p, const char *text)
{
    struct message m = {.type = MESSAGE_SAY, .say = {.room = MESSAGE_LOBBY, .text = bytes_of(text)}};
    return ask(p, &m);
}

static int log_in(struct play *p)
{
    struct message m = {.type = MESSAGE_LOG_IN, .log_in = {.name = NAME, .password = bytes_of(PASSWORD)}};
    return ask(p, &m);
}

static int hear(struct play *p)
{
    const struct message m = {
        .type = MESSAGE_SAID,
        .said = {.room = MESSAGE_LOBBY, .sender = OTHER_NAME, .time = SAID_AT, .text = bytes_of(ANSWER)}};
    return tell(&p->server, &p->client, &m);
}

static int shake_hands(struct play *p)
{
    struct end *client = &p->client, *server = &p->server;
    session_init(&client->session, &client->hs, &client->config);
    session_init(&server->session, &server->hs, &server->config);
    if (go_on(client, session_start(&client->session)) != SESSION_MORE ||
        session_start(&server->session) != SESSION_MORE)
        return -1;
    if (carry(client, server, SESSION_MORE) != 0)
        return -1;
    return carry(server, client, SESSION_ESTABLISHED) == 0 ? carry(client, server, SESSION_ESTABLISHED) : -1;
}

static int update_keys(struct play *p)
{
    struct end *client = &p->client;
    if (session_update(&client->session, &client->rng, NOW, &client->out) != NET_OK)
        return -1;
    return carry(client, &p->server, SESSION_MORE);
}

static int close_end(struct end *from, struct end *to)
{
    return session_close(&from->session, &from->rng, &from->out) == NET_OK ? carry(from, to, SESSION_CLOSED) : -1;
}

static int play(struct play *p)
{
    if (shake_hands(p) != 0 || log_in(p) != 0)
        return -1;
    if (say(p, FIRST_LINE) != 0 || hear(p) != 0)
        return -1;
    if (update_keys(p) != 0 || say(p, LAST_LINE) != 0)
        return -1;
    return close_end(&p->client, &p->server) == 0 ? close_end(&p->server, &p->client) : -1;
}

int sample_session_play(uint64_t seed, const struct sample_session_watch *watch)
{
    struct play p = {.requests = 0};
    begin_end(&p.client, HANDSHAKE_CLIENT, seed, watch);
    begin_end(&p.server, HANDSHAKE_SERVER, seed, watch);
    p.server.config.identity = &p.identity;
    int result = make_identity(&p.identity, seed) == 0 ? play(&p) : -1;
    session_wipe(&p.client.session);
    session_wipe(&p.server.session);
    return result;
}
