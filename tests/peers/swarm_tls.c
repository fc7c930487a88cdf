/* SPDX-License-Identifier: MIT */
/* The clients of app/workbench/load/swarm.h, for a server that speaks IRC or MQTT over TLS 1.3: the same calls, so that
 * app/workbench/load/load.c drives and measures them as it does ours.
 *
 * Each client makes as few system calls as ours: one recv for what is there (read-ahead), one send for each message.
 * No session is resumed: each handshake is whole. The certificate is not checked, as its cost is the client's alone. */
#include "app/workbench/load/swarm.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/peers/chat.h"

#define CONNECT_MS 5000
#define EVENTS 256
#define TIME_DIGITS 16 /* hex digits of the nanoseconds that begin each text */
#define REST_MAX 2048  /* of a message that has not come whole yet */
#define READ_MAX 32768
#define CIPHER "TLS_AES_128_GCM_SHA256" /* 128 bits, as our AES-128 */

/* What swarm.h's client has no place for. */
struct link {
    SSL *ssl;
    size_t rest_len;
    char rest[REST_MAX];
};

static SSL_CTX *tls;
static struct link *links;

uint64_t swarm_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct link *link_of(const struct swarm_client *c)
{
    return &links[c - c->swarm->client];
}

static SSL_CTX *open_tls(char why[static WHY_LEN])
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
        SSL_CTX_set_ciphersuites(ctx, CIPHER) == 1 && SSL_CTX_set1_groups_list(ctx, chat_group) == 1) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
        SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
        SSL_CTX_set_read_ahead(ctx, 1);
        return ctx;
    }
    why_say(why, "libssl knows no TLS 1.3 with the group %.50s", chat_group);
    SSL_CTX_free(ctx);
    return NULL;
}

struct swarm *swarm_open(const struct swarm_options *options, char why[static WHY_LEN])
{
    if (options->text_len > CHAT_TEXT_MAX || options->goal == SWARM_HELLO || options->goal == SWARM_PAIRS) {
        why_say(why, "not for these servers: pairs, hellos, texts above %d bytes", CHAT_TEXT_MAX);
        return NULL;
    }
    struct swarm *s = calloc(1, sizeof *s);
    tls = open_tls(why);
    links = calloc(options->clients, sizeof *links);
    if (s != NULL && tls != NULL && links != NULL) {
        s->options = options;
        s->poller = poller_new();
        s->client = calloc(options->clients, sizeof *s->client);
        if (s->poller != NULL && s->client != NULL)
            return s;
        why_say(why, "no memory for %zu clients", options->clients);
        poller_free(s->poller);
        free(s->client);
    }
    free(s);
    free(links);
    SSL_CTX_free(tls);
    return NULL;
}

/* --- The end of a client ------------------------------------------------------------------------------------------ */

static void leave(struct swarm_client *c)
{
    struct swarm *s = c->swarm;
    struct link *k = link_of(c);
    if (c->phase == SWARM_READY)
        s->ready--;
    if (c->phase > SWARM_SHAKING)
        (void)SSL_shutdown(k->ssl); /* one close_notify; nobody waits for the server's */
    poller_remove(s->poller, &c->watch);
    SSL_free(k->ssl);
    k->ssl = NULL;
    (void)close(c->watch.fd);
    c->phase = SWARM_ENDED;
}

static void fail(struct swarm_client *c, const char *what, size_t len)
{
    struct swarm *s = c->swarm;
    if (s->failed++ == 0)
        why_say(s->why, "client %zu: %.*s", (size_t)(c - s->client), (int)(len < 300 ? len : 300), what);
    s->active -= c->phase != SWARM_READY;
    leave(c);
}

static void fail_tls(struct swarm_client *c, const char *doing, int result)
{
    char what[300], reason[120] = "the server closed the connection";
    unsigned long code = ERR_get_error();
    if (code != 0)
        ERR_error_string_n(code, reason, sizeof reason);
    else if (SSL_get_error(link_of(c)->ssl, result) == SSL_ERROR_WANT_WRITE)
        snprintf(reason, sizeof reason, "the server does not read");
    ERR_clear_error();
    snprintf(what, sizeof what, "%s: %s", doing, reason);
    fail(c, what, strlen(what));
}

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
    leave(c);
}

/* --- Messages ----------------------------------------------------------------------------------------------------- */

static void send_bytes(struct swarm_client *c, const char *bytes, size_t len)
{
    int sent = SSL_write(link_of(c)->ssl, bytes, (int)len);
    if (sent != (int)len)
        fail_tls(c, "sending", sent);
}

static void log_in(struct swarm_client *c)
{
    char out[CHAT_BYTES_MAX];
    c->phase = SWARM_LOGGING_IN;
    send_bytes(c, out, chat_picked->log_in(out, c->swarm->options->accounts[c - c->swarm->client].name));
}

static void join(struct swarm_client *c, int room)
{
    char out[CHAT_BYTES_MAX];
    send_bytes(c, out, chat_picked->join(out, room));
}

static void logged_in(struct swarm_client *c)
{
    if (c->phase != SWARM_LOGGING_IN)
        return;
    if (c->swarm->options->goal == SWARM_LOGIN) {
        reach(c);
        return;
    }
    c->phase = SWARM_JOINING;
    join(c, CHAT_LOBBY);
}

static void said(struct swarm *s, const char *text, size_t len)
{
    char digits[TIME_DIGITS + 1];
    s->deliveries++;
    if (!s->measuring || len < TIME_DIGITS)
        return;
    memcpy(digits, text, TIME_DIGITS);
    digits[TIME_DIGITS] = '\0';
    uint64_t then = strtoull(digits, NULL, 16), now = swarm_now();
    if (then <= now)
        latency_add(&s->latency, now - then);
}

static void heard(struct swarm_client *c, const struct chat_event *e)
{
    struct swarm *s = c->swarm;
    if (e->what == CHAT_SAID) {
        said(s, e->text, e->text_len);
    } else if (e->what == CHAT_CAME && e->room == CHAT_ONE_MORE) {
        s->notices++;
        s->last_notice = swarm_now();
    } else if (e->what == CHAT_LOGGED_IN) {
        logged_in(c);
    } else if (e->what == CHAT_JOINED) {
        s->joined += e->room == CHAT_ONE_MORE;
        if (c->phase == SWARM_JOINING && e->room == CHAT_LOBBY)
            reach(c);
    } else if (e->what == CHAT_ASKED) {
        send_bytes(c, e->text, e->text_len);
    } else if (e->what == CHAT_REFUSED && c->phase == SWARM_READY) {
        s->refused++;
    } else if (e->what == CHAT_REFUSED) {
        fail(c, e->text, e->text_len);
    }
}

bool swarm_say(struct swarm *s, size_t i)
{
    struct swarm_client *c = &s->client[i];
    char text[CHAT_TEXT_MAX], digits[TIME_DIGITS + 1], out[CHAT_BYTES_MAX];
    if (c->phase != SWARM_READY)
        return false;
    memset(text, 'x', sizeof text);
    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)swarm_now());
    memcpy(text, digits, TIME_DIGITS);
    send_bytes(c, out, chat_picked->say(out, text, s->options->text_len));
    s->said += c->phase == SWARM_READY;
    return c->phase == SWARM_READY;
}

void swarm_join(struct swarm *s, size_t i)
{
    if (s->client[i].phase == SWARM_READY)
        join(&s->client[i], CHAT_ONE_MORE);
}

/* --- Connections -------------------------------------------------------------------------------------------------- */

/* Deals with the messages in the bytes, and keeps what is left. */
static void take(struct swarm_client *c, const char *bytes, size_t len)
{
    struct link *k = link_of(c);
    struct chat_event event;
    size_t used = 0, step;
    while (c->phase != SWARM_ENDED && (step = chat_picked->next(bytes + used, len - used, &event)) > 0) {
        used += step;
        heard(c, &event);
    }
    if (c->phase == SWARM_ENDED)
        return;
    k->rest_len = len - used;
    if (k->rest_len > sizeof k->rest)
        fail(c, "a message without an end", 24);
    else
        memcpy(k->rest, bytes + used, k->rest_len);
}

static void read_messages(struct swarm_client *c)
{
    static char bytes[REST_MAX + READ_MAX];
    struct link *k = link_of(c);
    do {
        memcpy(bytes, k->rest, k->rest_len);
        int n = SSL_read(k->ssl, bytes + k->rest_len, READ_MAX);
        if (n > 0)
            take(c, bytes, k->rest_len + (size_t)n);
        else if (SSL_get_error(k->ssl, n) != SSL_ERROR_WANT_READ)
            fail_tls(c, "reading", n);
        else
            return;
    } while (c->phase != SWARM_ENDED && SSL_has_pending(k->ssl) == 1);
}

static void shake(struct swarm_client *c)
{
    int result = SSL_connect(link_of(c)->ssl);
    if (result == 1 && c->swarm->options->goal == SWARM_HANDSHAKE) {
        c->phase = SWARM_LOGGING_IN;
        reach(c);
    } else if (result == 1) {
        log_in(c);
    } else if (SSL_get_error(link_of(c)->ssl, result) != SSL_ERROR_WANT_READ) {
        fail_tls(c, "handshake", result);
    }
}

static void start(struct swarm *s, struct swarm_client *c)
{
    char why[WHY_LEN];
    int fd = sock_connect(&s->options->server, CONNECT_MS, why);
    struct link *k = &links[c - s->client];
    c->swarm = s;
    c->phase = SWARM_ENDED;
    k->ssl = fd < 0 ? NULL : SSL_new(tls);
    if (k->ssl == NULL || SSL_set_fd(k->ssl, fd) != 1 || poller_add(s->poller, &c->watch, fd, POLLER_READ, c) != 0) {
        if (s->failed++ == 0)
            why_say(s->why, "client %zu: %s", (size_t)(c - s->client), fd < 0 ? why : "no memory, or no descriptor");
        SSL_free(k->ssl);
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    c->phase = SWARM_SHAKING;
    s->active++;
    shake(c);
}

void swarm_turn(struct swarm *s, int timeout_ms)
{
    struct poller_event events[EVENTS];
    while (s->started < s->options->clients && s->active < s->options->at_once)
        start(s, &s->client[s->started++]);
    size_t n = poller_wait(s->poller, events, EVENTS, timeout_ms);
    for (size_t i = 0; i < n; i++) {
        struct swarm_client *c = events[i].watch->owner;
        if (c->phase == SWARM_SHAKING)
            shake(c);
        else if (c->phase != SWARM_ENDED)
            read_messages(c);
    }
}

void swarm_close(struct swarm *s)
{
    for (size_t i = 0; i < s->started; i++)
        if (s->client[i].phase != SWARM_ENDED)
            leave(&s->client[i]);
    poller_free(s->poller);
    free(s->client);
    free(links);
    free(s);
    SSL_CTX_free(tls);
}
