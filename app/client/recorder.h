/* SPDX-License-Identifier: MIT */
/* --record FILE: the whole session into a file, beside what else watches it.
 *
 * Standard:    app/dissect/recording.h, the format.
 * Use it:      struct recorder r;
 *              if (recorder_open(&r, path, server, &line, also, why) != 0) say why; nothing is left behind
 *              ... r.trace in the place of also, for as many tries as it takes to connect ...
 *              if (!recorder_close(&r, closed)) the program's status is 1
 * Timing:      CAUTION: the file has secrets, the session's keys and the password among them. Only the option --record
 *              leads here.
 * Read next:   explain.h, what else may watch.
 */
#ifndef APP_CLIENT_RECORDER_H
#define APP_CLIENT_RECORDER_H

#include <stdbool.h>

#include "app/client/line/line.h"
#include "app/dissect/recording.h"

/* It must stay where it is while its trace is in use. */
struct recorder {
    struct trace trace;
    const struct trace *also; /* gets each event first, or NULL */
    struct line *line;
    struct recording recording;
};

/* Warns, and creates the file: -1 and why where it is there already or can't be made. path, line and also must live as
 * long as the recorder. */
MUST_USE int recorder_open(struct recorder *r, const char *path, const char *server, struct line *line,
                           const struct trace *also, char why[static WHY_LEN]);

/* closed: the session was, in order. False where the recording has not all of it, which was told at once. */
MUST_USE bool recorder_close(struct recorder *r, bool closed);

#endif
