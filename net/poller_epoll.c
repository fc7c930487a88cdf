/* SPDX-License-Identifier: MIT */
/* The poller on Linux: the kernel keeps the list, so that waiting costs the same with ten descriptors as with ten
 * thousand. A watch that wants nothing is taken out of the kernel's list, because epoll reports hang-ups unasked. */
#include "net/poller.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 256

struct poller {
    int fd;
};

struct poller *poller_new(void)
{
    struct poller *p = malloc(sizeof *p);
    if (p == NULL)
        return NULL;
    p->fd = epoll_create1(EPOLL_CLOEXEC);
    if (p->fd < 0) {
        free(p);
        return NULL;
    }
    return p;
}

void poller_free(struct poller *p)
{
    if (p != NULL)
        close(p->fd);
    free(p);
}

static int control(struct poller *p, int operation, struct poller_watch *watch, unsigned want)
{
    struct epoll_event event = {.data.ptr = watch};
    event.events = (want & POLLER_READ ? (uint32_t)EPOLLIN : 0u) | (want & POLLER_WRITE ? (uint32_t)EPOLLOUT : 0u);
    return epoll_ctl(p->fd, operation, watch->fd, &event);
}

int poller_add(struct poller *p, struct poller_watch *watch, int fd, unsigned want, void *owner)
{
    assert((want & ~(POLLER_READ | POLLER_WRITE)) == 0);
    *watch = (struct poller_watch){.fd = fd, .want = want, .owner = owner};
    return want == 0 ? 0 : control(p, EPOLL_CTL_ADD, watch, want);
}

int poller_want(struct poller *p, struct poller_watch *watch, unsigned want)
{
    assert((want & ~(POLLER_READ | POLLER_WRITE)) == 0);
    if (want == watch->want)
        return 0;
    int operation = watch->want == 0 ? EPOLL_CTL_ADD : want == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (control(p, operation, watch, want) != 0)
        return -1;
    watch->want = want;
    return 0;
}

void poller_remove(struct poller *p, struct poller_watch *watch)
{
    if (watch->want != 0)
        (void)control(p, EPOLL_CTL_DEL, watch, 0);
    watch->want = 0;
}

size_t poller_wait(struct poller *p, struct poller_event *events, size_t cap, int timeout_ms)
{
    struct epoll_event batch[BATCH];
    int n = epoll_wait(p->fd, batch, cap < BATCH ? (int)cap : BATCH, timeout_ms);
    assert(n >= 0 || errno == EINTR);
    size_t count = n > 0 ? (size_t)n : 0;
    for (size_t i = 0; i < count; i++) {
        unsigned ready = 0;
        if (batch[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            ready |= POLLER_READ;
        if (batch[i].events & EPOLLOUT)
            ready |= POLLER_WRITE;
        events[i] = (struct poller_event){.watch = batch[i].data.ptr, .ready = ready};
    }
    return count;
}

#endif
