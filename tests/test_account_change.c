/* SPDX-License-Identifier: MIT */
/* app/server/account_change and its kinds: what becomes of a change whose session ends on the way, and of its answer.
 * There is one worker, which can be kept busy. */
#include "app/server/account_change.h"

#include "app/server/auth.h"
#include "app/server/base/worker.h"
#include "tests/server_peers.h"

static struct message_bytes certificate; /* of alice */
static const struct message_bytes none;

/* --- The server --------------------------------------------------------------------------------------------------- */

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

/* The same, and the request is under way. */
static void begin(struct peer *p, struct message *m)
{
    ask(p, m);
    for (int i = 0; i < TURNS && p->client->work == NULL; i++)
        turn(1);
    assert_non_null(p->client->work);
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

static struct message replace_certificate(struct message_bytes with)
{
    return (struct message){.type = MESSAGE_REPLACE_CERTIFICATE,
                            .replace_certificate = {.password = password, .certificate = with}};
}

static void enter(struct peer *p)
{
    enter_as(p, "alice");
}

static const struct account *alice(void)
{
    const struct account *account = accounts_find(server.accounts, "alice");
    assert_non_null(account);
    return account;
}

/* --- A server for each test --------------------------------------------------------------------------------------- */

static int open_server(void **state)
{
    atomic_store(&sync_state.fails, 0);
    release_sync();
    if (peers_open_server(state) != 0)
        return -1;
    put_account("alice");
    return 0;
}

static int close_server(void **state)
{
    let_worker_go();
    release_sync();
    return peers_close_server(state);
}

/* One key does for both. */
static int make_certificates(void **state)
{
    static uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct certificate user = {.role = CERTIFICATE_USER, .name = "alice", .not_after = UINT64_MAX};
    assert_int_equal(peers_make_certificate(state), 0);
    assert_int_equal(certificate_sign_self(&user, &own.key, &rng), NET_OK);
    certificate = (struct message_bytes){bytes, certificate_encode(bytes, &user)};
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
    struct message m = log_in_as("alice");
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
