/* SPDX-License-Identifier: MIT */
/* All that the loop's thread owns: one struct, of which there is one. Nobody else touches any of it, so there is no
 * lock.
 *
 * Use it:      main.c fills it in, part by part, and runs reactor_run(&s).
 * Timing:      the identity's key and the random generator are secret.
 * Read next:   reactor.c, the loop; client.h, one connection.
 */
#ifndef APP_SERVER_SERVER_H
#define APP_SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/base/address.h"
#include "app/server/base/counters.h"
#include "app/server/base/deadline.h"
#include "app/server/base/eviction.h"
#include "app/server/base/log_limit.h"
#include "app/server/base/notify.h"
#include "app/server/base/ratelimit.h"
#include "app/server/base/sandbox.h"
#include "app/server/base/worker.h"
#include "app/server/options.h"
#include "app/server/room.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/totp_seal.h"
#include "app/server/store/verifier.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/handshake.h"
#include "net/poller.h"

struct admin_socket;
struct client;
struct console;
struct datadir;
struct ratelimit_file;

struct server {
    const struct options *options;
    const struct datadir *dir;
    const struct limits *limits; /* options->limits */
    struct rng rng;
    struct identity identity;
    struct handshake_config handshake;
    struct accounts *accounts;
    struct totp_seal_key totp_seal; /* under which the accounts' secrets are sealed */
    struct worker_pool *workers;
    struct verifier nobody; /* what the password for an unknown name is checked against */
    struct login_failures *login_failures;
    struct ratelimit *ratelimit;
    struct ratelimit_file *ratelimit_file;
    struct rooms rooms;
    struct console *console; /* NULL: the server has none */
    struct admin_socket *admin_socket;
    struct counters counters;
    struct log_limit log_limit;
    struct sandbox sandbox;

    struct poller *poller;
    struct poller_watch listener, workers_watch, signals;
    bool at_terminal; /* the log was a terminal when we started */
    bool stop_asked;  /* by the operator, at the console */
    bool stopping;    /* nobody new; who is here is being said good-bye to */
    int64_t stop_by;
    atomic_bool abandoned; /* the workers' jobs come to nothing any more: they look, and do nothing */
    int64_t now;           /* milliseconds of the monotonic clock, read once a turn */

    /* What came from a client that may ask for something: request_handle, which stands above client.h. */
    void (*on_message)(struct client *c, const uint8_t *payload, size_t len);
    struct client *clients; /* all, newest first */
    uint32_t clients_len;   /* and in addresses: those that are not dead */
    struct address_networks addresses;
    struct eviction_list handshakes; /* not finished */
    struct eviction_list strangers;  /* not logged in */
    struct client *to_flush;         /* to be flushed at the end of this turn */
    struct client *dead;             /* to be taken away at the end of this turn */
    /* By what a client is expected to do next. */
    struct deadline_queue handshake_time, login_time, idle_time, answer_time, closing_time;
    struct deadline_queue pause_time;     /* clients that talk too fast */
    struct deadline_queue turn_time;      /* clients that had their turn and still have something to say */
    struct deadline_queue bandwidth_time; /* rooms in which somebody waits to be heard */
    struct deadline_queue accept_time;    /* a listener, the operator's too, while no connection can be taken */
    struct deadline accept_pause;
    uint32_t refused;     /* connections since the last log line about them */
    int64_t refused_told; /* when that was */
};

/* Seconds of the same clock, as sessions want them. */
static inline uint64_t server_seconds(const struct server *s)
{
    return (uint64_t)s->now / 1000;
}

#endif
