/* SPDX-License-Identifier: MIT */
/* How much may be said: bytes a second, by sender and by room; and where the members of a room want to say more than
 * that, whose turn it is to be heard.
 *
 * Standard:    the order is that of start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996).
 * Use it:      struct bandwidth room = {0};                                    one for each room
 *              struct bandwidth_seat seat; bandwidth_join(&room, &seat, address)   one for each of its members
 *              if (bandwidth_take(&room, &seat, cost, rate, now)) say it;
 *              else bandwidth_wait(&room, &seat, speech);                      and read nothing more of that member
 *              while ((speech = bandwidth_next(&room, rate, now)) != NULL) say it; free(speech);       repeatedly
 *              bandwidth_leave(&seat);
 * Timing:      nothing secret.
 * Read next:   chat.c, the only caller; docs/protocol.md section 10.8.
 *
 * Each member's share is the place, counted in bytes, up to which it has had its part of what the room said. The member
 * that said least goes first, so those who say little wait for no more than what is being said at that moment, however
 * many others never stop; and those who never stop get equal shares. A text waits, and is never lost.
 *
 * Accounts are cheap, so turns go to addresses first, and inside an address to its members. An address has the part of
 * as many members as it has in the room, but of no more than BANDWIDTH_PARTS: a class that shares one address is not
 * drowned out by a few from elsewhere, nor does one person with hundreds of accounts make the others wait for a round
 * of them all.
 */
#ifndef APP_SERVER_BANDWIDTH_H
#define APP_SERVER_BANDWIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "crypto/bytes.h"
#include "net/sock.h"

#define BANDWIDTH_BURST_US INT64_C(4000000) /* what a budget gives in this time may be taken at once */
#define BANDWIDTH_AROUND 150                /* bytes on the wire around a text: the Record, the names, the time */
#define BANDWIDTH_COST_MAX (MESSAGE_SEALED_MAX + BANDWIDTH_AROUND) /* a sealed line is longer than any text */
#define BANDWIDTH_PARTS 16                                         /* that one address has at most */

/* Zeroed: nothing was taken. Times are microseconds of the monotonic clock. */
struct budget {
    int64_t paid_at; /* when all that was taken is paid for at the full rate */
};

/* Whether something may be taken; if so, as much as a text costs, or a sealed line. */
bool budget_open(const struct budget *b, int64_t now);
void budget_take(struct budget *b, uint32_t rate, size_t bytes, int64_t now);

struct bandwidth;

/* The members of a room that are of one address. */
struct bandwidth_party {
    struct bandwidth_party *next, **link; /* the room's, in no order; what points to this one */
    struct bandwidth_party *next_waiting; /* while a member waits: the next party with one that does */
    struct bandwidth *bandwidth;
    uint8_t address[SOCK_KEY_LEN];
    uint32_t members;
    uint64_t share;       /* of the party */
    uint64_t start;       /* while a member waits: the share that it had when it began to, or had its last turn */
    uint64_t clock;       /* the share, among its members, of the one that spoke last */
    struct speech *first; /* of those that wait, by start */
};

/* A member's place. It may be moved in memory. */
struct bandwidth_seat {
    struct bandwidth_party *party;
    uint64_t share; /* among the party's */
};

/* A text that waits, or a sealed line in a sealed room; from malloc, and its owner's until it waits. */
struct speech {
    struct speech *next;
    struct bandwidth_party *party; /* where it waits */
    void *owner;
    uint64_t start; /* the share that its sender had when it asked */
    uint32_t request;
    size_t len;
    uint8_t text[];
};

/* Zeroed: nobody has said anything. */
struct bandwidth {
    struct budget budget;
    uint64_t clock; /* the share of the party that spoke last */
    struct bandwidth_party *parties;
    struct bandwidth_party *first; /* of those that wait, by start */
};

static inline size_t bandwidth_cost(size_t text_len)
{
    return text_len + BANDWIDTH_AROUND;
}

/* A new member's share is as if it had just said as much as may be, so that leaving and joining again gains nothing.
 * -1: no memory. */
MUST_USE int bandwidth_join(struct bandwidth *bw, struct bandwidth_seat *seat,
                            const uint8_t address[static SOCK_KEY_LEN]);

/* No text of this member may wait. */
void bandwidth_leave(struct bandwidth_seat *seat);

/* True: it may be said now, and is charged. False: others wait, or the room has said enough for now. */
MUST_USE bool bandwidth_take(struct bandwidth *bw, struct bandwidth_seat *seat, size_t cost, uint32_t rate,
                             int64_t now);

void bandwidth_wait(struct bandwidth *bw, struct bandwidth_seat *seat, struct speech *speech);

/* Takes out and charges the next, if it may be said now; else NULL. It is the caller's then. */
struct speech *bandwidth_next(struct bandwidth *bw, uint32_t rate, int64_t now);

/* Takes out one that won't be said. It is the caller's then. */
void bandwidth_withdraw(struct speech *speech);

#endif
