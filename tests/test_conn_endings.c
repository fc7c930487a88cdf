/* SPDX-License-Identifier: MIT */
/* How a connection ends: by a Close, abandoned, cut or reset at any moment, refused, over garbage. */
#define _GNU_SOURCE /* memmem */
#include "net/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "net/sock.h"
#include "tests/conn_pair.h"

static void test_close(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"bye", 3), NET_OK);
    assert_int_equal(conn_close(&p.client, &rng), NET_OK);
    assert_int_equal(conn_close(&p.client, &rng), NET_OK); /* once is enough */
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"more", 4), NET_ERR_CLOSED);
    assert_int_equal(conn_flush(&p.client), NET_OK);
    conn_shutdown(&p.client);
    assert_int_equal(turn(&p.server), SESSION_MESSAGE);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_CLOSED);
    assert_int_equal(conn_error(&p.server), NET_OK);
    conn_read(&p.server); /* the end of the stream, after the Close, is no cut */
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_CLOSED);
    assert_int_equal(conn_close(&p.server, &rng), NET_OK);
    assert_int_equal(turn(&p.client), SESSION_MORE); /* its Close is flushed by conn_flush of this side */
    assert_int_equal(wait_for(&p, &p.client), SESSION_CLOSED);
    close_pair(&p);
}

/* Through TCP, which can end with a reset: the system keeps nothing of what the peer did not take. */
static void test_abandoned(void **state)
{
    (void)state;
    struct sock_name at;
    struct sock_peer from;
    struct conn c;
    char why[WHY_LEN], byte;
    assert_int_equal(sock_parse(&at, "127.0.0.1:0", "0"), 0);
    int listener = sock_listen(&at, why);
    assert_true(listener >= 0);
    snprintf(at.port, sizeof at.port, "%u", (unsigned)sock_local_port(listener));
    for (int abandoned = 0; abandoned < 2; abandoned++) {
        int peer = sock_connect(&at, 10000, why);
        assert_true(peer >= 0);
        assert_int_equal(conn_open(&c, sock_accept(listener, &from), &as_server, CONN_QUEUE_MAX), 0);
        if (abandoned)
            conn_abandon(&c);
        conn_free(&c);
        struct pollfd ended = {.fd = peer, .events = POLLIN};
        assert_int_equal(poll(&ended, 1, 10000), 1);
        errno = 0;
        assert_int_equal(recv(peer, &byte, 1, 0), abandoned ? -1 : 0);
        assert_int_equal(errno, abandoned ? ECONNRESET : 0);
        close(peer);
    }
    close(listener);
}

/* An end without a Close is a cut; and what came before it is still heard. */
static void test_cut(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"last", 4), NET_OK);
    assert_int_equal(conn_flush(&p.client), NET_OK);
    conn_free(&p.client);
    assert_int_equal(turn(&p.server), SESSION_MESSAGE);
    conn_read(&p.server);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_CUT);
    assert_int_equal(conn_send(&p.server, &rng, 0, (const uint8_t *)"x", 1), NET_ERR_CUT);
    close_pair(&p);

    open_pair(&p, CONN_QUEUE_MAX); /* half a frame */
    establish(&p);
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"half", 4), NET_OK);
    assert_true(write(p.client.fd, p.client.out.data, 30) == 30);
    conn_free(&p.client);
    assert_int_equal(wait_for(&p, &p.server), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_CUT);
    close_pair(&p);
}

static void test_cut_during_handshake(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    conn_free(&p.client);
    assert_int_equal(turn(&p.server), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_CUT);
    assert_null(p.server.handshake);
    close_pair(&p);
}

/* A peer that goes away with our words unread resets the connection: that is a cut too. */
static void test_reset(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    assert_int_equal(conn_send(&p.server, &rng, 0, (const uint8_t *)"x", 1), NET_OK);
    assert_int_equal(conn_flush(&p.server), NET_OK);
    conn_free(&p.client);
    assert_int_equal(turn(&p.server), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_CUT);
    assert_int_equal(p.server.system_error, ECONNRESET);
    close_pair(&p);
}

static void test_refused_certificate(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    assert_int_equal(conn_start(&p.client), SESSION_WORK);
    conn_work(&p.client, &rng);
    assert_int_equal(conn_step(&p.client, &rng, 0), SESSION_MORE);
    assert_int_equal(conn_flush(&p.client), NET_OK);
    assert_int_equal(turn(&p.server), SESSION_MORE);
    conn_read(&p.client);
    enum session_event event = conn_next(&p.client, &rng, 0, &msg);
    while (event == SESSION_WORK) {
        conn_work(&p.client, &rng);
        event = conn_step(&p.client, &rng, 0);
    }
    assert_int_equal(event, SESSION_PEER);
    assert_int_equal(conn_refuse(&p.client), SESSION_FAILED);
    assert_int_equal(conn_error(&p.client), NET_ERR_REFUSED);
    close_pair(&p);
}

static void test_garbage(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    assert_true(write(p.client.fd, "GET / HTTP/1.1\r\n", 16) == 16);
    assert_int_equal(turn(&p.server), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_FRAME_TYPE);
    close_pair(&p);
}

/* Writing to a peer that has gone is an error, not a signal, and throws away what waited. */
static void test_broken_pipe(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    conn_free(&p.client);
    assert_int_equal(conn_send(&p.server, &rng, 0, (const uint8_t *)"x", 1), NET_OK);
    assert_int_equal(conn_flush(&p.server), NET_ERR_IO);
    assert_int_equal(p.server.system_error, EPIPE);
    assert_idle(&p.server);
    assert_int_equal(turn(&p.server), SESSION_FAILED);
    close_pair(&p);
}

/* The end of the stream and a failure are told from there being nothing to read, and are final. */
static void test_end_and_error_of_reading(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    conn_read(&p.server); /* nothing is there */
    assert_false(p.server.ended);
    assert_int_equal(p.server.system_error, 0);
    assert_int_equal(write(p.client.fd, "\1", 1), 1);
    assert_int_equal(shutdown(p.client.fd, SHUT_WR), 0);
    conn_read(&p.server);
    assert_false(p.server.ended); /* what came before the end comes before it */
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_MORE);
    conn_read(&p.server);
    assert_true(p.server.ended);
    assert_int_equal(p.server.system_error, 0);
    assert_int_equal(p.server.bytes_in, 1);
    close_pair(&p);

    open_pair(&p, CONN_QUEUE_MAX);
    int nothing = open("/dev/null", O_RDONLY), socket = p.server.fd;
    p.server.fd = nothing;
    conn_read(&p.server); /* recv of what is no socket */
    assert_true(p.server.ended);
    assert_int_equal(p.server.system_error, ENOTSOCK);
    p.server.fd = socket;
    assert_int_equal(write(p.client.fd, "\1", 1), 1);
    conn_read(&p.server);
    assert_int_equal(p.server.in_len, 0);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_FAILED);
    assert_int_equal(conn_error(&p.server), NET_ERR_CUT);
    close(nothing);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_abandoned),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_cut_during_handshake),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_refused_certificate),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_broken_pipe),
        cmocka_unit_test(test_end_and_error_of_reading),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
