/* SPDX-License-Identifier: MIT */
/* The client against servers that say what no server should, and some that do: each a child process on a loopback
 * socket, with a real handshake. What the client prints is read back from a file. */
#include "app/client/conversation.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/client/command.h"
#include "app/client/interrupt.h"
#include "app/client/loop.h"
#include "net/sock.h"
#include "tests/test.h"

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

static struct identity identity;
static struct rng rng;
static uint8_t server_groups[] = {DH_FFDHE3072};

/* --- The server --------------------------------------------------------------------------------------------------- */

struct server {
    struct conn conn;
    const uint8_t *payload; /* of the last message */
    size_t payload_len;
};

/* The next thing but MORE. */
static enum session_event next(struct server *s)
{
    struct session_message m;
    for (;;) {
        enum session_event event = conn_next(&s->conn, &rng, 0, &m);
        if (event == SESSION_WORK) {
            conn_work(&s->conn, &rng);
            event = conn_step(&s->conn, &rng, 0);
        }
        (void)conn_flush(&s->conn);
        s->payload = m.payload;
        s->payload_len = m.len;
        if (event != SESSION_MORE)
            return event;
        struct pollfd fd = {.fd = s->conn.fd, .events = POLLIN};
        poll(&fd, 1, 10000);
        conn_read(&s->conn);
    }
}

static void send_bytes(struct server *s, const void *payload, size_t len)
{
    if (conn_send(&s->conn, &rng, 0, payload, len) != NET_OK || conn_flush(&s->conn) != NET_OK)
        _exit(11);
}

static void send_message(struct server *s, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) != 0)
        _exit(12);
    send_bytes(s, payload, len);
}

/* Waits for a request of this type; its number. */
static uint32_t expect(struct server *s, enum message_type type, struct message *m)
{
    struct message own;
    m = m != NULL ? m : &own;
    if (next(s) != SESSION_MESSAGE || message_decode(m, s->payload, s->payload_len) != 0 || m->type != type)
        _exit(13);
    return m->request;
}

static void answer_ok(struct server *s, uint32_t request)
{
    send_message(s, &(struct message){.type = MESSAGE_OK, .request = request});
}

static void close_well(struct server *s)
{
    enum session_event event;
    (void)conn_close(&s->conn, &rng);
    (void)conn_flush(&s->conn);
    while ((event = next(s)) == SESSION_MESSAGE)
        ;
    if (event != SESSION_CLOSED) /* the client answers a Close with its own */
        _exit(14);
}

/* Accepts, shakes hands, plays its part, ends with status 0. */
static _Noreturn void serve(int listener, void (*part)(struct server *s))
{
    struct server s;
    struct sock_peer peer;
    struct handshake_config config;
    enum session_event event;
    alarm(20);
    handshake_config_default(&config, HANDSHAKE_SERVER);
    config.identity = &identity;
    config.groups = server_groups;
    config.groups_len = sizeof server_groups;
    do { /* who came with a group that isn't allowed is told so, and comes again */
        struct pollfd fd = {.fd = listener, .events = POLLIN};
        poll(&fd, 1, 10000);
        if (conn_open(&s.conn, sock_accept(listener, &peer), &config, CONN_QUEUE_MAX) != 0)
            _exit(10);
        conn_start(&s.conn);
        event = next(&s);
        if (event != SESSION_ESTABLISHED)
            conn_free(&s.conn);
    } while (event != SESSION_ESTABLISHED);
    part(&s);
    conn_free(&s.conn);
    _exit(0);
}

/* --- The client --------------------------------------------------------------------------------------------------- */

struct client {
    struct conversation talk;
    struct arguments arguments;
    pid_t server;
    void (*more)(struct conversation *d); /* what the client does after that, or NULL */
    uint64_t (*now)(void);                /* its clock, or NULL: the system's */
    bool stranger;                        /* it has not logged in; else it is in the lobby */
    int out;                              /* where stdout was */
    char printed[20000];
};

static void start(struct client *c, void (*part)(struct server *s))
{
    struct sock_name at;
    char why[ARGUMENTS_WHY_LEN];
    assert_int_equal(sock_parse(&at, "127.0.0.1:0", ""), 0);
    int listener = sock_listen(&at, why);
    assert_true(listener >= 0);
    fflush(NULL);
    c->server = fork();
    assert_true(c->server >= 0);
    if (c->server == 0)
        serve(listener, part);
    snprintf(at.port, sizeof at.port, "%u", sock_local_port(listener));
    close(listener);
    char text[SOCK_NAME_LEN];
    sock_print(text, &at);
    char *argv[] = {"glasschat", text, "--home", "/nonexistent", NULL};
    assert_int_equal(arguments_parse(&c->arguments, 4, argv, why), 0);
}

/* Everything that is printed goes to a file from here on. */
static void hide_output(struct client *c, FILE *to)
{
    fflush(NULL);
    c->out = dup(STDOUT_FILENO);
    dup2(fileno(to), STDOUT_FILENO);
    dup2(fileno(to), STDERR_FILENO);
}

static void show_output(struct client *c, FILE *from)
{
    fflush(NULL);
    dup2(c->out, STDOUT_FILENO);
    dup2(c->out, STDERR_FILENO);
    close(c->out);
    rewind(from);
    size_t len = fread(c->printed, 1, sizeof c->printed - 1, from);
    c->printed[len] = '\0';
    fclose(from);
}

/* Connects, takes itself for logged in, and asks who is in the lobby, which every part begins by taking; waits for the
 * answer. Checks that the server saw what it expected, and gives what was printed. */
static const char *play(struct client *c, void (*part)(struct server *s))
{
    char why[SERVER_LINK_WHY_LEN];
    struct message m = {.type = MESSAGE_WHO, .who.room = "lobby"};
    struct conversation *d = &c->talk;
    start(c, part);
    FILE *to = tmpfile();
    assert_non_null(to);
    hide_output(c, to);
    loop_init(d);
    d->screen.line.terminal = false;
    strcpy(d->user, "alice");
    d->logged_in = !c->stranger;
    d->rooms_len = d->logged_in;
    strcpy(d->rooms[0], "lobby");
    struct trust trust = {.rule = TRUST_PIN, .server = c->arguments.server};
    certificate_fingerprint(trust.pin, identity.key.n);
    int opened = server_link_open(&d->link, &c->arguments, &trust, NULL, why);
    if (c->now != NULL)
        d->link.now = c->now;
    bool settled = opened == 0 && conversation_ask(d, &m, "lobby") && loop_until_answered(d);
    bool ended = d->ended;
    if (settled && c->more != NULL)
        c->more(d);
    if (opened == 0)
        server_link_close(&d->link);
    show_output(c, to);
    if (opened != 0)
        fail_msg("%s", why);
    int status;
    waitpid(c->server, &status, 0);
    if (status != 0)
        fail_msg("the server ended with %x; the client printed:\n%s", (unsigned)status, c->printed);
    assert_int_equal(settled, !ended);
    return c->printed;
}

static void check_ends(struct client *c, void (*part)(struct server *s), const char *words)
{
    const char *printed = play(c, part);
    assert_true(c->talk.ended && c->talk.broken);
    if (strstr(printed, words) == NULL)
        fail_msg("no '%s' in:\n%s", words, printed);
    for (const char *p = printed; *p != '\0'; p++)
        assert_true((unsigned char)*p >= ' ' || *p == '\n');
}

/* --- What hostile servers do -------------------------------------------------------------------------------------- */

static void part_escape(struct server *s)
{
    static const uint8_t said[] = "\x60\0\0\0\0\5lobby\3eve\0\0\0\0\0\0\0\0\0\7\x1b[2Jxyz";
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, said, sizeof said - 1);
    next(s);
}

static void part_request(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){.type = MESSAGE_PING, .request = 1});
    next(s);
}

static void part_empty(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, NULL, 0);
    next(s);
}

/* Names that do not ascend, and one that is there twice. */
static void part_turned(struct server *s)
{
    static const uint8_t presence[] = "\x61\0\0\0\0\1\5lobby\0\2\3bob\5alice";
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, presence, sizeof presence - 1);
    next(s);
}

static void part_twice(struct server *s)
{
    static const uint8_t members[] = "\x43\0\0\0\1\5lobby\0\0\2\3bob\3bob";
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, members, sizeof members - 1);
    next(s);
}

static void part_numbered_push(struct server *s)
{
    static const uint8_t notice[] = "\x62\0\0\0\1\0\2no";
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, notice, sizeof notice - 1);
    next(s);
}

static void part_unknown_push(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_bytes(s, "\x65\0\0\0\0", 5);
    next(s);
}

static void part_unasked(struct server *s)
{
    answer_ok(s, expect(s, MESSAGE_WHO, NULL) + 1);
    next(s);
}

static void part_wrong_answer(struct server *s)
{
    answer_ok(s, expect(s, MESSAGE_WHO, NULL));
    next(s);
}

/* These end behind what is wrong, so that a client that takes it doesn't wait. Here the ping is answered first. */
static void part_wrong_order(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){.type = MESSAGE_STILL_THERE});
    answer_ok(s, expect(s, MESSAGE_PING, NULL));
}

static void test_answers_keep_their_order(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    check_ends(&c, part_wrong_order, "not asked");
}

static void part_said_elsewhere(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){MESSAGE_SAID, 0, .said = {"den", "eve", 0, BYTES("hear hear")}});
}

static void part_said_in_the_lobby(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){MESSAGE_SAID, 0, .said = {"lobby", "eve", 0, BYTES("hear hear")}});
}

static void part_came_elsewhere(struct server *s)
{
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message presence = {.type = MESSAGE_PRESENCE, .presence = {.what = MESSAGE_JOINED, .room = "den"}};
    message_list_init(&presence.presence.list, buf);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"eve", 0}, false);
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &presence);
}

static void part_replaced_unasked(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){.type = MESSAGE_REPLACED});
}

/* Of rooms that one is not in, and of all before one has logged in. */
static void test_pushes_that_are_for_others(void **state)
{
    (void)state;
    struct client c = {.more = NULL}, stranger = {.stranger = true};
    check_ends(&c, part_said_elsewhere, "breaks the protocol");
    assert_null(strstr(c.printed, "hear"));
    check_ends(&c, part_came_elsewhere, "breaks the protocol");
    assert_null(strstr(c.printed, "eve"));
    check_ends(&stranger, part_said_in_the_lobby, "breaks the protocol");
    check_ends(&stranger, part_replaced_unasked, "breaks the protocol");
}

static void test_nonsense_ends_it(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    check_ends(&c, part_escape, "breaks the protocol");
    check_ends(&c, part_request, "breaks the protocol");
    check_ends(&c, part_empty, "breaks the protocol");
    check_ends(&c, part_turned, "breaks the protocol");
    check_ends(&c, part_twice, "breaks the protocol");
    check_ends(&c, part_numbered_push, "breaks the protocol");
    check_ends(&c, part_unknown_push, "breaks the protocol");
    check_ends(&c, part_unasked, "not asked");
    check_ends(&c, part_wrong_answer, "not asked");
}

static void part_close(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    close_well(s);
}

static void part_replaced(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
    send_message(s, &(struct message){.type = MESSAGE_REPLACED});
    close_well(s);
}

static void part_cut(struct server *s)
{
    expect(s, MESSAGE_WHO, NULL);
}

static void part_garbage(struct server *s)
{
    static const uint8_t record[4 + 64] = {FRAME_RECORD, 1, 0, 64};
    expect(s, MESSAGE_WHO, NULL);
    assert_int_equal(write(s->conn.fd, record, sizeof record), sizeof record);
    next(s);
}

static void test_each_end_has_its_words(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    check_ends(&c, part_close, "the server closed the connection");
    check_ends(&c, part_replaced, "logged in elsewhere");
    check_ends(&c, part_cut, "was cut");
    check_ends(&c, part_garbage, "tampering");
}

/* A second passes each time that somebody looks: a client that is told something a hundred times a second is soon past
 * its patience. */
static uint64_t hasty(void)
{
    static uint64_t seconds;
    return seconds++;
}

static void talk(struct server *s, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        struct pollfd fd = {.fd = s->conn.fd, .events = 0};
        if (poll(&fd, 1, 10) > 0)
            return; /* it is gone */
        struct message notice = {.type = MESSAGE_NOTICE, .notice.text = BYTES("hear hear")};
        uint8_t payload[100];
        size_t len;
        if (message_encode(payload, sizeof payload, &len, &notice) != 0)
            _exit(15);
        if (conn_send(&s->conn, &rng, 0, payload, len) != NET_OK || conn_flush(&s->conn) != NET_OK)
            return;
    }
    _exit(16); /* it stayed */
}

static void part_never_answers(struct server *s)
{
    signal(SIGPIPE, SIG_IGN);
    expect(s, MESSAGE_WHO, NULL);
    talk(s, 1500);
}

static void test_a_server_that_talks_and_does_not_answer(void **state)
{
    (void)state;
    struct client c = {.now = hasty};
    check_ends(&c, part_never_answers, "unanswered for 120 seconds");
}

/* --- What good servers do ----------------------------------------------------------------------------------------- */

static void part_pushes(struct server *s)
{
    static const char text[] = "a\n[lobby] bob: b\ttab";
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message presence = {.type = MESSAGE_PRESENCE, .presence = {.what = MESSAGE_JOINED, .room = "lobby"}};
    struct message who = {.type = MESSAGE_MEMBERS, .request = expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    message_list_init(&presence.presence.list, buf);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"alice", 0}, false);
    send_message(s, &presence); /* oneself: not shown */
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"bob", 0}, false);
    (void)!message_list_add(&presence.presence.list, buf, &(struct message_entry){"carol", 0}, false);
    send_message(s, &presence);
    send_message(s, &(struct message){MESSAGE_SAID, 0, .said = {"lobby", "eve", 0, BYTES(text)}});
    send_message(s, &(struct message){MESSAGE_NOTICE, 0, .notice = {BYTES("hear hear")}});
    who.members.list = presence.presence.list;
    who.members.more = 1;
    send_message(s, &who);
    struct message again;
    who.request = expect(s, MESSAGE_WHO, &again);
    if (strcmp(again.who.after, "carol") != 0 || strcmp(again.who.room, "lobby") != 0)
        _exit(20);
    who.members.more = 0;
    message_list_init(&who.members.list, buf);
    (void)!message_list_add(&who.members.list, buf, &(struct message_entry){"dave", 0}, false);
    send_message(s, &who);
    next(s);
}

static void test_pushes_and_pages_are_lines(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    assert_string_equal(play(&c, part_pushes), "* bob, carol joined lobby\n"
                                               "[lobby] eve: a\xe2\x8f\x8e[lobby] bob: b\ttab\n"
                                               "* notice: hear hear\n"
                                               "* in lobby: alice, bob, carol\n"
                                               "* in lobby: dave\n");
    assert_false(c.talk.ended);
}

static void part_still_there(struct server *s)
{
    struct message who = {.type = MESSAGE_MEMBERS, .request = expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    send_message(s, &(struct message){.type = MESSAGE_STILL_THERE});
    uint32_t ping = expect(s, MESSAGE_PING, NULL);
    who.members.list.bytes.data = (const uint8_t *)"";
    send_message(s, &who);
    answer_ok(s, ping);
    next(s);
}

static void test_says_that_it_is_still_there(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    assert_string_equal(play(&c, part_still_there), "");
}

static void part_rooms(struct server *s)
{
    struct message m, who = {.type = MESSAGE_MEMBERS, .request = expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    who.members.list.bytes.data = (const uint8_t *)"";
    send_message(s, &who);
    answer_ok(s, expect(s, MESSAGE_LOG_IN, &m));
    uint32_t join = expect(s, MESSAGE_JOIN, &m);
    send_message(s, &(struct message){MESSAGE_SAID, 0, .said = {"den", "bob", 0, BYTES("hello")}});
    answer_ok(s, join);
    answer_ok(s, expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "den") != 0)
        _exit(21);
    answer_ok(s, expect(s, MESSAGE_LEAVE, &m));
    answer_ok(s, expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "lobby") != 0 || m.say.text.len != 2 || memcmp(m.say.text.data, "/b", 2) != 0)
        _exit(22);
    next(s);
}

static void go_about(struct conversation *d)
{
    struct message log_in = {.type = MESSAGE_LOG_IN, .log_in = {"alice", BYTES("correct horse"), ""}};
    if (!conversation_ask(d, &log_in, "") || !loop_until_answered(d))
        return;
    static const char *const lines[] = {"/join den", "a", "/leave", "//b", "/leave Den", "never said"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!command_do(d, lines[i], strlen(lines[i])))
            break;
    (void)loop_until_answered(d);
}

static void test_rooms_follow_the_answers(void **state)
{
    (void)state;
    struct client c = {.more = go_about};
    assert_string_equal(play(&c, part_rooms), "[den] bob: hello\n* you joined den\n* you left den\n"
                                              "glasschat: that is no room: a name is 1 to 32 of a-z 0-9 _ -, "
                                              "starting with a letter (line 0: nothing behind it was done or said)\n");
    assert_true(c.talk.screen.script_ends);
    assert_string_equal(c.talk.room, "lobby");
    assert_int_equal(c.talk.rooms_len, 1);
}

/* Each is refused, and ends a script; the first of them that is said ends the server with a failure. */
static void say_what_is_none(struct conversation *d)
{
    static const char *const lines[] = {"/pasword",   "/Password",        " /password",      "\xef\xbc\x8fpassword",
                                        "/2fa ON",    "/password now",    "/block bob dave", "password",
                                        "//password", "lobby> /password", " /nothing",       "correct horse"};
    given_secrets_add(&d->screen.line.given, "correct horse", 13);
    strcpy(d->room, "lobby");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        d->screen.script_ends = false;
        assert_false(command_do(d, lines[i], strlen(lines[i])));
        assert_true(d->screen.script_ends && d->screen.complained);
    }
    d->screen.script_ends = false;
    assert_false(command_do(d, "/password\0x", 11));
    d->screen.script_ends = false;
    assert_true(command_do(d, "the end", 7));
    (void)loop_until_answered(d);
}

static void refuse(struct server *s, uint32_t request, enum message_error code)
{
    struct message m = {.type = MESSAGE_ERROR, .request = request, .error.code = (uint16_t)code};
    const char *text = message_error_text(code);
    m.error.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    send_message(s, &m);
}

static void part_refuses(struct server *s)
{
    struct message m, who = {.type = MESSAGE_MEMBERS, .request = expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    who.members.list.bytes.data = (const uint8_t *)"";
    send_message(s, &who);
    for (int terminal = 0; terminal < 2; terminal++) {
        refuse(s, expect(s, MESSAGE_JOIN, &m), MESSAGE_E_LIMIT);
        refuse(s, expect(s, MESSAGE_LEAVE, &m), MESSAGE_E_NO_SUCH_ROOM);
        refuse(s, expect(s, MESSAGE_BLOCK, &m), MESSAGE_E_NO_SUCH_USER);
    }
    next(s);
}

/* True: it goes on. */
static bool do_line(struct conversation *d, const char *line)
{
    d->screen.script_ends = d->screen.complained = false;
    bool more = command_do(d, line, strlen(line)) && loop_until_answered(d);
    assert_true(d->screen.complained);
    assert_true(more == !d->screen.script_ends);
    return more;
}

static void be_refused(struct conversation *d)
{
    for (int terminal = 0; terminal < 2; terminal++) {
        d->screen.line.terminal = terminal != 0;
        assert_int_equal(do_line(d, "/join den"), terminal);
        assert_int_equal(do_line(d, "/leave den"), terminal);
        assert_int_equal(do_line(d, "/leave"), terminal);
        assert_true(do_line(d, "/who"));
        assert_true(do_line(d, "/block bob"));
    }
}

static void test_a_refused_join_or_leave_ends_a_script_alone(void **state)
{
    (void)state;
    struct client c = {.more = be_refused};
    (void)play(&c, part_refuses);
    assert_false(c.talk.ended);
}

/* An answer, the refusal of a ping that came behind its request, and where it stops the Close, all in one piece. */
static void part_stops(struct server *s, bool close)
{
    struct message m, ok = {.type = MESSAGE_OK}, who = {.type = MESSAGE_MEMBERS, .members.room = "lobby"};
    uint8_t payload[100];
    size_t len;
    who.request = expect(s, MESSAGE_WHO, NULL);
    who.members.list.bytes.data = (const uint8_t *)"";
    send_message(s, &who);
    ok.request = expect(s, MESSAGE_CONFIRM_SECOND_FACTOR, NULL);
    send_message(s, &(struct message){.type = MESSAGE_STILL_THERE});
    uint32_t ping = expect(s, MESSAGE_PING, &m);
    if (message_encode(payload, sizeof payload, &len, &ok) != 0 || conn_send(&s->conn, &rng, 0, payload, len) != NET_OK)
        _exit(23);
    if (close) {
        close_well(s);
        return;
    }
    refuse(s, ping, MESSAGE_E_STOPPING);
    next(s);
}

static void part_refuses_a_ping(struct server *s)
{
    part_stops(s, false);
}

static void part_closes_behind_the_answer(struct server *s)
{
    part_stops(s, true);
}

static void confirm(struct conversation *d)
{
    (void)command_do(d, "/2fa confirm 123456", 19);
}

/* What was done is told as done, whatever comes behind the answer. */
static void test_what_comes_behind_an_answer_is_none(void **state)
{
    (void)state;
    struct client c = {.more = confirm};
    assert_non_null(strstr(play(&c, part_refuses_a_ping), "* second factor on"));
    assert_null(strstr(c.printed, "not confirmed"));
    assert_non_null(strstr(play(&c, part_closes_behind_the_answer), "* second factor on"));
    assert_non_null(strstr(c.printed, "the server closed the connection"));
}

static void part_only_the_end(struct server *s)
{
    struct message m, who = {.type = MESSAGE_MEMBERS, .request = expect(s, MESSAGE_WHO, NULL), .members.room = "lobby"};
    who.members.list.bytes.data = (const uint8_t *)"";
    send_message(s, &who);
    answer_ok(s, expect(s, MESSAGE_SAY, &m));
    if (m.say.text.len != 7 || memcmp(m.say.text.data, "the end", 7) != 0)
        _exit(23);
    next(s);
}

static void test_what_is_no_command_is_never_said(void **state)
{
    (void)state;
    struct client c = {.more = say_what_is_none};
    const char *printed = play(&c, part_only_the_end);
    assert_null(strstr(printed, "horse"));
    assert_non_null(strstr(printed, "glasschat: there is no such command: "));
    assert_non_null(strstr(printed, "glasschat: /block is used like this: /block NAME "));
    assert_false(c.talk.ended);
}

static void check_returns(const struct conversation *d, bool expected, const char *const *lines)
{
    for (; *lines != NULL; lines++)
        if (command_may_return(d, *lines, strlen(*lines)) != expected)
            fail_msg("it %s: %s", expected ? "does not come back" : "comes back", *lines);
}

static void test_no_secret_comes_back(void **state)
{
    (void)state;
    struct conversation d;
    loop_init(&d);
    d.screen.line.terminal = true;
    given_secrets_add(&d.screen.line.given, "correct horse", 13);
    check_returns(&d, false,
                  (const char *const[]){"/2fa confirm 123456", "/2fa\tconfirm 123456", "/2fa 123456",
                                        "/password old new", "/passwd new", "/Password new", "/delete-account new",
                                        " /password new", ".password new", "/", "correct horse", NULL});
    check_returns(&d, true,
                  (const char *const[]){"hello", "a correct horse", "//who", "/who", "/join den", "/join den two",
                                        "/certificate @bob", "exit", NULL});
    line_close(&d.screen.line);
}

static void test_the_line_forgets(void **state)
{
    (void)state;
    struct line line;
    line_init(&line, NULL, NULL);
    given_secrets_add(&line.given, "correct horse", 13);
    line_close(&line);
    assert_false(given_secrets_has(&line.given, "correct horse", 13));
}

static void part_error(struct server *s)
{
    struct message m = {.type = MESSAGE_ERROR, .request = expect(s, MESSAGE_WHO, NULL), .error.code = 999};
    m.error.text = (struct message_bytes)BYTES("no\nglasschat: fake");
    send_message(s, &m);
    next(s);
}

static void test_an_unknown_code_has_its_words(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    assert_string_equal(play(&c, part_error), "glasschat: lobby: the server says: no\xe2\x8f\x8eglasschat: fake\n");
    assert_true(c.talk.screen.complained);
    assert_int_equal(c.talk.error, 999);
}

static void test_a_group_that_is_not_allowed_is_tried_again(void **state)
{
    (void)state;
    struct client c = {.more = NULL};
    server_groups[0] = DH_FFDHE4096; /* the last of the client's list */
    assert_string_equal(play(&c, part_still_there), "");
    assert_int_equal(c.talk.link.last_request, 2);
    server_groups[0] = DH_FFDHE3072;
}

static int make_identity(void **state)
{
    (void)state;
    struct certificate certificate = {.role = CERTIFICATE_SERVER, .name = "localhost", .not_after = UINT64_MAX};
    rng_init(&rng);
    rsa_generate(&identity.key, &rng);
    assert_int_equal(certificate_sign_self(&certificate, &identity.key, &rng), NET_OK);
    identity.certificate_len = certificate_encode(identity.certificate, &certificate);
    return interrupt_init();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nonsense_ends_it),
        cmocka_unit_test(test_answers_keep_their_order),
        cmocka_unit_test(test_pushes_that_are_for_others),
        cmocka_unit_test(test_each_end_has_its_words),
        cmocka_unit_test(test_a_server_that_talks_and_does_not_answer),
        cmocka_unit_test(test_pushes_and_pages_are_lines),
        cmocka_unit_test(test_says_that_it_is_still_there),
        cmocka_unit_test(test_rooms_follow_the_answers),
        cmocka_unit_test(test_a_refused_join_or_leave_ends_a_script_alone),
        cmocka_unit_test(test_what_comes_behind_an_answer_is_none),
        cmocka_unit_test(test_what_is_no_command_is_never_said),
        cmocka_unit_test(test_no_secret_comes_back),
        cmocka_unit_test(test_the_line_forgets),
        cmocka_unit_test(test_an_unknown_code_has_its_words),
        cmocka_unit_test(test_a_group_that_is_not_allowed_is_tried_again),
    };
    return cmocka_run_group_tests(tests, make_identity, NULL);
}
