/* SPDX-License-Identifier: MIT */
/* How many log lines strangers and members can cause: of each kind a burst, then some a second; what is left out beyond
 * that is counted, and the number logged. So a client that comes and goes, or logs in and out, thousands of times a
 * second fills no disk, and pushes no line of another kind out of a log that rotates.
 *
 *      2026-11-21T07:43:12Z info lines left out about="strangers who left" lines=48211
 *
 * Use it:      if (log_limit_allows(&s->log_limit, LOG_LIMIT_MEMBERS, s->now)) log_event(...);   the kind's level
 *              log_limit_tell(&s->log_limit, s->now);                                        each turn of the loop
 * Timing:      nothing secret.
 * Threads:     the loop's alone.
 * Read next:   log.h; status.h, whose numbers count what is left out here too.
 *
 * now is in milliseconds of a clock that never goes back.
 */
#ifndef APP_SERVER_BASE_LOG_LIMIT_H
#define APP_SERVER_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_LIMIT_BURST 4096    /* lines at once: one for each client that there may be by default */
#define LOG_LIMIT_EACH_MS 50    /* then one each time that this has passed */
#define LOG_LIMIT_TELL_MS 10000 /* from the first line that is left out until it is told */

/* KIND(name, level, what the lines are about) */
#define LOG_LIMIT_KINDS(KIND)                                                                                          \
    KIND(LOG_LIMIT_CONNECTS, LOG_DEBUG, "who connected")                                                               \
    KIND(LOG_LIMIT_STRANGERS, LOG_INFO, "strangers who left")                                                          \
    KIND(LOG_LIMIT_MEMBERS, LOG_INFO, "members who logged in or left")                                                 \
    KIND(LOG_LIMIT_CHANGES, LOG_INFO, "accounts that were registered or changed")                                      \
    KIND(LOG_LIMIT_FAILED, LOG_WARN, "logins and changes that failed")                                                 \
    KIND(LOG_LIMIT_ERRORS, LOG_ERROR, "accounts that could not be read or written")

#define LOG_LIMIT_NAME(name, level, about) name,

enum log_limit_kind { LOG_LIMIT_KINDS(LOG_LIMIT_NAME) LOG_LIMIT_KINDS_LEN };

/* Zeroed: nothing was logged. */
struct log_limit {
    struct {
        int64_t paid_at; /* when all lines so far would be out at one each LOG_LIMIT_EACH_MS */
        int64_t tell_at; /* where there are any: */
        uint64_t left_out;
    } kinds[LOG_LIMIT_KINDS_LEN];
};

/* Whether a line of this kind is to be logged now; else it is counted as left out. */
bool log_limit_allows(struct log_limit *l, enum log_limit_kind kind, int64_t now);

/* Tells what was left out LOG_LIMIT_TELL_MS ago or earlier, with all of the kind since. */
void log_limit_tell(struct log_limit *l, int64_t now);

/* All, at the end. */
void log_limit_tell_all(struct log_limit *l);

/* Milliseconds until there is something to tell: as deadline_wait. */
int64_t log_limit_wait(const struct log_limit *l, int64_t now, int64_t otherwise);

#endif
