/* SPDX-License-Identifier: MIT */
/* Direct messages between a server that plays a part and the screen: when there are calls and when not, and what the
 * server's answers come to. What is said between two is in tests/integration/test_direct.py. */
#include "app/client/direct.h"

#include <poll.h>
#include <unistd.h>

#include "tests/direct_client.h"
#include "tests/home_disk.h"

static void part_is_ready(struct fake_server *s)
{
    take_ready(s);
    (void)fake_server_next(s);
}

/* --- Whether there are calls -------------------------------------------------------------------------------------- */

static void part_of_version_1(struct fake_server *s)
{
    fake_server_answer_who(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_READY, NULL), MESSAGE_E_UNKNOWN_TYPE);
    (void)fake_server_next(s);
}

static void try_to_call(struct conversation *c)
{
    log_in(c);
    assert_int_equal(c->direct.state, DIRECT_NONE);
    do_line(c, "/msg bob hello");
    do_line(c, "/identity");
}

static void test_a_server_of_version_1(void **state)
{
    (void)state;
    struct played c = {.more = try_to_call};
    const char *out = fake_server_play(&c, part_of_version_1);
    static const char why[] = "no direct messages: this server is of version 1.0, and has no calls\n";
    assert_non_null(strstr(out, why));
    assert_non_null(strstr(out, "* your key is SHA256:"));
    assert_non_null(strstr(strstr(out, "your key is"), why));
    assert_true(c.talk.screen.complained);
}

static void part_that_is_not_asked(struct fake_server *s)
{
    fake_server_answer_who(s);
    if (fake_server_next(s) == SESSION_MESSAGE)
        _exit(20);
}

static void log_in_and_try(struct conversation *c)
{
    c->direct.arguments = &arguments;
    direct_begin(&c->direct, &(struct secret){.password = "another one", .password_len = 11});
    settle(c);
    do_line(c, "/msg bob hello");
}

/* Who can't answer a call is not there for one. */
static void test_no_key_no_calls(void **state)
{
    (void)state;
    struct played c = {.more = log_in_and_try};
    const char *out = fake_server_play(&c, part_that_is_not_asked);
    assert_non_null(strstr(out, "* the key of alice that is kept here is under another password: no direct messages."));
    assert_non_null(strstr(out, "does not open with this password\n"));
}

static void send_relayed(struct fake_server *s, const void *frame, size_t len)
{
    struct message m = {.type = MESSAGE_RELAYED, .relayed.name = "bob", .relayed.call = {7}};
    m.relayed.frame = (struct message_bytes){frame, len};
    fake_server_send(s, &m);
}

static void part_relays_unasked(struct fake_server *s)
{
    fake_server_answer_who(s);
    send_relayed(s, NULL, 0);
    (void)fake_server_next(s);
}

static void test_what_is_relayed_unasked_breaks_the_protocol(void **state)
{
    (void)state;
    struct played c = {.more = wait_for_the_end};
    assert_string_equal(fake_server_play(&c, part_relays_unasked),
                        "glasschat: the server sent a message that breaks the protocol: leaving it\n");
}

/* --- What the server answers -------------------------------------------------------------------------------------- */

static void part_knows_nobody(struct fake_server *s)
{
    take_ready(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_RELAY, NULL), MESSAGE_E_NO_SUCH_USER);
    struct message m = {.type = MESSAGE_ERROR, .error.text = BYTES("go away")};
    m.request = fake_server_expect(s, MESSAGE_RELAY, NULL);
    fake_server_send(s, &m); /* without a number, and with words of its own, which are not shown */
    (void)fake_server_next(s);
}

static void say_to_nobody(struct conversation *c)
{
    log_in(c);
    do_line(c, "/msg bob hello");
    do_line(c, "/msg bob hello");
}

static void test_a_relay_that_is_refused(void **state)
{
    (void)state;
    struct played c = {.more = say_to_nobody};
    assert_string_equal(fake_server_play(&c, part_knows_nobody),
                        "glasschat: not said to bob: there is no such user\n"
                        "glasschat: not said to bob: the message was malformed or out of turn\n");
    assert_false(c.talk.ended);
}

/* The command, and its form as if it had been filled in. */
static void ask_for_a_new_key(struct conversation *c)
{
    command_do(c, "/identity new", 13);
    void (*filled_in)(struct conversation * c) = c->form.filled_in;
    c->form.at = FORM_AT_END;
    c->form.own = password;
    c->form.filled_in = NULL;
    filled_in(c);
    settle(c);
}

static void part_takes_two_keys(struct fake_server *s)
{
    fake_server_answer_who(s);
    for (int i = 0; i < 2; i++)
        fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_REPLACE_CERTIFICATE, NULL));
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_READY, NULL));
    (void)fake_server_next(s);
}

static bool opened_beside_it;
static enum direct_state before_and_after[3];

static void mend_and_ask_again(struct conversation *c)
{
    char peers[sizeof arguments.home + 10];
    log_in(c);
    before_and_after[0] = c->direct.state;
    opened_beside_it = own_identity_is_open(&c->direct.own);
    ask_for_a_new_key(c);
    do_line(c, "/peers");
    before_and_after[1] = c->direct.state;
    snprintf(peers, sizeof peers, "%s/peers", home);
    (void)unlink(peers);
    ask_for_a_new_key(c);
    before_and_after[2] = c->direct.state;
}

/* Who was met can't be known: nobody is to be met for the first time. */
static void test_no_calls_beside_a_damaged_list_of_peers(void **state)
{
    struct played c = {.more = mend_and_ask_again};
    scratch_write(state, "peers", "x\n", 2);
    const char *said = fake_server_play(&c, part_takes_two_keys);
    assert_int_equal(before_and_after[0], DIRECT_NONE);
    assert_true(opened_beside_it); /* so that it follows the password */
    assert_int_equal(before_and_after[1], DIRECT_NONE);
    assert_int_equal(before_and_after[2], DIRECT_ON);
    for (int i = 0; i < 3; i++) { /* at the login, with the new key, and of /peers */
        said = strstr(said, "glasschat: no direct messages: ");
        assert_non_null(said);
        said = strstr(said, "/peers, line 1 is damaged: mend or remove that line, nothing was changed\n");
        assert_non_null(said);
    }
    assert_null(strstr(said, "glasschat: "));
}

/* A relay is under way, and not answered, when the server takes another key; and another comes while that is written:
 * both are of calls that are over. */
static void part_takes_another_key(struct fake_server *s)
{
    static const uint8_t none[] = {4, 1, 0, 0};
    take_ready(s);
    uint32_t certificate = fake_server_expect(s, MESSAGE_REPLACE_CERTIFICATE, NULL);
    send_relayed(s, none, sizeof none); /* of no call: so it is answered by an empty frame */
    uint32_t relay = fake_server_expect(s, MESSAGE_RELAY, NULL);
    fake_server_answer_ok(s, certificate);
    struct pollfd nothing = {.fd = -1};
    (void)poll(&nothing, 1, 50); /* the key is being written now, as a rule */
    send_relayed(s, none, sizeof none);
    uint32_t ready = fake_server_expect(s, MESSAGE_READY, NULL);
    fake_server_answer_ok(s, relay);
    fake_server_answer_ok(s, ready);
    (void)fake_server_next(s);
}

static void take_another_key(struct conversation *c)
{
    log_in(c);
    ask_for_a_new_key(c);
    assert_int_equal(c->direct.state, DIRECT_ON);
    assert_int_equal(c->direct.forgotten, 0);
}

static void test_a_new_key_while_something_is_under_way(void **state)
{
    (void)state;
    struct played c = {.more = take_another_key};
    const char *out = fake_server_play(&c, part_takes_another_key);
    assert_non_null(strstr(out, "* certificate registered, key SHA256:"));
    assert_non_null(strstr(out, "* your new key is SHA256:"));
    assert_null(strstr(out, "glasschat: "));
}

/* --- A password --------------------------------------------------------------------------------------------------- */

static bool made_well;

static void made(void *arg, bool ok)
{
    (void)arg;
    made_well = ok;
}

/* The account is new, and its key is the one that is kept here. Then another client holds the identity's lock, and so
 * the password can't be changed. */
static void register_and_fail(struct conversation *c)
{
    char why[WHY_LEN];
    struct identity id;
    struct identity_files other;
    c->direct.arguments = &arguments;
    direct_make(&c->direct, &password, made);
    settle(c);
    assert_true(made_well);
    direct_registered(&c->direct, &password);
    log_in(c);
    identity_files_init(&other, home, "localhost:7447", "alice");
    assert_int_equal(identity_load(&other, &id, password.password, password.password_len, why), IDENTITY_OK);
    direct_before_password(&c->direct, password.password, password.password_len, made);
    settle(c);
    assert_false(made_well);
    identity_files_close(&other);
}

/* Its key is not in anybody's way. */
static void test_a_password_after_a_registration_with_a_kept_key(void **state)
{
    (void)state;
    struct played c = {.more = register_and_fail};
    const char *out = fake_server_play(&c, part_is_ready);
    assert_non_null(strstr(out, "* your key is the one that was kept here already\n"));
    const char *said = strstr(out, "glasschat: password not changed: ");
    assert_non_null(said);
    assert_non_null(strstr(said, ": another program does not let go of it: end that one, then try again\n"));
}

/* As where a password was changed, and nothing could be settled then. */
static void make_two_copies(void)
{
    char why[WHY_LEN];
    struct rng rng;
    struct identity id;
    struct identity_files f;
    rng_init(&rng);
    identity_files_init(&f, home, "localhost:7447", "alice");
    f.iterations = 1;
    assert_int_equal(identity_load(&f, &id, password.password, password.password_len, why), IDENTITY_OK);
    assert_int_equal(identity_save_next(&f, &id, (const uint8_t *)"the new one", 11, &rng, why), 0);
    identity_files_close(&f);
}

static void log_in_with_a_disk_that_fails(struct conversation *c)
{
    c->direct.arguments = &arguments;
    disk_fails_at(1, EROFS);
    direct_begin(&c->direct, &(struct secret){.password = "the new one", .password_len = 11});
    settle(c);
    assert_true(disk_works());
    assert_int_equal(c->direct.state, DIRECT_ON);
    assert_false(c->screen.complained);
}

/* The password before still opens a copy: whoever has changed it may not want that. */
static void test_a_copy_that_could_not_be_removed_is_told(void **state)
{
    (void)state;
    struct played c = {.more = log_in_with_a_disk_that_fails};
    make_two_copies();
    const char *out = fake_server_play(&c, part_is_ready);
    assert_non_null(strstr(out, "* a copy of your key under another password could not be removed: "));
    assert_non_null(strstr(out, ".key.next: Read-only file system; the next login tries again\n"));
}

/* --- What is left ------------------------------------------------------------------------------------------------- */

static void part_refuses_the_key(struct fake_server *s)
{
    take_ready(s);
    fake_server_refuse(s, fake_server_expect(s, MESSAGE_REPLACE_CERTIFICATE, NULL), MESSAGE_E_LOGIN_FAILED);
    (void)fake_server_next(s);
}

static bool is_zero(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint8_t all = 0;
    for (size_t i = 0; i < len; i++)
        all |= p[i];
    return all == 0;
}

static void be_refused(struct conversation *c)
{
    static const struct identity none;
    log_in(c);
    assert_true(is_zero(&c->direct.own.job.secret, sizeof c->direct.own.job.secret));
    ask_for_a_new_key(c);
    assert_true(is_zero(&c->direct.own.next, sizeof none));
    assert_true(is_zero(&c->change.own, sizeof c->change.own));
    assert_true(is_zero(&c->form, sizeof c->form));
    assert_true(own_identity_is_open(&c->direct.own));
    do_line(c, "/identity");
}

static void test_a_key_that_is_not_taken_is_wiped(void **state)
{
    (void)state;
    struct played c = {.more = be_refused};
    const char *out = fake_server_play(&c, part_refuses_the_key);
    assert_non_null(strstr(out, "glasschat: no new identity: wrong password\n* your key is SHA256:"));
    assert_true(is_zero(&c.talk.direct.own.identity, sizeof c.talk.direct.own.identity));
    assert_true(is_zero(&c.talk.direct.own.job.secret, sizeof c.talk.direct.own.job.secret));
    assert_true(is_zero(&c.talk.direct.calls, sizeof c.talk.direct.calls));
}

/* --- The end ------------------------------------------------------------------------------------------------------ */

static void leave_at_once(struct conversation *c)
{
    log_in(c);
    command_do(c, "/msg bob hello", 14); /* a call that is never answered; and while it is computed */
    direct_cut(&c->direct);
}

static void test_what_was_not_said_is_told(void **state)
{
    (void)state;
    struct played c = {.more = leave_at_once};
    assert_string_equal(fake_server_play(&c, part_is_ready),
                        "glasschat: not said to bob: the connection to the server ended\n");
}

/* The server has the account, and the key that belongs to it has no place. */
static void register_without_a_folder(struct conversation *c)
{
    c->direct.arguments = &arguments;
    direct_make(&c->direct, &password, made);
    settle(c);
    direct_registered(&c->direct, &password);
}

static void leave_after_that(struct conversation *c)
{
    register_without_a_folder(c);
    while (c->direct.job != DIRECT_NO_JOB)
        turn(c);
}

static void leave_after_login(struct conversation *c)
{
    register_without_a_folder(c);
    log_in(c);
}

/* Once, whenever its user leaves. */
static void test_a_new_key_that_is_lost_is_told(void **state)
{
    static const struct {
        void (*leave)(struct conversation *c);
        const char *said;
    } cases[] = {
        {register_without_a_folder, "glasschat: the new key may be lost: cannot make the folder "},
        {leave_after_that, "glasschat: the new key may be lost: cannot make the folder "},
        {leave_after_login, "glasschat: no direct messages: cannot make the folder "},
    };
    (void)state;
    snprintf(arguments.home, sizeof arguments.home, "%s/none/none", home);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct played c = {.more = cases[i].leave};
        const char *said = strstr(fake_server_play(&c, part_that_is_not_asked), "glasschat: ");
        assert_non_null(said);
        assert_memory_equal(said, cases[i].said, strlen(cases[i].said));
        assert_null(strstr(said + 1, "glasschat: "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_server_of_version_1),
        TEST(test_no_key_no_calls),
        TEST(test_what_is_relayed_unasked_breaks_the_protocol),
        TEST(test_a_relay_that_is_refused),
        TEST(test_no_calls_beside_a_damaged_list_of_peers),
        TEST(test_a_new_key_while_something_is_under_way),
        TEST(test_a_password_after_a_registration_with_a_kept_key),
        TEST(test_a_copy_that_could_not_be_removed_is_told),
        TEST(test_a_key_that_is_not_taken_is_wiped),
        TEST(test_what_was_not_said_is_told),
        TEST(test_a_new_key_that_is_lost_is_told),
    };
    return cmocka_run_group_tests(tests, fake_server_init, NULL);
}
