/* SPDX-License-Identifier: MIT */
/* A bell that other threads ring and a poller hears: an eventfd on Linux, a pipe elsewhere.
 *
 * Use it:      notify_open(&n);  poll n.read_fd;  another thread: notify_ring(&n);  then: notify_clear(&n);
 * Read next:   notify_eventfd.c, notify_pipe.c.
 */
#ifndef APP_SERVER_BASE_NOTIFY_H
#define APP_SERVER_BASE_NOTIFY_H

#include "crypto/bytes.h"

struct notify {
    int read_fd;  /* readable from a ring until notify_clear */
    int write_fd; /* the same as read_fd where there is only one */
};

/* -1 with errno set where the system has no descriptor left. */
MUST_USE int notify_open(struct notify *n);

/* Any thread, at any time; many rings before a clear are one. */
void notify_ring(const struct notify *n);

void notify_clear(const struct notify *n);
void notify_close(struct notify *n);

#endif
