/* SPDX-License-Identifier: MIT */
/* A whole conversation that is the same each time: the two real sessions, in memory, with "random" bytes of a seed.
 *
 *      alice's client                          the server
 *        handshake  <------------------------>
 *        log in      ------------------------>  ok
 *        say         ------------------------>  ok
 *                   <------------------------   said: what bob says
 *        KeyUpdate, say  -------------------->  ok
 *        Close      <------------------------>  Close
 *
 * Standard:    docs/protocol.md sections 4, 6 and 10. What the server answers is written down here: app/server has no
 *              part in it.
 * Use it:      struct sample_session_watch watch = {.event = note, .arg = &story};
 *              if (sample_session_play(1, &watch) != 0)  the code and this script do not fit each other
 * Timing:      no secrets: whoever has the seed has all of it. The server's key too is made of the seed, in about a
 *              fifth of a second, so that each seed has one of its own and none lies around to be used by mistake.
 * Read next:   story.h, which makes sense of the events; net/trace.h, their names; app/workbench/played_session.h.
 */
#ifndef APP_WORKBENCH_EXPLAIN_SAMPLE_SESSION_H
#define APP_WORKBENCH_EXPLAIN_SAMPLE_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/handshake.h"

struct sample_session_watch {
    /* What net/trace.h reports, and which side it was. */
    void (*event)(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len);
    void *arg;
};

/* Plays the conversation that belongs to a seed. -1 where a step did not lead to what the script says: that is a fault
 * of the code. */
MUST_USE int sample_session_play(uint64_t seed, const struct sample_session_watch *watch);

#endif
