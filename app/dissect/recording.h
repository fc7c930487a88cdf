/* SPDX-License-Identifier: MIT */
/* A recorded session: every value that net/trace.h reports, a line each, in a text file that can be read and replayed.
 *
 *      glasschat recording 1
 *      role client
 *      server localhost:7447
 *      began 1764460000
 *      0.000000 C 5d6f...
 *      0.000812 client_random 9c01...
 *      ...
 *      0.213377 seal_frame 03010040...
 *      end
 *
 * After the four lines of the head: seconds since `began` (Unix seconds) with six digits, the event's name, its bytes
 * in lower-case hex, `-` for none. `end` is the last line where the session was closed in order.
 *
 * Standard:    none; the names are net/trace.h's, what they mean is in docs/protocol.md.
 * Use it:      write   recording_create(&r, path, "client", "localhost:7447", why); config.trace = &r.trace; ...
 *                      recording_close(&r, why);
 *              read    recording_read(&info, path, &trace, why);      replays it into a trace of the caller's
 * Timing:      CAUTION: the file has private exponents, every key and every word: whoever has it has the conversation.
 *              It is made with mode 0600, never in the place of an existing file, and only where --record asks for it.
 * Read next:   narrator.h, which tells it; app/workbench/explain, which draws it.
 */
#ifndef APP_DISSECT_RECORDING_H
#define APP_DISSECT_RECORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/bytes.h"
#include "net/trace.h"
#include "net/why.h"

#define RECORDING_NAME_MAX 31        /* bytes of an event's name */
#define RECORDING_VALUE_MAX 16452    /* bytes of a value: the longest frame */
#define RECORDING_SERVER_MAX 300     /* bytes of host and port as they were typed */
#define RECORDING_EVENTS_MAX 1000000 /* that are read from a file: what has more is refused */

/* A recording that is being written. */
struct recording {
    struct trace trace; /* give this to handshake_config.trace; from one thread at a time */
    FILE *file;
    uint64_t began_us; /* of a clock that never goes back */
    int failed;        /* errno of the first write that failed; nothing is written after it. 0: all is well */
};

/* Creates the file and writes its head. role is "client" or "server". -1 and why, with nothing left behind, where the
 * file is there already or can't be made. */
MUST_USE int recording_create(struct recording *r, const char *path, const char *role, const char *server,
                              char why[static WHY_LEN]);

/* Writes `end` where complete, and closes. -1 and why where not all could be written. Once. */
MUST_USE int recording_close(struct recording *r, bool complete, char why[static WHY_LEN]);

/* What a recording says of itself. */
struct recording_info {
    bool server;                         /* the role: which side recorded */
    bool ended;                          /* in order: the last line is there */
    char name[RECORDING_SERVER_MAX + 1]; /* host:port, printable ASCII */
    uint64_t began;                      /* Unix seconds */
};

/* One event of a recording that is read. */
struct recording_event {
    double seconds; /* since it began; never less than the one before */
    char name[RECORDING_NAME_MAX + 1];
    const uint8_t *data; /* valid during the call */
    size_t len;
};

/* Reads a file and hands each event to the caller. Refuses, with why and the number of the first line that is wrong,
 * whatever is not exactly as above: an unknown name or one with a length that it can't have, digits that aren't hex, a
 * time that goes back, a line that is too long, something after `end`. A last line without its end (the program was
 * killed) is passed over, and info->ended is false. Whether the values fit each other is not looked at. */
MUST_USE int recording_read(struct recording_info *info, const char *path,
                            void (*event)(void *arg, const struct recording_event *e), void *arg,
                            char why[static WHY_LEN]);

/* The same from memory: for its fuzz target. */
MUST_USE int recording_parse(struct recording_info *info, const char *text, size_t text_len,
                             void (*event)(void *arg, const struct recording_event *e), void *arg,
                             char why[static WHY_LEN]);

#endif
