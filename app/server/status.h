/* SPDX-License-Identifier: MIT */
/* What the server has done since it started, in numbers: on SIGUSR1 to the log, for the operator as /status.
 *
 *      2026-11-21T07:43:12Z info status uptime=86400 connections=37 accepted=2014 refused=0 ... ended=1977
 *      2026-11-21T07:43:12Z info status: ended cause="it said good-bye" connections=1960
 *
 * Use it:      s->status.logins++;                      where it happens; only on the loop's thread
 *              status_log(s);                           status_show(s, print, arg);
 * Timing:      nothing secret: numbers of all together, nobody's name.
 * Read next:   status.c.
 *
 * Counters only grow; the difference of two lines is what happened in between. What is there at the moment is not
 * counted but looked at.
 */
#ifndef SERVER_STATUS_H
#define SERVER_STATUS_H

#include <stddef.h>
#include <stdint.h>

/* COUNTER(field, what it counts) */
#define STATUS_COUNTERS(COUNTER)                                                                                       \
    COUNTER(accepted, "connections taken")                                                                             \
    COUNTER(refused, "connections refused: a bound was reached, or descriptors ran out")                               \
    COUNTER(handshakes, "handshakes finished")                                                                         \
    COUNTER(handshakes_failed, "connections that ended inside their handshake")                                        \
    COUNTER(registrations, "accounts registered")                                                                      \
    COUNTER(registrations_failed, "registrations refused")                                                             \
    COUNTER(logins, "logins")                                                                                          \
    COUNTER(logins_failed, "logins with a wrong name, password or code")                                               \
    COUNTER(codes_wrong, "wrong codes behind the right password")                                                      \
    COUNTER(logins_delayed, "logins not looked at: too many had failed, or waited")                                    \
    COUNTER(messages, "messages said")                                                                                 \
    COUNTER(deliveries, "messages queued for those who hear them")                                                     \
    COUNTER(bytes_in, "bytes read from sockets")                                                                       \
    COUNTER(bytes_out, "bytes written to sockets")                                                                     \
    COUNTER(ended, "connections ended")

#define STATUS_FIELD(field, what) uint64_t field;
#define STATUS_CAUSES 32 /* different causes of an end; there are fewer in the code, and more count as the last */

struct status {
    STATUS_COUNTERS(STATUS_FIELD)
    struct {
        const char *cause;
        uint64_t connections;
    } ends[STATUS_CAUSES];
    int64_t started; /* on the loop's clock */
};

/* A connection ended, for this reason: a constant, which is kept. */
void status_ended(struct status *status, const char *cause);

struct server;

/* Everything as log lines: the numbers in one, and one for each cause of an end. */
void status_log(const struct server *s);

/* The same for people: one call of print a line, without its line end. */
void status_show(const struct server *s, void (*print)(void *arg, const char *line), void *arg);

#endif
