/* SPDX-License-Identifier: MIT */
/* For the tests of connections: the two ends of a socket pair, and memory that can run out, watched_malloc.h. */
#ifndef TESTS_CONN_PAIR_H
#define TESTS_CONN_PAIR_H

#include <fcntl.h>
#include <sys/socket.h>

#include "net/conn.h"
#include "tests/rsa_key.h"
#include "tests/test.h"
#include "tests/watched_malloc.h"

static struct rng rng;
static struct identity identity;
static struct handshake_config as_client, as_server;
static struct session_message msg;

struct pair {
    struct conn client, server;
};

static inline int setup(void **state)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "localhost", .not_after = UINT64_MAX};
    (void)state;
    rng_init(&rng);
    rsa_key(&identity.key, 1);
    assert_int_equal(certificate_sign_self(&c, &identity.key, &rng), NET_OK);
    identity.certificate_len = certificate_encode(identity.certificate, &c);
    handshake_config_default(&as_client, HANDSHAKE_CLIENT);
    handshake_config_default(&as_server, HANDSHAKE_SERVER);
    as_server.identity = &identity;
    return 0;
}

/* Small buffers, so that writing often stops half way. */
static inline void open_pair(struct pair *p, size_t queue_max)
{
    int fds[2], small = 4096;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fcntl(fds[i], F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    }
    assert_int_equal(conn_open(&p->client, fds[0], &as_client, queue_max), 0);
    assert_int_equal(conn_open(&p->server, fds[1], &as_server, queue_max), 0);
}

static inline void close_pair(struct pair *p)
{
    conn_free(&p->client);
    conn_free(&p->server);
    conn_free(&p->server); /* any number of times */
}

/* Writes and reads once, and goes on to the next event that isn't the handshake's own. */
static inline enum session_event turn(struct conn *c)
{
    (void)conn_flush(c);
    conn_read(c);
    enum session_event event = conn_next(c, &rng, 0, &msg);
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_WORK) {
            long left = memory.left;
            memory.left = -1; /* big numbers are another matter: GMP gives up the process */
            conn_work(c, &rng);
            memory.left = left;
            event = conn_step(c, &rng, 0);
        } else {
            assert_string_equal(conn_peer(c)->name, "localhost");
            event = conn_accept(c);
        }
    }
    (void)conn_flush(c);
    return event;
}

/* Takes turns of both until this one has an event. */
static inline enum session_event wait_for(struct pair *p, struct conn *c)
{
    struct conn *other = c == &p->client ? &p->server : &p->client;
    for (int i = 0; i < 1000; i++) {
        (void)conn_flush(other);
        enum session_event event = turn(c);
        if (event != SESSION_MORE)
            return event;
    }
    return SESSION_MORE;
}

static inline void establish(struct pair *p)
{
    bool client = false, server = false;
    assert_int_equal(conn_start(&p->server), SESSION_MORE);
    assert_int_equal(conn_start(&p->client), SESSION_WORK);
    for (int i = 0; i < 100 && !(client && server); i++) {
        client |= turn(&p->client) == SESSION_ESTABLISHED;
        server |= turn(&p->server) == SESSION_ESTABLISHED;
    }
    assert_true(client && server);
    assert_int_equal(conn_next(&p->client, &rng, 0, &msg), SESSION_MORE);
    assert_int_equal(conn_next(&p->server, &rng, 0, &msg), SESSION_MORE);
    assert_null(p->client.handshake);
    assert_null(p->server.handshake);
}

/* An idle connection holds no buffers. */
static inline void assert_idle(const struct conn *c)
{
    assert_null(c->in);
    assert_null(c->out.data);
    assert_int_equal(conn_queued(c), 0);
    assert_false(conn_wants_write(c));
}

#endif
