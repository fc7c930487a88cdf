/* SPDX-License-Identifier: MIT */
/* DATA/control, a Unix socket: through it the operator's commands reach the admin while the server runs.
 *
 *      one request a line, one answer after the other: admin.h says which
 *
 * The file system says who may connect: folder (0700) and socket (0600) are the server's own user's.
 *
 * Use it:      admin_socket_open(s, dir);                                    server
 *              if (admin_socket_owns(&s->admin_socket, watch)) admin_socket_ready(s, watch);
 *              admin_socket_settle(&s->admin_socket);                             at the end of the loop's turn
 *              fd = admin_socket_connect("./glasschat-data", 5);             client: admin_client.c
 * Timing:      nothing secret but the hashes of new passwords; what was read is wiped.
 * Read next:   admin.h; admin_client.h.
 *
 * Bounds: ADMIN_SOCKET_PEERS_MAX connections at a time, and a new one takes the place of the one that was silent for
 * longest; one line and one answer of each in memory; no request is read before the answer to the last was taken. For
 * each place that is empty a descriptor is kept, so that clients who have all the others don't keep the operator out.
 */
#ifndef APP_SERVER_ADMIN_SOCKET_H
#define APP_SERVER_ADMIN_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/datadir.h"
#include "app/server/deadline.h"
#include "net/poller.h"

#define ADMIN_SOCKET_PEERS_MAX 4

struct server;
struct admin_socket_peer;

struct admin_socket {
    bool on;
    struct poller_watch listener;
    const struct datadir *dir; /* must outlive it */
    struct admin_socket_peer *peers[ADMIN_SOCKET_PEERS_MAX];
    int spare
        [ADMIN_SOCKET_PEERS_MAX]; /* closed where a peer needs one: copies of the folder's, which are of no use else */
    size_t spares;
    struct deadline pause; /* the listener is left alone until then */
    uint64_t turns;        /* counts what peers do, so that the one who did nothing for the longest is known */
};

/* Behind datadir_open, whose lock says that a socket which is there already is a dead server's. Where the system can't
 * make one the log says so, and the server does without. */
void admin_socket_open(struct server *s, const struct datadir *dir);

bool admin_socket_owns(const struct admin_socket *c, const struct poller_watch *watch);
void admin_socket_ready(struct server *s, const struct poller_watch *watch);
void admin_socket_settle(struct admin_socket *c);
void admin_socket_close(struct server *s);

/* A connection to the server that has this folder, on which no call waits for longer than so many seconds. -1 where
 * there is none; errno is EAGAIN where there is a server that takes none. */
int admin_socket_connect(const char *data, unsigned seconds);

/* The same of what follows. -1 with errno. */
int admin_socket_set_patience(int fd, unsigned seconds);

#endif
