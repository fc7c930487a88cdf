/* SPDX-License-Identifier: MIT */
/* What a call leaves on the stack: the work runs on a stack of its own, which is searched afterwards for the keys that
 * went in and for what was made of them. Every machine word of them counts, wherever it lies.
 *
 * What a compiler spills by itself is beyond the code's control (crypto/ct.h), so nothing can be told in builds without
 * optimization, which keep everything on the stack, or with sanitizers, which move it, or for other processors.
 *
 * The work reads and writes static variables alone: what the test itself puts on that stack would be found.
 */
#ifndef TESTS_LEFTOVERS_H
#define TESTS_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>

/* Makes the stack: a group's set-up function, or called by it. */
int leftovers_set_up(void **state);

/* Whether this build can be searched at all: a test begins by skipping where it can't. */
bool leftovers_can_look(void);

/* Runs the work on that stack, which was zeroed before. */
void leftovers_run(void (*work)(void));

/* How many places of the stack hold a machine word of the secret; words that are zero don't count. */
size_t leftovers_found(const void *secret, size_t len);

/* Fails the test where there is any; `what` and `by` are for the message. */
void leftovers_expect_none(const char *what, const char *by, const void *secret, size_t len);

#endif
