/* SPDX-License-Identifier: MIT */
/* app/server/chat in sealed rooms: whom a sealed line reaches, what it costs, and who knows of such a room. */
#include "tests/server_peers.h"

#define DEN "+den"

/* The longest line that there is, to look at. */
static uint8_t line[MESSAGE_SEALED_MAX];
static struct peer alice, bob, carol;

static int open_server(void **state)
{
    if (peers_open_server(state) != 0)
        return -1;
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = (uint8_t)(i * 7);
    limits.max_said = limits.max_said_room = 100000000;
    deadline_queue_init(&server.idle_time, 1000000); /* nobody is asked whether it is still there */
    put_account("alice");
    put_account("bob");
    put_account("carol");
    enter_as(&alice, "alice");
    enter_as(&bob, "bob");
    enter_as(&carol, "carol");
    return 0;
}

static int close_server(void **state)
{
    hang_up(&alice);
    hang_up(&bob);
    hang_up(&carol);
    return peers_close_server(state);
}

static void get_ready(struct peer *p)
{
    ask(p, &(struct message){.type = MESSAGE_READY});
    hear(p, MESSAGE_E_NONE);
}

static void join(struct peer *p, const char *room, enum message_error error)
{
    struct message m = {.type = MESSAGE_JOIN};
    snprintf(m.join.room, sizeof m.join.room, "%s", room);
    ask(p, &m);
    hear(p, error);
}

static void leave(struct peer *p, const char *room, enum message_error error)
{
    struct message m = {.type = MESSAGE_LEAVE};
    snprintf(m.leave.room, sizeof m.leave.room, "%s", room);
    ask(p, &m);
    hear(p, error);
}

static void seal(struct peer *p, const char *room, size_t len)
{
    struct message m = {.type = MESSAGE_SEAL, .seal = {.sealed = {line, len}}};
    snprintf(m.seal.room, sizeof m.seal.room, "%s", room);
    ask(p, &m);
}

static void say(struct peer *p, const char *room, size_t len)
{
    static char text[TEXT_MAX_LEN];
    struct message m = {.type = MESSAGE_SAY, .say = {.text = {(const uint8_t *)text, len}}};
    memset(text, 'x', sizeof text);
    snprintf(m.say.room, sizeof m.say.room, "%s", room);
    ask(p, &m);
}

static void enter_den(void)
{
    struct peer *const all[] = {&alice, &bob, &carol};
    for (size_t i = 0; i < 3; i++) {
        get_ready(all[i]);
        join(all[i], DEN, MESSAGE_E_NONE);
    }
}

/* The next that is no news of who came and went must be this. */
static void hear_sealed(struct peer *p, const char *from, size_t len)
{
    struct message m;
    do
        next_message(p, &m);
    while (m.type == MESSAGE_PRESENCE);
    assert_int_equal(m.type, MESSAGE_SEALED);
    assert_string_equal(m.sealed.room, DEN);
    assert_string_equal(m.sealed.sender, from);
    assert_true(m.sealed.time > 1700000000);
    assert_int_equal(m.sealed.sealed.len, len);
    assert_memory_equal(m.sealed.sealed.data, line, len);
}

/* Nothing has come to this one but news of other rooms, and nothing comes before the answer to what is asked now. */
static void check_nothing_came(struct peer *p)
{
    struct message m;
    ask(p, &(struct message){.type = MESSAGE_PING});
    for (;;) {
        next_message(p, &m);
        if (m.type != MESSAGE_PRESENCE)
            break;
        assert_false(!p->client->ready && name_is_sealed(m.presence.room));
    }
    check_answer(&m, p->request, MESSAGE_E_NONE);
}

/* --- Whom it reaches ---------------------------------------------------------------------------------------------- */

static void test_a_line_is_passed_on_as_it_is(void **state)
{
    (void)state;
    static const size_t lens[] = {MESSAGE_SEALED_MIN, MESSAGE_SEALED_MIN + 16, MESSAGE_SEALED_MAX};
    enter_den();
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        seal(&alice, DEN, lens[i]);
        hear(&alice, MESSAGE_E_NONE);
        hear_sealed(&bob, "alice", lens[i]);
        hear_sealed(&carol, "alice", lens[i]);
    }
    check_nothing_came(&alice);
    assert_int_equal(server.counters.messages, 3);
    assert_int_equal(server.counters.deliveries, 6);
}

static void test_the_order_is_kept(void **state)
{
    (void)state;
    enter_den();
    for (size_t i = 0; i < 50; i++)
        seal(&alice, DEN, MESSAGE_SEALED_MIN + 16 * i);
    for (size_t i = 0; i < 50; i++) {
        hear_sealed(&bob, "alice", MESSAGE_SEALED_MIN + 16 * i);
        hear_sealed(&carol, "alice", MESSAGE_SEALED_MIN + 16 * i);
    }
}

static void test_who_joined_is_told_before_the_line(void **state)
{
    (void)state;
    struct message m;
    get_ready(&alice);
    get_ready(&bob);
    join(&alice, DEN, MESSAGE_E_NONE);
    struct message joins = {MESSAGE_JOIN, 0, .join = {DEN}};
    ask(&bob, &joins);
    seal(&bob, DEN, MESSAGE_SEALED_MIN);
    do
        next_message(&alice, &m);
    while (m.type != MESSAGE_PRESENCE || strcmp(m.presence.room, DEN) != 0);
    hear_sealed(&alice, "bob", MESSAGE_SEALED_MIN);
}

static void test_only_members_seal_and_hear(void **state)
{
    (void)state;
    get_ready(&alice);
    get_ready(&bob);
    get_ready(&carol);
    seal(&alice, DEN, MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_NO_SUCH_ROOM);
    leave(&alice, DEN, MESSAGE_E_NO_SUCH_ROOM);
    join(&alice, DEN, MESSAGE_E_NONE);
    join(&alice, DEN, MESSAGE_E_ALREADY_IN_ROOM);
    seal(&bob, DEN, MESSAGE_SEALED_MIN);
    hear(&bob, MESSAGE_E_NOT_IN_ROOM);
    leave(&bob, DEN, MESSAGE_E_NOT_IN_ROOM);
    join(&bob, DEN, MESSAGE_E_NONE);
    seal(&bob, DEN, MESSAGE_SEALED_MIN);
    hear(&bob, MESSAGE_E_NONE);
    hear_sealed(&alice, "bob", MESSAGE_SEALED_MIN);
    check_nothing_came(&carol);
    leave(&alice, DEN, MESSAGE_E_NONE);
    seal(&bob, DEN, MESSAGE_SEALED_MIN);
    hear(&bob, MESSAGE_E_NONE);
    check_nothing_came(&alice);
    leave(&bob, DEN, MESSAGE_E_NONE);
    assert_null(room_find(&server.rooms, DEN)); /* gone, as others are */
}

static void test_whoever_is_blocked_is_not_told(void **state)
{
    (void)state;
    enter_den();
    assert_int_equal(client_set_blocks(bob.client, "alice"), 0);
    seal(&alice, DEN, MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_NONE);
    hear_sealed(&carol, "alice", MESSAGE_SEALED_MIN);
    check_nothing_came(&bob);
    seal(&bob, DEN, MESSAGE_SEALED_MIN); /* the other way nothing is blocked */
    hear(&bob, MESSAGE_E_NONE);
    hear_sealed(&alice, "bob", MESSAGE_SEALED_MIN);
}

/* --- What may come ------------------------------------------------------------------------------------------------ */

/* A request with these fields, which need not keep any rule. */
static void ask_bytes(struct peer *p, enum message_type type, const char *name, const uint8_t *rest, size_t rest_len)
{
    uint8_t payload[MESSAGE_MAX_LEN] = {(uint8_t)type};
    size_t name_len = strlen(name);
    bytes_store_be32(payload + 1, ++p->request);
    payload[5] = (uint8_t)name_len;
    memcpy(payload + 6, name, name_len);
    memcpy(payload + 6 + name_len, rest, rest_len);
    assert_int_equal(conn_send(&p->conn, &rng, 0, payload, 6 + name_len + rest_len), NET_OK);
    assert_int_equal(conn_flush(&p->conn), NET_OK);
}

static void ask_to_seal(struct peer *p, const char *room, size_t len)
{
    uint8_t rest[2 + MESSAGE_SEALED_MAX + 16];
    bytes_store_be16(rest, (uint16_t)len);
    memset(rest + 2, 'x', len);
    ask_bytes(p, MESSAGE_SEAL, room, rest, 2 + len);
}

static void test_each_kind_of_room_has_its_request(void **state)
{
    (void)state;
    enter_den();
    ask_bytes(&alice, MESSAGE_SAY, DEN, (const uint8_t *)"\0\5hello", 7);
    hear(&alice, MESSAGE_E_BAD_NAME);
    ask_to_seal(&alice, "lobby", MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_BAD_NAME);
    check_nothing_came(&bob);
    assert_int_equal(server.counters.messages, 0);
}

static void test_a_line_of_another_length_is_malformed(void **state)
{
    (void)state;
    static const size_t lens[] = {0, MESSAGE_SEALED_MIN - 16, MESSAGE_SEALED_MIN + 1, MESSAGE_SEALED_MAX + 16};
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        struct peer p;
        struct session_message m;
        enter_as(&p, "carol"); /* in place of the one before */
        get_ready(&p);
        join(&p, DEN, MESSAGE_E_NONE);
        ask_to_seal(&p, DEN, lens[i]);
        hear(&p, MESSAGE_E_MALFORMED);
        assert_int_equal(next_event(&p, &m), SESSION_CLOSED);
        hang_up(&p);
    }
}

static void test_nothing_comes_before_the_login(void **state)
{
    (void)state;
    struct peer dora;
    connect_peer(&dora);
    seal(&dora, DEN, MESSAGE_SEALED_MIN);
    hear(&dora, MESSAGE_E_NOT_LOGGED_IN);
    ask(&dora, &(struct message){.type = MESSAGE_READY});
    hear(&dora, MESSAGE_E_NOT_LOGGED_IN);
    hang_up(&dora);
}

/* --- Before ready ------------------------------------------------------------------------------------------------- */

static void ask_rooms(struct peer *p, const char *after, struct message *m)
{
    struct message asks = {.type = MESSAGE_LIST_ROOMS};
    snprintf(asks.list_rooms.after, sizeof asks.list_rooms.after, "%s", after);
    ask(p, &asks);
    do
        next_message(p, m);
    while (m->request == 0);
    assert_int_equal(m->type, MESSAGE_ROOMS);
}

/* What this one is told of rooms, and of this one. */
static void check_unknown(struct peer *p, const char *room)
{
    struct message m, who = {.type = MESSAGE_WHO};
    struct message_entry entry;
    join(p, room, MESSAGE_E_BAD_NAME);
    leave(p, room, MESSAGE_E_BAD_NAME);
    seal(p, room, MESSAGE_SEALED_MIN);
    hear(p, MESSAGE_E_BAD_NAME);
    snprintf(who.who.room, sizeof who.who.room, "%s", room);
    ask(p, &who);
    hear(p, MESSAGE_E_BAD_NAME);
    ask_rooms(p, "", &m);
    assert_true(message_list_next(&m.rooms.list, &entry, true));
    assert_string_equal(entry.name, MESSAGE_LOBBY);
    assert_int_equal(m.rooms.list.count, 0);
    assert_int_equal(m.rooms.more, 0);
}

static void test_nothing_is_known_before_ready(void **state)
{
    (void)state;
    struct message m;
    struct message_entry entry;
    get_ready(&alice);
    join(&alice, DEN, MESSAGE_E_NONE);
    check_unknown(&bob, DEN);
    check_unknown(&bob, "+nobodys"); /* answered alike */
    seal(&alice, DEN, MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_NONE);
    check_nothing_came(&bob);
    get_ready(&bob);
    ask_rooms(&bob, "", &m);
    assert_true(message_list_next(&m.rooms.list, &entry, true));
    assert_string_equal(entry.name, DEN);
    assert_int_equal(entry.members, 1);
    ask_rooms(&bob, DEN, &m);
    assert_int_equal(m.rooms.list.count, 1);
    ask(&bob, &(struct message){MESSAGE_WHO, 0, .who = {DEN, ""}});
    do
        next_message(&bob, &m);
    while (m.request == 0);
    assert_int_equal(m.type, MESSAGE_MEMBERS);
    assert_int_equal(m.members.list.count, 1);
    join(&bob, DEN, MESSAGE_E_NONE);
}

/* It is the connection that has said so, and not the user. */
static void test_ready_is_a_connections(void **state)
{
    (void)state;
    struct peer again;
    enter_den();
    enter_as(&again, "bob");
    seal(&alice, DEN, MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_NONE);
    hear_sealed(&carol, "alice", MESSAGE_SEALED_MIN);
    check_unknown(&again, DEN);
    check_nothing_came(&again);
    hang_up(&again);
}

static void hear_operator(struct room_user *user, const struct message *m)
{
    (void)user;
    assert_int_not_equal(m->type, MESSAGE_SEALED);
}

/* What stands around it in memory, where a client has its connection, happens to look like that of one. */
static void test_the_operator_is_in_no_sealed_room(void **state)
{
    (void)state;
    static struct client around;
    struct room_user *user = &around.user;
    around = (struct client){.server = &server, .phase = CLIENT_CHAT, .ready = true};
    *user = (struct room_user){.name = "operator", .hear = hear_operator, .is_operator = true};
    enter_den();
    assert_int_equal(rooms_enter_lobby(&server.rooms, user), MESSAGE_E_NONE);
    assert_int_equal(chat_join_room(&server, user, DEN), MESSAGE_E_BAD_NAME);
    assert_int_equal(chat_join_room(&server, user, "+mine"), MESSAGE_E_BAD_NAME);
    assert_int_equal(chat_leave_room(&server, user, DEN), MESSAGE_E_BAD_NAME);
    assert_int_equal(chat_say_in(&server, user, DEN, password), MESSAGE_E_BAD_NAME);
    seal(&alice, DEN, MESSAGE_SEALED_MIN);
    hear(&alice, MESSAGE_E_NONE);
    rooms_exit(&server.rooms, user);
}

/* --- Many rooms --------------------------------------------------------------------------------------------------- */

/* So many rooms, named by a format with a number in it. */
static void make_rooms(struct peer *p, const char *format, unsigned n)
{
    char name[NAME_MAX_LEN + 1];
    struct room *room;
    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, format, i);
        assert_int_equal(room_join(&server.rooms, &p->client->user, name, &room), MESSAGE_E_NONE);
    }
}

static void check_page(struct peer *p, const char *after, size_t count, bool more, const char *last)
{
    struct message m;
    struct message_entry entry;
    ask_rooms(p, after, &m);
    assert_int_equal(m.rooms.list.count, count);
    assert_int_equal(m.rooms.more, more);
    while (message_list_next(&m.rooms.list, &entry, true))
        assert_true(p->client->ready || !name_is_sealed(entry.name));
    assert_string_equal(entry.name, last);
}

static void test_pages_are_full_without_them(void **state)
{
    (void)state;
    limits.max_joined = limits.max_rooms_user = limits.max_rooms_address = 2000;
    limits.max_rooms = 2000;
    make_rooms(&alice, "+den-%03u", 450);
    make_rooms(&alice, "a-%03u", 449); /* and the lobby */
    check_page(&bob, "", 400, true, "a-399");
    check_page(&bob, "a-399", 50, false, "lobby");
    check_page(&bob, "+den-100", 400, true, "a-399");
    check_page(&bob, "a-048", 400, true, "a-448");
    check_page(&bob, "a-049", 400, false, "lobby");
    get_ready(&bob);
    check_page(&bob, "", 400, true, "+den-399");
    check_page(&bob, "+den-399", 400, true, "a-349");
    check_page(&bob, "a-349", 100, false, "lobby");
}

static void test_sealed_rooms_count_like_others(void **state)
{
    (void)state;
    get_ready(&alice);
    get_ready(&bob);
    limits.max_rooms_user = 2;
    join(&alice, DEN, MESSAGE_E_NONE);
    join(&alice, "den", MESSAGE_E_NONE); /* another room */
    join(&alice, "+third", MESSAGE_E_LIMIT);
    join(&alice, "third", MESSAGE_E_LIMIT);
    limits.max_members = 1;
    join(&bob, DEN, MESSAGE_E_LIMIT);
    limits.max_members = 10;
    limits.max_joined = 1;
    join(&bob, DEN, MESSAGE_E_LIMIT);
    limits.max_joined = 10;
    limits.max_rooms = 3;
    join(&bob, "+third", MESSAGE_E_LIMIT);
    join(&bob, DEN, MESSAGE_E_NONE);
}

/* --- A member that doesn't read ----------------------------------------------------------------------------------- */

/* alice seals so many; carol reads each, bob nothing. */
static void seal_many(size_t n, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        seal(&alice, DEN, len);
        hear(&alice, MESSAGE_E_NONE);
        hear_sealed(&carol, "alice", len);
    }
}

/* How many of them this one has; then it has read all. */
static size_t count_sealed(struct peer *p, size_t len)
{
    struct message m;
    size_t n = 0;
    ask(p, &(struct message){.type = MESSAGE_PING});
    for (;;) {
        next_message(p, &m);
        if (m.request != 0)
            break;
        if (m.type == MESSAGE_SEALED)
            assert_int_equal(m.sealed.sealed.len, len);
        n += m.type == MESSAGE_SEALED;
    }
    check_answer(&m, p->request, MESSAGE_E_NONE);
    return n;
}

static void check_never_cut(size_t len, size_t queue_max)
{
    size_t each = len + 100, n = 0;
    while (conn_queued(&bob.client->conn) <= queue_max) {
        seal_many(1, len);
        n++;
        assert_true(n < 10000);
    }
    size_t queued = conn_queued(&bob.client->conn);
    uint64_t deliveries = server.counters.deliveries;
    seal_many(2 * n + 10, len);
    assert_int_equal(conn_queued(&bob.client->conn), queued);
    assert_in_range(queued, queue_max + 1, queue_max + each);
    assert_int_equal(server.counters.deliveries, deliveries + 2 * n + 10);
    assert_int_equal(bob.client->phase, CLIENT_CHAT);
    assert_int_equal(count_sealed(&bob, len), n);
    seal_many(1, len); /* from then on it is as before */
    hear_sealed(&bob, "alice", len);
}

static void test_a_seal_never_cuts_a_member(void **state)
{
    (void)state;
    enter_den();
    check_never_cut(MESSAGE_SEALED_MAX, 131072);
    check_never_cut(MESSAGE_SEALED_MIN, 131072);
    limits.max_queue_kib = 32; /* the least that there can be */
    hang_up(&bob);
    enter_as(&bob, "bob");
    get_ready(&bob);
    join(&bob, DEN, MESSAGE_E_NONE);
    check_never_cut(MESSAGE_SEALED_MAX, 16384);
}

/* --- How much ----------------------------------------------------------------------------------------------------- */

#define LEN (116 + 16 * 242) /* of a line that a text can have as well */

/* How many of these come out before the sender has to wait, the clock standing still. */
static size_t until_it_waits(struct peer *p, const char *room, void (*speak)(struct peer *, const char *, size_t))
{
    size_t n = 0;
    for (; p->client->speech == NULL && p->client->pause.queue == NULL; n++) {
        speak(p, room, LEN);
        for (int i = 0; i < 5; i++)
            turn(0);
        assert_true(n < 1000);
    }
    return n;
}

static void test_it_counts_as_a_text_of_as_many_bytes(void **state)
{
    (void)state;
    enter_den();
    join(&alice, "den", MESSAGE_E_NONE);
    server.now += 100000;
    limits.max_said_room = 16384;
    assert_int_equal(until_it_waits(&bob, DEN, seal), 16384 * 4 / (LEN + 150) + 2);
    assert_int_equal(until_it_waits(&alice, "den", say), 16384 * 4 / (LEN + 150) + 2);
    server.now += 100000;
    chat_expire(&server);
    limits = LIMITS_DEFAULT;
    limits.max_said_room = 100000000;
    limits.max_rate = 100000;
    assert_int_equal(until_it_waits(&carol, DEN, seal), 8192 * 4 / (LEN + 150) + 1);
}

/* alice never stops, and bob has waited for one turn. */
static void test_they_take_turns(void **state)
{
    (void)state;
    struct message m;
    enter_den();
    server.now += 100000;
    limits.max_said_room = 4096;
    size_t at_once = until_it_waits(&alice, DEN, seal);
    seal(&bob, DEN, MESSAGE_SEALED_MIN);
    for (int i = 0; i < 20; i++)
        seal(&alice, DEN, LEN);
    for (int i = 0; i < 30; i++) {
        server.now += 1000;
        chat_expire(&server);
        turn(0);
    }
    size_t before = 0;
    for (;;) {
        next_message(&carol, &m);
        if (m.type == MESSAGE_SEALED && strcmp(m.sealed.sender, "bob") == 0)
            break;
        before += m.type == MESSAGE_SEALED;
    }
    assert_in_range(before, at_once - 1, at_once + 1);
    assert_int_equal(m.sealed.sealed.len, MESSAGE_SEALED_MIN);
    assert_memory_equal(m.sealed.sealed.data, line, MESSAGE_SEALED_MIN);
    hear(&bob, MESSAGE_E_NONE);
}

#define WITH_THREE(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_THREE(test_a_line_is_passed_on_as_it_is),          WITH_THREE(test_the_order_is_kept),
        WITH_THREE(test_who_joined_is_told_before_the_line),    WITH_THREE(test_only_members_seal_and_hear),
        WITH_THREE(test_whoever_is_blocked_is_not_told),        WITH_THREE(test_each_kind_of_room_has_its_request),
        WITH_THREE(test_a_line_of_another_length_is_malformed), WITH_THREE(test_nothing_comes_before_the_login),
        WITH_THREE(test_nothing_is_known_before_ready),         WITH_THREE(test_ready_is_a_connections),
        WITH_THREE(test_the_operator_is_in_no_sealed_room),     WITH_THREE(test_pages_are_full_without_them),
        WITH_THREE(test_sealed_rooms_count_like_others),        WITH_THREE(test_a_seal_never_cuts_a_member),
        WITH_THREE(test_it_counts_as_a_text_of_as_many_bytes),  WITH_THREE(test_they_take_turns),
    };
    return cmocka_run_group_tests(tests, peers_make_certificate, NULL);
}
