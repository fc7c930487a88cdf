/* SPDX-License-Identifier: MIT */
/* Connections that stand: messages of every size, queues, memory, and what is kept. How one ends:
 * test_conn_endings.c. */
#define _GNU_SOURCE /* memmem */
#include "net/conn.h"

#include <unistd.h>

#include "tests/conn_pair.h"

static void test_messages_of_every_size(void **state)
{
    (void)state;
    static uint8_t text[RECORD_PAYLOAD_MAX];
    const size_t sizes[] = {0, 1, 15, 16, 100, 4095, 4096, 16383, RECORD_PAYLOAD_MAX};
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    assert_idle(&p.client);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct conn *from = i % 2 ? &p.client : &p.server, *to = i % 2 ? &p.server : &p.client;
        assert_int_equal(conn_send(from, &rng, 0, text, sizes[i]), NET_OK);
        assert_int_equal(wait_for(&p, to), SESSION_MESSAGE);
        assert_int_equal(msg.len, sizes[i]);
        assert_memory_equal(msg.payload, text, sizes[i]);
        assert_int_equal(conn_next(to, &rng, 0, &msg), SESSION_MORE);
        assert_idle(to);
        assert_int_equal(conn_flush(from), NET_OK);
        assert_idle(from);
    }
    close_pair(&p);
}

/* Many messages queued before anything is written arrive in their order, however the stream is cut. */
static void test_queue_and_order(void **state)
{
    (void)state;
    struct pair p;
    uint32_t got = 0;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(conn_send(&p.server, &rng, 0, (const uint8_t *)&i, sizeof i), NET_OK);
    assert_int_equal(conn_queued(&p.server), 500 * record_frame_len(sizeof got));
    while (got < 500) {
        assert_int_equal(wait_for(&p, &p.client), SESSION_MESSAGE);
        do {
            assert_int_equal(msg.len, sizeof got);
            assert_memory_equal(msg.payload, &got, sizeof got);
            got++;
        } while (conn_next(&p.client, &rng, 0, &msg) == SESSION_MESSAGE);
    }
    assert_idle(&p.client);
    close_pair(&p);
}

/* Queueing goes on while the reader takes little by little. */
static void test_queue_while_writing(void **state)
{
    (void)state;
    struct pair p;
    uint32_t sent = 0, got = 0;
    uint8_t text[700] = {0};
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    while (got < 600) {
        for (int i = 0; i < 20 && sent < 600; i++, sent++) {
            memcpy(text, &sent, sizeof sent);
            assert_int_equal(conn_send(&p.server, &rng, 0, text, sizeof text), NET_OK);
        }
        assert_int_equal(conn_flush(&p.server), NET_OK);
        conn_read(&p.client);
        while (conn_next(&p.client, &rng, 0, &msg) == SESSION_MESSAGE) {
            assert_int_equal(msg.len, sizeof text);
            assert_memory_equal(msg.payload, &got, sizeof got);
            got++;
        }
    }
    assert_idle(&p.server);
    close_pair(&p);
}

#define MANY 7

/* One message to many: those that closed, don't read or failed get their errors, a KeyUpdate goes where one is due,
 * and the others get the message as if nothing had happened. */
static void test_many(void **state)
{
    (void)state;
    static struct pair p[MANY];
    struct conn *conns[MANY];
    enum net_err err[MANY];
    static uint8_t filler[RECORD_PAYLOAD_MAX];
    for (size_t i = 0; i < MANY; i++) {
        open_pair(&p[i], SESSION_OUT_MAX);
        establish(&p[i]);
        conns[i] = &p[i].server;
    }
    assert_int_equal(conn_close(&p[1].server, &rng), NET_OK);
    assert_int_equal(conn_send(&p[3].server, &rng, 0, filler, sizeof filler), NET_OK); /* and it isn't read */
    conn_fail(&p[4].server, NET_ERR_CUT);
    p[5].server.session.send_since = p[6].server.session.send_since = 100;
    p[6].server.session.send.sequence = UINT64_MAX; /* no number is left for another Record */
    conn_send_many(conns, err, 0, &rng, SESSION_KEY_SECONDS, (const uint8_t *)"none", 4);
    conn_send_many(conns, err, MANY, &rng, SESSION_KEY_SECONDS, (const uint8_t *)"to all", 6);
    for (size_t i = 0; i < MANY; i++) {
        enum net_err expected = i == 1   ? NET_ERR_CLOSED
                                : i == 3 ? NET_ERR_SLOW
                                : i == 4 ? NET_ERR_CUT
                                : i == 6 ? NET_ERR_LIMIT
                                         : NET_OK;
        assert_int_equal(err[i], expected);
        assert_int_equal(conn_error(&p[i].server), expected == NET_ERR_CLOSED ? NET_OK : expected);
        if (expected == NET_OK) {
            assert_int_equal(p[i].server.session.send.sequence, i == 5 ? 2 : 3); /* Finished, KeyUpdate, message */
            assert_int_equal(wait_for(&p[i], &p[i].client), SESSION_MESSAGE);
            assert_int_equal(msg.len, 6);
            assert_memory_equal(msg.payload, "to all", 6);
        }
        close_pair(&p[i]);
    }
}

/* A whole session in which the n-th request for memory fails, for every n: it ends, or does without. */
static void test_no_memory(void **state)
{
    (void)state;
    static const uint8_t text[5000];
    bool whole = false;
    if (!MALLOC_IS_OURS) {
        puts("skipped: running out of memory");
        return;
    }
    for (long n = 0; !whole; n++) {
        struct pair p;
        assert_true(n < 1000);
        open_pair(&p, CONN_QUEUE_MAX);
        memory.left = n;
        (void)conn_start(&p.client);
        for (int i = 0; i < 20; i++) {
            (void)turn(&p.client);
            if (turn(&p.server) == SESSION_ESTABLISHED) {
                (void)conn_send(&p.server, &rng, 0, text, sizeof text);
                (void)conn_close(&p.server, &rng);
            }
        }
        whole = memory.left > 0;
        memory.left = -1;
        assert_true(!whole || p.client.session.state == SESSION_STATE_CLOSED);
        close_pair(&p);
    }
}

/* A reader that stopped: the queue grows to its bound and not beyond, and then the connection ends with that error. */
static void test_slow_reader(void **state)
{
    (void)state;
    static const uint8_t text[1000];
    struct pair p;
    enum net_err err = NET_OK;
    size_t sent = 0;
    open_pair(&p, 64 * 1024);
    establish(&p);
    while (err == NET_OK && sent < 1000) {
        assert_int_equal(conn_flush(&p.server), NET_OK);
        err = conn_send(&p.server, &rng, 0, text, sizeof text);
        assert_true(conn_queued(&p.server) <= 64 * 1024);
        sent++;
    }
    assert_int_equal(err, NET_ERR_SLOW);
    assert_int_equal(conn_error(&p.server), NET_ERR_SLOW);
    assert_true(sent > 50);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_FAILED);
    close_pair(&p);
}

/* Byte after byte of what this end waits for: no more is kept than came, and a byte that may not come ends it. Of much
 * that comes at once, no more is read than the longest frame. */
static void test_no_more_than_may_come(void **state)
{
    (void)state;
    static const uint8_t many[20000] = {FRAME_CLIENT_HELLO, FRAME_VERSION};
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    assert_int_equal(conn_start(&p.client), SESSION_WORK);
    conn_work(&p.client, &rng);
    assert_int_equal(conn_step(&p.client, &rng, 0), SESSION_MORE);
    size_t hello_len = conn_queued(&p.client);
    for (size_t i = 0; i + 1 < hello_len; i++) {
        assert_int_equal(write(p.client.fd, p.client.out.data + i, 1), 1);
        conn_read(&p.server);
        assert_int_equal(p.server.in_cap, FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX);
        assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_MORE);
        assert_int_equal(p.server.in_len, i + 1);
        assert_int_equal(p.server.in_cap, i + 1);
    }
    assert_int_equal(write(p.client.fd, p.client.out.data + hello_len - 1, 1), 1);
    conn_read(&p.server);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_WORK);
    assert_null(p.server.in); /* nothing is kept while a worker computes, and nothing is read */
    assert_int_equal(write(p.client.fd, many, 100), 100);
    conn_read(&p.server);
    assert_null(p.server.in);
    close_pair(&p);

    open_pair(&p, CONN_QUEUE_MAX);
    assert_true(write(p.client.fd, many, sizeof many) > 2000);
    conn_read(&p.server);
    assert_int_equal(p.server.in_len, FRAME_HEADER_LEN + FRAME_CLIENT_HELLO_MAX);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_FAILED);
    close_pair(&p);
}

/* A peer that is always a little behind makes us keep what waits for it, and not all that it ever read. */
static void test_what_is_kept_for_a_slow_reader(void **state)
{
    (void)state;
    static const uint8_t text[1000];
    struct pair p;
    open_pair(&p, 64 * 1024);
    establish(&p);
    for (size_t sent = 0; sent < 1000; sent++) {
        while (conn_queued(&p.server) > 40 * 1024) {
            assert_int_equal(conn_flush(&p.server), NET_OK);
            conn_read(&p.client);
            while (conn_next(&p.client, &rng, 0, &msg) == SESSION_MESSAGE)
                assert_int_equal(msg.len, sizeof text);
        }
        assert_int_equal(conn_send(&p.server, &rng, 0, text, sizeof text), NET_OK);
        assert_true(p.server.out.cap <= 2 * 64 * 1024);
        assert_true(p.server.out.len <= p.server.out.cap);
    }
    close_pair(&p);
}

/* A password that was received is wiped by the next call; half a frame waits in no more memory than it needs. */
static void test_input_is_wiped(void **state)
{
    (void)state;
    struct pair p;
    open_pair(&p, CONN_QUEUE_MAX);
    establish(&p);
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"secret password", 15), NET_OK);
    assert_int_equal(conn_send(&p.client, &rng, 0, (const uint8_t *)"x", 1), NET_OK);
    size_t all = conn_queued(&p.client);
    assert_true(write(p.client.fd, p.client.out.data, all - 1) == (ssize_t)all - 1);
    assert_int_equal(turn(&p.server), SESSION_MESSAGE);
    assert_memory_equal(msg.payload, "secret password", 15);
    size_t half = record_frame_len(1) - 1;
    conn_read(&p.server);
    assert_int_equal(p.server.in_len, half);
    for (size_t i = half; i < all - 1; i++)
        assert_int_equal(p.server.in[i], 0);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_MORE);
    assert_int_equal(p.server.in_len, half);
    assert_int_equal(p.server.in_cap, half);
    assert_int_equal(write(p.client.fd, p.client.out.data + all - 1, 1), 1);
    conn_read(&p.server);
    assert_int_equal(p.server.in_cap, FRAME_MAX_LEN);
    assert_int_equal(conn_next(&p.server, &rng, 0, &msg), SESSION_MESSAGE);
    assert_memory_equal(msg.payload, "x", 1);
    close_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_of_every_size),
        cmocka_unit_test(test_queue_and_order),
        cmocka_unit_test(test_queue_while_writing),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_no_more_than_may_come),
        cmocka_unit_test(test_what_is_kept_for_a_slow_reader),
        cmocka_unit_test(test_input_is_wiped),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
