/* SPDX-License-Identifier: MIT */
/* Two connections for each user, and each is read until nothing is left in it: what one says is decoded, shown to the
 * hook, and said to the other. Both directions have the same code; up is from the client to glasschatd. */
#include "app/workbench/labs/treacherous.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/terminal/display.h"

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

int treacherous_begin(struct treacherous *t, const struct sock_name *where, const struct sock_name *server,
                      const struct identity *identity, char why[static WHY_LEN])
{
    *t = (struct treacherous){.server = *server, .identity = identity};
    t->listener = sock_listen(where, why);
    if (t->listener < 0)
        return -1;
    rng_init(&t->rng);
    return 0;
}

static void free_user(struct treacherous_user *u)
{
    conn_free(&u->client);
    conn_free(&u->server);
    free(u);
}

void treacherous_end(struct treacherous *t)
{
    while (t->users != NULL) {
        struct treacherous_user *u = t->users;
        t->users = u->next;
        free_user(u);
    }
    sock_close(t->listener);
    rng_wipe(&t->rng);
}

/* --- A connection of its own -------------------------------------------------------------------------------------- */

static void wait_for(struct conn *c)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    if (conn_flush(c) != NET_OK || poll(&fd, 1, TREACHEROUS_CONNECT_MS) <= 0)
        conn_fail(c, NET_ERR_TIMEOUT);
    conn_read(c);
}

/* To glasschatd, whatever key that has. -1: it does not answer. */
static int shake_hands(struct treacherous *t, struct conn *c)
{
    struct session_message unexpected;
    enum session_event event = conn_start(c);
    for (;;) {
        switch (event) {
        case SESSION_WORK:
            conn_work(c, &t->rng);
            event = conn_step(c, &t->rng, now());
            break;
        case SESSION_PEER:
            event = conn_accept(c);
            break;
        case SESSION_MORE: /* what was read before may hold it already */
            event = conn_next(c, &t->rng, now(), &unexpected);
            if (event == SESSION_MORE)
                wait_for(c);
            break;
        case SESSION_ESTABLISHED:
            (void)conn_flush(c);
            return 0;
        default:
            return -1;
        }
    }
}

static int open_both(struct treacherous *t, struct treacherous_user *u, int client)
{
    char why[WHY_LEN];
    handshake_config_default(&u->config[0], HANDSHAKE_SERVER);
    handshake_config_default(&u->config[1], HANDSHAKE_CLIENT);
    u->config[0].identity = t->identity;
    if (conn_open(&u->client, client, &u->config[0], TREACHEROUS_QUEUE_MAX) != 0) {
        sock_close(client);
        return -1;
    }
    (void)conn_start(&u->client); /* waits for a hello */
    int server = sock_connect(&t->server, TREACHEROUS_CONNECT_MS, why);
    if (server >= 0 && conn_open(&u->server, server, &u->config[1], CONN_QUEUE_MAX) == 0)
        return shake_hands(t, &u->server);
    if (server >= 0)
        sock_close(server);
    return -1;
}

static size_t count_users(const struct treacherous *t)
{
    size_t n = 0;
    for (const struct treacherous_user *u = t->users; u != NULL; u = u->next)
        n++;
    return n;
}

static void take_client(struct treacherous *t)
{
    struct sock_peer peer;
    int fd = sock_accept(t->listener, &peer);
    struct treacherous_user *u = fd >= 0 && count_users(t) < TREACHEROUS_USERS_MAX ? calloc(1, sizeof *u) : NULL;
    if (u == NULL) {
        if (fd >= 0)
            sock_close(fd);
        return;
    }
    u->client.fd = u->server.fd = -1;
    if (open_both(t, u, fd) != 0) {
        free_user(u);
        return;
    }
    u->next = t->users;
    t->users = u;
}

/* --- What it reads ------------------------------------------------------------------------------------------------ */

static void tap_message(struct treacherous *t, const struct treacherous_user *u, bool up, const uint8_t *payload,
                        size_t len)
{
    if (t->tap == NULL)
        return;
    display_line(t->tap, "%s %s, type %u, %zu bytes:", up ? "from" : "to", u->name[0] != '\0' ? u->name : "somebody",
                 len > 0 ? payload[0] : 0, len);
    (void)fwrite(payload, 1, len, t->tap);
    (void)fputc('\n', t->tap);
    (void)fflush(t->tap);
}

void treacherous_tap(struct treacherous *t, const char *from, const char *to, const uint8_t *text, size_t len)
{
    if (t->tap == NULL)
        return;
    display_line(t->tap, "in a call, from %s to %s: %.*s", from, to, (int)len, (const char *)text);
    (void)fflush(t->tap);
}

static void send_message(struct treacherous *t, struct conn *to, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) == 0)
        (void)conn_send(to, &t->rng, now(), payload, len); /* where it fails, that shows when it is next read */
}

/* One message, from one connection to the other. What can't be decoded goes on: it may be of a later version. */
static void pass(struct treacherous *t, struct treacherous_user *u, bool up, const uint8_t *payload, size_t len)
{
    struct conn *to = up ? &u->server : &u->client;
    struct message m, ping = {.type = MESSAGE_PING};
    bool read = message_decode(&m, payload, len) == MESSAGE_E_NONE;
    if (up && read && m.type == MESSAGE_LOG_IN)
        memcpy(u->name, m.log_in.name, sizeof u->name);
    tap_message(t, u, up, payload, len);
    if (!read || t->on_message == NULL || t->on_message(t->arg, u, up, &m)) {
        (void)conn_send(to, &t->rng, now(), payload, len);
    } else if (up) {
        ping.request = m.request;
        send_message(t, to, &ping);
    }
}

/* --- Going on ----------------------------------------------------------------------------------------------------- */

/* All that one connection has to say by now. */
static void hear_out(struct treacherous *t, struct treacherous_user *u, bool up)
{
    struct conn *from = up ? &u->client : &u->server, *to = up ? &u->server : &u->client;
    struct session_message msg;
    enum session_event event = conn_next(from, &t->rng, now(), &msg);
    for (;;) {
        switch (event) {
        case SESSION_WORK:
            conn_work(from, &t->rng);
            event = conn_step(from, &t->rng, now());
            if (event == SESSION_MORE)
                break;
            continue;
        case SESSION_MORE:
            return;
        case SESSION_MESSAGE:
            pass(t, u, up, msg.payload, msg.len);
            break;
        case SESSION_PEER: /* clients show none */
        case SESSION_ESTABLISHED:
            break;
        case SESSION_CLOSED:
            (void)conn_close(from, &t->rng);
            (void)conn_close(to, &t->rng);
            u->over = u->over || to->session.state == SESSION_STATE_CLOSED;
            return;
        case SESSION_FAILED:
            u->over = true;
            return;
        }
        event = conn_next(from, &t->rng, now(), &msg);
    }
}

/* Those that are over are freed once what they are owed is written, as far as the system takes it at once. */
static void sweep(struct treacherous *t)
{
    for (struct treacherous_user **at = &t->users, *u; (u = *at) != NULL;) {
        (void)conn_flush(&u->client);
        (void)conn_flush(&u->server);
        if (u->over) {
            *at = u->next;
            free_user(u);
        } else {
            at = &u->next;
        }
    }
}

static short events_of(const struct conn *c)
{
    return (short)(POLLIN | (conn_wants_write(c) ? POLLOUT : 0));
}

bool treacherous_turn(struct treacherous *t, int other_fd, int timeout_ms)
{
    struct pollfd fds[2 + 2 * TREACHEROUS_USERS_MAX] = {{.fd = t->listener, .events = POLLIN},
                                                        {.fd = other_fd, .events = POLLIN}};
    nfds_t n = 2;
    for (struct treacherous_user *u = t->users; u != NULL; u = u->next) {
        fds[n++] = (struct pollfd){.fd = u->client.fd, .events = events_of(&u->client)};
        fds[n++] = (struct pollfd){.fd = u->server.fd, .events = events_of(&u->server)};
    }
    if (poll(fds, n, timeout_ms) <= 0)
        return false;
    n = 2;
    for (struct treacherous_user *u = t->users; u != NULL; u = u->next, n += 2)
        for (nfds_t side = 0; side < 2; side++)
            if ((fds[n + side].revents & ~POLLOUT) != 0) {
                conn_read(side == 0 ? &u->client : &u->server);
                hear_out(t, u, side == 0);
            }
    sweep(t);
    if (fds[0].revents != 0)
        take_client(t);
    return fds[1].revents != 0;
}

/* --- What it says ------------------------------------------------------------------------------------------------- */

struct treacherous_user *treacherous_find(struct treacherous *t, const char *name)
{
    for (struct treacherous_user *u = t->users; u != NULL; u = u->next)
        if (!u->over && strcmp(u->name, name) == 0)
            return u;
    return NULL;
}

void treacherous_push(struct treacherous *t, struct treacherous_user *u, const struct message *m)
{
    if (u->client.session.state == SESSION_STATE_OPEN)
        send_message(t, &u->client, m);
}

void treacherous_hand_over(struct treacherous *t, const char *to, const char *from,
                           const uint8_t call[static MESSAGE_CALL_LEN], const uint8_t *frame, size_t len)
{
    uint8_t payload[MESSAGE_HEADER_LEN + 1 + NAME_MAX_LEN + MESSAGE_CALL_LEN + 2 + MESSAGE_FRAME_MAX];
    struct treacherous_user *u = treacherous_find(t, to);
    size_t name_len = strlen(from), at = 0;
    if (u == NULL || u->client.session.state != SESSION_STATE_OPEN)
        return;
    assert(name_len <= NAME_MAX_LEN && len <= MESSAGE_FRAME_MAX);
    payload[at++] = MESSAGE_RELAYED; /* by hand, as message_encode makes nothing that is wrong */
    bytes_store_be32(payload + at, 0);
    at += 4;
    payload[at++] = (uint8_t)name_len;
    memcpy(payload + at, from, name_len);
    at += name_len;
    memcpy(payload + at, call, MESSAGE_CALL_LEN);
    at += MESSAGE_CALL_LEN;
    bytes_store_be16(payload + at, (uint16_t)len);
    at += 2;
    if (len > 0)
        memcpy(payload + at, frame, len);
    (void)conn_send(&u->client, &t->rng, now(), payload, at + len);
}
