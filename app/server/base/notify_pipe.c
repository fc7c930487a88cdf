/* SPDX-License-Identifier: MIT */
/* Any POSIX system: a pipe, both ends non-blocking; a byte in it is a ring. */
#include "app/server/base/notify.h"

#if !defined(__linux__) || defined(GLASSCHAT_PORTABLE)

#include <fcntl.h>
#include <unistd.h>

int notify_open(struct notify *n)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[i], F_SETFL, O_NONBLOCK) != 0) {
            close(ends[0]);
            close(ends[1]);
            return -1;
        }
    n->read_fd = ends[0];
    n->write_fd = ends[1];
    return 0;
}

void notify_ring(const struct notify *n)
{
    ssize_t done = write(n->write_fd, "", 1);
    (void)done; /* fails only where the pipe is full, and then the bell is ringing already */
}

void notify_clear(const struct notify *n)
{
    char bytes[64];
    while (read(n->read_fd, bytes, sizeof bytes) > 0)
        continue;
}

void notify_close(struct notify *n)
{
    close(n->read_fd);
    close(n->write_fd);
}

#endif
