/* SPDX-License-Identifier: MIT */
/* net/output: a child prints to where nothing can be written, and its status and its words are looked at. */
#include "net/output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sanitized.h"
#include "tests/test.h"

#define TEST_SECONDS 20

/* How a child ends that prints to this stdout; what it said on stderr is in said. */
static int status_of(const char *out, const char *printed, int status, char said[static 200])
{
    int ends[2], result;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(out, O_WRONLY);
        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
            _exit(99);
        output_check_at_exit("name");
        fputs(printed, stdout);
        exit(status);
    }
    close(ends[1]);
    ssize_t len = read(ends[0], said, 199);
    close(ends[0]);
    assert_true(len >= 0);
    said[len] = '\0';
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static void test_what_is_lost_is_a_failure(void **state)
{
    char said[200];
    static char much[100000]; /* more than stdio gathers: a write has failed long before the exit */
    (void)state;
    memset(much, 'x', sizeof much - 1);
    assert_int_equal(status_of("/dev/full", "a line\n", 0, said), 1);
    assert_string_equal(said, "name: cannot write to standard output: No space left on device; send it elsewhere\n");
    assert_int_equal(status_of("/dev/full", much, 0, said), 1);
    assert_non_null(strstr(said, "name: cannot write to standard output"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void test_what_is_written_is_not(void **state)
{
    char said[200];
    (void)state;
    assert_int_equal(status_of("/dev/null", "a line\n", 0, said), 0);
    assert_int_equal(status_of("/dev/null", "a line\n", 2, said), 2);
    assert_int_equal(status_of("/dev/full", "", 2, said), 2);
    assert_string_equal(said, "");
}

/* A child writes more than the pipe takes, until it is told to end: its wait ends, and the flag is as before. */
static void on_signal(int signal)
{
    (void)signal;
    output_wait_no_more();
}

static void test_nobody_who_reads_is_waited_for(void **state)
{
    int ends[2], ready[2], status;
    char byte;
    (void)state;
    if (SANITIZED_THREAD) /* it runs a handler only after the call that waits */
        skip();
    assert_int_equal(pipe(ends) + pipe(ready), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const char much[100000];
        const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        (void)alarm(TEST_SECONDS); /* nobody else would end it */
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0 ||
            sigaction(SIGTERM, &action, NULL) != 0)
            _exit(99);
        output_check_at_exit("name");
        (void)!write(ready[1], "", 1);
        for (int i = 0; i < 20; i++) /* more than a pipe ever takes */
            (void)!fwrite(much, 1, sizeof much, stdout);
        exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
    for (int i = 0; i < 2; i++)
        close(ends[i]), close(ready[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_lost_is_a_failure),
        cmocka_unit_test(test_what_is_written_is_not),
        cmocka_unit_test(test_nobody_who_reads_is_waited_for),
    };
    return RUN(tests);
}
