/* SPDX-License-Identifier: MIT */
/* app/server/operator/admin_socket: lines that come in pieces, together, too long or not as text, clients that leave
 * in the middle, and descriptors that run out. A real socket and real accounts; the test takes the loop's turns. */
#include "app/server/operator/admin_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/server/operator/admin.h"
#include "tests/accounts_server.h"

#define HASH "1:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static int set_up(void **state)
{
    if (server_set_up(state) != 0)
        return -1;
    admin_socket_open(&admin_socket);
    assert_true(admin_socket.on);
    return 0;
}

static int gate[2] = {-1, -1}; /* what the only worker waits at, in one test */

static int tear_down(void **state)
{
    if (gate[1] >= 0)
        close(gate[1]); /* even after a failure the worker must not wait for ever */
    int failed = server_tear_down(state);
    if (gate[0] >= 0)
        close(gate[0]);
    gate[0] = gate[1] = -1;
    return failed;
}

/* --- The other end ------------------------------------------------------------------------------------------------ */

static int connected(void)
{
    int fd = admin_socket_connect(dir.path, 5);
    assert_true(fd >= 0);
    return fd;
}

static void write_bytes(int fd, const char *bytes, size_t len)
{
    assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
}

/* Exactly these lines are heard. */
static void assert_hears(int fd, const char *lines)
{
    char got[4096];
    size_t len = 0;
    for (int turns = 0; len < strlen(lines) && turns < 2000; turns++) {
        ssize_t n = recv(fd, got + len, strlen(lines) - len, MSG_DONTWAIT);
        assert_true(n != 0);
        len += n > 0 ? (size_t)n : 0;
        if (n < 0)
            server_turn(5);
    }
    got[len] = '\0';
    assert_string_equal(got, lines);
}

/* Nothing more is heard, and the server has closed its end. */
static void assert_ended(int fd)
{
    char byte;
    ssize_t n = -1;
    errno = EAGAIN;
    for (int turns = 0; turns < 1000 && n < 0 && errno == EAGAIN; turns++) {
        server_turn(5);
        n = recv(fd, &byte, 1, MSG_DONTWAIT);
    }
    assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
    close(fd);
}

static size_t peers(void)
{
    size_t n = 0;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        n += admin_socket.peers[i] != NULL;
    return n;
}

static void ask(int fd, const char *line, const char *answer)
{
    write_bytes(fd, line, strlen(line));
    assert_hears(fd, answer);
}

static void add_alice(int fd)
{
    ask(fd, "add alice\temail=a@x\tcreated=1\tpbkdf2=" HASH "\ncommit\n", "ok 1\n");
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

static void test_a_line_that_comes_byte_by_byte(void **state)
{
    static const char line[] = "lock alice\n";
    int fd = connected();
    (void)state;
    add_alice(fd);
    for (const char *c = line; *c != '\0'; c++) {
        char byte;
        assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
        write_bytes(fd, c, 1);
        server_turn(0);
    }
    assert_hears(fd, "ok\n");
    assert_true(accounts_find(server.accounts, "alice")->locked);
    close(fd);
}

#define NO_ACCOUNT(name) "error there is no account of the name " name "; `glasschatd account list` shows all\n"

static void test_many_lines_in_one_write_are_answered_in_order(void **state)
{
    int fd = connected();
    (void)state;
    add_alice(fd);
    ask(fd, "lock alice\nunlock alice\nlock nobody\nlist\nremove alice\nlist\nlock al",
        "ok\nok\n" NO_ACCOUNT("nobody") "alice\ta@x\t1\t-\t-\t0\t-\nok\nok\nok\n");
    ask(fd, "ice\n", NO_ACCOUNT("alice"));
    close(fd);
}

static void check_ended(const char *names)
{
    assert_string_equal(sessions_ended, names);
    sessions_ended[0] = '\0';
}

static void test_whoever_may_not_log_in_any_more_is_shown_out(void **state)
{
    int fd = connected();
    (void)state;
    add_alice(fd);
    ask(fd, "list\nlock nobody\n", "alice\ta@x\t1\t-\t-\t0\t-\nok\n" NO_ACCOUNT("nobody"));
    check_ended("");
    ask(fd, "lock alice\n", "ok\n");
    check_ended("alice ");
    ask(fd, "unlock alice\n", "ok\n");
    check_ended("");
    ask(fd, "reset alice " HASH "\n", "ok\n");
    check_ended("alice ");
    ask(fd, "remove alice\n", "ok\n");
    check_ended("alice ");
    close(fd);
}

static void test_the_longest_line_and_one_byte_more(void **state)
{
    static char line[ADMIN_LINE_MAX + 1];
    int fd = connected();
    (void)state;
    memset(line, 'x', sizeof line);
    line[ADMIN_LINE_MAX - 1] = '\n';
    write_bytes(fd, line, ADMIN_LINE_MAX);
    assert_hears(fd, "error there is no such request\n");
    ask(fd, "list\n", "ok\n");
    line[ADMIN_LINE_MAX - 1] = 'x';
    line[ADMIN_LINE_MAX] = '\n';
    write_bytes(fd, line, sizeof line);
    assert_ended(fd);
}

/* What came before it is answered, what comes after it is not done. */
static void test_a_zero_byte_ends_it(void **state)
{
    int fd = connected();
    (void)state;
    add_alice(fd);
    write_bytes(fd, "list\nlock al\0ice\nlock alice\n", 28);
    assert_hears(fd, "alice\ta@x\t1\t-\t-\t0\t-\nok\n");
    assert_ended(fd);
    assert_false(accounts_find(server.accounts, "alice")->locked);
    assert_int_equal(peers(), 0);
}

static void test_what_is_no_text_is_no_request(void **state)
{
    int fd = connected();
    (void)state;
    ask(fd, "\xff\xfe\n", "error there is no such request\n");
    ask(fd,
        "l\xc3\xb6"
        "ck alice\n",
        "error there is no such request\n");
    ask(fd, "lock \xc0\x80\n", NO_ACCOUNT("that was given"));
    ask(fd, "lock \x1b[2J\n", NO_ACCOUNT("that was given"));
    ask(fd, "lock alice\r\n", NO_ACCOUNT("that was given"));
    close(fd);
}

static void test_nothing_is_left_of_the_socket(void **state)
{
    (void)state;
    assert_int_equal(faccessat(dir.fd, "control", F_OK, 0), 0);
    admin_socket_close(&admin_socket);
    assert_int_equal(faccessat(dir.fd, "control", F_OK, 0), -1);
    assert_int_equal(admin_socket_connect(dir.path, 5), -1);
}

/* --- Leaving ------------------------------------------------------------------------------------------------------ */

static void wait_until_all_have_left(void)
{
    for (int turns = 0; turns < 1000 && (peers() > 0 || worker_in_flight(server.workers) > 0); turns++)
        server_turn(5);
    assert_int_equal(peers(), 0);
}

static void add_alice_and_leave_after(const char *text)
{
    int fd = connected();
    add_alice(fd);
    write_bytes(fd, text, strlen(text));
    close(fd);
    wait_until_all_have_left();
}

static void test_one_who_leaves_in_a_line_has_asked_nothing(void **state)
{
    (void)state;
    add_alice_and_leave_after("lock alice");
    assert_false(accounts_find(server.accounts, "alice")->locked);
}

/* While the change is being written nobody reads from the socket; the change is made, and the peer freed after it. */
static void test_one_who_leaves_before_the_answer(void **state)
{
    (void)state;
    add_alice_and_leave_after("lock alice\nlist\n");
    assert_true(accounts_find(server.accounts, "alice")->locked);
}

/* A list of more than fits in any buffer, of which nothing is read. */
static void test_one_who_leaves_in_the_middle_of_an_answer(void **state)
{
    char line[300];
    int fd = connected();
    (void)state;
    for (int i = 0; i < 700; i++) {
        snprintf(line, sizeof line, "add user%d\temail=a@%060d.%060d\tcreated=1\tpbkdf2=" HASH "\n", i, i, i);
        write_bytes(fd, line, strlen(line));
        server_turn(0);
    }
    ask(fd, "commit\n", "ok 700\n");
    for (size_t sent = 1; sent > 0 && sent < 1000000;) {
        ssize_t n = send(fd, "list\nnext\nnext\nnext\n", 20, MSG_DONTWAIT | MSG_NOSIGNAL);
        sent = n > 0 ? sent + (size_t)n : 0;
        server_turn(0);
    }
    assert_int_equal(peers(), 1);
    int other = connected();
    ask(other, "lock user1\n", "ok\n"); /* nobody else is kept waiting */
    close(other);
    close(fd);
    wait_until_all_have_left();
}

/* How many lines can be heard now that say that there is no such request. */
static size_t hears_now(int fd)
{
    static const char answer[] = "error there is no such request\n";
    char heard[sizeof answer - 1];
    size_t n = 0;
    while (recv(fd, heard, sizeof heard, MSG_DONTWAIT) == (ssize_t)sizeof heard) {
        assert_memory_equal(heard, answer, sizeof heard);
        n++;
    }
    return n;
}

/* Where a client has written more than one read takes, the rest is not heard in this turn: the others have theirs. */
static void test_one_turn_is_one_read(void **state)
{
    enum { LINE = 400, ALL = 3 * ADMIN_LINE_MAX / LINE };
    static char lines[ALL * LINE];
    size_t answered = 0;
    int fd = connected();
    (void)state;
    server_turn(100);
    assert_int_equal(peers(), 1);
    memset(lines, 'x', sizeof lines);
    for (size_t i = 1; i <= ALL; i++)
        lines[i * LINE - 1] = '\n';
    write_bytes(fd, lines, sizeof lines);
    for (size_t turns = 0; answered < ALL; turns++) {
        assert_true(turns <= ALL);
        server_turn(1000);
        size_t n = hears_now(fd);
        assert_in_range(n, 1, ADMIN_LINE_MAX / LINE);
        answered += n;
    }
    close(fd);
    wait_until_all_have_left();
}

/* --- Places and descriptors --------------------------------------------------------------------------------------- */

static void test_the_one_who_was_silent_for_longest_makes_room(void **state)
{
    int fd[ADMIN_SOCKET_PEERS_MAX];
    (void)state;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++) {
        fd[i] = connected();
        ask(fd[i], "list\n", "ok\n");
    }
    ask(fd[0], "list\n", "ok\n");
    int one_more = connected();
    ask(one_more, "list\n", "ok\n");
    assert_ended(fd[1]);
    ask(fd[0], "list\n", "ok\n");
    close(fd[0]);
    for (size_t i = 2; i < ADMIN_SOCKET_PEERS_MAX; i++)
        close(fd[i]);
    close(one_more);
}

/* Others have taken every descriptor: four clients are served all the same, again and again. */
static void test_without_descriptors_there_are_some_for_the_operator(void **state)
{
    int fd[2 * ADMIN_SOCKET_PEERS_MAX], crowd[64], used = 0;
    struct rlimit before, now;
    (void)state;
    for (size_t i = 0; i < 2 * ADMIN_SOCKET_PEERS_MAX; i++)
        fd[i] = connected(); /* they wait to be accepted: there was no turn yet */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = (rlim_t)fd[2 * ADMIN_SOCKET_PEERS_MAX - 1] + 10;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
    while (used < 64 && (crowd[used] = dup(fd[0])) >= 0)
        used++;
    assert_true(used < 64 && errno == EMFILE);
    for (size_t i = 0; i < 2 * ADMIN_SOCKET_PEERS_MAX; i++) {
        if (i >= ADMIN_SOCKET_PEERS_MAX) {
            shutdown(fd[i - ADMIN_SOCKET_PEERS_MAX], SHUT_RDWR); /* leaves; its end stays open here */
            server_turn(5);
            assert_int_equal(dup(fd[0]), -1); /* its descriptor is not given away */
        }
        ask(fd[i], "list\n", "ok\n");
    }
    for (int i = 0; i < used; i++)
        close(crowd[i]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (size_t i = 0; i < 2 * ADMIN_SOCKET_PEERS_MAX; i++)
        close(fd[i]);
    wait_until_all_have_left();
    assert_int_equal(admin_socket.spares, ADMIN_SOCKET_PEERS_MAX);
}

static size_t descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void wait_at_the_gate(struct job *job, struct rng *rng)
{
    char byte;
    (void)job;
    (void)rng;
    while (read(gate[0], &byte, 1) < 0 && errno == EINTR)
        ;
}

static void pass(struct job *job)
{
    (void)job;
}

/* All places are taken by clients that can't make room, as their requests are being done: one more is let in and shown
 * out in the same turn, and takes no descriptor along. */
static void test_one_for_whom_there_is_no_room_is_shown_out(void **state)
{
    int fd[ADMIN_SOCKET_PEERS_MAX];
    char name[20], line[200], byte;
    struct job job = {.run = wait_at_the_gate, .finish = pass};
    (void)state;
    assert_int_equal(pipe(gate), 0);
    worker_submit(server.workers, &job);
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++) {
        fd[i] = connected();
        snprintf(name, sizeof name, "user%zu", i);
        snprintf(line, sizeof line, "add %s\temail=a@x\tcreated=1\tpbkdf2=" HASH "\ncommit\n", name);
        write_bytes(fd[i], line, strlen(line));
        for (int turns = 0; turns < 1000 && !accounts_changing(server.accounts, name); turns++)
            server_turn(5);
        assert_true(accounts_changing(server.accounts, name));
    }
    size_t before = descriptors();
    int one_more = connected();
    assert_int_equal(descriptors(), before + 1); /* our end */
    server_turn(1000);
    assert_int_equal(descriptors(), before + 1);
    assert_int_equal(recv(one_more, &byte, 1, MSG_DONTWAIT), 0);
    close(one_more);
    assert_int_equal(write(gate[1], "x", 1), 1);
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++) {
        assert_hears(fd[i], "ok 1\n");
        close(fd[i]);
    }
    wait_until_all_have_left();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_line_that_comes_byte_by_byte),
        TEST(test_many_lines_in_one_write_are_answered_in_order),
        TEST(test_whoever_may_not_log_in_any_more_is_shown_out),
        TEST(test_the_longest_line_and_one_byte_more),
        TEST(test_a_zero_byte_ends_it),
        TEST(test_what_is_no_text_is_no_request),
        TEST(test_nothing_is_left_of_the_socket),
        TEST(test_one_who_leaves_in_a_line_has_asked_nothing),
        TEST(test_one_who_leaves_before_the_answer),
        TEST(test_one_who_leaves_in_the_middle_of_an_answer),
        TEST(test_one_turn_is_one_read),
        TEST(test_the_one_who_was_silent_for_longest_makes_room),
        TEST(test_without_descriptors_there_are_some_for_the_operator),
        TEST(test_one_for_whom_there_is_no_room_is_shown_out),
    };
    return RUN(tests);
}
