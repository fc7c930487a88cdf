/* SPDX-License-Identifier: MIT */
/* One connection as its two ends use it: a session (net/session.h) on a non-blocking socket, with what has come in and
 * is not yet whole, and what is to go out and is not yet written.
 *
 *      socket --conn_read--> in --conn_next--> events and messages
 *      socket <-conn_flush-- out <-conn_send-- messages
 *
 * Standard:    POSIX read, write; docs/protocol.md sections 2 to 6 through the session.
 * Use it:      struct conn c;
 *              conn_open(&c, fd, &config, CONN_QUEUE_MAX);
 *              event = conn_start(&c);
 *              for (;;) switch (event) {
 *              case SESSION_WORK:  conn_work(&c, &rng);   here, or on another thread while nothing else touches c
 *                                  event = conn_step(&c, &rng, now);  break;
 *              case SESSION_PEER:  decide on conn_peer(&c), then  event = conn_accept(&c) or conn_refuse(&c);  break;
 *              case SESSION_MORE:  conn_flush(&c); wait until readable (conn_wants_write: or writable);
 *                                  conn_read(&c); event = conn_next(&c, &rng, now, &msg);  break;
 *              case SESSION_ESTABLISHED:
 *              case SESSION_MESSAGE:  use it, conn_send answers; event = conn_next(...);  break;
 *              case SESSION_CLOSED: case SESSION_FAILED:
 *                                  conn_error(&c) says why; conn_flush(&c); conn_free(&c); return;
 * Timing:      as net/session.h. now is in seconds of a clock that never goes back.
 * Read next:   app/server/reactor.c and app/client/server_link.c, its two users.
 *
 * Memory: the handshake's storage goes with SESSION_ESTABLISHED; the two buffers exist only while bytes are in flight,
 * and what waits for the rest of its frame takes no more than it is. Nothing here waits, and SIGPIPE never comes of it.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/session.h"

#define CONN_QUEUE_MAX (256 * 1024) /* a good bound for what may wait to be written to one peer */

struct conn {
    int fd;
    bool ended;                   /* the other end stopped sending (end of file, or a reset) */
    uint64_t bytes_in, bytes_out; /* through the socket */
    int system_error;             /* errno of a read or a write that failed, else 0 */
    struct session session;
    struct handshake *handshake;     /* malloc'd until it is over, then NULL */
    uint8_t *in;                     /* malloc'd while in_len > 0 */
    size_t in_start, in_len, in_cap; /* in[in_start .. in_len-1] is still to be fed */
    struct session_buffer out;       /* malloc'd while something waits */
    size_t out_start, out_max;       /* out.data[out_start .. out.len-1] is still to be written */
};

/* Takes over the socket (non-blocking, from sock_connect or sock_accept). config is borrowed until the handshake is
 * over. queue_max is how many bytes may wait to be written before conn_send gives up on the peer; at least
 * SESSION_OUT_MAX. -1 where there is no memory: the descriptor is still the caller's then. */
MUST_USE int conn_open(struct conn *c, int fd, const struct handshake_config *config, size_t queue_max);

/* What comes first, as session_start says. */
enum session_event conn_start(struct conn *c);

/* Reads once, no more than the longest frame that may come now (session_wants). Nothing there is no error; the end of
 * the stream and failures show in conn_next, after all that came before them. */
void conn_read(struct conn *c);

/* The next thing that happened, as session_feed says; call it until SESSION_MORE. *msg points into c and is valid until
 * the next call on c. A stream that ends without a Close is SESSION_FAILED with NET_ERR_CUT. */
enum session_event conn_next(struct conn *c, struct rng *rng, uint64_t now, struct session_message *msg);

/* session_work, session_step, session_peer, session_accept, session_refuse of the session. */
void conn_work(struct conn *c, struct rng *rng);
enum session_event conn_step(struct conn *c, struct rng *rng, uint64_t now);
const struct certificate *conn_peer(const struct conn *c);
enum session_event conn_accept(struct conn *c);
enum session_event conn_refuse(struct conn *c);

/* Seals a message and queues it. NET_ERR_CLOSED after either side's Close; anything else but NET_OK ends the connection
 * and is its error from then on (NET_ERR_SLOW: the peer doesn't read, and queue_max is reached; NET_ERR_IO: no memory).
 * Only after ESTABLISHED. */
enum net_err conn_send(struct conn *c, struct rng *rng, uint64_t now, const uint8_t *payload, size_t payload_len);

#define CONN_MANY_MAX SESSION_MANY_MAX

/* Seals one message for n connections (0 to CONN_MANY_MAX; asserted), all different, and queues it in each: for each
 * what conn_send does, its result in err[i]; faster for all of them together. */
void conn_send_many(struct conn *const conns[], enum net_err err[], size_t n, struct rng *rng, uint64_t now,
                    const uint8_t *payload, size_t payload_len);

/* Queues the Close, once; before ESTABLISHED it does nothing. Flush, and go on reading until the peer's Close comes, or
 * until you are tired of it. */
enum net_err conn_close(struct conn *c, struct rng *rng);

/* Writes what waits, as far as the socket takes it. NET_ERR_IO where it is broken: what waits is thrown away, and what
 * the peer had sent before can still be read. */
enum net_err conn_flush(struct conn *c);

/* Tells the peer that nothing more comes (a FIN), once everything is written. */
void conn_shutdown(struct conn *c);

/* For a peer that takes nothing any more: conn_free then ends the connection by a reset, and what the system still
 * holds for the peer is thrown away at once. Otherwise the system goes on sending it for minutes, megabytes of it. */
void conn_abandon(struct conn *c);

/* True where the system holds more than CONN_REST_MAX bytes that the peer has not taken: after the end of a connection
 * nobody counts them, so they are not left there for a peer that reads nothing. False where the system doesn't say. */
#define CONN_REST_MAX (16 * 1024)
bool conn_leaves_much(const struct conn *c);

/* True while something waits to be written; and how many bytes, for tests. */
bool conn_wants_write(const struct conn *c);
size_t conn_queued(const struct conn *c);

/* Ends the session from outside with an error of the caller's (a time limit). Not while a worker is on it. */
void conn_fail(struct conn *c, enum net_err err);

/* Why it ended: the session's error. */
enum net_err conn_error(const struct conn *c);

/* Closes the socket, and nothing else: a worker may still be on the session. Then only conn_free is allowed. */
void conn_hang_up(struct conn *c);

/* Wipes the session, closes the socket, frees what it had. Not while a worker is on it. Any number of times. */
void conn_free(struct conn *c);

#endif
