/* SPDX-License-Identifier: MIT */
/* app/server/client: what is left of a client that ends in the middle of a turn. */
#include "tests/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "app/server/client.h"

static struct server server;
static struct limits limits;

static void queues_init(struct server *s)
{
    struct deadline_queue *const queues[] = {&s->handshake_time, &s->login_time, &s->idle_time, &s->answer_time,
                                             &s->closing_time,   &s->pause_time, &s->turn_time, &s->bandwidth_time};
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        deadline_queue_init(queues[i], 1000);
}

static int set_up(void **state)
{
    (void)state;
    limits = LIMITS_DEFAULT;
    log_set_level(LOG_ERROR);
    server = (struct server){.limits = &limits};
    rng_init(&server.rng);
    handshake_config_default(&server.handshake, HANDSHAKE_SERVER);
    server.handshake.identity = &server.identity;
    server.poller = poller_new();
    assert_non_null(server.poller);
    queues_init(&server);
    return rooms_init(&server.rooms, &limits);
}

static int tear_down(void **state)
{
    (void)state;
    clients_free(&server);
    rooms_free(&server.rooms);
    poller_free(server.poller);
    rng_wipe(&server.rng);
    return 0;
}

/* A client, and in *peer the other end of its socket. */
static struct client *connected(int *peer)
{
    int ends[2];
    struct sock_peer from = {.text = "nowhere"};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(client_new(&server, ends[0], &from), 0);
    *peer = ends[1];
    return server.clients;
}

/* To the time limits it is in the chat; anything sent to it ends it, as when its queue is full. */
static void let_chat_but_not_hear(struct client *c)
{
    c->phase = CLIENT_CHAT;
    eviction_remove(&c->handshake);
    eviction_remove(&c->stranger);
    deadline_set(&server.idle_time, &c->deadline, server.now);
    conn_fail(&c->conn, NET_ERR_SLOW);
}

static void test_nothing_is_left_of_a_user_that_could_not_be_asked(void **state)
{
    (void)state;
    int peer;
    let_chat_but_not_hear(connected(&peer));
    server.now += 1000;
    clients_expire(&server); /* asks it whether it is still there, which fails */
    clients_flush(&server);
    assert_null(server.clients);
    assert_int_equal(server.clients_len, 0);
    assert_int_equal(clients_wait(&server, -1), -1); /* no time limit remembers it */
    server.now += 1000;
    clients_expire(&server);
    close(peer);
}

static void test_a_handshake_in_time(void **state)
{
    (void)state;
    int peer;
    (void)connected(&peer);
    server.now += 999;
    clients_expire(&server);
    clients_flush(&server);
    assert_int_equal(server.clients_len, 1);
    assert_int_equal(clients_wait(&server, -1), 1);
    server.now += 1;
    clients_expire(&server);
    clients_flush(&server);
    assert_int_equal(server.clients_len, 0);
    assert_int_equal(server.handshakes.len, 0);
    assert_int_equal(clients_wait(&server, -1), -1);
    close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_left_of_a_user_that_could_not_be_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_handshake_in_time, set_up, tear_down),
    };
    return RUN(tests);
}
