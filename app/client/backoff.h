/* SPDX-License-Identifier: MIT */
/* How long to wait before a server is tried again: longer after each try, and each client for another time.
 *
 * Standard:    exponential backoff with jitter, as RFC 6298 (section 5.5) doubles its timer; the jitter is ours.
 * Use it:      struct backoff b = {0};
 *              due = now + backoff_next(&b, &rng);      before each try
 *              b.tries = 0;                             once the connection has held for BACKOFF_STEADY_MS
 * Timing:      nothing secret.
 * Read next:   reconnect.h, which counts the time down.
 *
 * A restarted server meets all who were there at once. Each login costs it a tenth of a second of one processor, so
 * fifty who came in one second would wait for each other, and a few hundred would be turned away. The first try comes
 * at any moment between 2 and 8 s: that is about as fast as one processor takes fifty.
 */
#ifndef APP_CLIENT_BACKOFF_H
#define APP_CLIENT_BACKOFF_H

#include <stdint.h>

#include "crypto/rng.h"

#define BACKOFF_FIRST_MS 8000   /* the first pause is no longer */
#define BACKOFF_LAST_MS 128000  /* nor any other than this */
#define BACKOFF_STEADY_MS 60000 /* a connection that held for less was none */

struct backoff {
    unsigned tries; /* pauses since the beginning */
};

/* Milliseconds until the next try, at random between a quarter of the longest pause and the whole; the longest is
 * doubled with each call, up to BACKOFF_LAST_MS. */
int64_t backoff_next(struct backoff *b, struct rng *rng);

#endif
