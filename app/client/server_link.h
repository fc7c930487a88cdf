/* SPDX-License-Identifier: MIT */
/* The way to the server: connecting, the handshake, messages out and in.
 *
 * Use it:      if (server_link_open(&l, &arguments, &trust, trace, why) != 0) say why;
 *              server_link_request(&l, &message);                 numbers it and queues it
 *              server_link_wait(&l, STDIN_FILENO, 1000);          writes, waits, reads
 *              while (server_link_next(&l, &message) == SERVER_LINK_MESSAGE) ...
 *              server_link_close(&l);
 * Timing:      as net/conn.h.
 * Read next:   conversation.h, which lives on it.
 */
#ifndef APP_CLIENT_SERVER_LINK_H
#define APP_CLIENT_SERVER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "app/client/arguments.h"
#include "app/message/message.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "net/conn.h"
#include "net/trace.h"
#include "net/trust.h"
#include "net/why.h"

#define SERVER_LINK_CONNECT_MS 10000
#define SERVER_LINK_HANDSHAKE_SECONDS 20

struct server_link {
    struct conn conn;
    struct rng rng;
    uint32_t last_request;
    /* Seconds of a clock that never goes back; a test may put its own here after server_link_open. */
    uint64_t (*now)(void);
    int also_fd;    /* what else wakes: -1: nothing */
    bool unreached; /* server_link_open has failed: nobody answered, or who did is busy; another try may help */
    uint64_t heard; /* when the server last said anything, in seconds of that clock */
};

enum server_link_event {
    SERVER_LINK_QUIET, /* nothing more for now */
    SERVER_LINK_MESSAGE,
    SERVER_LINK_CLOSED,  /* the server said good-bye, and was answered; what it said before is complete */
    SERVER_LINK_CUT,     /* the connection ended without that */
    SERVER_LINK_FAILED,  /* something failed its check: server_link_error */
    SERVER_LINK_NONSENSE /* the server sent a message that breaks the protocol */
};

#define SERVER_LINK_INPUT 1     /* the other descriptor can be read */
#define SERVER_LINK_INTERRUPT 2 /* a signal came */

/* Connects, shakes hands, and decides on trust; a group that the server does not allow is tried again with one that it
 * does, once. trust says afterwards what was found. -1 with one line in why, and then there is nothing to close. */
MUST_USE int server_link_open(struct server_link *l, const struct arguments *a, struct trust *trust,
                              const struct trace *trace, char why[static WHY_LEN]);

/* Gives the message the next number, which is returned, and queues it. 0 where the connection is broken
 * (server_link_next will say how) or a field breaks its rule. */
uint32_t server_link_request(struct server_link *l, struct message *m);

/* Writes what waits, and waits until the server, a signal, or other_fd (-1: none) has something, at most timeout_ms.
 * Returns SERVER_LINK_INPUT and SERVER_LINK_INTERRUPT as they apply; what the server sent is read. */
unsigned server_link_wait(struct server_link *l, int other_fd, int timeout_ms);

/* The next thing that the server said. m points into the connection until the next call. */
enum server_link_event server_link_next(struct server_link *l, struct message *m);

/* Says good-bye: the Close is queued; go on until SERVER_LINK_CLOSED. */
void server_link_goodbye(struct server_link *l);

/* Ends it without a good-bye, for a server that broke the protocol: nothing more is sent or read. */
void server_link_abandon(struct server_link *l);

/* A phrase for what went wrong at SERVER_LINK_FAILED. */
const char *server_link_error(const struct server_link *l);

void server_link_close(struct server_link *l);

#endif
