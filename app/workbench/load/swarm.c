/* SPDX-License-Identifier: MIT */
/* Each client is a conn and a phase; what the conn reports moves it on. Nothing waits for one client alone, except the
 * arithmetic of its handshake, which is done where it stands: the load is on the server, not here. */
#include "app/workbench/load/swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/ct.h"
#include "net/certificate.h"

#define CONNECT_MS 5000
#define EVENTS 256
#define TIME_DIGITS 16      /* hex digits of the nanoseconds that begin each text */
#define ONE_MORE "one-more" /* the room of swarm_join */

uint64_t swarm_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t seconds(void)
{
    return swarm_now() / 1000000000;
}

struct swarm *swarm_open(const struct swarm_options *options, char why[static WHY_LEN])
{
    struct swarm *s = calloc(1, sizeof *s);
    if (s != NULL) {
        s->options = options;
        s->poller = poller_new();
        s->client = calloc(options->clients, sizeof *s->client);
    }
    if (s == NULL || s->poller == NULL || s->client == NULL) {
        why_say(why, "no memory for %zu clients", options->clients);
        if (s != NULL) {
            poller_free(s->poller);
            free(s->client);
        }
        free(s);
        return NULL;
    }
    rng_init(&s->rng);
    handshake_config_default(&s->config, HANDSHAKE_CLIENT);
    return s;
}

/* --- The end of a client ------------------------------------------------------------------------------------------ */

static void leave(struct swarm_client *c)
{
    struct swarm *s = c->swarm;
    if (c->phase == SWARM_READY)
        s->ready--;
    poller_remove(s->poller, &c->watch);
    conn_free(&c->conn);
    c->phase = SWARM_ENDED;
}

static void fail(struct swarm_client *c, const char *what)
{
    struct swarm *s = c->swarm;
    if (s->failed++ == 0)
        why_say(s->why, "client %zu: %s", (size_t)(c - s->client), what);
    s->active -= c->phase != SWARM_READY;
    leave(c);
}

/* At its goal: those that are to leave do so with a Close, where there is a session. */
static void reach(struct swarm_client *c)
{
    struct swarm *s = c->swarm;
    s->reached++;
    s->active--;
    if (s->options->goal >= SWARM_LOBBY) {
        c->phase = SWARM_READY;
        s->ready++;
        return;
    }
    if (s->options->goal > SWARM_HELLO)
        (void)conn_close(&c->conn, &s->rng);
    (void)conn_flush(&c->conn);
    leave(c);
}

/* --- Messages ----------------------------------------------------------------------------------------------------- */

static void send_request(struct swarm_client *c, struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    m->request = ++c->last_request;
    if (message_encode(payload, sizeof payload, &len, m) != 0 ||
        conn_send(&c->conn, &c->swarm->rng, seconds(), payload, len) != NET_OK)
        fail(c, "a request could not be sent");
    ct_wipe(payload, sizeof payload);
}

static void log_in(struct swarm_client *c)
{
    const struct swarm_account *a = &c->swarm->options->accounts[c - c->swarm->client];
    struct message m = {.type = MESSAGE_LOG_IN};
    snprintf(m.log_in.name, sizeof m.log_in.name, "%s", a->name);
    m.log_in.password = (struct message_bytes){(const uint8_t *)a->password, strlen(a->password)};
    c->phase = SWARM_LOGGING_IN;
    send_request(c, &m);
}

static void join(struct swarm_client *c)
{
    struct message m = {.type = MESSAGE_JOIN};
    snprintf(c->room, sizeof c->room, "pair-%zu", (size_t)(c - c->swarm->client) / 2);
    snprintf(m.join.room, sizeof m.join.room, "%s", c->room);
    c->phase = SWARM_JOINING;
    send_request(c, &m);
}

static void answered(struct swarm_client *c, uint32_t request)
{
    switch (c->phase) {
    case SWARM_LOGGING_IN:
        snprintf(c->room, sizeof c->room, "%s", MESSAGE_LOBBY);
        if (c->swarm->options->goal == SWARM_PAIRS)
            join(c);
        else
            reach(c);
        break;
    case SWARM_JOINING:
        reach(c);
        break;
    default:
        c->swarm->answered++;
        c->swarm->joined += request == c->join_request;
        break;
    }
}

static void refused(struct swarm_client *c, const struct message *m)
{
    char what[200];
    if (c->phase == SWARM_READY) {
        c->swarm->refused++;
        return;
    }
    snprintf(what, sizeof what, "the server says: %.*s", (int)m->error.text.len, (const char *)m->error.text.data);
    what[strcspn(what, "\n")] = '\0'; /* the rest of the characters that drive a terminal were refused */
    fail(c, what);
}

static void said(struct swarm *s, const struct message *m)
{
    char digits[TIME_DIGITS + 1];
    s->deliveries++;
    if (!s->measuring || m->said.text.len < TIME_DIGITS)
        return;
    memcpy(digits, m->said.text.data, TIME_DIGITS);
    digits[TIME_DIGITS] = '\0';
    uint64_t then = strtoull(digits, NULL, 16), now = swarm_now();
    if (then <= now)
        latency_add(&s->latency, now - then);
}

static void heard_of(struct swarm *s, const struct message *m)
{
    if (strcmp(m->presence.room, ONE_MORE) != 0)
        return;
    s->notices++;
    s->last_notice = swarm_now();
}

static void receive(struct swarm_client *c, const struct session_message *payload)
{
    struct message m;
    if (message_decode(&m, payload->payload, payload->len) != MESSAGE_E_NONE) {
        fail(c, "the server sent something malformed");
        return;
    }
    switch (m.type) {
    case MESSAGE_OK:
        answered(c, m.request);
        break;
    case MESSAGE_ERROR:
        refused(c, &m);
        break;
    case MESSAGE_SAID:
        said(c->swarm, &m);
        break;
    case MESSAGE_PRESENCE:
        heard_of(c->swarm, &m);
        break;
    case MESSAGE_STILL_THERE:
        send_request(c, &(struct message){.type = MESSAGE_PING});
        break;
    default:
        break;
    }
}

bool swarm_say(struct swarm *s, size_t i)
{
    struct swarm_client *c = &s->client[i];
    uint8_t text[TEXT_MAX_LEN];
    char digits[TIME_DIGITS + 1];
    struct message m = {.type = MESSAGE_SAY};
    if (c->phase != SWARM_READY)
        return false;
    memset(text, 'x', sizeof text);
    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)swarm_now());
    memcpy(text, digits, TIME_DIGITS);
    snprintf(m.say.room, sizeof m.say.room, "%s", c->room);
    m.say.text = (struct message_bytes){text, s->options->text_len};
    send_request(c, &m);
    if (c->phase == SWARM_READY && conn_flush(&c->conn) != NET_OK)
        fail(c, "the connection broke");
    s->said += c->phase == SWARM_READY;
    return c->phase == SWARM_READY;
}

void swarm_join(struct swarm *s, size_t i)
{
    struct swarm_client *c = &s->client[i];
    struct message m = {.type = MESSAGE_JOIN};
    if (c->phase != SWARM_READY)
        return;
    snprintf(m.join.room, sizeof m.join.room, "%s", ONE_MORE);
    send_request(c, &m);
    c->join_request = c->last_request;
    if (c->phase == SWARM_READY && conn_flush(&c->conn) != NET_OK)
        fail(c, "the connection broke");
}

/* --- Connections -------------------------------------------------------------------------------------------------- */

static bool is_pinned(const struct swarm_client *c)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    if (c->swarm->options->pin == NULL)
        return true;
    certificate_fingerprint(fp, conn_peer(&c->conn)->modulus);
    return ct_equal(fp, c->swarm->options->pin, sizeof fp);
}

static void established(struct swarm_client *c)
{
    if (c->swarm->options->goal == SWARM_HANDSHAKE)
        reach(c);
    else
        log_in(c);
}

static void ended(struct swarm_client *c)
{
    char what[200];
    snprintf(what, sizeof what, "the connection ended: %s", net_err_text(conn_error(&c->conn)));
    fail(c, what);
}

/* The next event after this one, its own effect apart. */
static enum session_event go_on(struct swarm_client *c, enum session_event event, struct session_message *m)
{
    struct rng *rng = &c->swarm->rng;
    if (event == SESSION_WORK) {
        conn_work(&c->conn, rng);
        event = conn_step(&c->conn, rng, seconds());
        return event == SESSION_MORE ? conn_next(&c->conn, rng, seconds(), m) : event;
    }
    if (event == SESSION_PEER)
        return is_pinned(c) ? conn_accept(&c->conn) : conn_refuse(&c->conn);
    return conn_next(&c->conn, rng, seconds(), m);
}

static void drive(struct swarm_client *c, enum session_event event, struct session_message *m)
{
    for (;;) {
        if (event == SESSION_ESTABLISHED)
            established(c);
        else if (event == SESSION_MESSAGE)
            receive(c, m);
        else if (event == SESSION_CLOSED || event == SESSION_FAILED)
            ended(c);
        if (c->phase == SWARM_ENDED)
            return;
        if (event == SESSION_MORE)
            break;
        event = go_on(c, event, m);
    }
    if (conn_flush(&c->conn) != NET_OK) {
        ended(c);
        return;
    }
    if (c->swarm->options->goal == SWARM_HELLO)
        reach(c);
    else if (poller_want(c->swarm->poller, &c->watch, POLLER_READ | (conn_wants_write(&c->conn) ? POLLER_WRITE : 0)) !=
             0)
        fail(c, "it can't be watched");
}

static void start(struct swarm *s, struct swarm_client *c)
{
    char why[WHY_LEN];
    struct session_message m;
    int fd = sock_connect(&s->options->server, CONNECT_MS, why);
    c->swarm = s;
    c->phase = SWARM_ENDED;
    if (fd < 0 || conn_open(&c->conn, fd, &s->config, CONN_QUEUE_MAX) != 0 ||
        poller_add(s->poller, &c->watch, fd, POLLER_READ, c) != 0) {
        if (s->failed++ == 0)
            why_say(s->why, "client %zu: %s", (size_t)(c - s->client), fd < 0 ? why : "no memory, or no descriptor");
        if (fd >= 0)
            conn_free(&c->conn);
        return;
    }
    c->phase = SWARM_SHAKING;
    s->active++;
    drive(c, conn_start(&c->conn), &m);
}

void swarm_turn(struct swarm *s, int timeout_ms)
{
    struct poller_event events[EVENTS];
    struct session_message m;
    while (s->started < s->options->clients && s->active < s->options->at_once)
        start(s, &s->client[s->started++]);
    size_t n = poller_wait(s->poller, events, EVENTS, timeout_ms);
    for (size_t i = 0; i < n; i++) {
        struct swarm_client *c = events[i].watch->owner;
        if (c->phase == SWARM_ENDED)
            continue;
        if ((events[i].ready & POLLER_READ) != 0)
            conn_read(&c->conn);
        drive(c, conn_next(&c->conn, &s->rng, seconds(), &m), &m);
    }
}

void swarm_close(struct swarm *s)
{
    for (size_t i = 0; i < s->started; i++) {
        struct swarm_client *c = &s->client[i];
        if (c->phase == SWARM_ENDED || c->phase == SWARM_WAITING)
            continue;
        if (c->phase != SWARM_SHAKING)
            (void)conn_close(&c->conn, &s->rng);
        (void)conn_flush(&c->conn);
        leave(c);
    }
    poller_free(s->poller);
    rng_wipe(&s->rng);
    free(s->client);
    free(s);
}
