/* SPDX-License-Identifier: MIT */
/* One connection, or one call: bytes in; bytes and events out. No socket, no clock, no file, no malloc.
 *
 * A session is the handshake, then two directions of Records, with their KeyUpdates and Closes. Its holder reads bytes
 * from wherever they come and gives them to session_feed; what a call has to send it appends to the caller's buffer.
 * After ESTABLISHED it is only its two directions (about 1.3 kB), and in kind 2 its ratchet; the handshake's 9 kB can
 * be given back.
 *
 * Kind 2, a call: keys change after every Record, and a step (net/ratchet.h) may be due before anything is sent, or
 * come with what is fed, so that there is SESSION_WORK after ESTABLISHED too.
 *
 * Standard:    docs/protocol.md sections 2 to 6, and 8.4 and 8.5 for kind 2.
 * Use it:      struct session s; struct handshake hs;
 *              session_init(&s, &hs, &config);
 *              event = session_start(&s);                             a client is in WORK at once, a server in MORE
 *              for (;;) switch (event) {
 *              case SESSION_WORK:        session_work(&s, &rng);      here or on a worker thread, and then
 *                                        event = session_step(&s, &rng, now, &out);   break;
 *              case SESSION_PEER:        decide on session_peer(&s);
 *                                        event = session_accept(&s);  or session_refuse(&s)         break;
 *              case SESSION_ESTABLISHED: the handshake is over: free hs; write a pin now, not before
 *              case SESSION_MESSAGE:     use msg.payload              both: feed again
 *              case SESSION_MORE:        flush out, move the unused input to the front, read more, then
 *                                        event = session_feed(&s, &rng, now, in, in_len, &used, &out, &msg);   break;
 *              case SESSION_CLOSED:      the peer said good-bye       case SESSION_FAILED: session_error(&s)
 *              }
 *              session_wipe(&s);
 * Timing:      as net/record.h and net/handshake.h say. All failures end in the same way: keys wiped, the same error
 *              for ever. To the peer they look alike too: the caller flushes out (an Alert, at most) and closes.
 * Read next:   net/conn.h, a session and a socket.
 */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/err.h"
#include "net/handshake.h"
#include "net/ratchet.h"
#include "net/record.h"

#define SESSION_OUT_MAX (FRAME_MAX_LEN + RECORD_FRAME_MIN) /* what one call appends at most: KeyUpdate and Record */
#define SESSION_KEY_SECONDS 3600                           /* keys older than this are updated at the next sending */

#define SESSION_CALL_PAYLOAD_MAX 4096 /* kind 2: so that a frame, and what carries it, fits into one Record of kind 1 */

enum session_event {
    SESSION_MORE,        /* no whole frame is left in the input: come back with more */
    SESSION_WORK,        /* session_work, then session_step; feed consumes nothing until then */
    SESSION_PEER,        /* session_accept or session_refuse; feed consumes nothing until then */
    SESSION_ESTABLISHED, /* the handshake is over, and struct handshake wiped and free; session_send works, in kind 2
                          * after a step that is due */
    SESSION_MESSAGE,     /* a payload of content type 1 */
    SESSION_CLOSED,      /* the peer's authenticated Close; what it said before is complete */
    SESSION_FAILED       /* session_error; the session is dead */
};

/* Where output is appended: data[len .. cap-1] is free. The caller owns it, empties it and sets len back. There must be
 * room: SESSION_OUT_MAX is enough for any one call (asserted); for session_send, record_frame_len(payload) +
 * RECORD_FRAME_MIN is. */
struct session_buffer {
    uint8_t *data;
    size_t cap, len;
};

/* A message points into the input buffer and is valid until the caller changes that. */
struct session_message {
    uint8_t *payload;
    size_t len; /* 0 to RECORD_PAYLOAD_MAX */
};

enum session_state {
    SESSION_STATE_HELLO, /* waiting for the peer's hello */
    SESSION_STATE_WORK,
    SESSION_STATE_PEER,
    SESSION_STATE_FINISHED, /* keys are there, the peer's Finished is not */
    SESSION_STATE_STEP_0,   /* kind 2, the callee: the peer's Finished is there, its step 0 is not */
    SESSION_STATE_STEPPING, /* kind 2: a step waits for session_work */
    SESSION_STATE_OPEN,
    SESSION_STATE_CLOSED, /* the peer's Close came */
    SESSION_STATE_FAILED
};

struct session {
    enum session_state state;
    enum net_err error;
    enum handshake_role role;
    uint8_t suite, group;    /* as agreed, for showing; from ESTABLISHED on */
    uint8_t close_sent;      /* nothing is sent after Close */
    uint8_t alert_code;      /* see session_alert_code */
    uint8_t retry_group;     /* see session_retry_group */
    uint64_t send_since;     /* when the sending keys were made */
    struct handshake *hs;    /* NULL once it is over */
    struct ratchet *ratchet; /* the config's; kind 1: NULL */
    const struct trace *trace;
    struct record send, receive;
};

/* hs is storage for the time of the handshake, the caller's; config and what it points to is borrowed for the same time
 * (its trace for the session's life). hs must stay where it is until ESTABLISHED, FAILED or session_wipe. */
void session_init(struct session *s, struct handshake *hs, const struct handshake_config *config);

/* What comes first: SESSION_WORK for a client (making its key pair), SESSION_MORE for a server. */
enum session_event session_start(struct session *s);

/* The longest frame that may come now, and so how many bytes are worth having before session_feed: 1 after a Close,
 * where any byte is a failure, and 0 where none is read (in WORK and in PEER, and after a failure). */
size_t session_wants(const struct session *s);

/* Consumes whole frames from the front of in, decrypting in place, until there is an event or no whole frame is left;
 * *used is how many bytes are done with, set for every event. in must be able to hold session_wants bytes, or a frame
 * may never become whole. A frame that may not come now is a failure at the first byte that shows it. Call again with
 * what follows the used bytes until SESSION_MORE. now is in seconds of any clock that never goes back, the same for all
 * calls. In WORK and in PEER it consumes nothing and returns that event again, without looking at the handshake, so
 * that a worker may be on it. After SESSION_CLOSED any further byte is a failure. */
enum session_event session_feed(struct session *s, struct rng *rng, uint64_t now, uint8_t *in, size_t in_len,
                                size_t *used, struct session_buffer *out, struct session_message *msg);

/* The long computation that SESSION_WORK asks for. Touches the handshake, or for a step the ratchet, and rng only (and
 * calls the trace), so it may run on another thread, with that thread's rng; the caller must not call anything but
 * session_feed on s meanwhile, and must hand over with the usual care (a mutex, or a queue that has one). */
void session_work(struct session *s, struct rng *rng);

/* Goes on after session_work: SESSION_MORE, WORK, PEER, ESTABLISHED, or FAILED (maybe with an Alert in out). */
enum session_event session_step(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out);

/* The peer's certificate, to be decided on: valid only between SESSION_PEER and session_accept; copy what has to be
 * kept. The peer has not yet proved that it has the key. */
const struct certificate *session_peer(const struct session *s);

/* The caller's decision: SESSION_WORK comes next. */
enum session_event session_accept(struct session *s);

/* ... or the end, NET_ERR_REFUSED. */
enum session_event session_refuse(struct session *s);

/* Seals one message into out, with a KeyUpdate before it where one is due; in kind 2 no step may be due (asserted).
 * Only after ESTABLISHED (asserted). payload_len at most RECORD_PAYLOAD_MAX, in kind 2 SESSION_CALL_PAYLOAD_MAX
 * (asserted). NET_ERR_CLOSED after session_close; the session's error after a failure. */
enum net_err session_send(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out,
                          const uint8_t *payload, size_t payload_len);

/* Kind 2: true where it is our turn to step before we may send: then session_begin_step comes before session_send. */
bool session_step_due(const struct session *s);

/* SESSION_WORK: what follows is as after session_feed, and at its end the step stands in out. Only where one is due
 * (asserted), and after ESTABLISHED. Whoever holds a session of kind 2 calls neither session_send nor session_close
 * between SESSION_WORK and the session_step after it. */
enum session_event session_begin_step(struct session *s);

#define SESSION_MANY_MAX RECORD_MANY_MAX

/* One of the sessions that get the same message. */
struct session_one {
    struct session *s;          /* another one in each */
    struct session_buffer *out; /* its own */
    enum net_err err;           /* out: as session_send returns it */
};

/* Sends one message in n sessions (0 to SESSION_MANY_MAX; asserted): for each what session_send does, faster for all of
 * them together. */
void session_send_many(struct session_one one[], size_t n, struct rng *rng, uint64_t now, const uint8_t *payload,
                       size_t payload_len);

/* Sends a KeyUpdate now. Only tests need to call it: session_send does when it is time. */
enum net_err session_update(struct session *s, struct rng *rng, uint64_t now, struct session_buffer *out);

/* Says good-bye: a Close Record into out, and the sending keys are wiped. What the peer still sends is received until
 * its Close. Before ESTABLISHED, or a second time, it does nothing: an unfinished handshake has nobody to say it to. */
enum net_err session_close(struct session *s, struct rng *rng, struct session_buffer *out);

/* Ends the session from outside (a time limit, a cut connection): keys wiped, err for ever. Not while a worker is on
 * it. */
enum session_event session_fail(struct session *s, enum net_err err);

/* Why SESSION_FAILED came; NET_OK while all is well. */
enum net_err session_error(const struct session *s);

/* A client whose session failed with NET_ERR_ALERT: what the server said (an enum alert_code, or a number of a later
 * version). A hint that anybody can have forged. */
uint8_t session_alert_code(const struct session *s);

/* After ALERT_GROUP_NOT_ALLOWED: the first group of the client's own list that the server says it allows, other than
 * the one tried; 0: there is none. The client may try once more, on a new connection, with the same list and this as
 * config.group. */
uint8_t session_retry_group(const struct session *s);

/* Forgets everything, the handshake's storage too where it is still in use. Any number of times. */
void session_wipe(struct session *s);

#endif
