/* SPDX-License-Identifier: MIT */
/* The poller wherever there is POSIX: the list is ours, and the system goes through all of it at each wait. Good for
 * some hundreds of descriptors. Removing moves the last one into the hole, so the list has no holes and each watch
 * knows its place. */
#include "net/poller.h"

#if !defined(__linux__) || defined(GLASSCHAT_PORTABLE)

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

struct poller {
    struct pollfd *fds; /* fds[i] and watches[i] belong together */
    struct poller_watch **watches;
    size_t count, cap;
    size_t next; /* where the search for ready ones begins, so that a full batch starves nobody */
};

struct poller *poller_new(void)
{
    return calloc(1, sizeof(struct poller));
}

void poller_free(struct poller *p)
{
    if (p != NULL) {
        free(p->fds);
        free(p->watches);
    }
    free(p);
}

static int grow(struct poller *p)
{
    size_t cap = p->cap == 0 ? 16 : 2 * p->cap;
    struct pollfd *fds = realloc(p->fds, cap * sizeof *fds);
    if (fds == NULL)
        return -1;
    p->fds = fds;
    struct poller_watch **watches = realloc(p->watches, cap * sizeof *watches);
    if (watches == NULL)
        return -1;
    p->watches = watches;
    p->cap = cap;
    return 0;
}

/* poll passes over negative descriptors; without that it would report hang-ups unasked. */
static struct pollfd entry(int fd, unsigned want)
{
    struct pollfd e = {.fd = want == 0 ? -1 : fd};
    e.events = (short)((want & POLLER_READ ? POLLIN : 0) | (want & POLLER_WRITE ? POLLOUT : 0));
    return e;
}

int poller_add(struct poller *p, struct poller_watch *watch, int fd, unsigned want, void *owner)
{
    assert((want & ~(POLLER_READ | POLLER_WRITE)) == 0);
    if (p->count == p->cap && grow(p) != 0)
        return -1;
    *watch = (struct poller_watch){.fd = fd, .want = want, .owner = owner, .place = p->count};
    p->fds[p->count] = entry(fd, want);
    p->watches[p->count++] = watch;
    return 0;
}

int poller_want(struct poller *p, struct poller_watch *watch, unsigned want)
{
    assert((want & ~(POLLER_READ | POLLER_WRITE)) == 0);
    watch->want = want;
    p->fds[watch->place] = entry(watch->fd, want);
    return 0;
}

void poller_remove(struct poller *p, struct poller_watch *watch)
{
    size_t last = --p->count;
    p->fds[watch->place] = p->fds[last];
    p->watches[watch->place] = p->watches[last];
    p->watches[watch->place]->place = watch->place;
}

size_t poller_wait(struct poller *p, struct poller_event *events, size_t cap, int timeout_ms)
{
    int n = poll(p->fds, (nfds_t)p->count, timeout_ms);
    assert(n >= 0 || errno == EINTR || errno == ENOMEM || errno == EAGAIN);
    size_t found = 0, left = n > 0 ? (size_t)n : 0;
    for (size_t i = 0; i < p->count && found < cap && found < left; i++) {
        size_t at = (p->next + i) % p->count;
        short got = p->fds[at].revents;
        unsigned ready = (got & (POLLIN | POLLHUP | POLLERR | POLLNVAL) ? POLLER_READ : 0u) |
                         (got & POLLOUT ? POLLER_WRITE : 0u);
        if (ready != 0)
            events[found++] = (struct poller_event){.watch = p->watches[at], .ready = ready};
    }
    if (p->count > 0 && found > 0)
        p->next = (events[found - 1].watch->place + 1) % p->count;
    return found;
}

#endif
