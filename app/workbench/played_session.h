/* SPDX-License-Identifier: MIT */
/* Two real sessions that talk to each other in memory, with "random" bytes of seeds: the same to the last bit each
 * time. Who plays it says what is said, call by call, and hears what both sides trace.
 *
 * Standard:    docs/protocol.md sections 4 to 6, kind 1.
 * Use it:      const struct played_session_plan plan = {.seeds = "", .key = "key", .name = "localhost", ...};
 *              if (played_session_begin(&p, &plan) != 0 || played_session_say(&p, HANDSHAKE_CLIENT, "hello", 5) != 0)
 *                  the code and this script do not fit each other
 *              played_session_end(&p);
 * Timing:      no secrets: whoever has the seeds has all of it. The server's key too is made of a seed, in about a
 *              fifth of a second, so that none lies around to be used by mistake.
 * Read next:   app/workbench/explain/sample_session.h and app/workbench/figures/example.h, what is played; net/trace.h,
 *              the names of the values.
 *
 * What returns -1 didn't lead to what it should: that is a fault of the code, and the rest can't be played. What one
 * end appends to its wire the other is fed, at once and whole, so that no two frames cross; the work that a server
 * would give to a thread is done at once; and the client believes the server's key unseen.
 */
#ifndef APP_WORKBENCH_PLAYED_SESSION_H
#define APP_WORKBENCH_PLAYED_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "net/session.h"

struct played_session_plan {
    const char *seeds;              /* what each seed begins with; then follows "client iv" and the like, or */
    const char *key;                /* of the server's key, this; together less than RNG_FIXED_SEED_MAX */
    const char *name;               /* in the server's certificate, which is signed by itself */
    uint64_t not_before, not_after; /* Unix seconds */
    /* What net/trace.h reports, and which side it was. */
    void (*event)(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len);
    void *arg;
};

struct played_end {
    const struct played_session_plan *plan;
    enum handshake_role role;
    struct trace trace;
    struct handshake_config config;
    struct handshake hs;
    struct session session;
    struct rng work_rng; /* for session_work, as a worker thread has its own: no IV depends on what a signature draws */
    struct rng rng;      /* for everything else: IVs alone */
    uint8_t wire[SESSION_OUT_MAX];
    struct session_buffer out; /* wire, and how much of it nobody has taken yet */
};

/* The caller's, and must stay where it is. */
struct played_session {
    struct played_end end[2]; /* by enum handshake_role */
    struct identity identity;
    struct session_message heard; /* the last one, in its sender's wire */
};

/* Makes the server's key, and plays the handshake. The plan is borrowed until the end. */
MUST_USE int played_session_begin(struct played_session *p, const struct played_session_plan *plan);

/* One payload of at most RECORD_PAYLOAD_MAX bytes: -1 where it doesn't arrive as it was. */
MUST_USE int played_session_say(struct played_session *p, enum handshake_role from, const void *payload, size_t len);

MUST_USE int played_session_update(struct played_session *p, enum handshake_role from);

MUST_USE int played_session_close(struct played_session *p, enum handshake_role from);

/* Wipes it, whatever has come of it. */
void played_session_end(struct played_session *p);

#endif
