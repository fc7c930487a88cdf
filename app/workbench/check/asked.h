/* SPDX-License-Identifier: MIT */
/* Calls and what was answered, to ask again in another order. Each check asks in an order of its own, by which it could
 * be known to code that answers by the order and not by what it is asked; and code may answer otherwise where it is
 * watched.
 *
 * Use it:      c->asked = a;                     ask() notes what is answered in CHECK_PLAIN
 *              asked_end_check(a, passed);
 *              ask_again(c);                     once all checks are over
 * Timing:      nothing secret: test values.
 * Read next:   ask.h.
 */
#ifndef APP_WORKBENCH_CHECK_ASKED_H
#define APP_WORKBENCH_CHECK_ASKED_H

#include "app/workbench/check/checking.h"

#define ASKED_CALLS 512
#define ASKED_OF_A_CHECK 24 /* drawn from all of its calls */
#define ASKED_LEN 4096      /* bytes of a request and of an answer; longer ones are left out */

struct asked_call {
    uint8_t *request, *answer;
    size_t request_len, answer_len;
    size_t check;   /* which one it was a call of, from 0 */
    bool differs;   /* when it was asked again the answer was another one */
    char text[240]; /* as in an outcome: the call, and what was given */
    size_t inputs;
    struct check_input input[CHECK_INPUTS_MAX];
};

struct asked {
    struct asked_call call[ASKED_CALLS];
    size_t kept, calls; /* kept: those of checks that were passed */
    size_t check, seen; /* which check is asked, from 0, and its calls */
    uint32_t draw;
};

/* c's last call. */
void asked_note(struct asked *a, const struct checking *c, size_t answer_len);

/* Keeps what was noted since the last check, or forgets it. */
void asked_end_check(struct asked *a, bool keep);

/* Whether c's last answer is the one that was given to the same call before, if it was noted. */
bool asked_agrees(const struct asked *a, const struct checking *c, size_t answer_len);

/* Whether an answer is that of the call. */
bool asked_same(const struct asked_call *call, const uint8_t *answer, size_t answer_len);

/* An order in which each call that was kept stands twice; returns how many that are. */
size_t asked_order(const struct asked *a, struct rng *rng, size_t order[static 2 * ASKED_CALLS]);

void asked_free(struct asked *a);

#endif
