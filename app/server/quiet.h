/* SPDX-License-Identifier: MIT */
/* How many log lines strangers and members can cause: of each kind a burst, then some a second; of what is left out
 * beyond that the number is told. So whoever comes and goes, or logs in and out, thousands of times a second fills no
 * disk, and pushes no line of another kind out of a log that rotates.
 *
 *      2026-11-21T07:43:12Z info lines left out about="strangers who left" lines=48211
 *
 * Use it:      if (quiet_allows(&s->quiet, QUIET_LOGINS, s->now)) log_event(...);    at the level of the kind
 *              quiet_tell(&s->quiet, s->now);                                        each turn of the loop
 * Timing:      nothing secret.
 * Threads:     the loop's alone.
 * Read next:   log.h; status.h, whose numbers count what is left out here too.
 *
 * now is in milliseconds of a clock that never goes back.
 */
#ifndef SERVER_QUIET_H
#define SERVER_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#define QUIET_BURST 4096    /* lines at once: of as many clients as there are by default */
#define QUIET_EACH_MS 50    /* then one in so long */
#define QUIET_TELL_MS 10000 /* from the first line that is left out until it is told */

/* KIND(name, level, what the lines are about) */
#define QUIET_KINDS(KIND)                                                                                              \
    KIND(QUIET_CONNECTS, LOG_DEBUG, "who connected")                                                                   \
    KIND(QUIET_STRANGERS, LOG_INFO, "strangers who left")                                                              \
    KIND(QUIET_MEMBERS, LOG_INFO, "members who logged in or left")                                                     \
    KIND(QUIET_CHANGES, LOG_INFO, "accounts that were registered or changed")                                          \
    KIND(QUIET_FAILED, LOG_WARN, "logins and changes that failed")                                                     \
    KIND(QUIET_ERRORS, LOG_ERROR, "accounts that could not be read or written")

#define QUIET_NAME(name, level, about) name,

enum quiet_kind { QUIET_KINDS(QUIET_NAME) QUIET_KINDS_LEN };

/* Zeroed: nothing was said. */
struct quiet {
    struct {
        int64_t paid_at; /* when all lines so far would have come, one each QUIET_EACH_MS */
        int64_t tell_at; /* where there are any: */
        uint64_t left_out;
    } kinds[QUIET_KINDS_LEN];
};

/* Whether a line of this kind is to be logged now; else it is counted as left out. */
bool quiet_allows(struct quiet *q, enum quiet_kind kind, int64_t now);

/* Tells what was left out QUIET_TELL_MS ago or earlier, with all of the kind since. */
void quiet_tell(struct quiet *q, int64_t now);

/* All, at the end. */
void quiet_tell_all(struct quiet *q);

/* Milliseconds until there is something to tell: as deadline_wait. */
int64_t quiet_wait(const struct quiet *q, int64_t now, int64_t otherwise);

#endif
