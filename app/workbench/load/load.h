/* SPDX-License-Identifier: MIT */
/* One run of load against a server: clients come, talk or leave, and what that took is counted.
 *
 * Standard:    none. Latency is from before the sender seals to after the receiver opened, in one process's clock.
 * Use it:      struct load l = {.mode = "room", .options = ..., .seconds = 10};  load_run(&l);  load_print(&l);
 * Timing:      nothing secret.
 * Read next:   app/workbench/load/swarm.h, the clients; docs/performance.md, what was measured with it.
 */
#ifndef APP_WORKBENCH_LOAD_LOAD_H
#define APP_WORKBENCH_LOAD_LOAD_H

#include <stdio.h>

#include "app/workbench/load/process.h"
#include "app/workbench/load/swarm.h"
#include "crypto/bytes.h"
#include "net/why.h"

#define LOAD_SECONDS_SHOWN 120 /* of the chart */

/* What those that have arrived and stay do. */
enum load_after { LOAD_TALK, LOAD_REST, LOAD_JOIN /* one more room, all at once */, LOAD_SENDS /* load_sends.h */ };

struct load {
    const char *mode;
    enum load_after after;
    struct swarm_options options;
    double seconds, rate; /* rate: deliveries a second; 0 is as fast as it goes */
    size_t in_flight;     /* as fast as it goes: texts that are under way to their readers */
    long server_pid;      /* 0: nothing is known of the server's processor time and memory */

    /* What came of it. */
    double arriving, talking; /* seconds until all were at their goal; seconds that were measured after that */
    size_t reached, failed;
    char why[WHY_LEN];                  /* of the first client that failed */
    uint64_t said, deliveries, refused; /* refused: texts that the server answered by an error */
    size_t joined; /* LOAD_JOIN: how many; seconds until all had, and until the last heard of the last; */
    double joining, telling;
    uint64_t notices; /* and how many messages that took */
    struct latency latency;
    bool server_known;
    struct process_use at_start, arrived, at_end;
    double per_second[LOAD_SECONDS_SHOWN]; /* deliveries, second by second */
};

/* Runs it. -1 where a client failed: l->why has the first one's reason. */
MUST_USE int load_run(struct load *l);

/* How many receive each text. */
double load_readers(const struct load *l);

void load_print(const struct load *l);
void load_write_json(const struct load *l, FILE *f);
void load_write_svg(const struct load *l, FILE *f);

#endif
