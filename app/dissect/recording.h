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
 * After the four lines of the head, for each event: seconds since `began` (Unix seconds) with six digits, the event's
 * name, and its bytes, of which there is at least one, in lower-case hex. Numbers have no zeros before them that they
 * can do without; one blank is between two words, and one line feed ends a line. `end` is the last line where the
 * session was closed in order: the Close of each side is recorded.
 *
 * Standard:    none; the names are net/trace.h's, what they mean is in docs/protocol.md.
 * Use it:      write   recording_create(&r, path, "client", "localhost:7447", why); config.trace = &r.trace; ...
 *                      recording_close(&r, complete, why);
 *              read    recording_read(&info, path, event, arg, why);     hands each event to the caller
 * Timing:      CAUTION: the file has private exponents, every key and every word: whoever has it has the conversation.
 *              It is made with mode 0600, never in the place of an existing file, and only where --record asks for it.
 * Read next:   narrator.h, which tells it; app/workbench/explain, which draws it.
 */
#ifndef APP_DISSECT_RECORDING_H
#define APP_DISSECT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/trace.h"
#include "net/why.h"

#define RECORDING_FIRST_LINE "glasschat recording 1"

/* What is in a file. Nothing beyond that is written, and whatever has more is refused. */
#define RECORDING_NAME_MAX 31     /* bytes of an event's name */
#define RECORDING_VALUE_MAX 16452 /* bytes of a value: the longest frame */
#define RECORDING_SERVER_MAX 300  /* bytes of host and port */
#define RECORDING_LINE_MAX 32953  /* bytes of a line without its end: 9 digits of seconds, the longest name and value */
#define RECORDING_EVENTS_MAX 1000000 /* four for each Record */
#define RECORDING_SIZE_MAX 67108864  /* bytes of the file, 64 MiB: some 50,000 texts */

/* A recording that is being written. It must stay where it is, and its path too. */
struct recording {
    struct trace trace; /* give this to handshake_config.trace; from one thread at a time */
    const char *path;
    int fd;
    uint64_t began_us; /* of a clock that never goes back */
    size_t events;     /* so far */
    size_t size;       /* of the file, in bytes */
    int failed;        /* errno of the first write that failed; nothing is written after it. 0: all is well */
};

/* Creates the file and writes its head. role is "client" or "server"; server is 1 to RECORDING_SERVER_MAX bytes, from
 * '!' to '~' (both asserted). -1 and why, with nothing left behind, where the file is there already or can't be
 * made. */
MUST_USE int recording_create(struct recording *r, const char *path, const char *role, const char *server,
                              char why[static WHY_LEN]);

/* Writes `end` where complete, and closes; removes a file that has no event. -1 and why where not all could be written.
 * Once. */
MUST_USE int recording_close(struct recording *r, bool complete, char why[static WHY_LEN]);

/* What a recording says of itself. */
struct recording_info {
    bool server;                         /* the role: which side recorded */
    bool ended;                          /* in order: the last line is there */
    char name[RECORDING_SERVER_MAX + 1]; /* host:port, printable ASCII */
    uint64_t began;                      /* Unix seconds, before the year 10000 */
};

/* One event of a recording that is read. */
struct recording_event {
    double seconds; /* since it began; never less than the one before */
    char name[RECORDING_NAME_MAX + 1];
    const uint8_t *data; /* valid during the call */
    size_t len;
};

/* Reads a file and hands each event to the caller (event NULL: it is only checked). Refuses, with why and the number of
 * the first line that is wrong, whatever is not exactly as above: an unknown name or one with a length that it can't
 * have, digits that aren't hex, a time that goes back, a line that is too long, something after `end`. Then no event
 * was handed over, and info is untouched; else info is set before the first. A last line without its end (the program
 * was killed) is passed over, and info->ended is false. Whether the values fit each other is not looked at. */
MUST_USE int recording_read(struct recording_info *info, const char *path,
                            void (*event)(void *arg, const struct recording_event *e), void *arg,
                            char why[static WHY_LEN]);

/* The same from memory: for its fuzz target. */
MUST_USE int recording_parse(struct recording_info *info, const char *text, size_t text_len,
                             void (*event)(void *arg, const struct recording_event *e), void *arg,
                             char why[static WHY_LEN]);

#endif
