/* SPDX-License-Identifier: MIT */
/* Signing in, and an interrupt that comes before an answer or together with it: what the user wants to stop goes no
 * further. */
#include "app/client/signin.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "app/client/interrupt.h"
#include "tests/fake_server.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct arguments arguments;
static struct secret given;
static struct conn *conn; /* the client's; NULL: the interrupt was there */
static bool with_answer;
static uint64_t seconds; /* of its clock, which stands still */

/* The client looks at its clock when it has made a request. Then the interrupt comes; and where it is to come with the
 * answer, both are here before the client looks for either. */
static uint64_t interrupts(void)
{
    if (conn != NULL && conn_queued(conn) > 0) {
        struct pollfd answer = {.fd = conn->fd, .events = POLLIN};
        (void)conn_flush(conn);
        if (with_answer)
            assert_int_equal(poll(&answer, 1, 10000), 1);
        raise(SIGINT);
        conn = NULL;
    }
    return seconds;
}

static void sign_in(struct conversation *c)
{
    conn = &c->link.conn;
    seconds = c->link.now();
    c->link.now = interrupts;
    given = (struct secret){.password = "correct horse", .password_len = 13};
    signin_begin(c, &arguments, &given);
    loop_run(c);
    assert_null(conn);
    assert_true(c->interrupted);
}

static void begin(bool new_account)
{
    with_answer = true;
    arguments = (struct arguments){
        .user = "alice", .new_account = new_account, .email = "alice@example.org", .password_file = "(given)"};
}

static void expect_the_end(struct fake_server *s)
{
    if (fake_server_next(s) != SESSION_CLOSED)
        _exit(20);
}

static void part_does_not_answer(struct fake_server *s)
{
    fake_server_answer_who(s);
    (void)fake_server_expect(s, MESSAGE_REGISTER, NULL);
    expect_the_end(s);
}

static void test_an_interrupt_waits_for_no_answer(void **state)
{
    (void)state;
    struct played c = {.more = sign_in, .stranger = true};
    begin(true);
    with_answer = false;
    assert_string_equal(fake_server_play(&c, part_does_not_answer), "");
}

static void part_registers(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_REGISTER, NULL));
    expect_the_end(s);
}

/* The account is there, and that is said; but nobody logs in to it. Its key is written all the same. */
static void test_no_login_after_an_interrupt(void **state)
{
    struct identity_files f;
    struct played c = {.more = sign_in, .stranger = true};
    begin(true);
    snprintf(arguments.home, sizeof arguments.home, "%s", scratch_path(state));
    assert_string_equal(fake_server_play(&c, part_registers), "* registered alice\n");
    assert_false(c.talk.signin.done);
    assert_int_equal(c.talk.signin.tries, 0);
    identity_files_init(&f, arguments.home, "localhost:7447", "alice");
    assert_true(identity_is_kept(&f));
}

static void part_knows_the_name(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_REGISTER, NULL), MESSAGE_E_NAME_TAKEN);
    expect_the_end(s);
}

static void part_knows_another_password(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_LOG_IN, NULL), MESSAGE_E_LOGIN_FAILED);
    expect_the_end(s);
}

static void test_nothing_is_said_of_a_refusal_after_an_interrupt(void **state)
{
    (void)state;
    struct played c = {.more = sign_in, .stranger = true};
    begin(true);
    assert_string_equal(fake_server_play(&c, part_knows_the_name), "");
    begin(false);
    assert_string_equal(fake_server_play(&c, part_knows_another_password), "");
    assert_false(c.talk.signin.done);
}

static void part_logs_in(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LOG_IN, NULL));
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LOG_OUT, NULL));
    fake_server_close(s);
}

static void test_one_who_is_in_the_chat_logs_out(void **state)
{
    (void)state;
    struct played c = {.more = sign_in, .stranger = true};
    begin(false);
    assert_string_equal(fake_server_play(&c, part_logs_in),
                        "* logged in as alice, in lobby\n"
                        "* no key of alice is kept here: no direct messages. Move it here from where it is; if there "
                        "is none, /identity new makes one\n");
    assert_false(c.talk.broken);
}

/* Tests that were started in the background have it ignored. */
static int init(void **state)
{
    (void)signal(SIGINT, SIG_DFL);
    return fake_server_init(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_interrupt_waits_for_no_answer),
        cmocka_unit_test_setup_teardown(test_no_login_after_an_interrupt, scratch_make, scratch_remove),
        cmocka_unit_test(test_nothing_is_said_of_a_refusal_after_an_interrupt),
        cmocka_unit_test(test_one_who_is_in_the_chat_logs_out),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
