/* SPDX-License-Identifier: MIT */
/* Three streams meet here: what the socket gave and is not yet a whole frame, what the session says of it, and what
 * waits until the socket takes it. The session writes what it has to say into room on the stack, since that is nearly
 * always nothing; only bytes that really are there get memory of their own. */
#include "net/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/ct.h"
#include "net/sock.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, sock.c has set SO_NOSIGPIPE */
#endif

#define OUT_MIN 512 /* bytes: the first piece of memory for output */

int conn_open(struct conn *c, int fd, const struct handshake_config *config, size_t queue_max)
{
    assert(queue_max >= SESSION_OUT_MAX);
    *c = (struct conn){.fd = fd, .out_max = queue_max};
    c->handshake = malloc(sizeof *c->handshake);
    if (c->handshake == NULL)
        return -1;
    session_init(&c->session, c->handshake, config);
    return 0;
}

/* --- Input -------------------------------------------------------------------------------------------------------- */

/* Makes the input buffer this long; 0 frees it. -1 where there is no memory: then it is as it was. */
static int resize_input(struct conn *c, size_t cap)
{
    if (cap == 0) {
        free(c->in);
        c->in = NULL;
    } else {
        uint8_t *in = realloc(c->in, cap);
        if (in == NULL)
            return -1;
        c->in = in;
    }
    c->in_cap = cap;
    return 0;
}

/* Moves what is left to the front. What was decrypted in place is wiped as soon as it has been used: it may be a
 * password. */
static void compact_input(struct conn *c)
{
    size_t left = c->in_len - c->in_start;
    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, left);
        ct_wipe(c->in + left, c->in_start);
    }
    c->in_start = 0;
    c->in_len = left;
}

/* Keeps no more memory than what is left: half a frame on each of a thousand sockets should cost little.
 * CAUTION: without this each byte of a stranger costs as much as the longest frame; tests/test_conn.c:
 * test_no_more_than_may_come. */
static void tidy_input(struct conn *c)
{
    compact_input(c);
    if (c->in_len < c->in_cap)
        (void)resize_input(c, c->in_len);
}

void conn_read(struct conn *c)
{
    if (c->ended)
        return;
    compact_input(c);
    size_t wanted = session_wants(&c->session);
    if (c->in_len >= wanted)
        return;
    if (c->in_cap < wanted && resize_input(c, wanted) != 0) {
        c->ended = true;
        c->system_error = ENOMEM;
        return;
    }
    ssize_t n;
    do
        n = recv(c->fd, c->in + c->in_len, wanted - c->in_len, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        c->in_len += (size_t)n;
        c->bytes_in += (size_t)n;
    } else if (n == 0) {
        c->ended = true;
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        c->ended = true;
        c->system_error = errno;
    }
}

/* --- Output ------------------------------------------------------------------------------------------------------- */

size_t conn_queued(const struct conn *c)
{
    return c->out.len - c->out_start;
}

bool conn_wants_write(const struct conn *c)
{
    return conn_queued(c) > 0;
}

/* Makes room for len more bytes; -1 where there is no memory. */
static int reserve(struct conn *c, size_t len)
{
    struct session_buffer *out = &c->out;
    if (out->cap - out->len >= len)
        return 0;
    if (c->out_start > 0 && c->out_start >= conn_queued(c)) { /* moving costs less than what was written already */
        memmove(out->data, out->data + c->out_start, out->len - c->out_start);
        out->len -= c->out_start;
        c->out_start = 0;
        if (out->cap - out->len >= len)
            return 0;
    }
    size_t cap = out->cap < OUT_MIN ? OUT_MIN : 2 * out->cap;
    while (cap < out->len + len)
        cap *= 2;
    uint8_t *data = realloc(out->data, cap);
    if (data == NULL)
        return -1;
    out->data = data;
    out->cap = cap;
    return 0;
}

static void drop_output(struct conn *c)
{
    free(c->out.data);
    c->out = (struct session_buffer){0};
    c->out_start = 0;
}

/* Queues what the session wrote on the stack. */
static enum net_err take_output(struct conn *c, const struct session_buffer *made)
{
    if (made->len == 0)
        return NET_OK;
    if (reserve(c, made->len) != 0)
        return NET_ERR_IO;
    memcpy(c->out.data + c->out.len, made->data, made->len);
    c->out.len += made->len;
    return NET_OK;
}

enum net_err conn_flush(struct conn *c)
{
    while (conn_wants_write(c)) {
        ssize_t n = send(c->fd, c->out.data + c->out_start, conn_queued(c), MSG_NOSIGNAL);
        if (n >= 0) {
            c->out_start += (size_t)n;
            c->bytes_out += (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return NET_OK;
        } else if (errno != EINTR) {
            c->system_error = errno;
            drop_output(c);
            return NET_ERR_IO;
        }
    }
    drop_output(c);
    return NET_OK;
}

void conn_shutdown(struct conn *c)
{
    (void)shutdown(c->fd, SHUT_WR);
}

void conn_abandon(struct conn *c)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool conn_leaves_much(const struct conn *c)
{
    int held = 0; /* TIOCOUTQ: of a socket, what was written and not acknowledged */
    return ioctl(c->fd, TIOCOUTQ, &held) == 0 && held > CONN_REST_MAX;
}

/* --- The session -------------------------------------------------------------------------------------------------- */

/* What every event means for what is kept here. */
static enum session_event after_event(struct conn *c, enum session_event event, const struct session_buffer *made)
{
    if (take_output(c, made) != NET_OK && event != SESSION_FAILED)
        event = session_fail(&c->session, NET_ERR_IO);
    if (event == SESSION_MORE || event == SESSION_WORK || event == SESSION_PEER)
        tidy_input(c);
    if (event == SESSION_MORE) {
        if (c->ended && c->session.state == SESSION_STATE_CLOSED)
            event = SESSION_CLOSED;
        else if (c->ended)
            event = session_fail(&c->session, c->system_error == ENOMEM ? NET_ERR_IO : NET_ERR_CUT);
    }
    if (event == SESSION_ESTABLISHED || event == SESSION_FAILED) {
        free(c->handshake); /* the session has wiped it */
        c->handshake = NULL;
    }
    return event;
}

enum session_event conn_start(struct conn *c)
{
    return session_start(&c->session);
}

enum session_event conn_next(struct conn *c, struct rng *rng, uint64_t now, struct session_message *msg)
{
    uint8_t room[SESSION_OUT_MAX], nothing[1];
    struct session_buffer made = {.data = room, .cap = sizeof room};
    uint8_t *in = c->in != NULL ? c->in + c->in_start : nothing;
    size_t used = 0;
    enum session_event event = session_feed(&c->session, rng, now, in, c->in_len - c->in_start, &used, &made, msg);
    c->in_start += used;
    return after_event(c, event, &made);
}

void conn_work(struct conn *c, struct rng *rng)
{
    session_work(&c->session, rng);
}

enum session_event conn_step(struct conn *c, struct rng *rng, uint64_t now)
{
    uint8_t room[SESSION_OUT_MAX];
    struct session_buffer made = {.data = room, .cap = sizeof room};
    enum session_event event = session_step(&c->session, rng, now, &made);
    /* What came in meanwhile has to be fed before the stream's end counts, so MORE ends nothing here. */
    if (event == SESSION_MORE)
        return take_output(c, &made) == NET_OK ? SESSION_MORE : session_fail(&c->session, NET_ERR_IO);
    return after_event(c, event, &made);
}

const struct certificate *conn_peer(const struct conn *c)
{
    return session_peer(&c->session);
}

enum session_event conn_accept(struct conn *c)
{
    return session_accept(&c->session);
}

enum session_event conn_refuse(struct conn *c)
{
    return session_refuse(&c->session);
}

/* Makes room for a message; where there is none, the connection ends. */
static enum net_err send_begin(struct conn *c, size_t payload_len)
{
    size_t room = record_frame_len(payload_len) + RECORD_FRAME_MIN; /* a KeyUpdate may go before it */
    enum net_err err = conn_error(c);
    if (err != NET_OK)
        return err;
    if (conn_queued(c) + room > c->out_max)
        err = NET_ERR_SLOW;
    else if (reserve(c, room) != 0)
        err = NET_ERR_IO;
    if (err != NET_OK)
        conn_fail(c, err);
    return err;
}

enum net_err conn_send(struct conn *c, struct rng *rng, uint64_t now, const uint8_t *payload, size_t payload_len)
{
    enum net_err err = send_begin(c, payload_len);
    if (err == NET_OK)
        err = session_send(&c->session, rng, now, &c->out, payload, payload_len);
    return err;
}

void conn_send_many(struct conn *const conns[], enum net_err err[], size_t n, struct rng *rng, uint64_t now,
                    const uint8_t *payload, size_t payload_len)
{
    assert(n <= CONN_MANY_MAX);
    struct session_one one[CONN_MANY_MAX];
    size_t which[CONN_MANY_MAX], len = 0;
    for (size_t i = 0; i < n; i++) {
        err[i] = send_begin(conns[i], payload_len);
        if (err[i] != NET_OK)
            continue;
        one[len] = (struct session_one){.s = &conns[i]->session, .out = &conns[i]->out};
        which[len++] = i;
    }
    session_send_many(one, len, rng, now, payload, payload_len);
    for (size_t i = 0; i < len; i++)
        err[which[i]] = one[i].err;
}

enum net_err conn_close(struct conn *c, struct rng *rng)
{
    if (reserve(c, RECORD_FRAME_MIN) == 0)
        return session_close(&c->session, rng, &c->out);
    conn_fail(c, NET_ERR_IO);
    return NET_ERR_IO;
}

void conn_fail(struct conn *c, enum net_err err)
{
    struct session_buffer nothing = {0};
    (void)after_event(c, session_fail(&c->session, err), &nothing);
}

enum net_err conn_error(const struct conn *c)
{
    return session_error(&c->session);
}

void conn_hang_up(struct conn *c)
{
    if (c->fd >= 0)
        sock_close(c->fd);
    c->fd = -1;
}

void conn_free(struct conn *c)
{
    session_wipe(&c->session);
    free(c->handshake);
    c->handshake = NULL;
    drop_output(c);
    c->in_start = c->in_len;
    tidy_input(c);
    conn_hang_up(c);
}
