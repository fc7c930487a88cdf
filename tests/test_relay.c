/* SPDX-License-Identifier: MIT */
/* app/server/relay: whom a frame reaches, how the sender is answered, and how many may come how fast. */
#include "app/server/relay.h"

#include "app/server/relay_shares.h"
#include "net/frame.h"
#include "tests/server_peers.h"

#define CALL "0123456789abcdef"

/* The longest frame that there is in a relay: a Record, to look at. */
static uint8_t record[MESSAGE_FRAME_MAX];
static struct peer alice, bob;

static int open_server(void **state)
{
    if (peers_open_server(state) != 0)
        return -1;
    for (size_t i = 0; i < sizeof record; i++)
        record[i] = (uint8_t)i;
    put_account("alice");
    put_account("bob");
    put_account("carol");
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

static void get_ready(struct peer *p)
{
    ask(p, &(struct message){.type = MESSAGE_READY});
    hear(p, MESSAGE_E_NONE);
}

/* So many bytes of the record, as a frame of their own. */
static struct message_bytes frame_of(size_t len)
{
    if (len > 0)
        frame_header(record, FRAME_RECORD, len - FRAME_HEADER_LEN);
    return (struct message_bytes){record, len};
}

static void relay(struct peer *p, const char *name, size_t frame_len)
{
    struct message m = {.type = MESSAGE_RELAY, .relay = {.call = CALL, .frame = frame_of(frame_len)}};
    snprintf(m.relay.name, sizeof m.relay.name, "%s", name);
    ask(p, &m);
}

/* The next push that is none of a room's must be this. */
static void hear_relayed(struct peer *p, const char *from, size_t frame_len)
{
    struct message m;
    do
        next_message(p, &m);
    while (m.type == MESSAGE_PRESENCE);
    assert_int_equal(m.type, MESSAGE_RELAYED);
    assert_string_equal(m.relayed.name, from);
    assert_memory_equal(m.relayed.call, CALL, MESSAGE_CALL_LEN);
    assert_int_equal(m.relayed.frame.len, frame_len);
    assert_memory_equal(m.relayed.frame.data, frame_of(frame_len).data, frame_len);
}

/* Nothing has come to this one but news of rooms, and nothing comes before the answer to what is asked now. */
static void check_nothing_came(struct peer *p)
{
    struct message m;
    ask(p, &(struct message){.type = MESSAGE_PING});
    do
        next_message(p, &m);
    while (m.type == MESSAGE_PRESENCE);
    check_answer(&m, p->request, MESSAGE_E_NONE);
}

static void check_counters(uint64_t relays, uint64_t refused, uint64_t bytes)
{
    assert_int_equal(server.counters.relays, relays);
    assert_int_equal(server.counters.relays_refused, refused);
    assert_int_equal(server.counters.relayed_bytes, bytes);
}

/* --- Whom it reaches ---------------------------------------------------------------------------------------------- */

static void test_a_frame_is_passed_on_as_it_is(void **state)
{
    (void)state;
    static const size_t lens[] = {0, FRAME_HEADER_LEN, 68, MESSAGE_FRAME_MAX};
    get_ready(&bob);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        relay(&alice, "bob", lens[i]);
        hear(&alice, MESSAGE_E_NONE);
        hear_relayed(&bob, "alice", lens[i]);
    }
    check_counters(4, 0, FRAME_HEADER_LEN + 68 + MESSAGE_FRAME_MAX);
    check_nothing_came(&alice); /* she need not take calls herself to make one */
}

static void test_the_order_is_kept(void **state)
{
    (void)state;
    get_ready(&bob);
    for (size_t len = 100; len < 150; len++)
        relay(&alice, "bob", len);
    for (size_t len = 100; len < 150; len++)
        hear_relayed(&bob, "alice", len);
    check_counters(50, 0, 50 * 249 / 2);
}

static void test_nothing_comes_before_ready(void **state)
{
    (void)state;
    relay(&alice, "bob", 68);
    hear(&alice, MESSAGE_E_NOT_HERE);
    check_nothing_came(&bob);
    get_ready(&bob);
    get_ready(&bob); /* again means nothing new */
    relay(&alice, "bob", 68);
    hear(&alice, MESSAGE_E_NONE);
    hear_relayed(&bob, "alice", 68);
    check_counters(1, 1, 68);
}

/* It is the connection that takes calls, and not the user. */
static void test_ready_is_a_connections(void **state)
{
    (void)state;
    struct peer again;
    get_ready(&bob);
    enter_as(&again, "bob");
    relay(&alice, "bob", 68);
    hear(&alice, MESSAGE_E_NOT_HERE);
    check_nothing_came(&again);
    hang_up(&again);
}

static void test_who_is_not_there(void **state)
{
    (void)state;
    get_ready(&alice);
    relay(&alice, "alice", 68);
    hear(&alice, MESSAGE_E_BAD_NAME);
    relay(&alice, "carol", 68);
    hear(&alice, MESSAGE_E_NOT_HERE);
    relay(&alice, "dora", 68);
    hear(&alice, MESSAGE_E_NO_SUCH_USER);
    limits.max_registrations = 0;
    relay(&alice, "dora", 68);
    hear(&alice, MESSAGE_E_NOT_HERE);
    relay(&alice, "alice", 68);
    hear(&alice, MESSAGE_E_BAD_NAME);
    check_nothing_came(&alice);
    check_counters(0, 5, 0);
}

/* Whoever ends in the middle of a turn is known to the rooms until the turn is over. */
static void test_whoever_ends_gets_nothing(void **state)
{
    (void)state;
    get_ready(&bob);
    client_end(bob.client, "it is gone");
    assert_ptr_equal(rooms_user(&server.rooms, "bob"), &bob.client->user);
    const struct message m = {.type = MESSAGE_RELAY, .request = 7, .relay = {.name = "bob", .call = CALL}};
    relay_pass_on(alice.client, &m);
    alice.request = 7;
    hear(&alice, MESSAGE_E_NOT_HERE);
}

static void hear_operator(struct room_user *user, const struct message *m)
{
    (void)user;
    assert_int_not_equal(m->type, MESSAGE_RELAYED);
}

/* What stands around it in memory, where a client has its connection, happens to look like that of one. */
static void test_the_operator_takes_no_calls(void **state)
{
    (void)state;
    static struct client around;
    around = (struct client){.server = &server, .phase = CLIENT_CHAT, .ready = true};
    around.user = (struct room_user){.name = "operator", .hear = hear_operator, .is_operator = true};
    limits.max_registrations = 0;
    assert_int_equal(rooms_enter_lobby(&server.rooms, &around.user), MESSAGE_E_NONE);
    relay(&alice, "operator", 68);
    hear(&alice, MESSAGE_E_NOT_HERE);
    rooms_exit(&server.rooms, &around.user);
}

/* --- A recipient that doesn't read -------------------------------------------------------------------------------- */

/* `from` calls this one, who reads nothing, until the answer is another than ok. Returns how many were passed on. */
static size_t fill(struct peer *from, const char *name)
{
    struct message m = {.type = MESSAGE_OK};
    size_t passed_on = 0;
    for (;;) {
        relay(from, name, MESSAGE_FRAME_MAX);
        do
            next_message(from, &m);
        while (m.request == 0);
        if (m.type != MESSAGE_OK)
            break;
        passed_on++;
        assert_true(passed_on < 10000);
    }
    check_answer(&m, from->request, MESSAGE_E_TRY_LATER);
    return passed_on;
}

/* As many as have a share each, and one more. */
#define SENDERS (RELAY_SHARES + 1)
static struct peer senders[SENDERS];

static const char *sender_name(size_t i)
{
    static char name[16];
    snprintf(name, sizeof name, "sender-%zu", i);
    return name;
}

static void enter_senders(void)
{
    limits.max_relays = 100000;
    for (size_t i = 0; i < SENDERS; i++) {
        put_account(sender_name(i));
        enter_as(&senders[i], sender_name(i));
    }
}

static void hang_up_senders(void)
{
    for (size_t i = 0; i < SENDERS; i++)
        hang_up(&senders[i]);
}

/* What may be queued where relays end at this many bytes: the last one may go beyond it. */
static void check_queued(const struct peer *p, size_t bound)
{
    assert_in_range(conn_queued(&p->client->conn), bound + 1, bound + MESSAGE_FRAME_MAX + 200);
}

static void refused(struct peer *from, const char *name)
{
    relay(from, name, 0);
    hear(from, MESSAGE_E_TRY_LATER);
}

/* Whoever comes first fills half of what there is and its share; and whoever comes then has a share as well. */
static void test_one_sender_leaves_room_for_others(void **state)
{
    (void)state;
    enter_senders();
    get_ready(&bob);
    size_t from_0 = fill(&senders[0], "bob");
    check_queued(&bob, 65536 + 8192);
    for (size_t len = 0; len <= MESSAGE_FRAME_MAX; len += MESSAGE_FRAME_MAX / 2) {
        relay(&senders[1], "bob", len);
        hear(&senders[1], MESSAGE_E_NONE);
    }
    for (size_t i = 0; i < 100; i++)
        refused(&senders[0], "bob");
    for (size_t i = 0; i < from_0; i++)
        hear_relayed(&bob, sender_name(0), MESSAGE_FRAME_MAX);
    for (size_t len = 0; len <= MESSAGE_FRAME_MAX; len += MESSAGE_FRAME_MAX / 2)
        hear_relayed(&bob, sender_name(1), len);
    assert_int_equal(fill(&senders[0], "bob"), from_0); /* all that was counted is forgotten */
    hang_up_senders();
}

/* Many small ones take no more than a few long ones: what is around each counts. */
static void test_empty_frames_count(void **state)
{
    (void)state;
    enter_senders();
    get_ready(&bob);
    fill(&senders[0], "bob");
    size_t queued = conn_queued(&bob.client->conn), passed_on = 0;
    struct message m = {.type = MESSAGE_OK};
    for (; m.type == MESSAGE_OK; passed_on++) {
        relay(&senders[1], "bob", 0);
        do
            next_message(&senders[1], &m);
        while (m.request == 0);
        assert_true(passed_on < 1000);
    }
    assert_in_range(passed_on, 40, 60);
    assert_in_range(conn_queued(&bob.client->conn) - queued, 4096, 8192 + 200);
    hang_up_senders();
}

/* A newer session of the same user has no share of its own. */
static void test_a_share_is_a_names(void **state)
{
    (void)state;
    struct peer again;
    enter_senders();
    get_ready(&bob);
    fill(&senders[0], "bob");
    enter_as(&again, sender_name(0));
    refused(&again, "bob");
    hang_up(&again);
    hang_up_senders();
}

static void check_never_cut(struct peer *p, const char *name, size_t queue_max)
{
    size_t passed_on[SENDERS];
    for (size_t i = 0; i < SENDERS; i++)
        passed_on[i] = fill(&senders[i], name);
    size_t queued = conn_queued(&p->client->conn);
    assert_in_range(queued, queue_max - RELAY_SHARES * 200, queue_max + (RELAY_SHARES + 1) * (MESSAGE_FRAME_MAX + 200));
    assert_int_equal(passed_on[SENDERS - 1], 0);
    assert_int_equal(client_set_blocks(p->client, sender_name(0)), 0); /* which no answer tells */
    refused(&senders[0], name);
    assert_int_equal(client_set_blocks(p->client, NULL), 0);
    assert_int_equal(conn_queued(&p->client->conn), queued);
    for (size_t i = 0; i < SENDERS; i++)
        for (size_t j = 0; j < passed_on[i]; j++)
            hear_relayed(p, sender_name(i), MESSAGE_FRAME_MAX);
    relay(&senders[SENDERS - 1], name, MESSAGE_FRAME_MAX);
    hear(&senders[SENDERS - 1], MESSAGE_E_NONE);
    hear_relayed(p, sender_name(SENDERS - 1), MESSAGE_FRAME_MAX);
    check_nothing_came(p);
}

static void test_a_relay_never_cuts_its_recipient(void **state)
{
    (void)state;
    struct peer carol;
    enter_senders();
    get_ready(&bob);
    check_never_cut(&bob, "bob", 131072);
    limits.max_queue_kib = 32; /* the least that there can be */
    enter_as(&carol, "carol");
    get_ready(&carol);
    check_never_cut(&carol, "carol", 16384);
    hang_up(&carol);
    hang_up_senders();
}

/* Blocked accounts leave the shares to others, however many there are. */
static void test_blocked_senders_take_nobodys_share(void **state)
{
    (void)state;
    enter_senders();
    get_ready(&bob);
    fill(&senders[0], "bob");
    for (size_t i = 1; i < SENDERS - 1; i++) {
        assert_int_equal(client_set_blocks(bob.client, sender_name(i)), 0);
        relay(&senders[i], "bob", 0);
        hear(&senders[i], MESSAGE_E_NONE);
    }
    relay(&senders[SENDERS - 1], "bob", 0);
    hear(&senders[SENDERS - 1], MESSAGE_E_NONE);
    assert_int_equal(client_set_blocks(bob.client, NULL), 0);
    relay(&senders[1], "bob", 0);
    hear(&senders[1], MESSAGE_E_NONE);
    hang_up_senders();
}

/* Whoever is blocked has its share used up after as many frames as somebody else, though none of them is passed on. */
static void test_a_blocked_sender_has_a_share_too(void **state)
{
    (void)state;
    enter_senders();
    get_ready(&bob);
    fill(&senders[0], "bob");
    size_t queued = conn_queued(&bob.client->conn);
    assert_int_equal(client_set_blocks(bob.client, sender_name(1)), 0);
    size_t blocked = fill(&senders[1], "bob");
    assert_int_equal(conn_queued(&bob.client->conn), queued);
    assert_int_equal(fill(&senders[2], "bob"), blocked);
    hang_up_senders();
}

/* --- Blocks ------------------------------------------------------------------------------------------------------- */

static void test_whoever_is_blocked_is_not_told(void **state)
{
    (void)state;
    assert_int_equal(client_set_blocks(bob.client, "alice"), 0);
    relay(&alice, "bob", 68);
    hear(&alice, MESSAGE_E_NOT_HERE); /* as somebody else is answered */
    get_ready(&bob);
    relay(&alice, "bob", 68);
    hear(&alice, MESSAGE_E_NONE);
    check_nothing_came(&bob);
    check_counters(0, 2, 0);
    get_ready(&alice); /* the other way nothing is blocked */
    relay(&bob, "alice", 68);
    hear(&bob, MESSAGE_E_NONE);
    hear_relayed(&alice, "bob", 68);
}

/* --- How fast ----------------------------------------------------------------------------------------------------- */

/* How many answers of any kind have come to this one when the server has nothing more to do at this time. */
static size_t answers(struct peer *p)
{
    struct session_message got;
    size_t n = 0;
    for (int idle = 0; idle < 10; idle++) {
        turn(0);
        conn_read(&p->conn);
        while (event_now(p, &got) == SESSION_MESSAGE) {
            n += got.payload[0] == MESSAGE_OK || got.payload[0] == MESSAGE_ERROR;
            idle = 0;
        }
    }
    return n;
}

static void relay_many(struct peer *p, const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        relay(p, name, 68);
}

/* The clock stands still but for where it is moved. Whoever asks too fast is not looked at for a second, here. */
static void test_relays_have_a_rate_of_their_own(void **state)
{
    (void)state;
    limits = LIMITS_DEFAULT;
    get_ready(&bob);
    server.now += 100; /* so that nothing counts that came before */
    limits.max_rate = 1;
    relay_many(&alice, "bob", 190);
    relay_many(&alice, "dora", 10); /* also those that are refused */
    for (int i = 0; i < 3; i++)
        ask(&alice, &(struct message){.type = MESSAGE_PING});
    assert_int_equal(answers(&alice), 203);
    relay_many(&bob, "alice", 350);
    assert_int_equal(answers(&bob), 201);
    server.now += 1000;
    assert_int_equal(answers(&bob), 100);
    server.now += 1000;
    assert_int_equal(answers(&bob), 49);
    assert_int_equal(server.counters.relays, 190);
    assert_int_equal(server.counters.relays_refused, 10 + 350);
}

/* What is not even looked at as a relay counts as a request: a name that is none, and any before the login. */
static void test_what_is_no_relay_counts_as_a_request(void **state)
{
    (void)state;
    struct peer carol;
    static const uint8_t no_name[] = "\x13\0\0\0\0\3Bob" CALL "\0";
    uint8_t payload[sizeof no_name];
    memcpy(payload, no_name, sizeof no_name);
    connect_peer(&carol);
    server.now += 100;
    limits.max_rate = 1;
    for (int i = 0; i < 10; i++) {
        bytes_store_be32(payload + 1, ++alice.request);
        assert_int_equal(conn_send(&alice.conn, &rng, 0, payload, sizeof payload), NET_OK);
        assert_int_equal(conn_flush(&alice.conn), NET_OK);
        relay(&carol, "bob", 68);
    }
    assert_int_equal(answers(&alice), 3);
    assert_int_equal(answers(&carol), 3);
    server.now += 1000;
    assert_int_equal(answers(&alice), 1);
    hang_up(&carol);
}

/* Like everything that a client says. */
static void test_a_relay_shows_that_one_is_there(void **state)
{
    (void)state;
    struct message m;
    for (int i = 0; i < 4; i++) {
        server.now += 600; /* of a second, after which it would be asked */
        relay(&alice, "bob", 0);
        do {
            next_message(&alice, &m);
            assert_int_not_equal(m.type, MESSAGE_STILL_THERE);
        } while (m.request == 0);
    }
    server.now += 1000;
    do
        next_message(&alice, &m);
    while (m.type == MESSAGE_PRESENCE);
    assert_int_equal(m.type, MESSAGE_STILL_THERE);
}

#define WITH_TWO(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO(test_a_frame_is_passed_on_as_it_is),
        WITH_TWO(test_the_order_is_kept),
        WITH_TWO(test_nothing_comes_before_ready),
        WITH_TWO(test_ready_is_a_connections),
        WITH_TWO(test_who_is_not_there),
        WITH_TWO(test_whoever_ends_gets_nothing),
        WITH_TWO(test_the_operator_takes_no_calls),
        WITH_TWO(test_one_sender_leaves_room_for_others),
        WITH_TWO(test_empty_frames_count),
        WITH_TWO(test_a_share_is_a_names),
        WITH_TWO(test_a_relay_never_cuts_its_recipient),
        WITH_TWO(test_blocked_senders_take_nobodys_share),
        WITH_TWO(test_a_blocked_sender_has_a_share_too),
        WITH_TWO(test_whoever_is_blocked_is_not_told),
        WITH_TWO(test_relays_have_a_rate_of_their_own),
        WITH_TWO(test_what_is_no_relay_counts_as_a_request),
        WITH_TWO(test_a_relay_shows_that_one_is_there),
    };
    return cmocka_run_group_tests(tests, peers_make_certificate, NULL);
}
