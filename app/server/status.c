/* SPDX-License-Identifier: MIT */
/* The log line, the lines for people and those for programs come from one list: a table of what is there at the moment,
 * and COUNTERS. */
#include "app/server/status.h"

#include <stdio.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/worker.h"
#include "app/server/client.h"
#include "app/server/operator/status_row.h"
#include "app/server/store/accounts.h"
#include "net/certificate.h"
#include "net/err.h"

/* What is there now; a connection's bytes go into the counters only when it ends, so open ones are added here. */
struct now {
    uint64_t uptime, connections, in_handshake, logged_in, rooms, accounts, jobs, certificate_days;
    struct counters total;
};

/* Days until it ends; 0 where it has ended. */
static uint64_t certificate_days(const struct server *s)
{
    struct certificate c;
    uint64_t now = clock_now();
    if (certificate_decode(&c, s->identity.certificate, s->identity.certificate_len) != NET_OK || c.not_after < now)
        return 0;
    return (c.not_after - now) / 86400;
}

static struct now look(const struct server *s)
{
    struct now now = {.total = s->counters};
    now.uptime = (uint64_t)(s->now - s->counters.started) / 1000;
    now.connections = s->clients_len;
    now.in_handshake = s->handshakes.len;
    now.logged_in = s->rooms.everybody.members_len - (s->console != NULL ? 1 : 0);
    now.rooms = s->rooms.len;
    now.accounts = accounts_count(s->accounts);
    now.jobs = worker_in_flight(s->workers);
    now.certificate_days = certificate_days(s);
    for (const struct client *c = s->clients; c != NULL; c = c->next) {
        now.total.bytes_in += c->conn.bytes_in;
        now.total.bytes_out += c->conn.bytes_out;
    }
    return now;
}

#define STATUS_NOW(SEEN)                                                                                               \
    SEEN(uptime, "seconds since the start")                                                                            \
    SEEN(connections, "connections now")                                                                               \
    SEEN(in_handshake, "of them in their handshake")                                                                   \
    SEEN(logged_in, "of them logged in")                                                                               \
    SEEN(rooms, "rooms now")                                                                                           \
    SEEN(accounts, "accounts")                                                                                         \
    SEEN(jobs, "jobs that wait for a worker or are with one")                                                          \
    SEEN(certificate_days, "days that the server's certificate is valid")

#define NUMBER(n) log_number((char[LOG_NUMBER_MAX]){0}, n)
#define LOG_SEEN(field, what) #field, NUMBER(now.field),
#define LOG_COUNTER(field, what) #field, NUMBER(now.total.field),

void status_log(const struct server *s)
{
    const struct now now = look(s);
    log_event(LOG_INFO, "status", STATUS_NOW(LOG_SEEN) COUNTERS(LOG_COUNTER) NULL);
    for (size_t i = 0; i < COUNTERS_CAUSES && now.total.ends[i].cause != NULL; i++)
        log_event(LOG_INFO, "status: ended", "cause", now.total.ends[i].cause, "connections",
                  NUMBER(now.total.ends[i].connections), NULL);
}

/* --- For people, and for programs that watch ---------------------------------------------------------------------- */

#define CERTIFICATE_SOON 30 /* days */

/* What a bound leaves. */
#define STATUS_LEFT(LEFT)                                                                                              \
    LEFT(clients_left, connections, max_clients, "connections more until --max-clients is reached")                    \
    LEFT(accounts_left, accounts, max_accounts, "accounts more until --max-accounts is reached")                       \
    LEFT(rooms_left, rooms, max_rooms, "rooms more until --max-rooms is reached")

/* What shouldn't be counted at all where nobody attacks, and nothing is short. */
static bool is_rare(const char *key)
{
    static const char *const rare[] = {"refused", "codes_wrong", "logins_delayed", "relays_refused", "log_errors"};
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++)
        if (strcmp(key, rare[i]) == 0)
            return true;
    return false;
}

static bool is_rare_cause(const char *cause)
{
    return strcmp(cause, CLIENT_GAVE_WAY) == 0 || strcmp(cause, net_err_text(NET_ERR_SLOW)) == 0 ||
           strcmp(cause, net_err_text(NET_ERR_FAULT)) == 0;
}

struct telling {
    bool unusual; /* the others are passed over */
    void (*row)(const struct telling *t, const struct status_row *r);
    void (*print)(void *arg, const char *line);
    void *arg;
};

static void tell(const struct telling *t, const char *key, uint64_t n, bool unusual, const char *words)
{
    struct status_row row = {.n = n, .unusual = unusual};
    if (unusual != t->unusual)
        return;
    snprintf(row.key, sizeof row.key, "%s", key);
    snprintf(row.words, sizeof row.words, "%s", words);
    t->row(t, &row);
}

#define TELL(field, what)                                                                                              \
    tell(t, #field, now->field, &now->field == &now->certificate_days && now->field < CERTIFICATE_SOON, what);
#define TELL_COUNTER(field, what) tell(t, #field, now->total.field, is_rare(#field) && now->total.field > 0, what);
#define TELL_LEFT(field, have, bound, what)                                                                            \
    left = now->have < s->limits->bound ? s->limits->bound - now->have : 0;                                            \
    tell(t, #field, left, left <= s->limits->bound / 10, what);

static void tell_some(const struct telling *t, const struct server *s, const struct now *now)
{
    uint64_t left, errors = log_lines(LOG_ERROR);
    STATUS_NOW(TELL)
    STATUS_LEFT(TELL_LEFT)
    tell(t, "log_errors", errors, errors > 0, "errors in the log");
    COUNTERS(TELL_COUNTER)
    for (size_t i = 0; i < COUNTERS_CAUSES && now->total.ends[i].cause != NULL; i++)
        tell(t, STATUS_ROW_CAUSE, now->total.ends[i].connections, is_rare_cause(now->total.ends[i].cause),
             now->total.ends[i].cause);
}

static void tell_all(struct telling *t, const struct server *s)
{
    const struct now now = look(s);
    t->unusual = true;
    tell_some(t, s, &now);
    t->unusual = false;
    tell_some(t, s, &now);
}

static void show_row(const struct telling *t, const struct status_row *r)
{
    status_row_show(r, t->print, t->arg);
}

void status_show(const struct server *s, void (*print)(void *arg, const char *line), void *arg)
{
    tell_all(&(struct telling){.row = show_row, .print = print, .arg = arg}, s);
}

static void encode_row(const struct telling *t, const struct status_row *r)
{
    char line[STATUS_ROW_LINE_CAP];
    status_row_encode(line, r);
    t->print(t->arg, line);
}

void status_tell(const struct server *s, void (*print)(void *arg, const char *line), void *arg)
{
    tell_all(&(struct telling){.row = encode_row, .print = print, .arg = arg}, s);
}
