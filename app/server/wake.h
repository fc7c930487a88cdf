/* SPDX-License-Identifier: MIT */
/* A bell that other threads ring and a poller hears: an eventfd on Linux, a pipe elsewhere.
 *
 * Use it:      wake_open(&wake);  poll wake.read_fd;  another thread: wake_ring(&wake);  then: wake_clear(&wake);
 * Read next:   wake_eventfd.c, wake_pipe.c.
 */
#ifndef SERVER_WAKE_H
#define SERVER_WAKE_H

struct wake {
    int read_fd;  /* readable from a ring until wake_clear */
    int write_fd; /* the same as read_fd where there is only one */
};

/* -1 with errno set where the system has no descriptor left. */
int wake_open(struct wake *w);

/* Any thread, at any time; many rings before a clear are one. */
void wake_ring(const struct wake *w);

void wake_clear(const struct wake *w);
void wake_close(struct wake *w);

#endif
