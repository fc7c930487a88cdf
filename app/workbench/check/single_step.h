/* SPDX-License-Identifier: MIT */
/* Counts the instructions of one call in the runner, and keeps the way that they took: two ways that differ show a
 * branch or an early exit that depends on what was different. No clock is asked.
 *
 * Standard:    none; ptrace's single steps, on Linux for x86-64 and aarch64.
 * Use it:      struct path first, now;
 *              single_step_record(pid, &now, &status, 20)     once the request is sent: the runner raises SIGUSR1
 *              before and after the call
 * Errors:      single_step_record returns -1 where the runner ended or stepped too far.
 * Timing:      nothing secret: test values.
 * Read next:   expect.h, expect_same_path.
 */
#ifndef APP_WORKBENCH_CHECK_SINGLE_STEP_H
#define APP_WORKBENCH_CHECK_SINGLE_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/bytes.h"

#define PATH_MAX_STEPS 400000 /* more are not followed */

/* A way: the address of each instruction. */
struct path {
    size_t len;
    uint64_t *at; /* PATH_MAX_STEPS of them, from single_step_make */
};

/* Whether this machine can count at all. Tried in a child, once. */
bool single_step_possible(void);

/* 0, or -1 where there is no memory. */
MUST_USE int single_step_make(struct path *s);
void single_step_free(struct path *s);

/* Lets a traced process (child_bounds.traced), which has stopped at its exec or runs until then, go on: afterwards it
 * waits for requests. */
MUST_USE int single_step_begin(pid_t pid);

/* Follows the process from its next SIGUSR1 to the one after, which it does not get to see. -1 where it ended
 * meanwhile (*status then says how), took more than PATH_MAX_STEPS steps, or more than so many seconds, for which
 * SIGALRM is used. */
MUST_USE int single_step_record(pid_t pid, struct path *s, int *status, unsigned seconds);

/* Once the answer has come: false where the process blocks SIGUSR1, or keeps one waiting, and so may have had another
 * stretch of code followed than the call. */
bool single_step_was_whole(pid_t pid);

/* The index of the first step in which they differ; SIZE_MAX where they are the same. */
size_t single_step_differ(const struct path *a, const struct path *b);

#endif
