/* SPDX-License-Identifier: MIT */
/* app/server/account_change and its kinds: what becomes of a change whose session ends on the way, and of its answer. A
 * whole server but for its sockets, which are pairs: clients shake hands, and there is one worker, which can be kept
 * busy. */
#include "app/server/account_change.h"

#include <sys/socket.h>

#include "app/server/auth.h"
#include "app/server/base/worker.h"
#include "app/server/chat.h"
#include "app/server/options.h"
#include "app/server/request.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "tests/accounts_server.h"
#include "tests/accounts_store.h"
#include "tests/rsa_key.h"

#define PASSWORD "correct horse"
#define TURNS 20000 /* of at least a millisecond, where the server has nothing to do */

static struct options options;
static struct rng rng;
static struct identity own; /* the server's */
static struct handshake_config as_server;
static struct message_bytes certificate; /* of alice */
static const struct message_bytes password = {(const uint8_t *)PASSWORD, sizeof PASSWORD - 1}, none;

struct peer {
    struct conn conn;
    struct client *client; /* what the server has of it */
    uint32_t request;
    uint8_t payload[MESSAGE_MAX_LEN]; /* of the last message */
};

/* --- The server --------------------------------------------------------------------------------------------------- */

static void turn(int wait_ms)
{
    struct poller_event events[16];
    size_t n = poller_wait(server.poller, events, 16, wait_ms);
    for (size_t i = 0; i < n; i++)
        if (events[i].watch == &server.workers_watch)
            worker_finish(server.workers);
        else
            client_ready(events[i].watch->owner, events[i].ready);
    chat_end_turn(&server);
}

/* All that is under way comes to its end. */
static void finish(void)
{
    for (int i = 0; i < TURNS && worker_in_flight(server.workers) > 0; i++)
        turn(1);
    turn(0);
    assert_int_equal(worker_in_flight(server.workers), 0);
}

/* A job that lasts until it is let go. */
struct held {
    struct job job;
    atomic_bool begun, holds;
};

static void hold(struct job *job, struct rng *unused)
{
    struct held *h = (struct held *)(void *)job;
    (void)unused;
    atomic_store(&h->begun, true);
    while (atomic_load(&h->holds))
        usleep(500);
}

static void held_long_enough(struct job *job)
{
    (void)job;
}

static void wait_until_begun(struct held *h)
{
    for (int i = 0; i < TURNS && !atomic_load(&h->begun); i++)
        usleep(500);
    assert_true(atomic_load(&h->begun));
}

/* The worker is busy until it is let go. */
static struct held busy;

static void hold_worker(void)
{
    busy.job = (struct job){.run = hold, .finish = held_long_enough};
    atomic_store(&busy.begun, false);
    atomic_store(&busy.holds, true);
    worker_submit(server.workers, &busy.job);
    wait_until_begun(&busy);
}

static void let_worker_go(void)
{
    atomic_store(&busy.holds, false);
}

/* The same; and the worker does what the clients gave it, of which the loop hears nothing yet: a slow job of the same
 * address comes after that. */
static void let_worker_go_on_alone(void)
{
    static const uint8_t address[SOCK_KEY_LEN];
    static struct held last;
    last.job = (struct job){.run = hold, .finish = held_long_enough, .slow = true, .address = address};
    atomic_store(&last.begun, false);
    worker_submit(server.workers, &last.job);
    let_worker_go();
    wait_until_begun(&last);
}

/* --- Clients ------------------------------------------------------------------------------------------------------ */

/* The next event of a peer that is not the handshake's own, with turns of the server until it comes. */
static enum session_event next_event(struct peer *p, struct session_message *m)
{
    for (int i = 0; i < TURNS; i++) {
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
        if (event != SESSION_MORE)
            return event;
        turn(1);
        conn_read(&p->conn);
    }
    fail_msg("nothing came");
    return SESSION_FAILED;
}

static void connect_peer(struct peer *p)
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

static void hang_up(struct peer *p)
{
    conn_free(&p->conn);
}

static void ask(struct peer *p, struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    m->request = ++p->request;
    assert_int_equal(message_encode(payload, sizeof payload, &len, m), 0);
    assert_int_equal(conn_send(&p->conn, &rng, 0, payload, len), NET_OK);
    assert_int_equal(conn_flush(&p->conn), NET_OK);
}

/* The same, and the request is under way. */
static void begin(struct peer *p, struct message *m)
{
    ask(p, m);
    for (int i = 0; i < TURNS && p->client->work == NULL; i++)
        turn(1);
    assert_non_null(p->client->work);
}

/* What the next answer must be; pushes are passed over. */
static void hear(struct peer *p, enum message_error error)
{
    struct message m = {.request = 0};
    while (m.request == 0) {
        struct session_message got;
        assert_int_equal(next_event(p, &got), SESSION_MESSAGE);
        memcpy(p->payload, got.payload, got.len);
        assert_int_equal(message_decode(&m, p->payload, got.len), 0);
    }
    assert_int_equal(m.request, p->request);
    assert_int_equal(m.type, error == MESSAGE_E_NONE ? MESSAGE_OK : MESSAGE_ERROR);
    if (error != MESSAGE_E_NONE)
        assert_int_equal(m.error.code, error);
}

static void hear_the_end(struct peer *p)
{
    struct session_message m;
    enum session_event event;
    while ((event = next_event(p, &m)) == SESSION_MESSAGE)
        assert_int_not_equal(m.payload[0], MESSAGE_OK);
    assert_int_equal(event, SESSION_CLOSED);
}

/* Nothing has come that was not heard, and nothing comes before the answer to what is asked now. */
static void check_still_there(struct peer *p)
{
    ask(p, &(struct message){.type = MESSAGE_PING});
    hear(p, MESSAGE_E_NONE);
}

static struct message log_in(void)
{
    return (struct message){.type = MESSAGE_LOG_IN, .log_in = {.name = "alice", .password = password}};
}

static struct message replace_certificate(struct message_bytes with)
{
    return (struct message){.type = MESSAGE_REPLACE_CERTIFICATE,
                            .replace_certificate = {.password = password, .certificate = with}};
}

static void enter(struct peer *p)
{
    struct message m = log_in();
    connect_peer(p);
    ask(p, &m);
    hear(p, MESSAGE_E_NONE);
    assert_ptr_equal(rooms_user(&server.rooms, "alice"), &p->client->user);
}

static const struct account *alice(void)
{
    const struct account *account = accounts_find(server.accounts, "alice");
    assert_non_null(account);
    return account;
}

/* --- A server for each test --------------------------------------------------------------------------------------- */

static void queues_init(void)
{
    struct deadline_queue *const queues[] = {&server.handshake_time, &server.login_time,    &server.idle_time,
                                             &server.answer_time,    &server.closing_time,  &server.pause_time,
                                             &server.turn_time,      &server.bandwidth_time};
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        deadline_queue_init(queues[i], 1000);
}

static void put_alice(void)
{
    struct account account = named("alice");
    struct answer stored = {.calls = 0};
    verifier_make(&account.password, password.data, password.len, 1, &rng);
    accounts_put(server.accounts, &account, done, &stored);
    finish_all(server.workers);
    assert_int_equal(stored.result, ACCOUNTS_DONE);
}

static int open_server(void **state)
{
    size_t torn;
    char error[WHY_LEN];
    atomic_store(&sync_state.fails, 0);
    release_sync();
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
    put_alice();
    return 0;
}

static int close_server(void **state)
{
    let_worker_go();
    release_sync();
    finish();
    clients_free(&server);
    login_failures_close(server.login_failures);
    ratelimit_free(server.ratelimit);
    return server_tear_down(state);
}

/* One key does for both. */
static int make_certificates(void **state)
{
    static uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "localhost", .not_after = UINT64_MAX};
    struct certificate user = {.role = CERTIFICATE_USER, .name = "alice", .not_after = UINT64_MAX};
    (void)state;
    rng_init(&rng);
    rsa_key(&own.key, 1);
    assert_int_equal(certificate_sign_self(&c, &own.key, &rng), NET_OK);
    own.certificate_len = certificate_encode(own.certificate, &c);
    assert_int_equal(certificate_sign_self(&user, &own.key, &rng), NET_OK);
    certificate = (struct message_bytes){bytes, certificate_encode(bytes, &user)};
    handshake_config_default(&as_server, HANDSHAKE_SERVER);
    as_server.identity = &own;
    return 0;
}

/* --- The session ends --------------------------------------------------------------------------------------------- */

static void test_a_certificate_is_replaced(void **state)
{
    (void)state;
    struct peer p;
    struct message m = replace_certificate(certificate);
    enter(&p);
    ask(&p, &m);
    hear(&p, MESSAGE_E_NONE);
    assert_int_equal(alice()->certificate_len, certificate.len);
    check_still_there(&p);
    hang_up(&p);
}

/* While its certificate is checked, another takes its place, which must not be shown out by it. */
static void test_a_session_that_was_replaced_changes_nothing(void **state)
{
    (void)state;
    struct peer first, second;
    struct message m = replace_certificate(certificate);
    enter(&first);
    connect_peer(&second);
    hold_worker();
    begin(&first, &m);
    assert_int_equal(client_logged_in(second.client, "alice", NULL), MESSAGE_E_NONE);
    let_worker_go();
    hear(&first, MESSAGE_E_NOT_SAVED);
    hear_the_end(&first);
    finish();
    assert_int_equal(alice()->certificate_len, 0);
    assert_ptr_equal(rooms_user(&server.rooms, "alice"), &second.client->user);
    check_still_there(&second);
    hang_up(&first);
    hang_up(&second);
}

static void test_a_session_that_the_operator_ended_changes_nothing(void **state)
{
    (void)state;
    struct peer p;
    struct message change = replace_certificate(certificate), unblock = {.type = MESSAGE_UNBLOCK};
    strcpy(unblock.unblock.name, "bob");
    struct message *const asked[] = {&change, &unblock};
    for (size_t i = 0; i < 2; i++) {
        enter(&p);
        hold_worker();
        begin(&p, asked[i]);
        auth_end_session(&server, "alice");
        let_worker_go();
        hear(&p, MESSAGE_E_NOT_SAVED);
        hear_the_end(&p);
        hang_up(&p);
    }
    assert_int_equal(alice()->certificate_len, 0);
}

/* It is gone before the worker comes to it; or it goes when the check is over, which nobody has looked at. */
static void test_whoever_is_gone_changes_nothing(void **state)
{
    (void)state;
    struct peer p;
    struct message m = replace_certificate(certificate);
    for (int late = 0; late < 2; late++) {
        enter(&p);
        hold_worker();
        begin(&p, &m);
        if (late)
            let_worker_go_on_alone();
        client_end(p.client, "it is gone");
        if (!late)
            turn(0); /* buries it */
        let_worker_go();
        finish();
        assert_int_equal(alice()->certificate_len, 0);
        assert_null(server.clients);
        hang_up(&p);
    }
}

static void test_whoever_is_gone_registers_nothing(void **state)
{
    (void)state;
    struct peer p;
    struct message m = {.type = MESSAGE_REGISTER,
                        .registration = {.name = "bob", .email = "b@example.org", .password = password}};
    struct message with = m;
    strcpy(with.registration.name, "alice2");
    with.registration.certificate = certificate;
    for (int late = 0; late < 2; late++) {
        connect_peer(&p);
        hold_worker();
        begin(&p, late ? &m : &with);
        let_worker_go_on_alone();
        client_end(p.client, "it is gone");
        finish();
        assert_null(server.clients);
        hang_up(&p);
    }
    assert_false(accounts_taken(server.accounts, "bob"));
    assert_int_equal(server.counters.registrations, 0);
    assert_int_equal(server.counters.registrations_failed, 1); /* the one that was let begin */
}

static void test_whoever_is_gone_is_not_logged_in(void **state)
{
    (void)state;
    struct peer p;
    struct message m = log_in();
    for (int late = 0; late < 2; late++) {
        connect_peer(&p);
        hold_worker();
        begin(&p, &m);
        if (late)
            let_worker_go_on_alone();
        client_end(p.client, "it is gone");
        if (!late)
            turn(0); /* takes back what the worker has not begun */
        let_worker_go();
        finish();
        assert_null(rooms_user(&server.rooms, "alice"));
        assert_null(server.clients);
        hang_up(&p);
    }
    assert_int_equal(server.counters.logins, 0);
    assert_int_equal(server.counters.logins_failed, 0);
}

/* --- The answer --------------------------------------------------------------------------------------------------- */

static void wait_for_disk(void)
{
    for (int i = 0; i < TURNS && atomic_load(&sync_state.calls) == 0; i++)
        turn(1);
    wait_for_sync();
    turn(0);
}

static void test_the_answer_comes_once_it_is_on_disk(void **state)
{
    (void)state;
    struct peer p;
    struct session_message got;
    struct message m = replace_certificate(none);
    enter(&p);
    hold_sync();
    begin(&p, &m);
    wait_for_disk();
    conn_read(&p.conn);
    assert_int_equal(conn_next(&p.conn, &rng, 0, &got), SESSION_MORE);
    release_sync();
    hear(&p, MESSAGE_E_NONE);
    check_still_there(&p);
    hang_up(&p);
}

static void test_what_the_disk_refuses_is_refused_once(void **state)
{
    (void)state;
    struct peer p;
    struct message m = replace_certificate(certificate);
    enter(&p);
    atomic_store(&sync_state.fails, 1);
    ask(&p, &m);
    hear(&p, MESSAGE_E_NOT_SAVED);
    check_still_there(&p);
    assert_int_equal(alice()->certificate_len, 0);
    hang_up(&p);
}

static void test_one_change_at_a_time(void **state)
{
    (void)state;
    struct peer p;
    struct message m = replace_certificate(none);
    struct account changed;
    struct answer stored = {.calls = 0};
    enter(&p);
    assert_int_equal(account_copy(&changed, alice()), 0);
    hold_worker();
    begin(&p, &m);
    let_worker_go_on_alone();
    hold_sync();
    accounts_put(server.accounts, &changed, done, &stored); /* the operator's, say */
    hear(&p, MESSAGE_E_TRY_LATER);
    release_sync();
    finish();
    assert_int_equal(stored.calls, 1);
    assert_int_equal(stored.result, ACCOUNTS_DONE);
    check_still_there(&p);
    account_wipe(&changed);
    hang_up(&p);
}

/* What a member asked for is done, and nobody is told. */
static void test_whoever_leaves_while_it_is_written(void **state)
{
    (void)state;
    struct peer p;
    struct message m = replace_certificate(certificate);
    enter(&p);
    hold_sync();
    begin(&p, &m);
    wait_for_disk();
    client_end(p.client, "it is gone");
    turn(0);
    release_sync();
    finish();
    assert_int_equal(alice()->certificate_len, certificate.len);
    assert_null(server.clients);
    hang_up(&p);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(test_a_certificate_is_replaced),
        WITH_SERVER(test_a_session_that_was_replaced_changes_nothing),
        WITH_SERVER(test_a_session_that_the_operator_ended_changes_nothing),
        WITH_SERVER(test_whoever_is_gone_changes_nothing),
        WITH_SERVER(test_whoever_is_gone_registers_nothing),
        WITH_SERVER(test_whoever_is_gone_is_not_logged_in),
        WITH_SERVER(test_the_answer_comes_once_it_is_on_disk),
        WITH_SERVER(test_what_the_disk_refuses_is_refused_once),
        WITH_SERVER(test_one_change_at_a_time),
        WITH_SERVER(test_whoever_leaves_while_it_is_written),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
