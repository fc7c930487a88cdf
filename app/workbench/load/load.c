/* SPDX-License-Identifier: MIT */
/* First all clients arrive. Then, where they talk, a second passes that is not counted, and then it is measured. At a
 * fixed rate texts are said when they are due, whatever became of those before, so that a server that stalls shows in
 * the latency. As fast as it goes, a text is said as soon as fewer than in_flight are on their way to their readers. */
#include "app/workbench/load/load.h"

#include <math.h>
#include <string.h>

#include "app/terminal/progress_row.h"

#define ARRIVAL_SECONDS 300 /* longer than that, and something is wrong */
#define WARM_UP 1.0
#define QUIET 0.5 /* seconds without a notice: there are no more */

static double since(uint64_t start)
{
    return 1e-9 * (double)(swarm_now() - start);
}

static void tell_time(double elapsed, double of)
{
    progress_row_at((uint64_t)(1000 * fmin(elapsed, of)), (uint64_t)(1000 * of));
}

static void read_server(struct load *l, struct process_use *use)
{
    if (l->server_known)
        l->server_known = process_read(use, l->server_pid) == 0;
}

static void arrive(struct load *l, struct swarm *s)
{
    uint64_t start = swarm_now();
    progress_row_begin("clients arrive", "clients");
    while (s->reached + s->failed < l->options.clients && since(start) < ARRIVAL_SECONDS) {
        swarm_turn(s, 100);
        progress_row_at(s->reached, l->options.clients);
    }
    progress_row_end();
    l->arriving = since(start);
}

double load_readers(const struct load *l)
{
    return l->options.goal == SWARM_PAIRS ? 1 : (double)(l->options.clients - 1);
}

/* Says what is due; returns how long nothing will be, in milliseconds. */
static int say_what_is_due(struct load *l, struct swarm *s, double elapsed, size_t *next)
{
    double due = l->rate > 0 ? elapsed * l->rate / load_readers(l) : 1e18;
    uint64_t most = l->rate > 0 ? UINT64_MAX : l->in_flight + (uint64_t)((double)s->deliveries / load_readers(l));
    while ((double)s->said < due && s->said < most && s->ready > 1) {
        size_t tried = 0;
        while (!swarm_say(s, *next) && ++tried < l->options.clients)
            *next = (*next + 1) % l->options.clients;
        *next = (*next + 1) % l->options.clients;
    }
    return l->rate > 0 ? 1 : 10;
}

static void talk(struct load *l, struct swarm *s)
{
    uint64_t start = swarm_now(), said = 0, deliveries = 0, refused = 0;
    double elapsed, end = WARM_UP + l->seconds;
    size_t next = 0;
    progress_row_begin("talking", PROGRESS_ROW_PERCENT);
    while ((elapsed = since(start)) < end && s->ready > 1) {
        if (!s->measuring && elapsed >= WARM_UP) {
            s->measuring = true;
            said = s->said;
            deliveries = s->deliveries;
            refused = s->refused;
            read_server(l, &l->arrived);
            l->talking = elapsed;
        }
        uint64_t before = s->deliveries;
        swarm_turn(s, say_what_is_due(l, s, elapsed, &next));
        tell_time(elapsed, end);
        if (s->measuring && elapsed - WARM_UP < LOAD_SECONDS_SHOWN)
            l->per_second[(size_t)(elapsed - WARM_UP)] += (double)(s->deliveries - before);
    }
    progress_row_end();
    l->talking = since(start) - l->talking;
    read_server(l, &l->at_end);
    l->said = s->said - said;
    l->deliveries = s->deliveries - deliveries;
    l->refused = s->refused - refused;
}

/* All join one more room in the same instant. */
static void join(struct load *l, struct swarm *s)
{
    uint64_t start = swarm_now(), latest = start;
    for (size_t i = 0; i < l->options.clients; i++)
        swarm_join(s, i);
    while (since(start) < l->seconds && (s->joined < s->ready || since(latest) < QUIET)) {
        swarm_turn(s, 100);
        if (l->joined < s->joined) {
            l->joining = since(start);
            latest = swarm_now();
        }
        l->joined = s->joined;
        latest = s->last_notice > latest ? s->last_notice : latest;
    }
    l->talking = since(start);
    l->notices = s->notices;
    l->telling = s->notices > 0 ? 1e-9 * (double)(s->last_notice - start) : 0;
    read_server(l, &l->at_end);
}

/* Those that stay and say nothing: for their memory. */
static void rest(struct load *l, struct swarm *s)
{
    uint64_t start = swarm_now();
    progress_row_begin("resting", PROGRESS_ROW_PERCENT);
    while (since(start) < l->seconds && s->ready > 0) {
        swarm_turn(s, 100);
        tell_time(since(start), l->seconds);
    }
    progress_row_end();
    l->talking = since(start);
    read_server(l, &l->at_end);
}

int load_run(struct load *l)
{
    l->server_known = l->server_pid != 0;
    read_server(l, &l->at_start);
    struct swarm *s = swarm_open(&l->options, l->why);
    if (s == NULL)
        return -1;
    arrive(l, s);
    read_server(l, &l->arrived);
    if (l->after == LOAD_TALK && s->ready > 1)
        talk(l, s);
    else if (l->after == LOAD_JOIN && s->ready > 1)
        join(l, s);
    else if (s->ready > 0)
        rest(l, s);
    l->reached = s->reached;
    l->failed = s->failed;
    l->latency = s->latency;
    memcpy(l->why, s->why, sizeof l->why);
    swarm_close(s);
    return l->failed > 0 || l->reached < l->options.clients ? -1 : 0;
}
