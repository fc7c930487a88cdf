/* SPDX-License-Identifier: MIT */
/* One client's connection, from accept to the log line about its end.
 *
 *      HANDSHAKE --established--> LOGIN --logged in--> CHAT --Close sent--> CLOSING --> DEAD
 *          |                        |                   |                    |
 *          +------------------------+--- any failure ---+--------------------+--------> DEAD
 *
 * Use it:      client_new(s, fd, &peer);                       the poller knows it now
 *              client_ready(client, ready);                    the poller said so
 *              client_send(client, &message);                  answers and pushes: queued
 *              clients_flush(s);                               at the end of the loop's turn: written, buried
 * Timing:      what is decrypted is wiped by net/conn.c after its use.
 * Read next:   request.c, what clients ask for; login.c; chat.c; reactor.c.
 *
 * Nothing is freed in the middle of a turn: a client that ends is DEAD, hears and says nothing more, and is buried when
 * the turn is over: taken out of every list, its socket closed. So a list may be walked while clients fall out of it,
 * and an event that the poller had already reported finds its client. The struct of a client whose work a worker has
 * is freed when that comes back; what no worker has begun comes back at once.
 */
#ifndef APP_SERVER_CLIENT_H
#define APP_SERVER_CLIENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/server/bandwidth.h"
#include "app/server/base/deadline.h"
#include "app/server/base/eviction.h"
#include "app/server/base/job.h"
#include "app/server/room.h"
#include "app/server/server.h"
#include "crypto/bytes.h"
#include "net/conn.h"
#include "net/poller.h"
#include "net/sock.h"

#define CLIENT_GAVE_WAY "it gave way to another, as there is room for no more" /* the cause of an end, for status.c */

enum client_phase { CLIENT_HANDSHAKE, CLIENT_LOGIN, CLIENT_CHAT, CLIENT_CLOSING, CLIENT_DEAD };

struct client {
    struct server *server;
    struct client *previous, *next;           /* of all */
    struct client *next_to_flush, *next_dead; /* see server.h */
    struct conn conn;
    struct explain *explain; /* with --explain; NULL: it is not told */
    struct poller_watch watch;
    enum client_phase phase;
    struct job *work; /* that waits for a worker, is with one, or on the way to the disk: nothing is read, and it isn't
                       * freed; NULL: none */
    bool to_flush;    /* in the list of those to be flushed */
    bool logged_in;   /* and so known to the rooms */
    bool asked;       /* whether it is still there */
    bool ready;       /* takes calls, and may be in sealed rooms: what is relayed or sealed may come to it */
    bool peer_closed; /* its Close came */
    bool leaving;     /* good-bye is to be said, once its work is done */
    bool buried;      /* everything of it is gone but what a worker has */
    atomic_bool gone; /* it is dead: a worker that comes to its job has nothing to do */
    uint32_t tries;   /* logins and registrations that failed, or are under way */
    uint32_t last_request;
    struct budget said;          /* bytes */
    struct speech *speech;       /* what it says, and waits for its turn to be heard; until then nothing more is read */
    int64_t rate_due;            /* microseconds: when all that it asked for so far would have come at the full rate */
    int64_t relay_due;           /* the same for its relays, which are counted here alone */
    struct relay_shares *shares; /* who has how much of what waits for it; NULL: little does */
    struct relay_shares *blocked_shares; /* the same of those whom it has blocked */
    struct job job;                      /* its handshake's work */
    struct deadline deadline;            /* of its phase */
    struct deadline pause;               /* set: nothing that it says is looked at until then */
    const char *cause;                   /* of its end, for the log */
    uint8_t *new_secret;                 /* of a second factor that waits to be confirmed; NULL: none */
    struct room_user user;               /* its name is empty until the first login */
    char peer[SOCK_TEXT_LEN];
    uint8_t address[SOCK_KEY_LEN];
    struct eviction_entry handshake; /* in the server's handshakes until that is finished */
    struct eviction_entry stranger;  /* in the server's strangers until it has logged in */
};

/* Takes over a connected socket. -1 where there is no memory, or the poller refuses it; the socket is closed
 * then. */
MUST_USE int client_new(struct server *s, int fd, const struct sock_peer *peer);

/* The clients that these belong to. */
struct client *client_of_handshake(struct eviction_entry *handshake);
struct client *client_of_stranger(struct eviction_entry *stranger);

/* The client that this user belongs to, which must not be the operator. */
struct client *client_of(struct room_user *user);

/* What the poller said. */
void client_ready(struct client *c, unsigned ready);

/* Queues one message; a client that can't take it ends. Before LOGIN and after CHAT nothing is sent. */
void client_send(struct client *c, const struct message *m);

/* The answer ok to a request. */
void client_ok(struct client *c, uint32_t request);

/* The code with the words that belong to it. */
void client_refuse(struct client *c, uint32_t request, enum message_error code);

/* The code with words of one's own. */
void client_refuse_with(struct client *c, uint32_t request, enum message_error code, const char *text);

/* client_send for a message that is encoded already, to n clients at once: at most CONN_MANY_MAX, all different.
 * Returns for how many it was queued. */
size_t clients_send_encoded(struct client *const clients[], size_t n, const uint8_t *payload, size_t len);

/* What users hand on to each other, and the server can't read, goes no further while more than this waits for a client.
 * Of what may wait in all, the other half is left to what else is for it. */
size_t client_unread_max(const struct server *s);

/* The message that is being handled is a relay: it takes none of the requests' rate, but of a rate of its own. */
void client_counts_as_relay(struct client *c);

/* Gives a worker something of this client's; while that is under way it is not read from. client_work_done: it came
 * back; false where the client died meanwhile, and then c is gone. Else call client_go_on once the result has been
 * dealt with. Where a stranger leaves before a worker has begun, work comes back withdrawn. */
void client_work_begins(struct client *c, struct job *work);
bool client_work_done(struct client *c);
void client_go_on(struct client *c);

/* It has logged in under this name, and has blocked these (NULL: nobody): from now on it is in the chat, in the lobby.
 * Another session of the same name is told that it is replaced, and goes.
 * MESSAGE_E_LIMIT where there is no room or no memory for it; the other session may be gone all the same. */
enum message_error client_logged_in(struct client *c, const char *name, const char *blocks);

/* From now on these; takes a copy. -1: no memory, and nothing has changed. */
MUST_USE int client_set_blocks(struct client *c, const char *blocks);

/* A text of it was said, or won't be: it is read from again. */
void client_spoke(struct client *c);

/* Says good-bye: Close, then time for the answer. A client with work under way is out of all rooms at once, and gets
 * that work's answer first. cause is for the log, and must be a constant. */
void client_goodbye(struct client *c, const char *cause);

/* Ends without a word. */
void client_end(struct client *c, const char *cause);

/* The same for a stranger that gives way to another: where it has said nothing it is told that the server is busy. */
void client_give_way(struct client *c);

/* Deals with the time limits that are over. */
void clients_expire(struct server *s);

/* Milliseconds until the next time limit: as deadline_wait. */
int64_t clients_wait(const struct server *s, int64_t otherwise);

/* Writes each socket once to which something was queued, and takes the dead away. */
void clients_flush(struct server *s);

/* Wipes the secret of a second factor that waits to be confirmed, if there is one. */
void client_forget_secret(struct client *c);

/* Frees all, at the very end; no worker may have any. */
void clients_free(struct server *s);

#endif
