/* SPDX-License-Identifier: MIT */
/* Two ends of a socket pair: a handshake, messages of every size, closes, cuts, and a peer that doesn't read. */
#include "net/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/sock.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

static struct rng rng;
static struct identity identity;
static struct handshake_config as_client, as_server;
static struct session_message msg;

struct pair {
    struct conn client, server;
};

/* Memory that runs out at the n-th asking: the system's malloc behind a counter. A sanitizer has its own. */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&                           \
    !HAS_FEATURE(address_sanitizer) && !HAS_FEATURE(thread_sanitizer)
#define CAN_RUN_OUT 1
static long memory_left = -1; /* how many more times there is some; -1: always */

void *__libc_malloc(size_t len);
void *__libc_realloc(void *p, size_t len);

static bool runs_out(void)
{
    return memory_left >= 0 && memory_left-- == 0;
}

void *malloc(size_t len)
{
    return runs_out() ? NULL : __libc_malloc(len);
}

void *realloc(void *p, size_t len)
{
    return runs_out() ? NULL : __libc_realloc(p, len);
}
#else
#define CAN_RUN_OUT 0
static long memory_left = -1;
#endif

static int setup(void **state)
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
static void open_pair(struct pair *p, size_t queue_max)
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

static void close_pair(struct pair *p)
{
    conn_free(&p->client);
    conn_free(&p->server);
    conn_free(&p->server); /* any number of times */
}

/* Writes and reads once, and goes on to the next event that isn't the handshake's own. */
static enum session_event turn(struct conn *c)
{
    (void)conn_flush(c);
    conn_read(c);
    enum session_event event = conn_next(c, &rng, 0, &msg);
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_WORK) {
            long left = memory_left;
            memory_left = -1; /* big numbers are another matter: GMP gives up the process */
            conn_work(c, &rng);
            memory_left = left;
            event = conn_step(c, &rng, 0);
        } else {
            assert_string_equal(conn_peer(c)->name, "localhost");
            event = conn_accept(c);
        }
    }
    (void)conn_flush(c);
    return event;
}

/* Turns of both until this one has an event. */
static enum session_event wait_for(struct pair *p, struct conn *c)
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

static void establish(struct pair *p)
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
static void assert_idle(const struct conn *c)
{
    assert_null(c->in);
    assert_null(c->out.data);
    assert_int_equal(conn_queued(c), 0);
    assert_false(conn_wants_write(c));
}

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

/* One message to many: who closed, who doesn't read and who failed get their errors, a KeyUpdate goes where it is time,
 * and the others get the message as if nothing were. */
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

/* Through TCP, whose end can be a reset: the system is rid of what the peer did not take. */
static void test_abandoned(void **state)
{
    (void)state;
    struct sock_name at;
    struct sock_peer from;
    struct conn c;
    char why[SOCK_WHY_LEN], byte;
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

/* Without a Close it was cut; and what came before is still heard. */
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

/* A whole session in which the n-th asking for memory fails, for every n: it ends, or does without. */
static void test_no_memory(void **state)
{
    (void)state;
    static const uint8_t text[5000];
    bool whole = false;
    if (!CAN_RUN_OUT) {
        puts("skipped: running out of memory");
        return;
    }
    for (long n = 0; !whole; n++) {
        struct pair p;
        assert_true(n < 1000);
        open_pair(&p, CONN_QUEUE_MAX);
        memory_left = n;
        (void)conn_start(&p.client);
        for (int i = 0; i < 20; i++) {
            (void)turn(&p.client);
            if (turn(&p.server) == SESSION_ESTABLISHED) {
                (void)conn_send(&p.server, &rng, 0, text, sizeof text);
                (void)conn_close(&p.server, &rng);
            }
        }
        whole = memory_left > 0;
        memory_left = -1;
        assert_true(!whole || p.client.session.state == SESSION_STATE_CLOSED);
        close_pair(&p);
    }
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

/* A reader that stopped: the queue grows to its bound and not beyond, and then the connection ends by that name. */
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

/* Byte after byte of what this end waits for: what is kept is what came, and what may not come ends it. Of what comes
 * at once no more is read than the frame can be long. */
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

/* The end of the stream and a failure are told apart from nothing being there, and are for good. */
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

/* Whoever is always a little behind makes us keep what waits for him, and not all that he ever read. */
static void test_what_is_kept_of_who_is_behind(void **state)
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

/* A password that was received is wiped by the next call; half a frame waits in just so much memory. */
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
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_of_every_size), cmocka_unit_test(test_queue_and_order),
        cmocka_unit_test(test_close),                  cmocka_unit_test(test_abandoned),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_cut_during_handshake),   cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_slow_reader),            cmocka_unit_test(test_broken_pipe),
        cmocka_unit_test(test_input_is_wiped),         cmocka_unit_test(test_reset),
        cmocka_unit_test(test_refused_certificate),    cmocka_unit_test(test_queue_while_writing),
        cmocka_unit_test(test_no_memory),              cmocka_unit_test(test_many),
        cmocka_unit_test(test_no_more_than_may_come),
        cmocka_unit_test(test_end_and_error_of_reading),
        cmocka_unit_test(test_what_is_kept_of_who_is_behind),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, setup, NULL);
}
