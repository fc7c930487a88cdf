/* SPDX-License-Identifier: MIT */
/* app/server/reactor: texts that come while others are dealt with share their sends, and nothing waits for what may
 * never come. */
#include "app/server/reactor.h"

#include "app/server/operator/admin_socket.h"
#include "tests/server_peers.h"

#define TRIES 1000 /* a busy machine may spoil some of them, as a turn reads on for milliseconds only */

static struct peer alice, bob;

static int open_server(void **state)
{
    static struct admin_socket none;
    if (peers_open_server(state) != 0)
        return -1;
    server.admin_socket = &none;
    limits.max_said = limits.max_said_room = 100000000;
    deadline_queue_init(&server.idle_time, INT64_MAX / 2); /* nobody is asked whether it is still there */
    put_account("alice");
    put_account("bob");
    enter_as(&alice, "alice");
    enter_as(&bob, "bob");
    return 0;
}

static int close_server(void **state)
{
    hang_up(&alice);
    hang_up(&bob);
    return peers_close_server(state);
}

static void say_at_length(struct peer *p)
{
    static uint8_t text[TEXT_MAX_LEN];
    struct message m = {.type = MESSAGE_SAY, .say = {.room = MESSAGE_LOBBY, .text = {text, sizeof text}}};
    memset(text, 'x', sizeof text);
    ask(p, &m);
}

static void wait_for(struct peer *p, unsigned type)
{
    struct message m;
    do
        next_message(p, &m);
    while (m.type != type);
}

static bool bob_has_spoken;

/* While the server deals with what alice said, bob says something. */
static void bob_speaks_meanwhile(struct client *c, const uint8_t *payload, size_t len)
{
    request_handle(c, payload, len);
    if (!bob_has_spoken) {
        bob_has_spoken = true;
        say_at_length(&bob);
    }
}

/* How many of both texts wait to be sent when the first half of a turn is over? */
static size_t share_a_send(void)
{
    bob_has_spoken = false;
    say_at_length(&alice);
    reactor_look(&server, 1000);
    size_t waiting = conn_queued(&bob.client->conn) / TEXT_MAX_LEN + conn_queued(&alice.client->conn) / TEXT_MAX_LEN;
    chat_end_turn(&server);
    assert_int_equal(server.gathered, 0);
    if (waiting < 2) {
        reactor_look(&server, 1000);
        chat_end_turn(&server);
    }
    wait_for(&bob, MESSAGE_SAID);
    wait_for(&bob, MESSAGE_OK);
    wait_for(&alice, MESSAGE_SAID);
    return waiting;
}

static void test_what_comes_meanwhile_shares_a_send(void **state)
{
    (void)state;
    size_t waiting = 0;
    server.on_message = bob_speaks_meanwhile;
    for (int i = 0; i < TRIES && waiting < 2; i++)
        waiting = share_a_send();
    server.on_message = request_handle;
    assert_int_equal(waiting, 2);
}

/* A job of a client's is under way, its socket has more, and the turn isn't over. */
static void test_nobody_is_read_who_waits_for_a_worker(void **state)
{
    (void)state;
    struct job job = {0};
    say_at_length(&bob);
    reactor_look(&server, 1000);
    assert_true(alice.client->to_flush);
    uint64_t before = alice.client->conn.bytes_in;
    ask(&alice, &(struct message){.type = MESSAGE_PING});
    alice.client->work = &job;
    client_ready(alice.client, POLLER_READ);
    assert_int_equal(alice.client->conn.bytes_in, before);
    alice.client->work = NULL;
    client_ready(alice.client, POLLER_READ);
    assert_true(alice.client->conn.bytes_in > before);
    hear(&alice, MESSAGE_E_NONE);
}

static void test_when_a_turn_reads_on(void **state)
{
    (void)state;
    struct client ended = {0};
    limits.max_queue_kib = 256;
    assert_false(chat_gathers(&server, 0, 0)); /* nothing was said */
    server.gathered = 1000;
    assert_true(chat_gathers(&server, 0, 0));
    assert_true(chat_gathers(&server, 999, 0));
    assert_false(chat_gathers(&server, 1000, 0)); /* the last look brought nothing */
    assert_false(chat_gathers(&server, 0, 5));    /* for long enough */
    server.gathered = 16 * 1024 - 1;
    assert_true(chat_gathers(&server, 0, 4));
    server.gathered = 16 * 1024;
    assert_false(chat_gathers(&server, 0, 0)); /* enough */
    server.gathered = 8 * 1024 - 1;
    limits.max_queue_kib = 32;
    assert_true(chat_gathers(&server, 0, 0));
    server.gathered = 8 * 1024;
    assert_false(chat_gathers(&server, 0, 0)); /* half of what may wait for a member */
    limits.max_queue_kib = 256;
    server.dead = &ended;
    assert_false(chat_gathers(&server, 0, 0)); /* a descriptor is to be had at the end of the turn */
    server.dead = NULL;
    server.gathered = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_comes_meanwhile_shares_a_send, open_server, close_server),
        cmocka_unit_test_setup_teardown(test_nobody_is_read_who_waits_for_a_worker, open_server, close_server),
        cmocka_unit_test_setup_teardown(test_when_a_turn_reads_on, open_server, close_server),
    };
    return cmocka_run_group_tests(tests, peers_make_certificate, NULL);
}
