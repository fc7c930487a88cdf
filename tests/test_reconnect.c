/* SPDX-License-Identifier: MIT */
/* When a connection is made again, and how long that takes, with a clock that the test turns and a port where nobody
 * listens. tests/integration/test_reconnect.py goes all the way. */
#include "app/client/reconnect.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/client/interrupt.h"
#include "app/client/loop.h"
#include "app/client/rejoin.h"
#include "tests/printed.h"
#include "tests/sanitized.h"
#include "tests/test.h"

static struct conversation c;
static struct arguments a;
static struct trust trust;
static char target[SOCK_NAME_LEN];
static int64_t clock_ms;

static int64_t turned(void)
{
    return clock_ms;
}

/* A port where nobody listens. */
static int find_port(void **state)
{
    struct sock_name at = {.host = "127.0.0.1", .port = "0"};
    char why[WHY_LEN];
    (void)state;
    int listener = sock_listen(&at, why);
    assert_true(listener >= 0);
    snprintf(at.port, sizeof at.port, "%u", sock_local_port(listener));
    sock_print(target, &at);
    close(listener);
    return interrupt_init();
}

/* A conversation in lobby and exam, whose connection is about to be cut. */
static void begin(bool terminal, bool by_itself)
{
    char why[WHY_LEN];
    char *argv[] = {"glasschat", target, "--home", "/nonexistent", "--reconnect", NULL};
    struct secret secret = {.password = "correct horse", .password_len = 13};
    printed_begin();
    clock_ms = 1000000;
    assert_int_equal(arguments_parse(&a, by_itself ? 5 : 4, argv, why), 0);
    loop_init(&c);
    c.screen.line.terminal = terminal;
    c.link.conn.fd = -1;
    c.signin.done = true;
    c.rooms_len = 2;
    strcpy(c.rooms[0], "lobby");
    strcpy(c.rooms[1], "exam");
    strcpy(c.room, "exam");
    trust = (struct trust){.rule = TRUST_KNOWN, .server = a.server, .home = a.home};
    reconnect_init(&c, &a, &trust);
    c.reconnect.now = turned;
    c.reconnect.since = clock_ms;
    reconnect_keep(&c, &secret);
}

static const char *end(void)
{
    reconnect_end(&c);
    conversation_end(&c);
    return printed();
}

static void see(const char *printed, const char *words, int times)
{
    int n = 0;
    for (const char *at = printed; (at = strstr(at, words)) != NULL; at += strlen(words))
        n++;
    if (n != times)
        fail_msg("'%s' %d times and not %d in:\n%s", words, n, times, printed);
}

static void let_dial_fail(void)
{
    assert_int_equal(c.reconnect.state, RECONNECT_DIALING);
    for (int i = 0; i < 1000 && c.reconnect.state == RECONNECT_DIALING; i++) {
        (void)reconnect_wait(&c, -1);
        (void)reconnect_go_on(&c);
    }
    assert_int_not_equal(c.reconnect.state, RECONNECT_DIALING);
}

static void test_the_pauses_grow(void **state)
{
    static const int64_t longest[] = {8000, 16000, 32000, 64000, 128000, 128000};
    (void)state;
    begin(true, true);
    assert_true(c.wants_another(&c));
    c.begin_another(&c);
    for (size_t i = 0; i < sizeof longest / sizeof *longest; i++) {
        int64_t pause = c.reconnect.due - clock_ms;
        assert_int_equal(c.reconnect.state, RECONNECT_PAUSING);
        assert_true(c.away && pause >= longest[i] / 4 && pause <= longest[i]);
        clock_ms = c.reconnect.due - 1;
        (void)reconnect_go_on(&c);
        assert_int_equal(c.reconnect.state, RECONNECT_PAUSING);
        clock_ms++;
        (void)reconnect_go_on(&c);
        let_dial_fail();
    }
    see(end(), "cannot connect to", 1); /* what failed is told once */
}

static void test_a_connection_that_held_begins_anew(void **state)
{
    (void)state;
    for (int held = 0; held < 2; held++) {
        begin(true, true);
        c.reconnect.backoff.tries = 3;
        clock_ms += BACKOFF_STEADY_MS - 1 + held;
        c.begin_another(&c);
        assert_int_equal(c.reconnect.backoff.tries, held ? 1 : 4);
        (void)end();
    }
}

static void test_enter_cuts_a_pause_short(void **state)
{
    (void)state;
    begin(true, true);
    c.begin_another(&c);
    assert_true(reconnect_reads(&c));
    assert_true(reconnect_takes(&c, "hello", 5)); /* it is said to nobody, and begins nothing */
    assert_int_equal(c.reconnect.state, RECONNECT_PAUSING);
    assert_true(reconnect_takes(&c, "", 0));
    let_dial_fail();
    assert_int_equal(c.reconnect.state, RECONNECT_PAUSING);
    assert_true(reconnect_takes(&c, "/quit", 5));
    assert_true(c.quits);
    const char *printed = end();
    see(printed, "not said: you are not connected; Enter connects", 1);
    assert_true(c.ended && c.broken);
}

static void test_without_the_option_a_person_is_asked(void **state)
{
    (void)state;
    begin(true, false);
    assert_true(c.wants_another(&c));
    assert_null(kept_secret_get(&c.reconnect.secret));
    c.begin_another(&c);
    assert_int_equal(c.reconnect.state, RECONNECT_ASKING);
    clock_ms += 1000000;
    (void)reconnect_go_on(&c);
    assert_int_equal(c.reconnect.state, RECONNECT_ASKING);
    assert_true(reconnect_takes(&c, "", 0));
    assert_false(reconnect_reads(&c)); /* the password may be asked for at once */
    let_dial_fail();
    assert_int_equal(c.reconnect.state, RECONNECT_ASKING); /* and not by itself */
    for (int state_after = RECONNECT_SIGNING_IN; state_after <= RECONNECT_JOINING; state_after++) {
        c.reconnect.state = (enum reconnect_state)state_after;
        assert_true(reconnect_reads(&c)); /* or it would be said when one is back */
    }
    const char *printed = end();
    see(printed, "connect again? Enter does", 2);
    see(printed, "* connect again?", 0); /* a question is not dim */
    see(printed, "* connecting\n", 1);
}

static void test_a_script_reads_nothing_meanwhile(void **state)
{
    (void)state;
    begin(false, true);
    assert_true(c.wants_another(&c));
    c.begin_another(&c);
    assert_false(reconnect_reads(&c));
    see(end(), "* connecting again in ", 1);
}

static bool wanted_after(bool *what)
{
    begin(true, true);
    *what = !*what;
    bool wanted = c.wants_another(&c);
    *what = !*what;
    (void)end();
    return wanted;
}

static void test_what_is_no_cut(void **state)
{
    (void)state;
    assert_false(wanted_after(&c.replaced));
    assert_false(wanted_after(&c.deleted));
    assert_false(wanted_after(&c.leaving));
    assert_false(wanted_after(&c.quits));
    assert_false(wanted_after(&c.interrupted));
    assert_false(wanted_after(&c.screen.script_ends));
    begin(true, true);
    c.signin.done = false; /* one has never been there */
    assert_false(c.wants_another(&c));
    (void)end();
    begin(false, false); /* a script, which nobody can be asked for */
    assert_false(c.wants_another(&c));
    (void)end();
}

static void test_a_code_is_not_kept_nor_its_password(void **state)
{
    struct secret secret = {.password = "correct horse", .password_len = 13, .code = "123456"};
    (void)state;
    begin(true, true);
    assert_non_null(kept_secret_get(&c.reconnect.secret));
    reconnect_keep(&c, &secret);
    assert_null(kept_secret_get(&c.reconnect.secret));
    c.begin_another(&c);
    assert_int_equal(c.reconnect.state, RECONNECT_ASKING); /* a person has the next code */
    (void)end();
    begin(false, true);
    reconnect_forget(&c);
    assert_false(c.wants_another(&c));
    (void)end();
}

/* As a user who may lock nothing. */
static int keep_without_leave(bool terminal, const char *told)
{
    if (setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0}) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        return 77;
    begin(terminal, true);
    bool kept = kept_secret_get(&c.reconnect.secret) != NULL, wanted = c.wants_another(&c);
    return !kept && wanted == terminal && strstr(end(), told) != NULL ? 0 : 1;
}

/* A person is asked for the password; of a script it is the end. */
static void test_where_no_memory_can_be_locked(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    for (int terminal = 0; terminal < 2; terminal++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(keep_without_leave(terminal, terminal ? "not kept, and asked for again" : "cut is the end"));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            skip();
        assert_int_equal(status, 0);
    }
}

static void test_where_one_was_is_remembered(void **state)
{
    (void)state;
    begin(true, true);
    strcpy(c.direct.with, "bob");
    c.begin_another(&c);
    assert_int_equal(c.rooms_len, 0);
    assert_int_equal(c.reconnect.rooms_len, 1);
    assert_string_equal(c.reconnect.rooms[0], "exam");
    assert_true(c.reconnect.was_in_lobby);
    assert_string_equal(c.reconnect.room, "exam");
    assert_string_equal(c.reconnect.with, "bob");
    (void)end();
}

static void come_back(bool astray)
{
    begin(true, true);
    strcpy(c.direct.with, "bob");
    c.begin_another(&c);
    assert_false(c.reconnect.astray);
    c.reconnect.astray = astray;
    c.reconnect.state = RECONNECT_JOINING;
    c.reconnect.joined = c.reconnect.rooms_len;
    c.away = false;
    c.rooms_len = 1;
    strcpy(c.rooms[0], "exam");
    assert_true(reconnect_go_on(&c));
    assert_int_equal(c.reconnect.state, RECONNECT_NONE);
}

/* Rooms that are joined again are not gone to. */
static void test_what_was_not_read_stays_so(void **state)
{
    (void)state;
    begin(true, true);
    screen_go_to(&c.screen, "exam");
    unread_came(&c.screen.unread, "lobby");
    c.begin_another(&c);
    c.reconnect.state = RECONNECT_JOINING;
    c.reconnect.joined = c.reconnect.rooms_len;
    c.away = false;
    c.rooms_len = 2;
    conversation_go_to(&c, "lobby");
    assert_int_equal(c.screen.unread.len, 1);
    assert_int_equal(strncmp(c.screen.line.prompt, "not connected", 13), 0);
    assert_true(reconnect_go_on(&c));
    assert_int_equal(c.screen.unread.len, 1);
    assert_string_equal(c.screen.line.prompt, "exam> ");
    (void)end();
}

/* What is typed next was for where that was to lead, and not for where one was. */
static void test_what_was_to_lead_elsewhere(void **state)
{
    (void)state;
    come_back(true);
    assert_string_equal(c.room, "");
    assert_string_equal(c.direct.with, "");
    c.begin_another(&c);
    assert_false(c.reconnect.astray);
    see(end(), "said to nobody now", 1);
    come_back(false);
    assert_string_equal(c.room, "exam");
    assert_string_equal(c.direct.with, "bob");
    see(end(), "said to nobody now", 0);
}

static uint64_t seconds(void)
{
    return 1000;
}

/* The server has been silent for so long that it is a cut. */
static void cut_while_asked(enum message_type request, const char *room)
{
    begin(false, true);
    c.link.now = seconds;
    c.pending_len = 1;
    c.pending[0] = (struct pending){.type = request};
    strcpy(c.pending[0].about, room);
    c.awaited = true;
    conversation_check_times(&c);
    assert_int_equal(c.reconnect.state, RECONNECT_PAUSING);
    assert_false(c.awaited);
}

/* What a script says next is for where these lead. */
static void test_a_room_that_is_asked_for(void **state)
{
    (void)state;
    cut_while_asked(MESSAGE_JOIN, "den");
    assert_int_equal(c.reconnect.rooms_len, 2);
    assert_string_equal(c.reconnect.rooms[1], "den");
    assert_string_equal(c.reconnect.room, "den");
    (void)end();
    cut_while_asked(MESSAGE_LEAVE, "exam");
    assert_int_equal(c.reconnect.rooms_len, 0);
    assert_string_equal(c.reconnect.room, "lobby");
    (void)end();
}

static void test_rooms_to_come(void **state)
{
    static const char rooms[][NAME_MAX_LEN + 1] = {"exam", "den", "lab"};
    (void)state;
    begin(false, true);
    rejoin_begin(&c, rooms, 3);
    c.rejoin.next = 1; /* exam was joined when it was cut */
    c.begin_another(&c);
    assert_int_equal(c.reconnect.rooms_len, 3);
    assert_string_equal(c.reconnect.rooms[1], "den");
    assert_string_equal(c.reconnect.rooms[2], "lab");
    assert_string_equal(c.reconnect.room, "lab");
    assert_false(rejoin_next(&c));
    (void)end();
}

/* The login leads into the lobby each time, also where the connection is cut again on the way back. */
static void test_the_lobby_is_left_each_time(void **state)
{
    (void)state;
    begin(true, true);
    c.rooms_len = 1;
    strcpy(c.rooms[0], "exam");
    c.begin_another(&c);
    c.reconnect.state = RECONNECT_JOINING;
    c.away = false;
    c.link.now = seconds;
    c.rooms_len = 1;
    strcpy(c.rooms[0], "lobby");
    (void)reconnect_go_on(&c); /* asks to leave it, and nobody answers */
    assert_int_equal(c.reconnect.state, RECONNECT_JOINING);
    assert_false(c.reconnect.was_in_lobby);
    assert_int_equal(c.reconnect.joined, 0); /* first: one may have been in as many rooms as there may be */
    (void)end();
}

static void test_nothing_is_asked_meanwhile(void **state)
{
    struct message m = {.type = MESSAGE_LIST_ROOMS};
    (void)state;
    begin(true, true);
    c.begin_another(&c);
    assert_false(conversation_ask(&c, &m, ""));
    conversation_receive(&c);
    assert_int_equal(c.pending_len, 0);
    (void)end();
}

static void call_nobody(struct conversation *d)
{
    (void)d;
    fail();
}

/* A hidden one stays until Enter, so that nothing of a password is shown: there is nothing that it answers. */
static void test_a_question_is_dropped(void **state)
{
    static const struct {
        bool terminal, stopped;
        unsigned fields;
    } all[] = {{true, true, FORM_NAME}, {true, false, FORM_OWN}, {false, true, FORM_OWN}};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        begin(all[i].terminal, true);
        form_begin(&c.form, all[i].fields, call_nobody);
        c.begin_another(&c);
        assert_null(c.form.filled_in);
        assert_int_equal(c.stop_asking, all[i].stopped);
        assert_int_equal(c.screen.script_ends, !all[i].terminal);
        see(end(), "what you were asked for is not done", 1);
    }
}

static uint64_t much_later(void)
{
    return 1000000;
}

static void cut(void)
{
    c.link.now = much_later;
    conversation_check_times(&c);
}

/* In a pipe they are counted, as ever; with --reconnect, which goes on, each is told. */
static void test_what_was_not_answered_in_a_pipe(void **state)
{
    (void)state;
    for (int by_itself = 0; by_itself < 2; by_itself++) {
        begin(false, by_itself);
        unanswered_add(&c.unanswered, 1, "exam", "perhaps", 7);
        cut();
        see(end(), "* not confirmed: in exam: perhaps", by_itself);
    }
}

/* What was asked of the room is nothing to tell. */
static void test_a_block_that_is_not_answered(void **state)
{
    (void)state;
    for (int by_itself = 0; by_itself < 2; by_itself++) {
        begin(!by_itself, by_itself);
        c.pending_len = 3;
        c.pending[0] = (struct pending){.type = MESSAGE_BLOCK, .about = "bob"};
        c.pending[1] = (struct pending){.type = MESSAGE_WHO, .about = "exam"};
        c.pending[2] = (struct pending){.type = MESSAGE_UNBLOCK, .about = "eve"};
        cut();
        assert_true(c.screen.complained && !c.screen.script_ends);
        const char *printed = end();
        see(printed, "bob: perhaps not blocked: /blocks says it", 1);
        see(printed, "eve: perhaps blocked still: /blocks says it", 1);
        see(printed, "exam: ", 0);
    }
}

static int calls;

static void take_answer(struct conversation *d)
{
    struct message m = {.type = MESSAGE_LIST_ROOMS};
    calls++;
    assert_false(d->awaited);
    assert_false(conversation_ask(d, &m, ""));
}

static void begin_second_factor(struct conversation *d)
{
    calls++;
    reconnect_forget(d);
}

/* It has come before the connection was cut, and whoever waits for it was not called yet. */
static void test_an_answer_that_comes_with_the_end(void **state)
{
    (void)state;
    for (int second_factor = 0; second_factor < 2; second_factor++) {
        begin(false, true);
        calls = 0;
        c.awaited = true;
        c.when_answered = second_factor ? begin_second_factor : take_answer;
        cut();
        assert_int_equal(calls, 1);
        assert_int_equal(c.reconnect.state, second_factor ? RECONNECT_NONE : RECONNECT_PAUSING);
        assert_int_equal(c.ended, second_factor); /* there is no password that would do by itself */
        assert_int_equal(c.away, !second_factor);
        (void)end();
    }
}

/* The server was not asked for them there. */
static void test_no_relays_come_on_another_connection(void **state)
{
    (void)state;
    begin(true, true);
    c.direct.hears = true;
    cut();
    assert_false(direct_may_hear(&c.direct));
    (void)end();
}

static void test_a_step_is_followed_at_once(void **state)
{
    (void)state;
    begin(true, true);
    cut();
    assert_false(reconnect_go_on(&c)); /* a pause is waited for */
    clock_ms = c.reconnect.due;
    assert_true(reconnect_go_on(&c));
    assert_int_equal(c.reconnect.state, RECONNECT_DIALING);
    let_dial_fail();
    c.reconnect.state = RECONNECT_READYING;
    c.direct.state = DIRECT_NONE;
    assert_true(reconnect_go_on(&c));
    assert_int_equal(c.reconnect.state, RECONNECT_JOINING);
    (void)end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_pauses_grow),
        cmocka_unit_test(test_a_connection_that_held_begins_anew),
        cmocka_unit_test(test_enter_cuts_a_pause_short),
        cmocka_unit_test(test_without_the_option_a_person_is_asked),
        cmocka_unit_test(test_a_script_reads_nothing_meanwhile),
        cmocka_unit_test(test_what_is_no_cut),
        cmocka_unit_test(test_a_code_is_not_kept_nor_its_password),
        cmocka_unit_test(test_where_no_memory_can_be_locked),
        cmocka_unit_test(test_where_one_was_is_remembered),
        cmocka_unit_test(test_what_was_not_read_stays_so),
        cmocka_unit_test(test_what_was_to_lead_elsewhere),
        cmocka_unit_test(test_a_room_that_is_asked_for),
        cmocka_unit_test(test_rooms_to_come),
        cmocka_unit_test(test_the_lobby_is_left_each_time),
        cmocka_unit_test(test_nothing_is_asked_meanwhile),
        cmocka_unit_test(test_a_question_is_dropped),
        cmocka_unit_test(test_a_block_that_is_not_answered),
        cmocka_unit_test(test_an_answer_that_comes_with_the_end),
        cmocka_unit_test(test_no_relays_come_on_another_connection),
        cmocka_unit_test(test_a_step_is_followed_at_once),
        cmocka_unit_test(test_what_was_not_answered_in_a_pipe),
    };
    return cmocka_run_group_tests(tests, find_port, NULL);
}
