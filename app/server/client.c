/* SPDX-License-Identifier: MIT */
/* The life of a connection. Whatever happens to it ends in client_go_on, which takes from the session one event after
 * the other until there is none, a worker has to do something, or the client has talked too fast. */
#include "app/server/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "app/server/base/worker.h"
#include "app/server/explain.h"
#include "app/server/relay_shares.h"
#include "crypto/ct.h"
#include "net/hello.h"

#define TURN_REQUESTS 8                /* of one client in one turn of the loop; then it is the others' turn */
#define RATE_BURST_US INT64_C(2000000) /* a client may talk for so long at once, at the full rate */

struct client *client_of(struct room_user *user)
{
    return (struct client *)(void *)((char *)user - offsetof(struct client, user));
}

struct client *client_of_handshake(struct eviction_entry *handshake)
{
    return (struct client *)(void *)((char *)handshake - offsetof(struct client, handshake));
}

struct client *client_of_stranger(struct eviction_entry *stranger)
{
    return (struct client *)(void *)((char *)stranger - offsetof(struct client, stranger));
}

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

static void flush_later(struct client *c)
{
    if (c->to_flush)
        return;
    c->to_flush = true;
    c->next_to_flush = c->server->to_flush;
    c->server->to_flush = c;
}

static void set_phase(struct client *c, enum client_phase phase)
{
    struct server *s = c->server;
    if (phase != CLIENT_HANDSHAKE)
        eviction_remove(&c->handshake);
    if (phase == CLIENT_CHAT || phase == CLIENT_DEAD)
        eviction_remove(&c->stranger);
    c->phase = phase;
    switch (phase) {
    case CLIENT_HANDSHAKE:
        deadline_set(&s->handshake_time, &c->deadline, s->now);
        break;
    case CLIENT_LOGIN:
        deadline_set(&s->login_time, &c->deadline, s->now);
        break;
    case CLIENT_CHAT:
        deadline_set(&s->idle_time, &c->deadline, s->now);
        break;
    case CLIENT_CLOSING: /* where there is no memory for it, it keeps its place */
        deadline_set(&s->closing_time, &c->deadline, s->now);
        c->stranger.said = EVICTION_NOTHING;
        if (c->stranger.in == NULL)
            (void)!eviction_add(&s->strangers, &c->stranger, c->address);
        break;
    case CLIENT_DEAD:
        break; /* bury cancels what is still set, and what the rest of this turn sets */
    }
}

static void count_out(struct server *s, struct client *c, const uint8_t key[static SOCK_KEY_LEN])
{
    eviction_remove(&c->handshake);
    eviction_remove(&c->stranger);
    address_networks_remove(&s->addresses, key);
}

/* Among all of its address, and as a stranger. -1: no memory. */
static int count_in(struct server *s, struct client *c, const uint8_t key[static SOCK_KEY_LEN])
{
    if (address_networks_add(&s->addresses, key, NULL) != 0)
        return -1;
    if (eviction_add(&s->handshakes, &c->handshake, key) == 0 && eviction_add(&s->strangers, &c->stranger, key) == 0)
        return 0;
    count_out(s, c, key);
    return -1;
}

static void begin(struct server *s, struct client *c, const struct sock_peer *peer)
{
    c->server = s;
    c->deadline.owner = c->pause.owner = c;
    memcpy(c->peer, peer->text, sizeof c->peer);
    memcpy(c->address, peer->key, sizeof c->address);
    memcpy(c->user.address, peer->key, sizeof c->user.address);
    c->next = s->clients;
    if (c->next != NULL)
        c->next->previous = c;
    s->clients = c;
    s->clients_len++;
    s->counters.accepted++;
    set_phase(c, CLIENT_HANDSHAKE);
    (void)conn_start(&c->conn);
    if (log_limit_allows(&s->log_limit, LOG_LIMIT_CONNECTS, s->now))
        log_event(LOG_DEBUG, "connect", "from", c->peer, NULL);
}

int client_new(struct server *s, int fd, const struct sock_peer *peer)
{
    struct client *c = calloc(1, sizeof *c);
    if (c != NULL && s->explain)
        c->explain = explain_open(&s->handshake, peer->text, s->explain_full);
    if (c == NULL || conn_open(&c->conn, fd, explain_config(c->explain, &s->handshake),
                               (size_t)s->limits->max_queue_kib * 1024) != 0) {
        close(fd);
        if (c != NULL)
            explain_close(c->explain);
        free(c);
        return -1;
    }
    if (count_in(s, c, peer->key) == 0) {
        if (poller_add(s->poller, &c->watch, fd, POLLER_READ, c) == 0) {
            begin(s, c, peer);
            return 0;
        }
        count_out(s, c, peer->key);
    }
    conn_free(&c->conn);
    explain_close(c->explain);
    free(c);
    return -1;
}

void client_end(struct client *c, const char *cause)
{
    if (c->phase == CLIENT_DEAD)
        return;
    if (c->cause == NULL)
        c->cause = cause;
    c->server->counters.handshakes_failed += c->phase == CLIENT_HANDSHAKE;
    set_phase(c, CLIENT_DEAD);
    atomic_store(&c->gone, true);
    count_out(c->server, c, c->address);
    c->server->clients_len--;
    c->next_dead = c->server->dead;
    c->server->dead = c;
}

void client_give_way(struct client *c)
{
    const struct hello_alert busy = {.code = ALERT_BUSY};
    uint8_t frame[HELLO_ALERT_MAX];
    if (c->phase == CLIENT_HANDSHAKE && c->handshake.said == EVICTION_NOTHING)
        (void)!write(c->conn.fd, frame, hello_encode_alert(frame, &busy));
    client_end(c, CLIENT_GAVE_WAY);
}

/* What it wanted to say and waits to be said won't be. */
static void withdraw_speech(struct client *c)
{
    if (c->speech == NULL)
        return;
    bandwidth_withdraw(c->speech);
    free(c->speech);
    c->speech = NULL;
}

static void leave_rooms(struct client *c)
{
    withdraw_speech(c);
    if (c->logged_in)
        rooms_exit(&c->server->rooms, &c->user);
    c->logged_in = false;
}

void client_goodbye(struct client *c, const char *cause)
{
    if (c->phase == CLIENT_CLOSING || c->phase == CLIENT_DEAD)
        return;
    if (c->phase == CLIENT_HANDSHAKE) {
        client_end(c, cause);
        return;
    }
    c->cause = cause;
    leave_rooms(c);
    /* CAUTION: a client that has no answer when the Close comes takes the request for one that was not begun
     * (protocol.md section 6.5), and its user may have another password by then;
     * tests/integration/test_events_server.py: test_what_is_under_way_when_it_is_ended. */
    c->leaving = c->work != NULL;
    if (c->leaving)
        return;
    if (conn_close(&c->conn, &c->server->rng) == NET_OK)
        set_phase(c, CLIENT_CLOSING);
    else
        client_end(c, cause);
    flush_later(c);
}

/* A newer session of the same user takes its place: it is told, and out of all rooms when this returns. */
static void replace(struct client *c)
{
    client_send(c, &(struct message){.type = MESSAGE_REPLACED});
    client_goodbye(c, "a newer session of the same user took its place");
    leave_rooms(c); /* if it was dead already */
}

void client_forget_secret(struct client *c)
{
    if (c->new_secret != NULL)
        ct_wipe(c->new_secret, TOTP_SEAL_SECRET_LEN);
    free(c->new_secret);
    c->new_secret = NULL;
}

static void free_client(struct client *c)
{
    client_forget_secret(c);
    free(c->user.blocks);
    relay_shares_forget(&c->shares);
    relay_shares_forget(&c->blocked_shares);
    conn_free(&c->conn);
    explain_close(c->explain);
    free(c);
}

static bool is_stranger(const struct client *c)
{
    return c->user.name[0] == '\0';
}

/* Takes a dead client out of everything. An Alert may still wait to be written, and gets its one chance.
 * CAUTION: what a stranger asked for must not wait for its turn then. The bounds on connections count the stranger no
 * more, and clients that come, say hello and give way to the next would take memory for as long as others' work goes
 * first;
 * tests/integration/test_fairness.py: test_one_that_gave_way_has_nothing_waiting. (What a member asked for is done.) */
static void bury(struct client *c)
{
    struct server *s = c->server;
    const char *user = is_stranger(c) ? "-" : c->user.name;
    if (log_limit_allows(&s->log_limit, is_stranger(c) ? LOG_LIMIT_STRANGERS : LOG_LIMIT_MEMBERS, s->now))
        log_event(LOG_INFO, "disconnect", "from", c->peer, "user", user, "cause", c->cause, NULL);
    counters_ended(&s->counters, c->cause);
    leave_rooms(c);
    (void)conn_flush(&c->conn);
    if (conn_leaves_much(&c->conn)) /* however it left: it counts no more, and the system would keep that for minutes */
        conn_abandon(&c->conn);
    s->counters.bytes_in += c->conn.bytes_in;
    s->counters.bytes_out += c->conn.bytes_out;
    poller_remove(s->poller, &c->watch);
    conn_hang_up(&c->conn);
    /* CAUTION: a time limit that stays set would fire at freed memory; tests/test_client.c:
     * test_nothing_is_left_of_a_user_that_could_not_be_asked. */
    deadline_cancel(&c->deadline);
    deadline_cancel(&c->pause);
    *(c->previous != NULL ? &c->previous->next : &s->clients) = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    c->buried = true;
    if (c->work == NULL)
        free_client(c);
    else if (is_stranger(c))
        (void)worker_withdraw(s->workers, c->work); /* which frees it too, where no worker has begun */
}

/* --- Work --------------------------------------------------------------------------------------------------------- */

void client_work_begins(struct client *c, struct job *work)
{
    c->work = work;
    if (c->phase == CLIENT_LOGIN)
        c->stranger.said = EVICTION_TRIES;
    deadline_cancel(&c->deadline);
    worker_submit(c->server->workers, work);
}

bool client_work_done(struct client *c)
{
    c->work = NULL;
    if (c->buried)
        free_client(c);
    else if (c->phase != CLIENT_DEAD) {
        set_phase(c, c->phase); /* its time did not run while it waited for us */
        return true;
    }
    return false;
}

static void handle(struct client *c, enum session_event event, const struct session_message *msg);

static void handshake_run(struct job *job, struct rng *rng)
{
    struct client *c = (struct client *)(void *)((char *)job - offsetof(struct client, job));
    if (!atomic_load(&c->server->abandoned) && !atomic_load(&c->gone))
        conn_work(&c->conn, rng);
}

static void handshake_finish(struct job *job)
{
    struct client *c = (struct client *)(void *)((char *)job - offsetof(struct client, job));
    if (!client_work_done(c) || atomic_load(&c->server->abandoned))
        return;
    handle(c, conn_step(&c->conn, &c->server->rng, server_seconds(c->server)), NULL);
    client_go_on(c);
}

/* --- Events ------------------------------------------------------------------------------------------------------- */

/* One more, of which so many may come a second. */
static void count(const struct server *s, int64_t *due, uint32_t rate)
{
    int64_t now = s->now * 1000;
    *due = (*due > now ? *due : now) + 1000000 / (int64_t)rate;
}

/* What a message is shows only when it is decoded: it has been counted as a request by now, and that is taken back.
 * CAUTION: counted as both, a call would stop whatever else its user asks for; as none, nothing would bound it;
 * tests/test_relay.c: test_relays_have_a_rate_of_their_own. */
void client_counts_as_relay(struct client *c)
{
    const struct limits *limits = c->server->limits;
    c->rate_due -= 1000000 / (int64_t)limits->max_rate;
    count(c->server, &c->relay_due, limits->max_relays);
}

static void got_message(struct client *c, const struct session_message *msg)
{
    struct server *s = c->server;
    count(s, &c->rate_due, s->limits->max_rate);
    c->asked = false;
    if (c->phase == CLIENT_CHAT)
        deadline_set(&s->idle_time, &c->deadline, s->now);
    if (c->phase == CLIENT_LOGIN || c->phase == CLIENT_CHAT)
        s->on_message(c, msg->payload, msg->len);
}

static void handle(struct client *c, enum session_event event, const struct session_message *msg)
{
    switch (event) {
    case SESSION_MORE:
        break;
    case SESSION_WORK:
        c->handshake.said = c->stranger.said = EVICTION_HELLO;
        c->job = (struct job){.run = handshake_run, .finish = handshake_finish, .address = c->address};
        client_work_begins(c, &c->job);
        break;
    case SESSION_ESTABLISHED:
        c->server->counters.handshakes++;
        c->stranger.said = EVICTION_FINISHED;
        set_phase(c, CLIENT_LOGIN);
        break;
    case SESSION_MESSAGE:
        got_message(c, msg);
        break;
    case SESSION_CLOSED:
        c->peer_closed = true;
        client_goodbye(c, "it said good-bye");
        break;
    case SESSION_PEER: /* never: clients of a server show no certificate */
    case SESSION_FAILED:
        client_end(c, net_err_text(conn_error(&c->conn)));
        break;
    }
}

/* A client that talks too fast is not refused: it is not listened to for a while, and TCP makes it wait. */
static bool talks_too_fast(struct client *c)
{
    struct server *s = c->server;
    int64_t now = s->now * 1000;
    if (c->rate_due <= now + RATE_BURST_US && c->relay_due <= now + RATE_BURST_US && budget_open(&c->said, now))
        return false;
    deadline_set(&s->pause_time, &c->pause, s->now);
    return true;
}

void client_spoke(struct client *c)
{
    if (c->phase != CLIENT_CHAT)
        return;
    set_phase(c, c->phase); /* its time did not run while it waited */
    deadline_set(&c->server->turn_time, &c->pause, c->server->now);
}

void client_go_on(struct client *c)
{
    struct server *s = c->server;
    int left = TURN_REQUESTS;
    if (c->leaving && c->work == NULL)
        client_goodbye(c, c->cause);
    while (c->phase != CLIENT_DEAD && c->work == NULL && !c->peer_closed && c->pause.queue == NULL &&
           c->speech == NULL) {
        struct session_message msg;
        if (talks_too_fast(c))
            break;
        if (left-- == 0) {
            deadline_set(&s->turn_time, &c->pause, s->now);
            break;
        }
        enum session_event event = conn_next(&c->conn, &s->rng, server_seconds(s), &msg);
        if (event == SESSION_MORE)
            break;
        handle(c, event, &msg);
    }
    flush_later(c);
}

/* Whether anything may be read from it now. */
static bool listened_to(const struct client *c)
{
    return c->work == NULL && c->speech == NULL && !c->peer_closed && c->pause.queue != &c->server->pause_time;
}

/* The poller is told at the end of a turn whom not to listen to, and a turn may look twice.
 * CAUTION: without this the loop reads into a session that a worker has; tests/test_gather.c:
 * test_nobody_is_read_who_waits_for_a_worker. */
void client_ready(struct client *c, unsigned ready)
{
    if (c->phase == CLIENT_DEAD || (c->to_flush && !listened_to(c)))
        return;
    if ((ready & POLLER_READ) && c->peer_closed)
        client_end(c, c->cause); /* nothing more is read from it: its end, or an error */
    else if (ready & POLLER_READ)
        conn_read(&c->conn);
    client_go_on(c);
}

int client_set_blocks(struct client *c, const char *blocks)
{
    char *copy = blocks == NULL ? NULL : strdup(blocks);
    if (blocks != NULL && copy == NULL)
        return -1;
    free(c->user.blocks);
    c->user.blocks = copy;
    return 0;
}

enum message_error client_logged_in(struct client *c, const char *name, const char *blocks)
{
    if (client_set_blocks(c, blocks) != 0)
        return MESSAGE_E_LIMIT;
    struct room_user *there = rooms_user(&c->server->rooms, name);
    if (there != NULL)
        replace(client_of(there));
    memcpy(c->user.name, name, strlen(name) + 1);
    enum message_error error = rooms_enter_lobby(&c->server->rooms, &c->user);
    c->logged_in = error == MESSAGE_E_NONE;
    if (c->logged_in)
        set_phase(c, CLIENT_CHAT);
    return error;
}

/* --- Sending ------------------------------------------------------------------------------------------------------ */

static bool takes_messages(const struct client *c)
{
    return c->phase == CLIENT_LOGIN || c->phase == CLIENT_CHAT;
}

static void sent(struct client *c, enum net_err err)
{
    if (err == NET_ERR_SLOW)
        conn_abandon(&c->conn);
    if (err != NET_OK)
        client_end(c, net_err_text(err));
    else
        flush_later(c);
}

void client_send(struct client *c, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) != 0)
        log_event(LOG_ERROR, "cannot encode", "user", c->user.name, NULL);
    else if (takes_messages(c))
        sent(c, conn_send(&c->conn, &c->server->rng, server_seconds(c->server), payload, len));
    if (m->type == MESSAGE_SECRET)
        ct_wipe(payload, len);
}

void client_ok(struct client *c, uint32_t request)
{
    client_send(c, &(struct message){.type = MESSAGE_OK, .request = request});
}

void client_refuse_with(struct client *c, uint32_t request, enum message_error code, const char *text)
{
    struct message m = {.type = MESSAGE_ERROR, .request = request};
    m.error.code = (uint16_t)code;
    m.error.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    client_send(c, &m);
}

void client_refuse(struct client *c, uint32_t request, enum message_error code)
{
    client_refuse_with(c, request, code, message_error_text(code));
}

size_t clients_send_encoded(struct client *const clients[], size_t n, const uint8_t *payload, size_t len)
{
    struct client *to[CONN_MANY_MAX];
    struct conn *conns[CONN_MANY_MAX];
    enum net_err err[CONN_MANY_MAX];
    size_t taking = 0, queued = 0;
    for (size_t i = 0; i < n; i++)
        if (takes_messages(clients[i])) {
            to[taking] = clients[i];
            conns[taking++] = &clients[i]->conn;
        }
    if (taking == 0)
        return 0;
    struct server *s = to[0]->server;
    conn_send_many(conns, err, taking, &s->rng, server_seconds(s), payload, len);
    for (size_t i = 0; i < taking; i++) {
        sent(to[i], err[i]); /* what fails with one of them is no matter of the others */
        queued += err[i] == NET_OK;
    }
    return queued;
}

/* CAUTION: with the whole of it, whoever sends enough ends somebody else's connection; tests/test_relay.c:
 * test_a_relay_never_cuts_its_recipient; tests/test_seal.c: test_a_seal_never_cuts_a_member. */
size_t client_unread_max(const struct server *s)
{
    return (size_t)s->limits->max_queue_kib * 1024 / 2;
}

/* --- The loop's turn ---------------------------------------------------------------------------------------------- */

static void expire_phase(struct client *c)
{
    struct server *s = c->server;
    switch (c->phase) {
    case CLIENT_HANDSHAKE:
        client_end(c, "it did not finish the handshake in time");
        break;
    case CLIENT_LOGIN:
        client_goodbye(c, "it did not log in in time");
        break;
    case CLIENT_CHAT:
        if (c->asked) {
            conn_abandon(&c->conn);
            client_end(c, "it did not answer");
        } else {
            c->asked = true;
            client_send(c, &(struct message){.type = MESSAGE_STILL_THERE});
            deadline_set(&s->answer_time, &c->deadline, s->now);
        }
        break;
    case CLIENT_CLOSING:
        client_end(c, c->cause);
        break;
    case CLIENT_DEAD:
        break;
    }
}

void clients_expire(struct server *s)
{
    struct deadline_queue *const queues[] = {&s->handshake_time, &s->login_time, &s->idle_time, &s->answer_time,
                                             &s->closing_time};
    struct deadline *d;
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        while ((d = deadline_expired(queues[i], s->now)) != NULL)
            expire_phase(d->owner);
    while ((d = deadline_expired(&s->pause_time, s->now)) != NULL)
        client_go_on(d->owner);
    while ((d = deadline_expired(&s->turn_time, s->now)) != NULL)
        client_go_on(d->owner);
}

int64_t clients_wait(const struct server *s, int64_t otherwise)
{
    const struct deadline_queue *const queues[] = {&s->handshake_time, &s->login_time,    &s->idle_time,
                                                   &s->answer_time,    &s->closing_time,  &s->pause_time,
                                                   &s->turn_time,      &s->bandwidth_time};
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        otherwise = deadline_wait(queues[i], s->now, otherwise);
    return otherwise;
}

/* False where what waited was lost and nobody would hear of it. That a client is gone is found out by reading, after
 * what it said before it left; one that the system had no memory for is still there, and could not open what it gets
 * next. */
static bool write_out(struct client *c)
{
    if (conn_flush(&c->conn) == NET_OK || c->conn.system_error == EPIPE || c->conn.system_error == ECONNRESET)
        return true;
    client_end(c, net_err_text(NET_ERR_IO));
    return false;
}

/* Writes what waits, and asks the poller for what this client can do next. */
static void flush(struct client *c)
{
    unsigned want = 0;
    if (c->phase == CLIENT_DEAD || !write_out(c))
        return;
    if (listened_to(c))
        want |= POLLER_READ;
    if (conn_wants_write(&c->conn))
        want |= POLLER_WRITE;
    else if (c->phase == CLIENT_CLOSING && c->peer_closed && !conn_leaves_much(&c->conn))
        client_end(c, c->cause);
    else if (c->phase == CLIENT_CLOSING)
        conn_shutdown(&c->conn);
    if (poller_want(c->server->poller, &c->watch, want) != 0)
        client_end(c, "the system watches no more sockets");
}

static void bury_dead(struct server *s)
{
    while (s->dead != NULL) {
        struct client *c = s->dead;
        s->dead = c->next_dead;
        bury(c);
    }
}

void clients_flush(struct server *s)
{
    while (s->to_flush != NULL) {
        struct client *c = s->to_flush;
        s->to_flush = c->next_to_flush;
        c->to_flush = false;
        flush(c);
    }
    bury_dead(s);
}

void clients_free(struct server *s)
{
    for (struct client *c = s->clients, *next; c != NULL; c = next) {
        next = c->next;
        client_end(c, "the server stopped");
    }
    bury_dead(s);
}
