/* SPDX-License-Identifier: MIT */
/* What the server has done since it started, counted where it happens.
 *
 * Use it:      s->counters.logins++;                    only on the loop's thread
 * Timing:      nothing secret: totals, and nobody's name.
 * Read next:   status.h, which tells them.
 *
 * Counters only grow; the difference of two reports is what happened in between.
 */
#ifndef APP_SERVER_BASE_COUNTERS_H
#define APP_SERVER_BASE_COUNTERS_H

#include <stdint.h>

/* COUNTER(field, what it counts) */
#define COUNTERS(COUNTER)                                                                                              \
    COUNTER(accepted, "connections taken")                                                                             \
    COUNTER(refused, "connections refused: a bound was reached, or descriptors ran out")                               \
    COUNTER(handshakes, "handshakes finished")                                                                         \
    COUNTER(handshakes_failed, "connections that ended inside their handshake")                                        \
    COUNTER(registrations, "accounts registered")                                                                      \
    COUNTER(registrations_failed, "registrations refused")                                                             \
    COUNTER(logins, "logins")                                                                                          \
    COUNTER(logins_failed, "logins with a wrong name, password or code")                                               \
    COUNTER(codes_wrong, "wrong codes after the right password")                                                       \
    COUNTER(logins_delayed, "logins not looked at: too many had failed, or waited")                                    \
    COUNTER(messages, "messages said")                                                                                 \
    COUNTER(deliveries, "messages queued for those who hear them")                                                     \
    COUNTER(relays, "frames passed on from one user to another")                                                       \
    COUNTER(relays_refused, "frames to users not passed on: refused, or from somebody blocked")                        \
    COUNTER(relayed_bytes, "bytes of the frames that were passed on")                                                  \
    COUNTER(bytes_in, "bytes read from sockets")                                                                       \
    COUNTER(bytes_out, "bytes written to sockets")                                                                     \
    COUNTER(ended, "connections ended")

#define COUNTERS_FIELD(field, what) uint64_t field;
#define COUNTERS_CAUSES 32 /* different causes of an end; there are fewer in the code, and more count as the last */

struct counters {
    COUNTERS(COUNTERS_FIELD)
    struct {
        const char *cause;
        uint64_t connections;
    } ends[COUNTERS_CAUSES];
    int64_t started; /* on the loop's clock */
};

/* A connection ended, for this reason: a constant, which is kept. */
void counters_ended(struct counters *counters, const char *cause);

#endif
