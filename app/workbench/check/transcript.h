/* SPDX-License-Identifier: MIT */
/* Calls and what was answered, to ask again in another order. Each check asks in an order of its own, by which it could
 * be known to code that answers by the order and not by what it is asked; and code may answer otherwise where it is
 * watched.
 *
 * Use it:      c->transcript = t;                ask() notes what is answered in CHECK_PLAIN
 *              transcript_end_check(t, passed);
 *              ask_again(c);                     once all checks are over
 * Timing:      nothing secret: test values.
 * Read next:   ask.h.
 */
#ifndef APP_WORKBENCH_CHECK_TRANSCRIPT_H
#define APP_WORKBENCH_CHECK_TRANSCRIPT_H

#include "app/workbench/check/checking.h"

#define TRANSCRIPT_CALLS 512
#define TRANSCRIPT_OF_A_CHECK 24 /* drawn from all of its calls */
#define TRANSCRIPT_LEN 4096      /* bytes of a request and of an answer; longer ones are left out */

struct transcript_call {
    uint8_t *request, *answer;
    size_t request_len, answer_len;
    size_t check;   /* which one it was a call of, from 0 */
    bool differs;   /* when it was asked again the answer was another one */
    char text[240]; /* as in an outcome: the call, and what was given */
    size_t inputs;
    struct check_input input[CHECK_INPUTS_MAX];
};

struct transcript {
    struct transcript_call call[TRANSCRIPT_CALLS];
    size_t kept, calls; /* kept: those of checks that were passed */
    size_t check, seen; /* which check is asked, from 0, and its calls */
    uint32_t draw;
};

/* c's last call. */
void transcript_note(struct transcript *t, const struct checking *c, size_t answer_len);

/* Keeps what was noted since the last check, or forgets it. */
void transcript_end_check(struct transcript *t, bool keep);

/* Whether c's last answer is the one that was given to the same call before, if it was noted. */
bool transcript_agrees(const struct transcript *t, const struct checking *c, size_t answer_len);

/* Whether an answer is that of the call. */
bool transcript_same(const struct transcript_call *call, const uint8_t *answer, size_t answer_len);

/* An order in which each call that was kept stands twice; returns how many that are. */
size_t transcript_order(const struct transcript *t, struct rng *rng, size_t order[static 2 * TRANSCRIPT_CALLS]);

void transcript_free(struct transcript *t);

#endif
