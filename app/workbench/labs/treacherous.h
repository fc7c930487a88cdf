/* SPDX-License-Identifier: MIT */
/* A server that betrays its users. It has a server's key, ends each client's session, and opens one of its own to a
 * real glasschatd: so it has in its hands every message between them, in both directions.
 *
 *      client  <== session ==>  treacherous  <== session ==>  glasschatd
 *                                   |
 *                                   +-- on_message: each message, decoded: let it pass, or not
 *                                   +-- tap: all that it could read
 *
 * Standard:    docs/protocol.md section 10, as a server and as a client.
 * Use it:      struct treacherous t;
 *              if (treacherous_begin(&t, &where, &server, &identity, why) != 0) ... why
 *              t.on_message = hook;  t.tap = file;
 *              for (;;) (void)treacherous_turn(&t, -1, 1000);
 *              treacherous_end(&t);
 * Timing:      of no interest. It waits for its own computations, and for glasschatd's handshake.
 * Read next:   misdeeds.h, what it does with what it has; impostor.h, calls in another's name.
 *
 * What clients and glasschatd say passes as it is, byte for byte, unless the hook says otherwise. Requests keep their
 * numbers. One that is not to reach the server is answered by the server all the same, as answers come in order: a ping
 * is put in its place.
 */
#ifndef APP_WORKBENCH_LABS_TREACHEROUS_H
#define APP_WORKBENCH_LABS_TREACHEROUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "app/message/message.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/conn.h"
#include "net/sock.h"
#include "net/why.h"

#define TREACHEROUS_USERS_MAX 64 /* connections at a time: more are not taken */
#define TREACHEROUS_CONNECT_MS 10000
#define TREACHEROUS_QUEUE_MAX (8 * 1024 * 1024) /* what may wait for a client: a flood is one of the misdeeds */

/* One connection, and its counterpart. */
struct treacherous_user {
    struct treacherous_user *next;
    char name[NAME_MAX_LEN + 1]; /* as it last asked to log in */
    struct conn client, server;  /* to the client; to glasschatd */
    struct handshake_config config[2];
    bool over;
};

struct treacherous {
    int listener;
    struct sock_name server;
    const struct identity *identity;
    struct rng rng;
    struct treacherous_user *users;
    FILE *tap; /* or NULL: what it reads; the caller's */
    /* A message of that user's (up: a request) or for it. true: it goes on; false: it is dealt with. m, and what it
     * points to, is valid during the call. NULL: everything goes on. */
    bool (*on_message)(void *arg, struct treacherous_user *u, bool up, const struct message *m);
    void *arg;
};

/* Listens. identity is kept. -1 with why. */
MUST_USE int treacherous_begin(struct treacherous *t, const struct sock_name *where, const struct sock_name *server,
                               const struct identity *identity, char why[static WHY_LEN]);

/* Waits for something to happen, at most timeout_ms, and deals with it. True where other_fd (-1: none) can be read. */
bool treacherous_turn(struct treacherous *t, int other_fd, int timeout_ms);

/* The user of that name; NULL: nobody is there under it. */
struct treacherous_user *treacherous_find(struct treacherous *t, const char *name);

/* Tells a user that another one has sent this frame: as a server does, and whoever has sent it, if anybody. At most
 * MESSAGE_FRAME_MAX bytes, a frame or not. Where there is no such user nothing happens. */
void treacherous_hand_over(struct treacherous *t, const char *to, const char *from,
                           const uint8_t call[static MESSAGE_CALL_LEN], const uint8_t *frame, size_t len);

/* Sends a user any other message. */
void treacherous_push(struct treacherous *t, struct treacherous_user *u, const struct message *m);

/* Writes a line of what it has read by other ways than from messages. */
void treacherous_tap(struct treacherous *t, const char *from, const char *to, const uint8_t *text, size_t len);

void treacherous_end(struct treacherous *t);

#endif
