/* SPDX-License-Identifier: MIT */
/* One try to reach the server, on a thread of its own: a name service that does not answer, or a network that swallows
 * everything, keeps nobody from typing.
 *
 * Use it:      struct dial *d = dial_begin(&arguments, &trust);
 *              poll on dial_fd(d);   if (dial_done(d)) ... d->connected: d->link is the caller's; else d->why
 *              dial_free(d);
 * Timing:      as server_link_open.
 * Read next:   server_link.h, what is tried; background.h, the thread; reconnect.h, the only user.
 */
#ifndef APP_CLIENT_DIAL_H
#define APP_CLIENT_DIAL_H

#include <stdbool.h>

#include "app/client/arguments.h"
#include "app/client/background.h"
#include "app/client/server_link.h"
#include "net/trust.h"
#include "net/why.h"

/* The thread's alone until dial_done. It has copies of all that it needs, so that it can be left behind: of the
 * arguments the server, what to offer, and home. The names of files among them point into the first ones, and are not
 * looked at. */
struct dial {
    struct background background;
    struct arguments arguments;
    struct trust trust; /* afterwards: what was found */
    struct server_link link;
    bool connected;
    char why[WHY_LEN]; /* not connected; link.unreached says whether another try may help */
};

/* NULL: no memory. Where the system has no thread for it, it is done at once. */
struct dial *dial_begin(const struct arguments *a, const struct trust *trust);

/* Readable when it is over; -1: it is. */
int dial_fd(const struct dial *d);

/* Waits for nothing. */
bool dial_done(struct dial *d);

/* After it is done. Whoever wants the link has copied it. Where the program ends before, the dial is left as it is. */
void dial_free(struct dial *d);

#endif
