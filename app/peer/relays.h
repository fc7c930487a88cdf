/* SPDX-License-Identifier: MIT */
/* The relays of all calls of one user: the queue of frames that wait to be sent to the server, and those that were sent
 * and are not answered yet.
 *
 *      unsent --relays_next: the urgent one first, or the oldest--> unanswered --relays_answered--> the caller
 *         |
 *         +--relays_drop: its call has failed--> freed
 *
 * The server answers requests in the order in which they were sent, and an answer names none: so what was sent is kept,
 * in that order and whatever has become of its call, until it is answered.
 *
 * Standard:    docs/protocol.md section 10.2, relay.
 * Use it:      relays_init(&r);
 *              relays_add(&r, "bob", call, frame, len)                    -1: no room, or no memory
 *              while (relays_next(&r, NULL, NULL, &m)) send m as a request
 *              struct relay *answered = relays_answered(&r); ... free(answered);
 *              relays_free(&r);
 * Timing:      nothing secret: frames are as they cross the wire.
 * Read next:   calls.h, whose frames these are; app/server/relay.h, what the server does with one.
 *
 * Bytes in, bytes out: no socket and no clock.
 */
#ifndef APP_PEER_RELAYS_H
#define APP_PEER_RELAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "crypto/bytes.h"

#define RELAYS_UNANSWERED_MAX 16 /* sent, and not answered: so a client's other requests find room beside them */
#define RELAYS_UNSENT_MAX 4096   /* that wait to be sent: a server that takes none can't make a client's memory grow */

/* One frame, and to whom it goes. */
struct relay {
    struct relay *next; /* for relays.c */
    char to[NAME_MAX_LEN + 1];
    uint8_t call[MESSAGE_CALL_LEN]; /* the number of its call */
    size_t len;                     /* 0: empty, there is no such call */
    uint8_t frame[];
};

/* Two lists, the oldest first. They point into the struct itself: it is not to be copied or moved. */
struct relays {
    struct relay *unsent, **unsent_end, *unanswered, **unanswered_end;
    size_t unsent_len, unanswered_len;
};

void relays_init(struct relays *r);

/* Frees all relays, sent or not: there will be no answers. Then r is empty, and may be used again. */
void relays_free(struct relays *r);

/* Queues a copy of a frame for that user (a valid name). Where len is 0, frame may be NULL. -1: RELAYS_UNSENT_MAX wait
 * already, or there is no memory; nothing has changed. */
MUST_USE int relays_add(struct relays *r, const char *to, const uint8_t call[static MESSAGE_CALL_LEN],
                        const uint8_t *frame, size_t len);

/* Frees the unsent relays of a call that has failed, except for an Alert, which tells the peer. Those that were sent
 * stay, as they will be answered. */
void relays_drop(struct relays *r, const char *to, const uint8_t call[static MESSAGE_CALL_LEN]);

/* Makes a message, without its number, of the next relay to be sent, and counts it as sent: the oldest of the urgent
 * call, or else of all. to, call: which call is urgent; both NULL: none. The message's frame points into the relay, and
 * is valid until that is answered or freed. False: nothing waits, or RELAYS_UNANSWERED_MAX are unanswered. */
bool relays_next(struct relays *r, const char *to, const uint8_t *call, struct message *m);

/* Takes out the relay that an answer belongs to: of the unanswered ones, the one that was sent first. There is one
 * (asserted). It is the caller's from now on, to be freed with free. */
struct relay *relays_answered(struct relays *r);

#endif
