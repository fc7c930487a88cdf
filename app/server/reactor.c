/* SPDX-License-Identifier: MIT */
/* The loop and those of its events that are no client's: new connections, signals, the end. */
#include "app/server/reactor.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "app/server/base/errno_advice.h"
#include "app/server/base/log.h"
#include "app/server/base/log_file.h"
#include "app/server/base/notify.h"
#include "app/server/base/worker.h"
#include "app/server/chat.h"
#include "app/server/client.h"
#include "app/server/console.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/options.h"
#include "app/server/request.h"
#include "app/server/status.h"
#include "app/server/store/ratelimit_file.h"
#include "net/hello.h"

#define EVENTS 256
#define ACCEPT_MAX 64         /* new connections in one turn, so that clients already here aren't kept waiting */
#define ACCEPT_PAUSE_MS 250   /* without descriptors or memory it is no use to try again at once */
#define PAUSE_MS 100          /* for clients that talk too fast */
#define TURN_MS 1             /* until a client that had its turn gets the next */
#define BANDWIDTH_MS 20       /* between two looks at whose turn it is in a busy room */
#define CLOSING_MS 3000       /* for a client's Close after ours */
#define STOP_MS 5000          /* then the server ends, even if some have not answered */
#define REFUSED_TELL_MS 10000 /* between two log lines about connections that were refused */

/* A signal's handler can reach nothing else. It runs on the loop's thread: workers block all signals. */
static struct notify signal_wake;
static volatile sig_atomic_t stop_asked, hangup_seen, status_asked;

static void on_signal(int number)
{
    int saved = errno;
    if (number == SIGHUP)
        hangup_seen = 1;
    else if (number == SIGUSR1)
        status_asked = 1;
    else
        stop_asked = 1;
    notify_ring(&signal_wake);
    errno = saved;
}

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

static void catch_signals(void)
{
    struct sigaction tell = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigfillset(&tell.sa_mask);
    sigaction(SIGTERM, &tell, NULL);
    sigaction(SIGINT, &tell, NULL);
    sigaction(SIGHUP, &tell, NULL);
    sigaction(SIGUSR1, &tell, NULL);
    sigaction(SIGPIPE, &ignore, NULL); /* a write to a closed socket is an error like others */
}

static void set_times(struct server *s)
{
    const struct limits *limits = s->limits;
    s->counters.started = s->now = monotonic_ms();
    s->refused_told = s->now - REFUSED_TELL_MS;
    deadline_queue_init(&s->handshake_time, (int64_t)limits->handshake_seconds * 1000);
    deadline_queue_init(&s->login_time, (int64_t)limits->login_seconds * 1000);
    deadline_queue_init(&s->idle_time, (int64_t)limits->idle_seconds * 1000);
    deadline_queue_init(&s->answer_time, (int64_t)limits->answer_seconds * 1000);
    deadline_queue_init(&s->closing_time, CLOSING_MS);
    deadline_queue_init(&s->pause_time, PAUSE_MS);
    deadline_queue_init(&s->turn_time, TURN_MS);
    deadline_queue_init(&s->bandwidth_time, BANDWIDTH_MS);
    deadline_queue_init(&s->accept_time, ACCEPT_PAUSE_MS);
}

static int watch_all(struct server *s)
{
    s->poller = poller_new();
    if (s->poller == NULL || notify_open(&signal_wake) != 0)
        return -1;
    if (poller_add(s->poller, &s->listener, s->listener.fd, POLLER_READ, NULL) != 0 ||
        poller_add(s->poller, &s->workers_watch, worker_fd(s->workers), POLLER_READ, NULL) != 0 ||
        poller_add(s->poller, &s->signals, signal_wake.read_fd, POLLER_READ, NULL) != 0)
        return -1;
    return 0;
}

/* As the system says it of [::]: no such kind of socket, or no such address. */
static bool is_no_ipv6(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* Whoever wants every address gets those that there are. */
int reactor_listen(struct server *s, char why[static WHY_LEN])
{
    struct sock_name *at = &s->listens_on;
    *at = s->options->listen;
    bool all = strcmp(at->host, "::") == 0;
    s->listener.fd = sock_listen(at, why);
    if (s->listener.fd < 0 && all && is_no_ipv6(errno)) {
        strcpy(at->host, "0.0.0.0");
        s->listener.fd = sock_listen(at, why);
    }
    if (s->listener.fd < 0)
        return -1;
    snprintf(at->port, sizeof at->port, "%u", (unsigned)sock_local_port(s->listener.fd));
    if (all && !sock_has_ipv6())
        log_event(LOG_WARN, "this host has no IPv6: clients can come by IPv4 alone", NULL);
    return 0;
}

int reactor_open(struct server *s, char why[static WHY_LEN])
{
    s->on_message = request_handle;
    set_times(s);
    if (watch_all(s) != 0 || rooms_init(&s->rooms, s->limits) != 0 || (s->options->console && console_open(s) != 0)) {
        char cause[ERRNO_ADVICE_LEN];
        errno_advice_print(cause, errno);
        return why_say(why, "cannot set up the loop: %s", cause);
    }
    s->at_terminal = isatty(STDERR_FILENO) == 1;
    stop_asked = hangup_seen = status_asked = 0;
    catch_signals();
    return 0;
}

void reactor_close(struct server *s)
{
    clients_free(s);
    log_limit_tell_all(&s->log_limit);
    console_close(s);
    rooms_free(&s->rooms);
    poller_free(s->poller);
    notify_close(&signal_wake);
}

/* --- New connections ---------------------------------------------------------------------------------------------- */

/* However many strangers are refused, the log gets a line about them only now and then. */
static void refused(struct server *s, const char *from, const char *why)
{
    char count[LOG_NUMBER_MAX];
    s->refused++;
    s->counters.refused++;
    if (s->now - s->refused_told < REFUSED_TELL_MS)
        return;
    log_event(LOG_WARN, "refused", "connections", log_number(count, s->refused), "last", from, "why", why, NULL);
    s->refused = 0;
    s->refused_told = s->now;
}

/* Tells a client to come back later, in the only words that it understands at this point. */
static void turn_away(int fd)
{
    const struct hello_alert busy = {.code = ALERT_BUSY};
    uint8_t frame[HELLO_ALERT_MAX];
    size_t len = hello_encode_alert(frame, &busy);
    (void)!write(fd, frame, len);
    sock_close(fd);
}

/* Ends the stranger that has to give way: of all, or of the network of this level around key. False where there is
 * none. */
static bool make_room(struct server *s, const uint8_t *key, unsigned level)
{
    struct eviction_entry *weakest = eviction_weakest(&s->strangers, key, level);
    if (weakest != NULL)
        client_give_way(client_of_stranger(weakest));
    return weakest != NULL;
}

/* Each wider network may have twice as many as the one inside it. */
static bool too_many_near(struct server *s, const struct sock_peer *peer, unsigned level)
{
    uint64_t max = (uint64_t)s->limits->max_per_address << level;
    return address_networks_count(&s->addresses, peer->key, level) >= max;
}

/* Why there is no room for this one, nor can any be made; NULL where there is now.
 * CAUTION: clients that came first must not keep out one that comes now, or two addresses that say nothing keep
 * everybody out; tests/integration/test_eviction.py. */
static const char *no_room_for(struct server *s, const struct sock_peer *peer)
{
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++)
        if (too_many_near(s, peer, level) && !make_room(s, peer->key, level))
            return "--max-per-address is reached";
    if (s->clients_len >= s->limits->max_clients && !make_room(s, NULL, 0))
        return "--max-clients is reached";
    if (s->handshakes.len >= s->limits->max_handshakes)
        client_give_way(client_of_handshake(eviction_weakest(&s->handshakes, NULL, 0)));
    return NULL;
}

/* The listener is left alone for a moment: it would be reported again and again. */
static void pause_accepting(struct server *s, const char *why)
{
    refused(s, "-", why);
    s->accept_pause.owner = &s->listener;
    if (poller_want(s->poller, &s->listener, 0) == 0)
        deadline_set(&s->accept_time, &s->accept_pause, s->now);
}

static void accept_again(struct server *s)
{
    struct deadline *d;
    while ((d = deadline_expired(&s->accept_time, s->now)) != NULL)
        if (poller_want(s->poller, d->owner, POLLER_READ) != 0)
            deadline_set(&s->accept_time, d, s->now);
}

/* Where descriptors run out a stranger gives way, whose own is free when this turn is over. The system reports that
 * before it checks whether a connection waits: for the first accept of a turn the poller has said that one does, for
 * later ones that is not known. */
static void accept_failed(struct server *s, int error, bool first)
{
    bool none_left = error == EMFILE || error == ENFILE;
    if (error == EAGAIN || error == EWOULDBLOCK || (none_left && !first))
        return;
    if (!none_left || !make_room(s, NULL, 0))
        pause_accepting(s, strerror(error));
}

static void accept_some(struct server *s)
{
    for (int i = 0; i < ACCEPT_MAX && s->accept_pause.queue == NULL; i++) {
        struct sock_peer peer;
        int fd = sock_accept(s->listener.fd, &peer);
        if (fd < 0) {
            accept_failed(s, errno, i == 0);
            return;
        }
        const char *why = no_room_for(s, &peer);
        if (why != NULL) {
            turn_away(fd);
            refused(s, peer.text, why);
        } else if (client_new(s, fd, &peer) != 0) {
            pause_accepting(s, strerror(errno));
        }
    }
}

/* --- Stopping ----------------------------------------------------------------------------------------------------- */

static void stop(struct server *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->stop_by = s->now + STOP_MS;
    log_event(LOG_INFO, "stopping", NULL);
    poller_remove(s->poller, &s->listener);
    close(s->listener.fd);
    deadline_cancel(&s->accept_pause);
    chat_notice(s, MESSAGE_NOTICE_STOPPING);
}

/* Says good-bye to all except those for which a worker is busy: their registration, say, is finished and answered
 * first. */
static void say_goodbye(struct server *s)
{
    for (struct client *c = s->clients; c != NULL; c = c->next)
        if (c->work == NULL)
            client_goodbye(c, "the server is stopping");
}

static bool over(const struct server *s)
{
    return s->stopping && (s->now >= s->stop_by || (s->clients == NULL && worker_in_flight(s->workers) == 0));
}

/* --- Signals ------------------------------------------------------------------------------------------------------ */

/* SIGHUP. The log file was renamed away, and the next line must begin a new one. Without a log file it stops the
 * server where there was a terminal, and does nothing where there was none. */
static void hung_up(struct server *s)
{
    const char *file = s->options->log_file;
    char why[WHY_LEN];
    if (file != NULL && log_file_reopen(file, s->dir->fd, why) != 0)
        log_event(LOG_ERROR, "the log can't be reopened: it goes on in the old file", "error", why, NULL);
    else if (file != NULL)
        log_event(LOG_INFO, "log reopened", NULL);
    else if (s->at_terminal)
        stop(s);
}

static void serve_signals(struct server *s)
{
    notify_clear(&signal_wake); /* first: signals that come from now on ring again */
    if (hangup_seen) {
        hangup_seen = 0;
        hung_up(s);
    }
    if (status_asked) {
        status_asked = 0;
        status_log(s);
    }
    if (stop_asked)
        stop(s);
}

/* --- The loop ----------------------------------------------------------------------------------------------------- */

static void serve(struct server *s, const struct poller_event *event)
{
    const struct poller_watch *watch = event->watch;
    if (watch == &s->workers_watch) {
        worker_finish(s->workers);
    } else if (watch == &s->signals) {
        serve_signals(s);
    } else if (watch == &s->listener) {
        if (!s->stopping)
            accept_some(s);
    } else if (console_owns(s->console, watch)) {
        console_ready(s, watch);
    } else if (admin_socket_owns(s->admin_socket, watch)) {
        admin_socket_ready(s->admin_socket, watch);
    } else {
        client_ready(watch->owner, event->ready);
    }
}

static int wait_ms(const struct server *s)
{
    if (console_pending(s->console))
        return 0;
    int64_t wait = clients_wait(s, -1);
    wait = rooms_wait(&s->rooms, s->now, wait);
    wait = deadline_wait(&s->accept_time, s->now, wait);
    wait = ratelimit_file_wait(s->ratelimit_file, wait);
    wait = log_limit_wait(&s->log_limit, s->now, wait);
    if (s->stopping && (wait < 0 || wait > s->stop_by - s->now))
        wait = s->stop_by - s->now;
    return wait > INT_MAX ? INT_MAX : (int)wait;
}

/* Waits for events, and serves them. */
static void look(struct server *s, int timeout_ms)
{
    struct poller_event events[EVENTS];
    size_t n = poller_wait(s->poller, events, EVENTS, timeout_ms);
    s->now = monotonic_ms();
    for (size_t i = 0; i < n; i++)
        serve(s, &events[i]);
}

void reactor_look(struct server *s, int timeout_ms)
{
    size_t before = 0;
    look(s, timeout_ms);
    int64_t began = s->now;
    while (chat_gathers(s, before, monotonic_ms() - began)) {
        before = s->gathered;
        look(s, 0);
    }
}

void reactor_run(struct server *s)
{
    while (!over(s)) {
        reactor_look(s, wait_ms(s));
        if (console_pending(s->console))
            console_ready(s, &s->console->in);
        accept_again(s);
        clients_expire(s);
        chat_expire(s);
        if (s->stop_asked)
            stop(s);
        if (s->stopping)
            say_goodbye(s);
        chat_end_turn(s);
        console_end_turn(s);
        admin_socket_end_turn(s->admin_socket);
        ratelimit_file_end_turn(s->ratelimit_file);
        log_limit_tell(&s->log_limit, s->now);
    }
    atomic_store(&s->abandoned, true);
}
