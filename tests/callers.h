/* SPDX-License-Identifier: MIT */
/* One call against another, in memory: alice calls bob. What a side sends is a queue of frames, which the test carries
 * over, or does otherwise with; the clock is the test's.
 *
 * Use it:      struct callers t;
 *              callers_open(&t);                              or callers_start, and each frame by itself
 *              caller_say(&t.alice, "hello");
 *              callers_run(&t);                               until nothing moves any more
 *              assert_int_equal(t.bob.shown_len, 1);
 *              callers_end(&t);
 */
#ifndef TESTS_CALLERS_H
#define TESTS_CALLERS_H

#include <stdbool.h>

#include "app/peer/call.h"
#include "tests/keys.h"

#define CALLERS_FRAMES_MAX 2048
#define CALLERS_TEXTS_MAX 2048

struct callers_frame {
    size_t len;
    uint8_t *bytes; /* malloc'd */
};

struct callers_text {
    size_t len;
    uint8_t text[16]; /* how it begins */
};

struct caller {
    const char *name;
    struct call *call; /* NULL: none yet */
    int64_t *now;
    struct rng rng, work_rng;
    const uint8_t *groups;
    size_t groups_len;
    uint8_t group; /* of the setup */
    bool refuses;  /* what it does with a certificate */
    bool slow;     /* it computes when caller_work says so, and not before */

    struct callers_frame sent[CALLERS_FRAMES_MAX]; /* and not carried over yet */
    size_t sent_len;
    struct callers_text shown[CALLERS_TEXTS_MAX], confirmed[CALLERS_TEXTS_MAX];
    struct callers_text given[16]; /* that came; the first byte is its kind */
    size_t shown_len, confirmed_len, given_len;
    unsigned peers, opened, closed, failed, works; /* how often each happened */
};

struct callers {
    struct caller alice, bob;
    int64_t now;
};

/* Both sides, before there is any call; groups and the like may be changed now. Group ffdhe2048 and suite 1 alone. */
void callers_init(struct callers *t);

/* Makes the calls: alice's ClientHello is in her queue, unless she is slow. */
void callers_start(struct callers *t);

/* All of that, until both are open (asserted). */
void callers_open(struct callers *t);

/* Does what a side has to do until nothing more happens. */
void caller_go(struct caller *side);

/* The computation that a slow side has put off. False: there is none. */
bool caller_work(struct caller *side);

void caller_say(struct caller *side, const char *text);

/* Gives a side one frame, and lets it go on. -1: it took none. */
int caller_take(struct caller *side, const uint8_t *frame, size_t len);

/* Carries the oldest frame over, or drops it. False: there is none. */
bool callers_carry(struct caller *from, struct caller *to);
bool callers_drop(struct caller *from);

/* Carries all to and fro until both queues are empty. */
void callers_run(struct callers *t);

/* A step, into its queue; one must be due (asserted). */
void caller_step(struct caller *side);

/* Seals any Record with a side's own keys, whatever its rules say, into its queue. */
void caller_forge(struct caller *side, enum content_type type, const void *payload, size_t len);

/* Fails the test unless that text was shown, or confirmed, as the nth. */
void caller_expect_shown(const struct caller *side, size_t n, const char *text);
void caller_expect_confirmed(const struct caller *side, size_t n, const char *text);

/* Fails the test unless the call has failed, for that reason, and no key is left in it. */
void caller_expect_failed(const struct caller *side, enum net_err why);

void callers_end(struct callers *t);

#endif
