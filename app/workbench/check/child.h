/* SPDX-License-Identifier: MIT */
/* A program that is not trusted, run in a box: a compiler on what was handed in, the runner, and what watches it.
 *
 * Standard:    none; POSIX processes, limits and pipes.
 * Use it:      struct child c;
 *              if (child_start(&c, argv, &(struct child_bounds){.cpu_seconds = 5, .memory = 1 << 30}, &box) != 0) ...
 *              while asking: child_exchange(&c, request, len, answer, cap, &answer_len, 5000);
 *              child_end(&c);  ... c.status, c.output ...
 * Errors:      child_start returns -1, errno set, where the program could not be started: the machine's fault, and
 *              never a mark. What the program itself does is in what child_exchange and child_end say.
 *              child_catch_signals comes first: a program may end while it is asked.
 * Timing:      nothing secret.
 * Read next:   box.h, what it may do; ask.h, which speaks to the runner.
 */
#ifndef APP_WORKBENCH_CHECK_CHILD_H
#define APP_WORKBENCH_CHECK_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "app/workbench/check/box.h"
#include "crypto/bytes.h"

#define CHILD_OUTPUT_KEPT 8192      /* bytes of what it printed that are kept: the first ones */
#define CHILD_OUTPUT_MAX (1u << 20) /* bytes that it may print at all */

struct child_bounds {
    unsigned cpu_seconds;
    size_t memory; /* bytes of address space; 0: no bound, for sanitizers, which reserve terabytes */
    size_t file;   /* bytes of the largest file that it may write */
    bool traced;   /* stops at its start, for whoever counts instructions (single_step.h) */
};

struct child {
    pid_t pid;                      /* 0: there is none, or it was waited for */
    int status;                     /* as waitpid gives it, once it has ended */
    int requests, answers, printed; /* our ends of its pipes: WIRE_REQUESTS, WIRE_ANSWERS, stdout with stderr */
    bool flooded;                   /* it printed more than it may, and was ended */
    bool closed;                    /* it has closed its end of the answers: as a rule, by its own end */
    size_t output_len;
    char output[CHILD_OUTPUT_KEPT + 1]; /* ends in NUL */
};

/* From now on Ctrl-C, SIGTERM and SIGHUP end no more than what is being waited for: child_start fails with EINTR, and
 * what runs counts as CHILD_ENDED, so that whoever has made files can remove them. child_interrupted is the signal, 0
 * while there was none. SIGPIPE is ignored. */
void child_catch_signals(void);
int child_interrupted(void);

enum child_news {
    CHILD_ANSWERED, /* a whole answer has come */
    CHILD_ENDED,    /* it has closed its end: it is over, or broken */
    CHILD_LATE,     /* nothing within the time */
    CHILD_FLOODED   /* it printed more than CHILD_OUTPUT_MAX bytes */
};

/* Starts argv[0] in a session of its own, with an empty environment but for PATH, LC_ALL, the sanitizers' options and
 * TMPDIR (the box's scratch folder), standard input /dev/null, and the bounds and the box set before its first
 * instruction. */
MUST_USE int child_start(struct child *c, char *const argv[], const struct child_bounds *bounds, const struct box *box);

/* Sends a request and waits for the answer, both with their length in front (wire.h), while collecting what it
 * prints. The answer, without its length, is at most cap bytes; more counts as CHILD_ENDED. It is late once it has had
 * a processor for so many milliseconds, or four times as long without. */
enum child_news child_exchange(struct child *c, const uint8_t *request, size_t request_len, uint8_t *answer, size_t cap,
                               size_t *answer_len, int milliseconds);

/* Waits until it has ended by itself, for a compiler; after that many milliseconds it is ended. */
enum child_news child_finish(struct child *c, int milliseconds);

/* Ends it and whatever it has started, and collects c->status. Safe to call twice. */
void child_end(struct child *c);

#endif
