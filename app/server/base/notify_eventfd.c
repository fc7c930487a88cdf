/* SPDX-License-Identifier: MIT */
/* Linux: an eventfd is one descriptor with a counter in the kernel. */
#include "app/server/base/notify.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int notify_open(struct notify *n)
{
    n->read_fd = n->write_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return n->read_fd < 0 ? -1 : 0;
}

void notify_ring(const struct notify *n)
{
    uint64_t one = 1;
    ssize_t done = write(n->write_fd, &one, sizeof one);
    (void)done; /* fails only where the counter is at its end, and then the bell is ringing already */
}

void notify_clear(const struct notify *n)
{
    uint64_t count;
    ssize_t done = read(n->read_fd, &count, sizeof count);
    (void)done; /* fails only where it does not ring */
}

void notify_close(struct notify *n)
{
    close(n->read_fd);
}

#endif
