/* SPDX-License-Identifier: MIT */
/* Nothing blocks but poll, which has a time. What read returns where nothing is there tells one kind of waiting from
 * the other: 0 where nobody has a pipe open to write, EAGAIN where somebody has. */
#include "net/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int input_open(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        errno = EISDIR;
        return -1;
    }
    return fd;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_pipe(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

enum wait_result { WAIT_AGAIN, WAIT_ENDED, WAIT_TOO_LONG };

/* Until there is something to read, or whoever had it open is gone. */
static enum wait_result wait_until(int fd, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline - now_ms();
    if (left <= 0)
        return WAIT_TOO_LONG;
    if (poll(&p, 1, (int)left) > 0 && (p.revents & POLLIN) == 0)
        return WAIT_ENDED;
    return WAIT_AGAIN;
}

ssize_t input_read(int fd, void *out, size_t cap, bool line)
{
    char *bytes = out;
    size_t len = 0;
    int64_t begun = now_ms();
    while (len < cap && !(line && len > 0 && memchr(bytes, '\n', len) != NULL)) {
        ssize_t n = read(fd, bytes + len, cap - len);
        if (n > 0) {
            len += (size_t)n;
            continue;
        }
        bool nobody = n == 0;
        if (nobody && (len > 0 || !is_pipe(fd)))
            break;
        if (!nobody && errno == EINTR)
            continue;
        if (!nobody && errno != EAGAIN)
            return -1;
        enum wait_result waited = wait_until(fd, begun + (nobody ? INPUT_NOBODY_SECONDS : INPUT_SILENT_SECONDS) *
                                                             (int64_t)1000);
        if (waited == WAIT_ENDED)
            break;
        if (waited == WAIT_TOO_LONG) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    return (ssize_t)len;
}

const char *input_why(int error)
{
    if (error == EISDIR)
        return "it is a folder: name a file";
    if (error == ETIMEDOUT)
        return "nothing came from it in time: see that somebody writes to it, or name a file";
    return strerror(error);
}
