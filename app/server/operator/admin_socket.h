/* SPDX-License-Identifier: MIT */
/* DATA/control, a Unix socket: through it the operator's commands reach the admin while the server runs.
 *
 *      one request a line, one answer after the other: admin.h says which
 *
 * The file system decides who may connect: folder (0700) and socket (0600) belong to the server's own user.
 *
 * Use it:      admin_socket_open(&socket);                                   server
 *              if (admin_socket_owns(&socket, watch)) admin_socket_ready(&socket, watch);
 *              admin_socket_end_turn(&socket);                               at the end of the loop's turn
 *              fd = admin_socket_connect("./glasschat-data", 5);             client: admin_client.c
 * Timing:      nothing secret but the hashes of new passwords; what was read is wiped.
 * Read next:   admin.h; admin_client.h.
 *
 * Bounds: ADMIN_SOCKET_PEERS_MAX connections at a time, and a new one takes the place of the one that was silent for
 * longest; one line and one answer of each in memory; no request is read before the answer to the last was taken. For
 * each empty place a descriptor is kept, so that clients that have all the others don't keep the operator out.
 */
#ifndef APP_SERVER_OPERATOR_ADMIN_SOCKET_H
#define APP_SERVER_OPERATOR_ADMIN_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/deadline.h"
#include "app/server/store/datadir.h"
#include "crypto/bytes.h"
#include "net/poller.h"

#define ADMIN_SOCKET_PEERS_MAX 4

struct accounts;
struct admin_socket_peer;
struct login_failures;

struct admin_socket {
    /* The caller's to set before admin_socket_open; all of it must outlive the socket. */
    const struct datadir *dir;
    struct poller *poller;
    struct accounts *accounts;
    struct login_failures *login_failures;
    const int64_t *now;            /* milliseconds of the loop's clock */
    struct deadline_queue *pauses; /* where a listener that could take no connection waits: its owner is the watch */
    void (*end_session)(void *arg, const char *name); /* ends the session of that user, if there is one */
    void (*status)(void *arg, void (*tell)(void *to, const char *line), void *to); /* as admin.h's */
    void *arg;

    bool on;
    struct poller_watch listener;
    struct admin_socket_peer *peers[ADMIN_SOCKET_PEERS_MAX];
    int spare[ADMIN_SOCKET_PEERS_MAX]; /* closed where a peer needs one: copies of the folder's, with no other use */
    size_t spares;
    struct deadline pause; /* the listener is left alone until then */
    uint64_t turns;        /* counts what peers do, so that the one that did nothing for longest is known */
};

/* After datadir_open, whose lock says that a socket which is there already is a dead server's. Where the system can't
 * make one the log says so, and the server does without. */
void admin_socket_open(struct admin_socket *s);

bool admin_socket_owns(const struct admin_socket *s, const struct poller_watch *watch);
void admin_socket_ready(struct admin_socket *s, const struct poller_watch *watch);
void admin_socket_end_turn(struct admin_socket *s);

/* After worker_stop: no admin is busy any more. Does nothing where it is not open. */
void admin_socket_close(struct admin_socket *s);

/* A connection to the server that has this folder, on which no call waits for longer than so many seconds. -1 where
 * there is none; errno is EAGAIN where there is a server that takes none. */
MUST_USE int admin_socket_connect(const char *data, unsigned seconds);

/* The same limit for the calls that follow. -1 with errno. */
MUST_USE int admin_socket_set_patience(int fd, unsigned seconds);

#endif
