/* SPDX-License-Identifier: MIT */
/* All that the loop's thread owns: one struct, of which there is one. Nobody else touches any of it, so there is no
 * lock; abandoned alone is looked at by the workers too, and so is what is set once. Each part says which files use it;
 * status.c reads all of it.
 *
 * Use it:      main.c fills it in, part by part, and runs reactor_run(&s).
 * Timing:      the identity's key, the random generator and totp_seal are secret.
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
#include "app/server/base/limits.h"
#include "app/server/base/log_limit.h"
#include "app/server/base/sandbox.h"
#include "app/server/room.h"
#include "app/server/store/totp_seal.h"
#include "app/server/store/verifier.h"
#include "app/terminal/style.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/handshake.h"
#include "net/poller.h"

struct accounts;
struct admin_socket;
struct client;
struct console;
struct datadir;
struct login_failures;
struct options;
struct ratelimit;
struct ratelimit_file;
struct worker_pool;

struct server {
    /* Set once, at the start, by main.c; read by all. */
    const struct options *options;
    const struct limits *limits; /* options->limits */
    const struct datadir *dir;
    struct identity identity;
    struct handshake_config handshake;
    bool explain, explain_full;     /* tell on stderr what each client and we compute and say */
    struct totp_seal_key totp_seal; /* under which the accounts' secrets are sealed */
    struct verifier nobody;         /* what the password for an unknown name is checked against */
    struct sandbox sandbox;

    /* Used by all of app/server. */
    struct rng rng;
    struct worker_pool *workers;
    struct poller *poller;
    struct counters counters;
    struct log_limit log_limit;
    int64_t now; /* milliseconds of the monotonic clock; reactor.c reads it once a turn */

    /* Accounts, and what failed at them: account_change.c, auth.c, login.c, account_requests.c. */
    struct accounts *accounts;
    struct login_failures *login_failures;
    struct ratelimit *ratelimit;
    struct ratelimit_file *ratelimit_file; /* reactor.c alone: writes what ratelimit remembers */

    /* Rooms and talk: chat.c; client.c and console.c enter and leave; account_requests.c and auth.c look users up. */
    struct rooms rooms;
    struct deadline_queue bandwidth_time; /* rooms in which somebody waits to be heard */

    /* Clients: client.c. */
    struct client *clients;  /* all, newest first */
    uint32_t clients_len;    /* and in addresses: those that are not dead */
    struct client *to_flush; /* at the end of this turn, by chat_end_turn */
    size_t gathered;         /* bytes said in this turn, as bandwidth.h counts them: chat.c */
    struct client *dead;     /* to be taken away at the end of this turn */
    /* What came from a client that may ask for something: request_handle, which stands above client.h. */
    void (*on_message)(struct client *c, const uint8_t *payload, size_t len);
    /* By what a client is expected to do next. */
    struct deadline_queue handshake_time, login_time, idle_time, answer_time, closing_time;
    struct deadline_queue pause_time; /* clients that talk too fast */
    struct deadline_queue turn_time;  /* clients that had their turn and still have something to say */

    /* How many strangers there may be, and which of them gives way: client.c counts, reactor.c chooses. */
    struct address_networks addresses;
    struct eviction_list handshakes; /* not finished */
    struct eviction_list strangers;  /* not logged in */

    /* Letting clients in: reactor.c. */
    struct sock_name listens_on; /* what became of --listen: its port is no 0 */
    struct poller_watch listener, workers_watch, signals;
    struct deadline_queue accept_time; /* a listener, the operator's too, while no connection can be taken */
    struct deadline accept_pause;
    uint32_t refused;     /* connections since the last log line about them */
    int64_t refused_told; /* when that was */

    /* The operator's ways in: reactor.c. */
    struct console *console;    /* NULL: the server has none */
    int console_input;          /* of tty_open_input, by main.c, as the sandbox lets nothing be opened */
    struct style console_style; /* as early, because of the time zone's file */
    struct admin_socket *admin_socket;

    /* Stopping: reactor.c; request.c refuses then. */
    bool at_terminal; /* the log was a terminal at the start: that it hangs up then stops the server */
    bool stop_asked;  /* by the operator: console.c */
    bool stopping;    /* nobody new is let in; those that are here are told good-bye */
    int64_t stop_by;
    atomic_bool abandoned; /* the workers' jobs come to nothing any more: they look, and do nothing */
};

/* Where everybody may register, everybody may know which names are taken. Where the operator alone makes accounts,
 * which there are is nobody's business: no answer tells a name without an account from one with nothing to show.
 *
 * CAUTION: tests/integration/test_account_cli.py: test_members_are_not_told_which_names_there_are. */
static inline bool server_tells_names(const struct server *s)
{
    return s->limits->max_registrations > 0;
}

/* Seconds of the same clock, as sessions want them. */
static inline uint64_t server_seconds(const struct server *s)
{
    return (uint64_t)s->now / 1000;
}

#endif
