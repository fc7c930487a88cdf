/* SPDX-License-Identifier: MIT */
/* The way to the server: connecting, the handshake, messages out and in.
 *
 * Use it:      if (link_open(&l, &arguments, &trust, trace, &line, why) != 0) say why;
 *              link_request(&l, &message);                 numbers it and queues it
 *              link_wait(&l, STDIN_FILENO, 1000);          writes, waits, reads
 *              while (link_next(&l, &message) == LINK_MESSAGE) ...
 *              link_close(&l);
 * Timing:      as net/conn.h.
 * Read next:   dialog.c, which lives on it.
 */
#ifndef CLIENT_LINK_H
#define CLIENT_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "app/client/arguments.h"
#include "app/message/message.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "net/conn.h"
#include "net/trace.h"
#include "net/trust.h"

#define LINK_CONNECT_MS 10000
#define LINK_HANDSHAKE_SECONDS 20
#define LINK_WHY_LEN (TRUST_WHY_LEN + 100)

struct link {
    struct conn conn;
    struct rng rng;
    uint32_t last_request;
    uint64_t (*now)(void); /* link_now from link_open on; a test may hand in a clock of its own then */
    uint64_t heard;        /* when the server last said anything, in seconds of that clock */
};

enum link_event {
    LINK_QUIET, /* nothing more for now */
    LINK_MESSAGE,
    LINK_CLOSED,  /* the server said good-bye, and was answered; what it said before is complete */
    LINK_CUT,     /* the connection ended without that */
    LINK_FAILED,  /* something failed its check: link_error */
    LINK_NONSENSE /* the server sent a message that breaks the protocol */
};

#define LINK_INPUT 1     /* the other descriptor can be read */
#define LINK_INTERRUPT 2 /* a signal came */

/* Seconds of a clock that never goes back. */
uint64_t link_now(void);

/* Connects, shakes hands, and decides on trust; a group that the server does not allow is tried again with one that it
 * does, once. trust says afterwards what was found. -1 with one line in why, and then there is nothing to close. */
MUST_USE int link_open(struct link *l, const struct arguments *a, struct trust *trust, const struct trace *trace,
                       char why[static LINK_WHY_LEN]);

/* Gives the message the next number, which is returned, and queues it. 0 where the connection is broken (link_next will
 * say how) or a field breaks its rule. */
uint32_t link_request(struct link *l, struct message *m);

/* Writes what waits, and waits until the server, a signal, or other_fd (-1: none) has something, at most timeout_ms.
 * Returns LINK_INPUT and LINK_INTERRUPT as they apply; what the server sent is read. */
unsigned link_wait(struct link *l, int other_fd, int timeout_ms);

/* The next thing that the server said. m points into the connection until the next call. */
enum link_event link_next(struct link *l, struct message *m);

/* Says good-bye: the Close is queued; go on until LINK_CLOSED. */
void link_goodbye(struct link *l);

/* Ends it without a good-bye, for a server that broke the protocol: nothing more is sent or read. */
void link_abandon(struct link *l);

/* A phrase for what went wrong at LINK_FAILED. */
const char *link_error(const struct link *l);

void link_close(struct link *l);

#endif
