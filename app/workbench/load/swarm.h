/* SPDX-License-Identifier: MIT */
/* Many clients of one server in one process, on one poller: what glass load is made of. Each connects, shakes hands,
 * logs in, joins its room, and then says what it is told to say; each text begins with the time it was said at, so
 * whoever receives it knows how long it took.
 *
 * Standard:    docs/protocol.md, as any client.
 * Use it:      struct swarm *s = swarm_open(&options, why);
 *              while (s->ready < options.clients) swarm_turn(s, 10);          starts them, at_once at a time
 *              swarm_say(s, i);  swarm_turn(s, 1);  ... s->deliveries, s->latency
 *              swarm_close(s);
 * Timing:      the accounts are made for measuring; nothing here is worth a secret.
 * Read next:   app/workbench/load/cmd_load.c, the scenarios.
 */
#ifndef APP_WORKBENCH_LOAD_SWARM_H
#define APP_WORKBENCH_LOAD_SWARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/workbench/load/latency.h"
#include "net/conn.h"
#include "net/poller.h"
#include "net/sock.h"
#include "net/why.h"

/* How far a client goes. */
enum swarm_goal {
    SWARM_HELLO,     /* sends its ClientHello and leaves: half a handshake */
    SWARM_HANDSHAKE, /* a whole one, then leaves */
    SWARM_LOGIN,     /* logs in, then leaves */
    SWARM_LOBBY,     /* stays, with everybody in one room */
    SWARM_PAIRS      /* stays, in a room of two */
};

struct swarm_account {
    char name[NAME_MAX_LEN + 1], password[PASSWORD_MAX_LEN + 1];
};

struct swarm_options {
    struct sock_name server;
    const uint8_t *pin; /* the server's fingerprint, or NULL: whoever answers is believed */
    enum swarm_goal goal;
    size_t clients, at_once, text_len;    /* at_once: how many may be between connecting and their goal */
    const struct swarm_account *accounts; /* `clients` of them, or NULL where nobody logs in */
};

enum swarm_phase { SWARM_WAITING, SWARM_SHAKING, SWARM_LOGGING_IN, SWARM_JOINING, SWARM_READY, SWARM_ENDED };

struct swarm_client {
    struct swarm *swarm;
    struct conn conn;
    struct poller_watch watch;
    enum swarm_phase phase;
    uint32_t last_request, join_request;
    char room[NAME_MAX_LEN + 1];
};

struct swarm {
    const struct swarm_options *options;
    struct poller *poller;
    struct rng rng;
    struct handshake_config config;
    struct swarm_client *client;
    size_t started, active, ready, failed;
    size_t reached;    /* got to their goal, and may have left since; active are on their way there */
    char why[WHY_LEN]; /* of the first that failed */
    bool measuring;    /* deliveries count into latency */
    uint64_t said, answered, refused, deliveries;
    size_t joined;                 /* the room that swarm_join names */
    uint64_t notices, last_notice; /* of arrivals there; the time of the last one, as swarm_now */
    struct latency latency;
};

/* Nanoseconds of a clock that never goes back. */
uint64_t swarm_now(void);

/* NULL with why where there is no memory. options and what it points to are borrowed. */
struct swarm *swarm_open(const struct swarm_options *options, char why[static WHY_LEN]);

/* Starts clients as far as at_once allows, waits timeout_ms at most for something to happen, and deals with it. */
void swarm_turn(struct swarm *s, int timeout_ms);

/* Client i says a text in its room. False where it is not ready or gave up. */
bool swarm_say(struct swarm *s, size_t i);

/* Client i asks to join one more room, the same for all; answers and notices of it are counted. */
void swarm_join(struct swarm *s, size_t i);

/* Says good-bye for all and frees everything. */
void swarm_close(struct swarm *s);

#endif
