/* SPDX-License-Identifier: MIT */
/* A whole server but for its sockets, which are pairs, in the process of the test: clients shake hands with it and ask,
 * and the test takes the loop's turns. One worker; a clock that stands still unless the test moves server.now. */
#ifndef TESTS_SERVER_PEERS_H
#define TESTS_SERVER_PEERS_H

#include <sys/socket.h>

#include "app/server/base/ratelimit.h"
#include "app/server/chat.h"
#include "app/server/options.h"
#include "app/server/request.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/verifier.h"
#include "tests/accounts_server.h"
#include "tests/accounts_store.h"
#include "tests/rsa_key.h"

#define PASSWORD "correct horse"
#define TURNS 20000 /* of at least a millisecond, where the server has nothing to do */

static struct options options;
static struct rng rng;
static struct identity own; /* the server's */
static struct handshake_config as_server;
static const struct message_bytes password = {(const uint8_t *)PASSWORD, sizeof PASSWORD - 1};

struct peer {
    struct conn conn;
    struct client *client; /* what the server has of it */
    uint32_t request;
    uint8_t payload[MESSAGE_MAX_LEN]; /* of the last message */
};

/* --- The server --------------------------------------------------------------------------------------------------- */

static inline void turn(int wait_ms)
{
    struct poller_event events[16];
    size_t n = poller_wait(server.poller, events, 16, wait_ms);
    for (size_t i = 0; i < n; i++)
        if (events[i].watch == &server.workers_watch)
            worker_finish(server.workers);
        else
            client_ready(events[i].watch->owner, events[i].ready);
    clients_expire(&server);
    chat_end_turn(&server);
}

/* All that is under way comes to its end. */
static inline void finish(void)
{
    for (int i = 0; i < TURNS && worker_in_flight(server.workers) > 0; i++)
        turn(1);
    turn(0);
    assert_int_equal(worker_in_flight(server.workers), 0);
}

static inline void put_account(const char *name)
{
    struct account account = named(name);
    struct answer stored = {.calls = 0};
    verifier_make(&account.password, password.data, password.len, 1, &rng);
    accounts_put(server.accounts, &account, done, &stored);
    finish_all(server.workers);
    assert_int_equal(stored.result, ACCOUNTS_DONE);
}

/* As the loop has them, but that a second stands for each time; who had a turn has the next one at once. */
static inline void queues_init(void)
{
    struct deadline_queue *const queues[] = {&server.handshake_time, &server.login_time,   &server.idle_time,
                                             &server.answer_time,    &server.closing_time, &server.pause_time,
                                             &server.bandwidth_time};
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        deadline_queue_init(queues[i], 1000);
    deadline_queue_init(&server.turn_time, 0);
}

/* Before the first test: the server's certificate. */
static inline int peers_make_certificate(void **state)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "localhost", .not_after = UINT64_MAX};
    (void)state;
    rng_init(&rng);
    rsa_key(&own.key, 1);
    assert_int_equal(certificate_sign_self(&c, &own.key, &rng), NET_OK);
    own.certificate_len = certificate_encode(own.certificate, &c);
    handshake_config_default(&as_server, HANDSHAKE_SERVER);
    as_server.identity = &own;
    return 0;
}

/* Before and after each test. */
static inline int peers_open_server(void **state)
{
    size_t torn;
    char error[WHY_LEN];
    if (server_set_up(state) != 0)
        return -1;
    limits.max_rate = 100000;
    options = (struct options){.pbkdf2_iterations = 1};
    server.options = &options;
    server.on_message = request_handle;
    server.handshake = as_server;
    queues_init();
    rng_init(&server.rng);
    verifier_dummy(&server.nobody, 1, &server.rng);
    server.ratelimit = ratelimit_new(100, &server.rng);
    server.login_failures = login_failures_open(dir.fd, server.workers, 0, &torn, error);
    assert_true(server.ratelimit != NULL && server.login_failures != NULL);
    return 0;
}

static inline int peers_close_server(void **state)
{
    finish();
    clients_free(&server);
    login_failures_close(server.login_failures);
    ratelimit_free(server.ratelimit);
    return server_tear_down(state);
}

/* --- Clients ------------------------------------------------------------------------------------------------------ */

/* The next event of a peer that is not the handshake's own, of what has come by now; MORE: there is none. */
static inline enum session_event event_now(struct peer *p, struct session_message *m)
{
    enum session_event event = conn_next(&p->conn, &rng, 0, m);
    while (event == SESSION_WORK || event == SESSION_PEER) {
        if (event == SESSION_PEER) {
            event = conn_accept(&p->conn);
        } else {
            conn_work(&p->conn, &rng);
            event = conn_step(&p->conn, &rng, 0);
        }
    }
    (void)conn_flush(&p->conn);
    return event;
}

/* The same, with turns of the server until it comes. */
static inline enum session_event next_event(struct peer *p, struct session_message *m)
{
    for (int i = 0; i < TURNS; i++) {
        enum session_event event = event_now(p, m);
        if (event != SESSION_MORE)
            return event;
        turn(1);
        conn_read(&p->conn);
    }
    fail_msg("nothing came");
    return SESSION_FAILED;
}

static inline void connect_peer(struct peer *p)
{
    static struct handshake_config config;
    struct session_message m;
    struct sock_peer from = {.text = "nowhere"};
    int ends[2];
    *p = (struct peer){.request = 0};
    handshake_config_default(&config, HANDSHAKE_CLIENT);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(client_new(&server, ends[0], &from), 0);
    p->client = server.clients;
    assert_int_equal(conn_open(&p->conn, ends[1], &config, CONN_QUEUE_MAX), 0);
    conn_start(&p->conn);
    assert_int_equal(next_event(p, &m), SESSION_ESTABLISHED);
    while (p->client->phase != CLIENT_LOGIN)
        turn(1);
}

static inline void hang_up(struct peer *p)
{
    conn_free(&p->conn);
}

static inline void ask(struct peer *p, struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    m->request = ++p->request;
    assert_int_equal(message_encode(payload, sizeof payload, &len, m), 0);
    assert_int_equal(conn_send(&p->conn, &rng, 0, payload, len), NET_OK);
    assert_int_equal(conn_flush(&p->conn), NET_OK);
}

/* The next message, an answer or a push. */
static inline void next_message(struct peer *p, struct message *m)
{
    struct session_message got;
    assert_int_equal(next_event(p, &got), SESSION_MESSAGE);
    memcpy(p->payload, got.payload, got.len);
    assert_int_equal(message_decode(m, p->payload, got.len), 0);
}

/* What this answer must be. */
static inline void check_answer(const struct message *m, uint32_t request, enum message_error error)
{
    assert_int_equal(m->request, request);
    assert_int_equal(m->type, error == MESSAGE_E_NONE ? MESSAGE_OK : MESSAGE_ERROR);
    if (error != MESSAGE_E_NONE)
        assert_int_equal(m->error.code, error);
}

/* What the next answer must be; pushes are passed over. */
static inline void hear(struct peer *p, enum message_error error)
{
    struct message m = {.request = 0};
    while (m.request == 0)
        next_message(p, &m);
    check_answer(&m, p->request, error);
}

static inline struct message log_in_as(const char *name)
{
    struct message m = {.type = MESSAGE_LOG_IN, .log_in = {.password = password}};
    snprintf(m.log_in.name, sizeof m.log_in.name, "%s", name);
    return m;
}

static inline void enter_as(struct peer *p, const char *name)
{
    struct message m = log_in_as(name);
    connect_peer(p);
    ask(p, &m);
    hear(p, MESSAGE_E_NONE);
    assert_ptr_equal(rooms_user(&server.rooms, name), &p->client->user);
}

#endif
