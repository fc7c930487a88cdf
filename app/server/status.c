/* SPDX-License-Identifier: MIT */
/* The log line and the lines for people come from one list: a table of what is there at the moment, and COUNTERS. */
#include "app/server/status.h"

#include <stdio.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/worker.h"
#include "app/server/client.h"
#include "app/server/store/accounts.h"
#include "net/certificate.h"

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

void status_show(const struct server *s, void (*print)(void *arg, const char *line), void *arg)
{
    const struct now now = look(s);
    const struct {
        const char *what;
        uint64_t n;
    } lines[] = {
#define SHOW_SEEN(field, what) {what, now.field},
#define SHOW_COUNTER(field, what) {what, now.total.field},
        STATUS_NOW(SHOW_SEEN) COUNTERS(SHOW_COUNTER)};
    char line[160];
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf(line, sizeof line, "%12llu %s", (unsigned long long)lines[i].n, lines[i].what);
        print(arg, line);
    }
    for (size_t i = 0; i < COUNTERS_CAUSES && now.total.ends[i].cause != NULL; i++) {
        snprintf(line, sizeof line, "%12llu   because %s", (unsigned long long)now.total.ends[i].connections,
                 now.total.ends[i].cause);
        print(arg, line);
    }
}
