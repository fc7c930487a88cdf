/* SPDX-License-Identifier: MIT */
/* The connection is net/conn's; here it is driven by poll, first through the handshake, where the client waits for
 * nothing else, then a turn at a time. A message is numbered when it is sent, and each has the next number. */
#include "app/client/server_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/client/interrupt.h"
#include "crypto/ct.h"

/* Linux's goes on while the machine sleeps: who wakes it finds the connection cut at once, as the server did long
 * ago, and not after two minutes of silence. */
#ifdef CLOCK_BOOTTIME
#define CLOCK CLOCK_BOOTTIME
#else
#define CLOCK CLOCK_MONOTONIC
#endif

static uint64_t monotonic_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK, &t);
    return (uint64_t)t.tv_sec;
}

/* --- The handshake ------------------------------------------------------------------------------------------------ */

static int fail(char why[static WHY_LEN], const struct arguments *a, const char *text)
{
    char server[SOCK_NAME_LEN];
    sock_print(server, &a->server);
    return why_say(why, "%s: %s", server, text);
}

static const char *alert_text(uint8_t code)
{
    switch (code) {
    case ALERT_GROUP_NOT_ALLOWED:
        return "the server allows none of the groups offered: try another --group, or none";
    case ALERT_SUITE_NOT_ALLOWED:
        return "the server allows none of the suites offered: try without --suite";
    case ALERT_BUSY:
        return "the server is full: try again later";
    default:
        return "the server refused the handshake: is it of another version?";
    }
}

/* What failed before there was anything to talk over, and what to do about it. */
static const char *handshake_failure_text(const struct conn *c)
{
    switch (conn_error(c)) {
    case NET_ERR_ALERT:
        return alert_text(session_alert_code(&c->session));
    case NET_ERR_FRAME_TYPE:
    case NET_ERR_FRAME_VERSION:
    case NET_ERR_FRAME_LENGTH:
        return "what answers there does not speak glasschat: is the port right?";
    case NET_ERR_CUT:
    case NET_ERR_IO:
        return "the connection was cut during the handshake: is it a glasschat server that listens there?";
    case NET_ERR_TIMEOUT:
        return "the server did not finish the handshake in time: is it a glasschat server that listens there?";
    default:
        return NULL;
    }
}

/* Whether it may be otherwise a little later. What was refused here stays that. But an alert, or what is no glasschat,
 * a network's own page before one logs in there, say, comes from nobody knows whom, who could not end it otherwise. */
static bool may_help_later(const struct conn *c)
{
    switch (conn_error(c)) {
    case NET_ERR_CUT:
    case NET_ERR_IO:
    case NET_ERR_TIMEOUT:
    case NET_ERR_ALERT:
    case NET_ERR_FRAME_TYPE:
    case NET_ERR_FRAME_VERSION:
    case NET_ERR_FRAME_LENGTH:
        return true;
    default:
        return false;
    }
}

static int fail_handshake(struct server_link *l, const struct arguments *a, char why[static WHY_LEN])
{
    char text[200];
    const char *known = handshake_failure_text(&l->conn);
    l->unreached = may_help_later(&l->conn);
    if (known != NULL)
        return fail(why, a, known);
    snprintf(text, sizeof text,
             "REFUSED: the handshake failed (%s): somebody may be in between; nothing secret was sent",
             net_err_text(conn_error(&l->conn)));
    return fail(why, a, text);
}

/* Waits for the server's part of the handshake. What was read before may hold it already. */
static enum session_event wait_for_server(struct server_link *l, uint64_t deadline)
{
    struct session_message unexpected;
    uint64_t now = l->now();
    enum session_event event = conn_next(&l->conn, &l->rng, now, &unexpected);
    if (event != SESSION_MORE)
        return event;
    if (now < deadline)
        (void)server_link_wait(l, -1, (int)(deadline - now) * 1000);
    if (l->now() >= deadline)
        conn_fail(&l->conn, NET_ERR_TIMEOUT);
    return conn_next(&l->conn, &l->rng, l->now(), &unexpected);
}

/* To ESTABLISHED (0) or to failure (-1, with why; retry says whether another group may work). */
static int shake_hands(struct server_link *l, const struct arguments *a, struct trust *trust, uint8_t *retry,
                       char why[static WHY_LEN])
{
    uint64_t deadline = l->now() + SERVER_LINK_HANDSHAKE_SECONDS;
    enum session_event event = conn_start(&l->conn);
    *retry = 0;
    for (;;) {
        switch (event) {
        case SESSION_WORK:
            conn_work(&l->conn, &l->rng);
            event = conn_step(&l->conn, &l->rng, l->now());
            break;
        case SESSION_PEER:
            if (trust_decide(trust, conn_peer(&l->conn), (uint64_t)time(NULL), why) != 0)
                return -1;
            event = conn_accept(&l->conn);
            break;
        case SESSION_ESTABLISHED:
            (void)conn_flush(&l->conn); /* our Finished: the user may now think about a password for longer than the
                                         * server waits for it */
            return trust_remember(trust, why);
        case SESSION_MORE:
            event = wait_for_server(l, deadline);
            break;
        default:
            *retry = session_retry_group(&l->conn.session);
            return fail_handshake(l, a, why);
        }
    }
}

static int open_once(struct server_link *l, const struct arguments *a, const struct handshake_config *config,
                     struct trust *trust, uint8_t *retry, char why[static WHY_LEN])
{
    *retry = 0;
    int fd = sock_connect(&a->server, SERVER_LINK_CONNECT_MS, why);
    l->unreached = fd < 0;
    if (fd < 0)
        return -1;
    if (conn_open(&l->conn, fd, config, CONN_QUEUE_MAX) != 0)
        return fail(why, a, "no memory");
    if (shake_hands(l, a, trust, retry, why) == 0)
        return 0;
    (void)conn_flush(&l->conn);
    conn_free(&l->conn);
    return -1;
}

int server_link_open(struct server_link *l, const struct arguments *a, struct trust *trust, const struct trace *trace,
                     char why[static WHY_LEN])
{
    struct handshake_config config;
    uint8_t retry;
    *l = (struct server_link){.now = monotonic_seconds, .also_fd = -1, .heard = monotonic_seconds()};
    rng_init(&l->rng);
    handshake_config_default(&config, HANDSHAKE_CLIENT);
    config.suites = a->suites;
    config.suites_len = a->suites_len;
    config.groups = a->groups;
    config.groups_len = a->groups_len;
    config.trace = trace;
    int failed = open_once(l, a, &config, trust, &retry, why);
    if (failed != 0 && retry != 0) {
        /* The same list, so that nobody in between can take the better groups off it; another one to begin with. */
        config.group = retry;
        failed = open_once(l, a, &config, trust, &retry, why);
    }
    if (failed != 0)
        rng_wipe(&l->rng);
    return failed;
}

/* --- Talking ------------------------------------------------------------------------------------------------------ */

uint32_t server_link_request(struct server_link *l, struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    enum net_err error = NET_ERR_MALFORMED;
    m->request = l->last_request + 1;
    if (message_encode(payload, sizeof payload, &len, m) == 0) {
        error = conn_send(&l->conn, &l->rng, l->now(), payload, len);
        ct_wipe(payload, len); /* it may be a password */
    }
    if (error != NET_OK)
        return 0;
    return l->last_request = m->request;
}

unsigned server_link_wait(struct server_link *l, int other_fd, int timeout_ms)
{
    (void)conn_flush(&l->conn);
    struct pollfd fds[] = {
        {.fd = l->conn.fd, .events = (short)(POLLIN | (conn_wants_write(&l->conn) ? POLLOUT : 0))},
        {.fd = interrupt_fd(), .events = POLLIN},
        {.fd = other_fd, .events = POLLIN},
        {.fd = l->also_fd, .events = POLLIN},
    };
    unsigned ready = 0;
    if (poll(fds, sizeof fds / sizeof *fds, timeout_ms) <= 0)
        return 0;
    if ((fds[0].revents & ~POLLOUT) != 0)
        conn_read(&l->conn);
    if (fds[0].revents != 0)
        (void)conn_flush(&l->conn);
    if (fds[1].revents != 0)
        ready |= SERVER_LINK_INTERRUPT;
    if (fds[2].revents != 0)
        ready |= SERVER_LINK_INPUT;
    return ready;
}

enum server_link_event server_link_next(struct server_link *l, struct message *m)
{
    struct session_message message;
    switch (conn_next(&l->conn, &l->rng, l->now(), &message)) {
    case SESSION_MORE:
        return SERVER_LINK_QUIET;
    case SESSION_MESSAGE:
        l->heard = l->now();
        if (message_decode(m, message.payload, message.len) != MESSAGE_E_NONE || message_is_request(m->type))
            return SERVER_LINK_NONSENSE;
        return SERVER_LINK_MESSAGE;
    case SESSION_CLOSED:
        server_link_goodbye(l); /* unless it was said before */
        return SERVER_LINK_CLOSED;
    default:
        return conn_error(&l->conn) == NET_ERR_CUT || conn_error(&l->conn) == NET_ERR_IO ? SERVER_LINK_CUT
                                                                                         : SERVER_LINK_FAILED;
    }
}

void server_link_goodbye(struct server_link *l)
{
    (void)conn_close(&l->conn, &l->rng);
    (void)conn_flush(&l->conn);
}

void server_link_abandon(struct server_link *l)
{
    conn_fail(&l->conn, NET_ERR_MALFORMED);
}

const char *server_link_error(const struct server_link *l)
{
    return net_err_text(conn_error(&l->conn));
}

void server_link_close(struct server_link *l)
{
    (void)conn_flush(&l->conn);
    conn_free(&l->conn);
    rng_wipe(&l->rng);
}
