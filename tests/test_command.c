/* SPDX-License-Identifier: MIT */
/* What is typed, and what comes of it with a server that answers. */
#include "app/client/command.h"

#include <unistd.h>

#include "tests/fake_server.h"
#include "tests/test.h"

static void part_rooms(struct fake_server *s)
{
    struct message m;
    fake_server_answer_who(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LOG_IN, &m));
    uint32_t join = fake_server_expect(s, MESSAGE_JOIN, &m);
    fake_server_send(s, &(struct message){MESSAGE_SAID, 0, .said = {"den", "bob", 0, BYTES("hello")}});
    fake_server_answer_ok(s, join);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "den") != 0)
        _exit(21);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LEAVE, &m));
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "lobby") != 0 || m.say.text.len != 2 || memcmp(m.say.text.data, "/b", 2) != 0)
        _exit(22);
    fake_server_next(s);
}

/* Does the line and waits for what it began. True: a script goes on. */
static bool do_line(struct conversation *d, const char *line, size_t len)
{
    command_do(d, line, len);
    (void)loop_until_answered(d);
    return !d->screen.script_ends;
}

static void go_about(struct conversation *d)
{
    struct message log_in = {.type = MESSAGE_LOG_IN, .log_in = {"alice", BYTES("correct horse"), ""}};
    if (!conversation_ask(d, &log_in, "") || !loop_until_answered(d))
        return;
    static const char *const lines[] = {"/join den", "a", "/leave", "//b", "/leave Den", "never said"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!do_line(d, lines[i], strlen(lines[i])))
            break;
}

static void test_rooms_follow_the_answers(void **state)
{
    (void)state;
    struct played c = {.more = go_about};
    assert_string_equal(fake_server_play(&c, part_rooms),
                        "[den] bob: hello\n* you joined den\n* you left den\n"
                        "glasschat: that is no room: a name is 1 to 32 of a-z 0-9 _ -, "
                        "starting with a letter (before the first line: nothing was done or said)\n");
    assert_true(c.talk.screen.script_ends);
    assert_string_equal(c.talk.room, "lobby");
    assert_int_equal(c.talk.rooms_len, 1);
}

/* Each is refused, and ends a script; the first of them that is said ends the server with a failure. */
static void say_what_is_none(struct conversation *d)
{
    static const char *const lines[] = {"/pasword",        "/Password",
                                        " /password",      "\xef\xbc\x8fpassword",
                                        "/2fa ON",         "/password now",
                                        "/block bob dave", "password",
                                        "//password",      "lobby> /password",
                                        " /nothing",       "correct horse",
                                        "msg bob a horse", "lobby> /msg bob a horse",
                                        "/names",          "/jion den"};
    given_secrets_add(&d->screen.line.given, "correct horse", 13);
    strcpy(d->room, "lobby");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        d->screen.script_ends = false;
        assert_false(do_line(d, lines[i], strlen(lines[i])));
        assert_true(d->screen.script_ends && d->screen.complained);
    }
    d->screen.script_ends = false;
    assert_false(do_line(d, "/password\0x", 11));
    d->screen.script_ends = false;
    assert_true(do_line(d, "the end", 7));
}

static void part_refuses(struct fake_server *s)
{
    struct message m;
    fake_server_answer_who(s);
    for (int terminal = 0; terminal < 2; terminal++) {
        fake_server_refuse(s, fake_server_expect(s, MESSAGE_JOIN, &m), MESSAGE_E_LIMIT);
        fake_server_refuse(s, fake_server_expect(s, MESSAGE_LEAVE, &m), MESSAGE_E_NO_SUCH_ROOM);
        fake_server_refuse(s, fake_server_expect(s, MESSAGE_BLOCK, &m), MESSAGE_E_NO_SUCH_USER);
    }
    fake_server_next(s);
}

/* True: it goes on. */
static bool goes_on_after(struct conversation *d, const char *line)
{
    d->screen.script_ends = d->screen.complained = false;
    bool goes_on = do_line(d, line, strlen(line));
    assert_true(d->screen.complained);
    return goes_on;
}

static void be_refused(struct conversation *d)
{
    for (int terminal = 0; terminal < 2; terminal++) {
        d->screen.line.terminal = terminal != 0;
        assert_int_equal(goes_on_after(d, "/join den"), terminal);
        assert_int_equal(goes_on_after(d, "/leave den"), terminal);
        assert_int_equal(goes_on_after(d, "/leave"), terminal);
        assert_true(goes_on_after(d, "/who"));
        assert_true(goes_on_after(d, "/block bob"));
    }
}

static void test_a_refused_join_or_leave_ends_a_script_alone(void **state)
{
    (void)state;
    struct played c = {.more = be_refused};
    (void)fake_server_play(&c, part_refuses);
    assert_false(c.talk.ended);
}

/* An answer, the refusal of a ping that came after its request, and where it stops the Close, all in one piece. */
static void part_stops(struct fake_server *s, bool close)
{
    struct message m, ok = {.type = MESSAGE_OK};
    fake_server_answer_who(s);
    ok.request = fake_server_expect(s, MESSAGE_CONFIRM_SECOND_FACTOR, NULL);
    fake_server_send(s, &(struct message){.type = MESSAGE_STILL_THERE});
    uint32_t ping = fake_server_expect(s, MESSAGE_PING, &m);
    fake_server_queue(s, &ok);
    if (close) {
        fake_server_close(s);
        return;
    }
    fake_server_refuse(s, ping, MESSAGE_E_STOPPING);
    fake_server_next(s);
}

static void part_refuses_a_ping(struct fake_server *s)
{
    part_stops(s, false);
}

static void part_closes_after_the_answer(struct fake_server *s)
{
    part_stops(s, true);
}

static void confirm(struct conversation *d)
{
    (void)do_line(d, "/2fa confirm 123456", 19);
}

/* What was done is reported as done, whatever comes after the answer. */
static void test_what_comes_after_an_answer_is_none(void **state)
{
    (void)state;
    struct played c = {.more = confirm};
    assert_non_null(strstr(fake_server_play(&c, part_refuses_a_ping), "* second factor on"));
    assert_null(strstr(c.printed, "not confirmed"));
    assert_non_null(strstr(fake_server_play(&c, part_closes_after_the_answer), "* second factor on"));
    assert_non_null(strstr(c.printed, "the server closed the connection"));
}

static void part_only_the_end(struct fake_server *s)
{
    struct message m;
    fake_server_answer_who(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SAY, &m));
    if (m.say.text.len != 7 || memcmp(m.say.text.data, "the end", 7) != 0)
        _exit(23);
    fake_server_next(s);
}

static void test_what_is_no_command_is_never_said(void **state)
{
    (void)state;
    struct played c = {.more = say_what_is_none};
    const char *printed = fake_server_play(&c, part_only_the_end);
    assert_null(strstr(printed, "horse"));
    assert_non_null(strstr(printed, "glasschat: there is no such command: /help lists them"));
    assert_null(strstr(printed, "/names")); /* the line's number says which */
    assert_null(strstr(printed, "/jion"));
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
    check_returns(&d, false, (const char *const[]){"hello", "//who", NULL}); /* said to nobody, and meant for few */
    strcpy(d.room, "lobby");
    check_returns(&d, false,
                  (const char *const[]){"/2fa confirm 123456", "/2fa\tconfirm 123456", "/2fa 123456",
                                        "/password old new", "/passwd new", "/Password new", "/delete-account new",
                                        " /password new", ".password new", "/", "correct horse",
                                        "/msg bob correct horse", "/msg  bob \tcorrect horse",
                                        "/msg bob a correct horse", "/verify bob correct horse", NULL});
    check_returns(&d, true,
                  (const char *const[]){"hello", "a correct horse", "//who", "/who", "/join den", "/join den two",
                                        "/certificate @bob", "/verify bob", "exit", NULL});
    strcpy(d.room, "+exam"); /* what is said in a sealed room */
    check_returns(&d, false, (const char *const[]){"hello", "//who", NULL});
    check_returns(&d, true, (const char *const[]){"/who", "/invite bob", NULL});
    strcpy(d.room, "lobby");
    strcpy(d.direct.with, "bob"); /* what is said to one user alone */
    check_returns(&d, false, (const char *const[]){"hello", "//who", "exit", NULL});
    check_returns(&d, true, (const char *const[]){"/who", "/leave", NULL});
    d.direct.with[0] = '\0';
    d.reconnect.state = RECONNECT_ASKING; /* a password comes next */
    check_returns(&d, false, (const char *const[]){"correct horse", NULL});
    check_returns(&d, true, (const char *const[]){"/who", NULL});
    d.reconnect.by_itself = true;
    d.reconnect.state = RECONNECT_JOINING; /* in the lobby, on the way back from a cut */
    strcpy(d.reconnect.room, "+exam");
    check_returns(&d, false, (const char *const[]){"hello", NULL});
    strcpy(d.reconnect.room, "exam");
    check_returns(&d, true, (const char *const[]){"hello", NULL});
    strcpy(d.reconnect.with, "bob");
    check_returns(&d, false, (const char *const[]){"hello", NULL});
    line_close(&d.screen.line);
}

static void test_what_leads_elsewhere(void **state)
{
    static const char *const lead[] = {"/join den",          "/leave",     "/leave exam", "/call carol", "/seal +den",
                                       "/accept +den carol", "/jion +den", " /join +den"};
    static const char *const stay[] = {"/who",     "/rooms", "/joint", "/msg bob hello",
                                       "join den", "hello",  "1 + 1",  "//seal it"};
    static struct conversation d;
    (void)state;
    loop_init(&d);
    d.screen.line.terminal = true;
    for (size_t i = 0; i < sizeof lead / sizeof *lead; i++)
        assert_true(command_leads(&d, lead[i], strlen(lead[i])));
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
        assert_false(command_leads(&d, stay[i], strlen(stay[i])));
    line_close(&d.screen.line);
    conversation_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rooms_follow_the_answers),
        cmocka_unit_test(test_a_refused_join_or_leave_ends_a_script_alone),
        cmocka_unit_test(test_what_comes_after_an_answer_is_none),
        cmocka_unit_test(test_what_is_no_command_is_never_said),
        cmocka_unit_test(test_no_secret_comes_back),
        cmocka_unit_test(test_what_leads_elsewhere),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
