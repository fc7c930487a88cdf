/* SPDX-License-Identifier: MIT */
/* For the tests of the sandbox: a child that enters it and makes one attempt, as there is no way out again. */
#ifndef TESTS_SANDBOXED_H
#define TESTS_SANDBOXED_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/server/base/sandbox.h"
#include "tests/sanitized.h"
#include "tests/scratch.h"
#include "tests/test.h"

enum { AS_IT_SHOULD, OTHERWISE };

/* What a child has at hand, made before it enters. */
struct inside {
    const char *data;
    int data_fd, listener, port;
    int other, other_port; /* a listener that is somebody else's */
    pid_t parent;
    char outside[300]; /* a folder beside DATA */
    struct sandbox box;
};

typedef int attempt(struct inside *in);

/* A sanitizer makes calls of its own in the middle of ours. */
static inline void seal_unless_sanitized(struct sandbox *box)
{
#if !SANITIZED
    sandbox_seal(box);
#else
    (void)box;
#endif
}

static inline int local_listener(int *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 5) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static inline void enter(struct inside *in)
{
    static char secret[100];
    char log[400];
    snprintf(log, sizeof log, "%s/logs/log", in->outside);
    sandbox_drop(&in->box, in->data, log, secret, sizeof secret);
    seal_unless_sanitized(&in->box);
}

/* Runs the attempt in a child: inside, or, to show that it means something, outside. */
static inline int run_child(void **state, attempt *try, bool sandboxed)
{
    struct inside in = {.parent = getpid()};
    char data[300];
    snprintf(data, sizeof data, "%s/data", scratch_path(state));
    snprintf(in.outside, sizeof in.outside, "%s", scratch_path(state));
    (void)mkdirat(scratch_fd(state), "data", 0700);
    (void)mkdirat(scratch_fd(state), "logs", 0700);
    scratch_write(state, "beside", "x", 1);
    scratch_write(state, "data/file", "x", 1);
    in.data = data;
    in.data_fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    in.listener = local_listener(&in.port);
    in.other = local_listener(&in.other_port);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (sandboxed)
            enter(&in);
        _exit(try(&in));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(in.listener);
    close(in.other);
    close(in.data_fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static inline bool has(const struct inside *in, const char *what)
{
    return strstr(in->box.says, what) != NULL;
}

static inline int refused(long result)
{
    return result == -1 && (errno == EPERM || errno == EACCES) ? AS_IT_SHOULD : OTHERWISE;
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#endif
