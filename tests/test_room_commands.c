/* SPDX-License-Identifier: MIT */
/* What is typed in a sealed room and about one, with a server that plays a part. What members say to each other is in
 * tests/integration/test_sealed_client.py. */
#include "app/client/room_commands.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/direct_client.h"

static void answer_members(struct fake_server *s, const char *const *names, bool more)
{
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message who, m = {.type = MESSAGE_MEMBERS, .members.more = more};
    m.request = fake_server_expect(s, MESSAGE_WHO, &who);
    memcpy(m.members.room, who.who.room, sizeof m.members.room);
    message_list_init(&m.members.list, buf);
    for (; *names != NULL; names++) {
        struct message_entry entry = {{0}, 0};
        strcpy(entry.name, *names);
        (void)!message_list_add(&m.members.list, buf, &entry, false);
    }
    fake_server_send(s, &m);
}

/* The client founds +exam, and goes there. */
static void take_founding(struct fake_server *s)
{
    struct message m;
    take_ready(s);
    uint32_t join = fake_server_expect(s, MESSAGE_JOIN, &m);
    if (strcmp(m.join.room, "+exam") != 0)
        _exit(20);
    fake_server_answer_ok(s, join);
    answer_members(s, (const char *const[]){"alice", NULL}, false);
}

static void found(struct conversation *c)
{
    log_in(c);
    do_line(c, "/seal +exam");
    assert_string_equal(c->room, "+exam");
}

/* --- Texts -------------------------------------------------------------------------------------------------------- */

static void part_is_told_nothing(struct fake_server *s)
{
    struct message m;
    take_founding(s);
    for (int i = 0; i < 3; i++) {
        uint32_t seal = fake_server_expect(s, MESSAGE_SEAL, &m);
        if (strcmp(m.seal.room, "+exam") != 0 || m.seal.sealed.len != MESSAGE_SEALED_MIN)
            _exit(21);
        fake_server_answer_ok(s, seal);
    }
    if (fake_server_next(s) == SESSION_MESSAGE)
        _exit(22);
}

/* In any state of the calls. */
static void say_in_the_room(struct conversation *c)
{
    found(c);
    do_line(c, "bergamot");
    do_line(c, "//vetiver");
    do_line(c, "a msg bob");
    const enum direct_state states[] = {DIRECT_OFF, DIRECT_OPENING, DIRECT_ASKING, DIRECT_NONE};
    strcpy(c->direct.why, "no key");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        c->direct.state = states[i];
        command_do(c, "juniper", 7);
        turn(c);
    }
    c->direct.state = DIRECT_ON;
    strcpy(c->room, "+other"); /* which is not known here */
    do_line(c, "oakmoss");
    strcpy(c->room, "+exam");
}

static void test_a_text_is_never_said_in_the_clear(void **state)
{
    (void)state;
    struct played c = {.more = say_in_the_room};
    const char *out = fake_server_play(&c, part_is_told_nothing);
    assert_non_null(strstr(out, "glasschat: not said in +exam: no such sealed room is known here: no key\n"));
    assert_non_null(strstr(out, "glasschat: not said in +other: no such sealed room is known here\n"));
    assert_null(strstr(out, "oakmoss"));
    assert_false(c.talk.ended);
}

static void part_refuses_a_seal(struct fake_server *s)
{
    struct message own = {.type = MESSAGE_ERROR, .error = {MESSAGE_E_LIMIT, BYTES("you are too loud")}};
    take_founding(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_SEAL, NULL), MESSAGE_E_NOT_IN_ROOM);
    own.request = fake_server_expect(s, MESSAGE_SEAL, NULL);
    fake_server_send(s, &own);
    fake_server_close(s); /* with the third unanswered */
}

static void say_three(struct conversation *c)
{
    found(c);
    for (int i = 0; i < 3; i++)
        command_do(c, "hello", 5);
    wait_for_the_end(c);
}

/* Each is told, and those that may not have arrived are counted. */
static void test_what_is_sealed_and_not_taken(void **state)
{
    (void)state;
    struct played c = {.more = say_three};
    const char *out = fake_server_play(&c, part_refuses_a_seal);
    const char *said = strstr(out, "glasschat: not said in +exam: join the room first\n"
                                   "glasschat: not said in +exam: the server says: you are too loud\n");
    assert_non_null(said);
    assert_non_null(strstr(said, "(1 text may not have arrived)"));
}

/* Both answers come at once. */
static void answer_both(struct fake_server *s, bool confirms)
{
    const char *text = message_error_text(MESSAGE_E_TRY_LATER);
    struct message ok = {.type = MESSAGE_OK}, no = {.type = MESSAGE_ERROR, .error.code = MESSAGE_E_TRY_LATER};
    no.error.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    struct message *first = confirms ? &ok : &no, *second = confirms ? &no : &ok;
    first->request = fake_server_expect(s, MESSAGE_CONFIRM_SECOND_FACTOR, NULL);
    second->request = fake_server_expect(s, MESSAGE_SEAL, NULL);
    fake_server_queue(s, first);
    fake_server_send(s, second);
}

static void part_confirms_once(struct fake_server *s)
{
    take_founding(s);
    answer_both(s, false);
    answer_both(s, true);
    (void)fake_server_next(s);
}

static void confirm_twice(struct conversation *c)
{
    found(c);
    for (int i = 0; i < 2; i++) {
        command_do(c, "/2fa confirm 123456", 19);
        void (*filled_in)(struct conversation * c) = c->form.filled_in;
        c->form.filled_in = NULL;
        filled_in(c); /* as the loop does, and asks */
        command_do(c, "hello", 5);
        settle(c);
    }
}

/* What was asked for is not done because something that was sealed has arrived; nor the other way round. */
static void test_the_answer_to_a_seal_answers_nothing_else(void **state)
{
    (void)state;
    struct played c = {.more = confirm_twice};
    const char *out = fake_server_play(&c, part_confirms_once);
    const char *refused = strstr(out, "glasschat: second factor not confirmed: ");
    assert_non_null(refused);
    const char *confirmed = strstr(refused, "* second factor on");
    assert_non_null(confirmed);
    assert_null(strstr(confirmed, "glasschat: second factor not confirmed: "));
    assert_non_null(strstr(refused, "glasschat: not said in +exam: "));
}

static void part_takes_a_line_and_no_call(struct fake_server *s)
{
    take_founding(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SEAL, NULL));
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_RELAY, NULL), MESSAGE_E_NO_SUCH_USER);
    (void)fake_server_next(s);
}

static bool script_goes_on[2], person_goes_on[2];

static void wait_as_a_script(struct conversation *c)
{
    static const char *const lines[] = {"hello", "/invite bob"};
    found(c);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        command_do(c, lines[i], strlen(lines[i]));
        script_goes_on[i] = direct_takes_line(&c->direct);
        c->screen.line.terminal = true;
        person_goes_on[i] = direct_takes_line(&c->direct);
        c->screen.line.terminal = false;
        settle(c);
    }
}

/* Until a line is sealed, and until whoever is invited is on the list, or can't be. */
static void test_a_script_waits(void **state)
{
    (void)state;
    struct played c = {.more = wait_as_a_script};
    const char *out = fake_server_play(&c, part_takes_a_line_and_no_call);
    for (size_t i = 0; i < 2; i++) {
        assert_false(script_goes_on[i]);
        assert_true(person_goes_on[i]);
    }
    assert_non_null(strstr(out, "glasschat: +exam: bob is not invited: there is no such user\n"));
    assert_false(c.talk.screen.script_ends);
}

static size_t lines_taken;

static void say_without_end(struct conversation *c)
{
    found(c);
    c->screen.line.terminal = true;
    for (lines_taken = 0; lines_taken < 1000 && direct_takes_line(&c->direct); lines_taken++)
        command_do(c, "hello", 5);
    direct_cut(&c->direct);
}

static void part_takes_a_room(struct fake_server *s)
{
    take_founding(s);
    (void)fake_server_next(s);
}

/* No more are read then; and each is told when the connection ends. */
static void test_lines_that_wait_are_bounded(void **state)
{
    (void)state;
    struct played c = {.more = say_without_end};
    const char *at = fake_server_play(&c, part_takes_a_room);
    size_t told = 0;
    while ((at = strstr(at, "glasschat: not said in +exam: the connection to the server ended; it was: hello\n")) !=
           NULL) {
        at++;
        told++;
    }
    assert_int_equal(lines_taken, SEALED_ROOMS_LINES_MAX);
    assert_int_equal(told, SEALED_ROOMS_LINES_MAX);
}

static void part_is_asked_again(struct fake_server *s)
{
    take_founding(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_READY, NULL));
    (void)fake_server_next(s);
}

static void say_and_have_another_key(struct conversation *c)
{
    found(c);
    command_do(c, "hello", 5);
    c->direct.own.next = *keys_identity("alice");
    direct_replace_identity(&c->direct, &password);
    settle(c);
}

/* The connection goes on. */
static void test_a_line_that_waits_for_another_key(void **state)
{
    (void)state;
    struct played c = {.more = say_and_have_another_key};
    assert_non_null(strstr(fake_server_play(&c, part_is_asked_again),
                           "glasschat: not said in +exam: you have another key now; it was: hello\n"));
    assert_false(c.talk.ended);
}

/* --- What the server tells ---------------------------------------------------------------------------------------- */

static void push_sealed(struct fake_server *s, const char *room, const char *sender)
{
    static const uint8_t line[MESSAGE_SEALED_MIN];
    struct message m = {.type = MESSAGE_SEALED, .sealed.sealed = {line, sizeof line}};
    strcpy(m.sealed.room, room);
    strcpy(m.sealed.sender, sender);
    fake_server_send(s, &m);
}

static void part_seals_itself(struct fake_server *s)
{
    take_founding(s);
    push_sealed(s, "+exam", "eve");
    push_sealed(s, "+exam", "alice");
    push_sealed(s, "+other", "eve");
    (void)fake_server_next(s);
}

static void wait_in_the_room(struct conversation *c)
{
    found(c);
    wait_for_the_end(c);
}

/* Of nobody on the list: dropped without a word. Of another room: that breaks the protocol. */
static void test_what_is_sealed_by_nobody(void **state)
{
    (void)state;
    struct played c = {.more = wait_in_the_room};
    const char *out = fake_server_play(&c, part_seals_itself);
    const char *in = strstr(out,
                            "* what is said in +exam is signed: whoever reads it can prove to anybody who said it\n");
    assert_non_null(in);
    assert_string_equal(strchr(in, '\n') + 1,
                        "glasschat: the server sent a message that breaks the protocol: leaving it\n");
}

static void part_has_pages(struct fake_server *s)
{
    take_founding(s);
    answer_members(s, (const char *const[]){"alice", "eve", NULL}, true);
    answer_members(s, (const char *const[]){"mallory", NULL}, false);
    (void)fake_server_next(s);
}

static void ask_who(struct conversation *c)
{
    found(c);
    do_line(c, "/who");
}

/* The list is the founder's, whoever the server says is there. */
static void test_who_is_there(void **state)
{
    (void)state;
    struct played c = {.more = ask_who};
    assert_non_null(strstr(fake_server_play(&c, part_has_pages),
                           "* +exam: eve is there without being on its list, and hears nothing\n"
                           "* +exam: mallory is there without being on its list, and hears nothing\n"
                           "* +exam: alice, who founded it, who is there: you\n"));
    assert_null(strstr(c.printed, "* in +exam"));
}

/* --- Commands ----------------------------------------------------------------------------------------------------- */

/* Where one was in the lobby before. */
#define NOWHERE "* what you type is said to nobody now: /join lobby to talk there again\n"
#define NOT_SAID "glasschat: not said: you talk in no room; /join one\n"

static void part_refuses_the_room(struct fake_server *s)
{
    take_ready(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_JOIN, NULL), MESSAGE_E_LIMIT);
    struct message m;
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "lobby") != 0 || m.say.text.len != 4)
        _exit(23);
    (void)fake_server_next(s);
}

static void found_in_vain(struct conversation *c)
{
    log_in(c);
    conversation_go_to(c, "lobby");
    do_line(c, "/seal +exam");
    assert_true(c->screen.script_ends);
    do_line(c, "juniper");
    do_line(c, "//oakmoss");
    do_line(c, "/join lobby");
    do_line(c, "back");
}

/* It was not meant for the lobby; a script has ended, and a person sees that it is said to nobody. */
static void test_what_is_typed_after_a_refused_join(void **state)
{
    (void)state;
    struct played c = {.more = found_in_vain};
    const char *out = fake_server_play(&c, part_refuses_the_room);
    const char *refused = strstr(out, "glasschat: +exam: ");
    assert_non_null(refused);
    assert_non_null(strstr(refused, "\n" NOWHERE NOT_SAID NOT_SAID "* you talk in lobby now\n"));
}

static void part_has_no_calls(struct fake_server *s)
{
    struct message m;
    fake_server_answer_who(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_READY, NULL), MESSAGE_E_UNKNOWN_TYPE);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SAY, &m));
    if (strcmp(m.say.room, "lobby") != 0 || m.say.text.len != 4)
        _exit(24);
    (void)fake_server_next(s);
}

static void join_in_vain(struct conversation *c)
{
    static const char *const commands[] = {"/join +exam", "/accept +exam bob", "/seal +exam"};
    log_in(c);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        conversation_go_to(c, "lobby");
        do_line(c, commands[i]);
        do_line(c, "juniper");
    }
    do_line(c, "/join lobby");
    do_line(c, "back");
}

static void test_what_is_typed_where_there_are_no_rooms(void **state)
{
    (void)state;
    struct played c = {.more = join_in_vain};
    const char *at = fake_server_play(&c, part_has_no_calls);
    for (int i = 0; i < 3; i++) {
        at = strstr(at, "glasschat: no sealed rooms: this server is of version 1.0, and has no calls");
        assert_non_null(at);
        at = strstr(at, "\n" NOWHERE NOT_SAID);
        assert_non_null(at);
    }
}

/* Everything by which one may mean to come to a sealed room. */
static const char *const to_sealed[] = {"/join +nowhere",  "/join +E",        "/join +den now",    "/accept +den bob",
                                        "/accept +den",    "/accept den bob", "/accept",           "/seal den",
                                        "/seal +D",        "/seal",           "/sealed +den",      "/accept +exam bob",
                                        "/seal +exam",     " /join +nowhere", "/jion\t+den",       "lobby> /join +den",
                                        "/join+den",       "/join [+den]",    "/join \uff0bden",   "/call +den",
                                        "/msg +den hello", " /seal den",      "\t/accept den bob", "lobby> /seal den"};

static void go_in_vain(struct conversation *c)
{
    found(c);
    for (size_t i = 0; i < sizeof to_sealed / sizeof *to_sealed; i++) {
        do_line(c, "/join lobby");
        if (i % 2 == 1)
            strcpy(c->direct.with, "bob");
        do_line(c, to_sealed[i]);
        assert_string_equal(c->room, "");
        assert_string_equal(c->direct.with, "");
        assert_false(command_may_return(c, "juniper", 7));
        do_line(c, "juniper");
    }
    do_line(c, "/leave lobby");
    do_line(c, "/join +nowhere");
    do_line(c, "/who +exam now");
    do_line(c, "/join +exam");
    do_line(c, "/join +nowhere");
    do_line(c, "/join +exam");
    do_line(c, "hello");
}

static void part_hears_nothing(struct fake_server *s)
{
    take_founding(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LEAVE, NULL));
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SEAL, NULL));
    (void)fake_server_next(s);
}

/* Not in the lobby, nor to bob, nor in another sealed room; whoever has refused. */
static void test_what_is_typed_after_a_refusal(void **state)
{
    (void)state;
    struct played c = {.more = go_in_vain};
    const char *at = fake_server_play(&c, part_hears_nothing);
    for (size_t i = 0; i < sizeof to_sealed / sizeof *to_sealed; i++) {
        at = strstr(at + 1, "\n" NOWHERE NOT_SAID);
        assert_non_null(at);
    }
    at = strstr(at, "\n* what you type is said to nobody now: /join a room\n");
    assert_non_null(at);
    at = strstr(at, "* what you type is said to nobody now: /join +exam to talk there again\n");
    assert_non_null(at);
    assert_false(c.talk.ended);
}

static const char *const refused[][4] = {
    {"/join +", "that is no sealed room: ", "nowhere"},
    {"/leave +E", "that is no sealed room: "},
    {"/who +-", "that is no sealed room: "},
    {"/seal exam", "that is no sealed room: ", "nowhere"},
    {"/seal +exam", "+exam: not founded: there is a sealed room +exam of alice's already", "nowhere"},
    {"/accept exam bob", "that is no sealed room: ", "nowhere"},
    {"/accept +exam bob", "+exam: you are on its list already", "nowhere"},
    {"/accept +den bob", "+den: you have no such invitation", "nowhere"},
    {"/join +den", "+den: no sealed room of that name is known here: ", "nowhere"},
    {"/leave +den", "+den: you are not in it"},
    {"/leave", "+exam: you founded it: "},
    {"/leave +exam bob", "+exam: you have no such invitation"},
    {"/leave lobby bob", "that is no sealed room: "},
    {"/save f", "you talk in no sealed room: /save FILE +ROOM names one", NULL, "lobby"},
    {"/save f den", "that is no sealed room: "},
    {"/save f +den", "no sealed room +den is known here"},
    {"/invite alice", "that is you"},
    {"/invite Bob", "that is no user: "},
    {"/remove bob", "+exam: bob is not removed: nobody of that name is on its list"},
};

static void be_refused(struct conversation *c)
{
    found(c);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        c->screen.script_ends = c->screen.complained = false;
        strcpy(c->room, refused[i][3] != NULL ? refused[i][3] : "+exam");
        do_line(c, refused[i][0]);
        assert_true(c->screen.script_ends && c->screen.complained);
    }
}

/* Each ends a script, with one line; and one more where it was to lead to a sealed room. */
static void test_what_is_refused(void **state)
{
    (void)state;
    struct played c = {.more = be_refused};
    const char *at = strstr(fake_server_play(&c, part_takes_a_room), "can prove to anybody who said it\n");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char line[200];
        at = strchr(at, '\n') + 1;
        snprintf(line, sizeof line, "glasschat: %s", refused[i][1]);
        assert_memory_equal(at, line, strlen(line));
        static const char nowhere[] = "* what you type is said to nobody now: /join ";
        if (refused[i][2] != NULL) {
            at = strchr(at, '\n') + 1;
            assert_memory_equal(at, nowhere, sizeof nowhere - 1);
        }
    }
    assert_string_equal(strchr(at, '\n'), "\n");
}

static void part_takes_one_line(struct fake_server *s)
{
    take_founding(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_SEAL, NULL));
    (void)fake_server_next(s);
}

/* Of two lines one could not be kept. */
static void save_with_a_gap(struct conversation *c)
{
    char line[sizeof "/save /receipt" + sizeof arguments.home];
    found(c);
    snprintf(line, sizeof line, "/save %s/receipt", home);
    do_line(c, line);
    do_line(c, "bergamot");
    sealed_rooms_find(&c->direct.rooms.sealed, "+exam")->unkept = 1;
    do_line(c, line);
    do_line(c, "/save ~/receipt");
    c->screen.line.terminal = true;
    do_line(c, "/save receipt-in/no-folder");
    do_line(c, "/save ~/receipt");
}

static void test_lines_that_could_not_be_kept(void **state)
{
    struct played c = {.more = save_with_a_gap};
    const char *out = fake_server_play(&c, part_takes_one_line);
    const char *saved = strstr(out, "* +exam: saved in ");
    assert_non_null(
        strstr(out, "glasschat: +exam: not saved: nothing was said in +exam since this program was started"));
    assert_non_null(saved);
    assert_non_null(strstr(saved, "glasschat: +exam: 1 line is missing in it: there was no memory to keep it"));
    const char *shell = strstr(saved, "; ~ is a name like others here");
    assert_non_null(shell); /* to a person, and of that file alone */
    assert_null(strstr(shell + 1, "; ~ is"));
    assert_non_null(strstr(saved, "receipt-in/no-folder"));
    assert_true(strstr(saved, "receipt-in/no-folder") < shell);
    free(scratch_read(state, "receipt", &(size_t){0}));
}

static void seal_without_a_mark(struct conversation *c)
{
    log_in(c);
    do_line(c, "/seal exam");
    c->screen.line.terminal = true;
    do_line(c, "/seal exam");
    do_line(c, "/seal Exam");
    do_line(c, "/seal +OAKmoss");
    do_line(c, "/seal +1");
    do_line(c, "/seal an-exam-whose-name-is-far-too-long");
}

static void part_is_asked_for_nothing(struct fake_server *s)
{
    take_ready(s);
    (void)fake_server_next(s);
}

/* A person is asked whether the mark was forgotten, or capitals typed; of a script no word is shown again. */
static void test_a_mark_that_was_forgotten_and_capitals(void **state)
{
    (void)state;
    struct played c = {.more = seal_without_a_mark};
    const char *out = fake_server_play(&c, part_is_asked_for_nothing);
    const char *meant = strstr(out, "the first of them a letter: did you mean +exam?");
    assert_non_null(meant);
    meant = strstr(strchr(meant, '\n'), "a letter: did you mean +exam?"); /* as Exam, too */
    assert_non_null(meant);
    meant = strstr(strchr(meant, '\n'), "a letter: did you mean +oakmoss?");
    assert_non_null(meant);
    assert_null(strstr(strchr(meant, '\n'), "did you mean"));
    meant = strstr(out, "that is no sealed room: ");
    assert_non_null(meant);
    assert_memory_equal(strstr(meant, "a letter"), "a letter (before", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_text_is_never_said_in_the_clear),
        TEST(test_what_is_sealed_and_not_taken),
        TEST(test_the_answer_to_a_seal_answers_nothing_else),
        TEST(test_a_script_waits),
        TEST(test_lines_that_wait_are_bounded),
        TEST(test_a_line_that_waits_for_another_key),
        TEST(test_what_is_sealed_by_nobody),
        TEST(test_who_is_there),
        TEST(test_what_is_typed_after_a_refused_join),
        TEST(test_what_is_typed_where_there_are_no_rooms),
        TEST(test_what_is_typed_after_a_refusal),
        TEST(test_what_is_refused),
        TEST(test_lines_that_could_not_be_kept),
        TEST(test_a_mark_that_was_forgotten_and_capitals),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
