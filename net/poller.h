/* SPDX-License-Identifier: MIT */
/* Waiting until one of many descriptors can be read or written.
 *
 * Standard:    Linux epoll(7) in poller_epoll.c; POSIX poll in poller_poll.c, elsewhere and under PORTABLE=1.
 * Use it:      struct poller *p = poller_new();
 *              struct poller_watch watch;
 *              poller_add(p, &watch, fd, POLLER_READ, my_thing);
 *              struct poller_event events[64];
 *              size_t n = poller_wait(p, events, 64, timeout_ms);
 *              for each: events[i].watch->owner is my_thing, events[i].ready what it can do
 *              poller_remove(p, &watch);      before close(fd)
 * Timing:      nothing secret.
 * Read next:   app/server/reactor.c, the loop around it.
 *
 * It reports a state, not a change (level-triggered): whoever doesn't read all will be told again. A hang-up or an
 * error shows as POLLER_READ, so that the next read says what it is; but a watch that wants nothing is told nothing at
 * all, not even that, so nobody spins on a descriptor that they can't serve now.
 *
 * CAUTION: events of one poller_wait may name a watch that was removed while earlier ones were served. Keep a watch's
 * memory until all events of that wait have been served, and let its owner know that it is gone (test_poller.c).
 */
#ifndef NET_POLLER_H
#define NET_POLLER_H

#include <stddef.h>

#include "crypto/bytes.h"

#define POLLER_READ 1u
#define POLLER_WRITE 2u

struct poller;

/* One descriptor that is watched. The caller's memory; its fields are for reading only. */
struct poller_watch {
    int fd;
    unsigned want; /* POLLER_READ | POLLER_WRITE */
    void *owner;
    size_t place; /* for the poller */
};

struct poller_event {
    struct poller_watch *watch;
    unsigned ready; /* some of POLLER_READ | POLLER_WRITE; only what was wanted, but for a hang-up or an error */
};

/* NULL where there is no memory or no descriptor left (errno). */
struct poller *poller_new(void);
void poller_free(struct poller *p); /* NULL is fine */

/* Begins to watch fd. -1 where the system refuses (errno), and then there is nothing to remove. */
MUST_USE int poller_add(struct poller *p, struct poller_watch *watch, int fd, unsigned want, void *owner);

/* Changes what is waited for; costs nothing where want is the same as before. -1 with errno, and nothing changed. */
MUST_USE int poller_want(struct poller *p, struct poller_watch *watch, unsigned want);

/* Stops watching; to be called before the descriptor is closed. */
void poller_remove(struct poller *p, struct poller_watch *watch);

/* Waits until something is ready or the time is over; timeout_ms -1 is for ever. Returns how many events were written,
 * at most cap; 0 after the time, and also when a signal came. */
size_t poller_wait(struct poller *p, struct poller_event *events, size_t cap, int timeout_ms);

#endif
