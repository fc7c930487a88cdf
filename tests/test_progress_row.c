/* SPDX-License-Identifier: MIT */
/* app/terminal/progress_row: its words; and on a terminal of its own, whose other end is read, that nothing is left of
 * it. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "app/terminal/progress_row.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "tests/test.h"

/* --- Its words ---------------------------------------------------------------------------------------------------- */

static void assert_words(const char *expected, struct progress_row p, size_t columns)
{
    char out[PROGRESS_ROW_MAX];
    size_t len = progress_row_words(out, &p, columns);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
}

static void test_how_many_and_how_long_still(void **state)
{
    (void)state;
    assert_words("hashing: 37 of 300 accounts", (struct progress_row){"hashing", "accounts", 37, 300, 0, 900, 900}, 80);
    assert_words("hashing: 75 of 300 accounts, 31 s left",
                 (struct progress_row){"hashing", "accounts", 75, 300, 0, 10000, 10000}, 80);
    assert_words("hashing: 300 of 300 accounts, 9 s so far",
                 (struct progress_row){"hashing", "accounts", 300, 300, 0, 9999, 9999}, 80);
    assert_words("reading: 43 %, 2 s left", (struct progress_row){"reading", "%", 43, 99, 0, 1100, 1000}, 80);
    assert_words("reading: 100 %", (struct progress_row){"reading", "%", 7, 7, 7, 500, 500}, 80);
}

static void test_only_what_was_done_since_tells_the_speed(void **state)
{
    (void)state;
    assert_words("grading: 30 of 50 students, 21 s left",
                 (struct progress_row){"grading", "students", 30, 50, 20, 60000, 10000}, 80);
    assert_words("grading: 20 of 50 students, 60 s so far",
                 (struct progress_row){"grading", "students", 20, 50, 20, 60000, 10000}, 80);
}

static void test_what_nobody_knows(void **state)
{
    (void)state;
    assert_words("making a key", (struct progress_row){"making a key", NULL, 0, 0, 0, 999, 999}, 80);
    assert_words("making a key, 1 s so far", (struct progress_row){"making a key", NULL, 0, 0, 0, 1000, 1000}, 80);
    assert_words("hashing, 3 s so far", (struct progress_row){"hashing", "accounts", 0, 0, 0, 3999, 3999}, 80);
}

static void test_minutes_and_hours(void **state)
{
    static const struct {
        uint64_t seconds;
        const char *words;
    } times[] = {{99, "w, 99 s so far"},     {100, "w, 2 min so far"},    {120, "w, 2 min so far"},
                 {121, "w, 3 min so far"},   {5999, "w, 100 min so far"}, {6000, "w, 2 h so far"},
                 {720000, "w, 200 h so far"}};
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_words(times[i].words, (struct progress_row){"w", NULL, 0, 0, 0, 1000 * times[i].seconds, 0}, 80);
}

static void test_never_more_than_the_row(void **state)
{
    char what[3 * PROGRESS_ROW_MAX], cut[PROGRESS_ROW_MAX + 1] = "";
    (void)state;
    assert_words("hashing: 37 of 3", (struct progress_row){"hashing", "accounts", 37, 300, 0, 0, 0}, 16);
    assert_words("", (struct progress_row){"hashing", "accounts", 37, 300, 0, 0, 0}, 0);
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = '\0';
    memset(cut, 'x', PROGRESS_ROW_MAX);
    assert_words(cut, (struct progress_row){what, "accounts", 37, 300, 0, 0, 0}, 1000);
}

/* --- On a terminal ------------------------------------------------------------------------------------------------ */

static int screen; /* what is written to the terminal is read here */
static char seen[20000];
static size_t seen_len;

static void pause_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* Runs body as the first program of a terminal so wide; its status, when all that it wrote is in seen. */
static int at_terminal(void (*body)(void), const char *kind, unsigned short columns)
{
    int status, terminal;
    screen = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(screen >= 0 && grantpt(screen) == 0 && unlockpt(screen) == 0);
    terminal = open(ptsname(screen), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0 && ioctl(terminal, TIOCSWINSZ, &(struct winsize){.ws_row = 24, .ws_col = columns}) == 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        setenv("TERM", kind, 1);
        if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0 || dup2(terminal, STDERR_FILENO) != STDERR_FILENO)
            _exit(99);
        close(terminal);
        close(screen);
        body();
        _exit(0);
    }
    close(terminal);
    ssize_t n;
    seen_len = 0;
    while ((n = read(screen, seen + seen_len, sizeof seen - 1 - seen_len)) > 0)
        seen_len += (size_t)n;
    seen[seen_len] = '\0';
    close(screen);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* What stands on the screen at the end, and a '|' where the cursor is. It knows what the row may use, and no more. */
static const char *at_the_end(void)
{
    static char rows[20000];
    size_t row = 0, column = 0, width = 0, len = 0;
    for (const char *c = seen; *c != '\0'; c++)
        if (*c == '\r') {
            column = 0;
        } else if (*c == '\n') {
            rows[row + width] = '\n';
            row = len = row + width + 1;
            width = 0;
        } else if (strncmp(c, "\033[K", 3) == 0) {
            width = column;
            c += 2;
        } else if (strncmp(c, "\033[?7", 4) == 0) {
            c += 4; /* auto-wrap off and on */
        } else {
            rows[row + column++] = *c;
            width = column > width ? column : width;
        }
    len = row + width;
    snprintf(rows + len, sizeof rows - len, "|%s", column > 0 ? " the cursor is not where a line begins" : "");
    return rows;
}

static void long_work(void)
{
    progress_row_begin("counting sheep", "sheep");
    for (unsigned i = 0; i < 70; i++) {
        progress_row_at(i, 70);
        pause_ms(10);
    }
    progress_row_end();
}

static void test_a_row_is_there_and_gone(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(long_work, "xterm", 80), 0);
    assert_non_null(strstr(seen, "\r\033[Kcounting sheep: "));
    assert_non_null(strstr(seen, " of 70 sheep\r"));
    assert_string_equal(at_the_end(), "|");
}

static void short_work(void)
{
    progress_row_begin("counting sheep", NULL);
    pause_ms(50);
    progress_row_end();
}

static void test_short_work_shows_nothing(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(short_work, "xterm", 80), 0);
    assert_string_equal(seen, "");
}

static void test_a_terminal_that_does_not_obey_gets_nothing(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(long_work, "dumb", 80), 0);
    assert_string_equal(seen, "");
    assert_int_equal(at_terminal(long_work, "", 80), 0);
    assert_string_equal(seen, "");
    assert_int_equal(at_terminal(long_work, "xterm", 0), 0); /* nobody knows how wide it is */
    assert_string_equal(seen, "");
}

static void test_a_narrow_terminal(void **state)
{
    size_t column = 0;
    (void)state;
    assert_int_equal(at_terminal(long_work, "xterm", 20), 0);
    assert_non_null(strstr(seen, "counting sheep: "));
    for (const char *c = seen; *c != '\0'; c++) {
        if (*c == '\033')
            c += 2;
        else
            column = *c == '\r' ? 0 : column + 1;
        assert_true(column < 20);
    }
}

static void a_pipe_beside_it(void)
{
    int ends[2], terminal = dup(STDERR_FILENO); /* which hangs up when nobody has it open */
    if (terminal < 0 || pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) != STDERR_FILENO || close(ends[1]) != 0)
        _exit(1);
    long_work();
    close(STDERR_FILENO);
    char byte;
    _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
}

static void test_a_pipe_gets_nothing(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(a_pipe_beside_it, "xterm", 80), 0);
    assert_string_equal(seen, "");
}

static void print_meanwhile(void)
{
    display_init();
    progress_row_begin("counting sheep", NULL);
    pause_ms(600);
    display_line(stderr, "a wolf");
    pause_ms(300);
    display_line(stderr, "another");
    progress_row_end();
    display_line(stderr, "done");
}

static void test_a_line_takes_its_place(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(print_meanwhile, "xterm", 80), 0);
    assert_non_null(strstr(seen, "counting sheep"));
    assert_string_equal(at_the_end(), "a wolf\nanother\ndone\n|");
}

/* --- Signals ------------------------------------------------------------------------------------------------------ */

static int to_send;

static void interrupted(void)
{
    progress_row_begin("counting sheep", NULL);
    pause_ms(700);
    (void)raise(to_send);
    _exit(1);
}

static void test_a_signal_that_ends_it_erases_the_row(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        to_send = signals[i];
        int status = at_terminal(interrupted, "xterm", 80);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
        assert_non_null(strstr(seen, "counting sheep"));
        if (strstr(seen, "qemu: uncaught") == NULL) /* an emulator has the last word where it would leave a core */
            assert_string_equal(at_the_end(), "|");
    }
}

static volatile sig_atomic_t noted;

static void note(int signal)
{
    noted = signal;
}

/* A signal that the program catches, or ignores, is its own affair; and after the work each is as it was. */
static void keep_handlers(void)
{
    struct sigaction own = {.sa_handler = note}, now;
    if (sigaction(SIGINT, &own, NULL) != 0 || signal(SIGHUP, SIG_IGN) == SIG_ERR)
        _exit(1);
    progress_row_begin("counting sheep", NULL);
    (void)raise(SIGINT);
    (void)raise(SIGHUP);
    progress_row_end();
    if (noted != SIGINT || sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler != note)
        _exit(2);
    static const int plain[] = {SIGTERM, SIGQUIT, SIGTSTP, SIGALRM};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (sigaction(plain[i], NULL, &now) != 0 || now.sa_handler != SIG_DFL)
            _exit(3);
}

static void keep_timer(void)
{
    struct sigaction own = {.sa_handler = note};
    if (sigaction(SIGALRM, &own, NULL) != 0)
        _exit(1);
    (void)alarm(100);
    long_work();
    _exit(noted == 0 && alarm(0) > 90 ? 0 : 2);
}

static void test_what_a_program_catches_stays_its_own(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(keep_handlers, "xterm", 80), 0);
    assert_int_equal(at_terminal(keep_timer, "xterm", 80), 0);
    assert_string_equal(seen, "");
}

/* The parent is the shell: its job stops itself, is continued in the background, and then in the foreground. */
static void stopped_job(void)
{
    progress_row_begin("counting sheep", NULL);
    pause_ms(700);
    (void)raise(SIGTSTP);
    pause_ms(700);
    progress_row_what("counting wolves");
    (void)raise(SIGTSTP);
    pause_ms(700);
    progress_row_end();
}

static void run_job(void)
{
    int status;
    (void)signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(STDERR_FILENO, getpid());
        (void)signal(SIGTTOU, SIG_DFL);
        stopped_job();
        _exit(0);
    }
    for (int turn = 0; turn < 2; turn++) {
        if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
            _exit(1);
        (void)tcsetpgrp(STDERR_FILENO, turn == 0 ? getpgrp() : job);
        fputs(turn == 0 ? "$ bg\n" : "$ fg\n", stderr);
        (void)kill(job, SIGCONT);
    }
    if (waitpid(job, &status, 0) != job || status != 0)
        _exit(2);
}

static void test_a_stop_erases_it_and_the_background_is_silent(void **state)
{
    (void)state;
    assert_int_equal(at_terminal(run_job, "xterm", 80), 0);
    const char *background = strstr(seen, "$ bg\r\n"), *foreground = strstr(seen, "$ fg\r\n");
    assert_true(background != NULL && foreground != NULL);
    assert_ptr_equal(background + strlen("$ bg\r\n"), foreground);
    assert_true(strstr(seen, "counting sheep") < background);
    assert_non_null(strstr(foreground, "counting wolves"));
    assert_string_equal(at_the_end(), "$ bg\n$ fg\n|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_many_and_how_long_still),
        cmocka_unit_test(test_only_what_was_done_since_tells_the_speed),
        cmocka_unit_test(test_what_nobody_knows),
        cmocka_unit_test(test_minutes_and_hours),
        cmocka_unit_test(test_never_more_than_the_row),
        cmocka_unit_test(test_a_row_is_there_and_gone),
        cmocka_unit_test(test_short_work_shows_nothing),
        cmocka_unit_test(test_a_terminal_that_does_not_obey_gets_nothing),
        cmocka_unit_test(test_a_narrow_terminal),
        cmocka_unit_test(test_a_pipe_gets_nothing),
        cmocka_unit_test(test_a_line_takes_its_place),
        cmocka_unit_test(test_a_signal_that_ends_it_erases_the_row),
        cmocka_unit_test(test_what_a_program_catches_stays_its_own),
        cmocka_unit_test(test_a_stop_erases_it_and_the_background_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
