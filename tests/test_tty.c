/* SPDX-License-Identifier: MIT */
/* app/terminal/tty: on a terminal of its own, with jobs that come and go as a shell's do. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "app/terminal/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

#define TEST_SECONDS 20

/* In a child process, where cmocka's own way to fail would go on with the other tests. */
#define CHECK(holds)                                                                                                   \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            dprintf(STDERR_FILENO, "%d: %s\n", __LINE__, #holds);                                                      \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

static int keyboard; /* what is written here is typed */

static struct termios modes(void)
{
    struct termios now;
    CHECK(tcgetattr(STDIN_FILENO, &now) == 0);
    return now;
}

static bool same(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

/* Runs body as a terminal's first program. */
static void at_terminal(void (*body)(void))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)alarm(TEST_SECONDS);
        CHECK(setsid() > 0);
        keyboard = posix_openpt(O_RDWR | O_NOCTTY);
        CHECK(keyboard >= 0 && grantpt(keyboard) == 0 && unlockpt(keyboard) == 0);
        int fd = open(ptsname(keyboard), O_RDWR);
        CHECK(fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
        body();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Runs body as a job in the background. */
static pid_t start_job(void (*body)(void))
{
    pid_t job = fork();
    CHECK(job >= 0);
    if (job == 0) {
        (void)alarm(TEST_SECONDS);
        CHECK(setpgid(0, 0) == 0);
        body();
        _exit(0);
    }
    return job;
}

/* By which signal it stopped; 0: it ended, and all was as it should be. */
static int wait_for(pid_t job)
{
    int status;
    CHECK(waitpid(job, &status, WUNTRACED) == job);
    if (WIFSTOPPED(status))
        return WSTOPSIG(status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return 0;
}

static void go_on_in_the_foreground(pid_t job)
{
    CHECK(tcsetpgrp(STDIN_FILENO, job) == 0);
    CHECK(kill(job, SIGCONT) == 0);
}

/* --- Hidden ------------------------------------------------------------------------------------------------------- */

static bool typed_nothing(void)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&fd, 1, 0) == 0;
}

static void each_key_counts(void)
{
    struct termios keys = modes();
    keys.c_iflag &= ~(tcflag_t)ICRNL;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ISIG);
    CHECK(tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0);
}

static void check_hidden(void)
{
    struct termios now = modes();
    CHECK((now.c_lflag & (ECHO | ECHONL | ICANON | ISIG)) == (ECHONL | ICANON | ISIG));
    CHECK((now.c_iflag & ICRNL) != 0);
}

static void hide_and_give_back(void)
{
    char answer[10];
    struct termios before, usual;
    each_key_counts();
    usual = modes();
    CHECK(write(keyboard, "ahead\n", 6) == 6);
    CHECK(tty_hide(&before) == 0);
    CHECK(same(&before, &usual));
    check_hidden();
    CHECK(typed_nothing());

    CHECK(tcsetattr(STDIN_FILENO, TCSANOW, &usual) == 0);
    CHECK(tty_hide_again(&before) == 0);
    check_hidden();
    CHECK(write(keyboard, "typed\rbehind\r", 13) == 13);
    CHECK(read(STDIN_FILENO, answer, sizeof answer) == 6 && memcmp(answer, "typed\n", 6) == 0);

    tty_give_back(&before);
    usual = modes();
    CHECK(same(&before, &usual));
    CHECK(typed_nothing());
}

static void test_hidden_and_given_back(void **state)
{
    (void)state;
    at_terminal(hide_and_give_back);
}

static void test_no_terminal(void **state)
{
    struct termios before;
    int ends[2], input = dup(STDIN_FILENO);
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    int waited = tty_wait(), hidden = tty_hide(&before), read_from = tty_open_input();
    bool ours = tty_is_ours();
    assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
    close(input);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(waited, -1);
    assert_int_equal(hidden, -1);
    assert_int_equal(read_from, STDIN_FILENO);
    assert_true(ours);
}

/* --- Reading that never waits ------------------------------------------------------------------------------------- */

static void read_what_is_gone(void)
{
    char typed[10];
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    int input = tty_open_input();
    CHECK(input != STDIN_FILENO);
    CHECK((fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) == 0);
    CHECK((fcntl(input, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(write(keyboard, "gone\n", 5) == 5);
    CHECK(poll(&fd, 1, -1) == 1);
    CHECK(tcflush(STDIN_FILENO, TCIFLUSH) == 0);
    CHECK(read(input, typed, sizeof typed) == -1 && errno == EAGAIN);
    CHECK(write(keyboard, "here\n", 5) == 5);
    CHECK(poll(&fd, 1, -1) == 1);
    CHECK(read(input, typed, sizeof typed) == 5 && memcmp(typed, "here\n", 5) == 0);
    tty_close_input(input);
    CHECK(fcntl(input, F_GETFD) == -1);
    tty_close_input(STDIN_FILENO);
    CHECK(fcntl(STDIN_FILENO, F_GETFD) == 0);
}

static void test_what_is_gone_is_not_waited_for(void **state)
{
    (void)state;
    at_terminal(read_what_is_gone);
}

/* --- In the background -------------------------------------------------------------------------------------------- */

static void touch_nothing(void)
{
    struct termios shell = modes(), other = shell, now;
    other.c_lflag ^= ECHO;
    CHECK(!tty_is_ours());
    tty_give_back(&other);
    now = modes();
    CHECK(same(&now, &shell));
}

static void wait_and_hide(void)
{
    struct termios before;
    CHECK(tty_hide(&before) == 0);
    CHECK(tty_is_ours());
    CHECK((before.c_lflag & ICANON) != 0);
}

static void have_jobs(void)
{
    struct termios usual = modes();
    each_key_counts();
    CHECK(wait_for(start_job(touch_nothing)) == 0);

    pid_t job = start_job(wait_and_hide);
    CHECK(wait_for(job) == SIGTTOU);
    CHECK(tcsetattr(STDIN_FILENO, TCSANOW, &usual) == 0);
    go_on_in_the_foreground(job);
    CHECK(wait_for(job) == 0);
}

static void test_in_the_background(void **state)
{
    (void)state;
    at_terminal(have_jobs);
}

/* --- Stopped ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t went_on;

static void note(int number)
{
    went_on = number == SIGCONT;
}

static void stop_whatever_was_made_of_it(void)
{
    struct sigaction ours = {.sa_handler = note}, now;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTSTP);
    sigaddset(&blocked, SIGCONT);
    CHECK(sigaction(SIGTSTP, &ours, NULL) == 0 && sigaction(SIGCONT, &ours, NULL) == 0);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
    tty_stop();
    CHECK(went_on);
    CHECK(sigaction(SIGTSTP, NULL, &now) == 0 && now.sa_handler == note);
    CHECK(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0 && sigismember(&blocked, SIGTSTP) == 1);
}

static void stop_a_job(void)
{
    pid_t job = start_job(stop_whatever_was_made_of_it);
    CHECK(wait_for(job) == SIGTSTP);
    go_on_in_the_foreground(job);
    CHECK(wait_for(job) == 0);
}

static void test_stopped_until_it_goes_on(void **state)
{
    (void)state;
    at_terminal(stop_a_job);
    at_terminal(tty_stop); /* no shell could let it go on, so it does not stop */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hidden_and_given_back),          cmocka_unit_test(test_no_terminal),
        cmocka_unit_test(test_what_is_gone_is_not_waited_for), cmocka_unit_test(test_in_the_background),
        cmocka_unit_test(test_stopped_until_it_goes_on),
    };
    return RUN(tests);
}
