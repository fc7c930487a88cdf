/* SPDX-License-Identifier: MIT */
/* Names that look like another one: `b0b` and `bob`, `rnary` and `mary`.
 *
 * Standard:    Unicode Technical Standard 39, section 4: two strings are confusable where their skeletons are equal. A
 *              skeleton has each character replaced by the prototype of those that look like it. The table here is
 *              confusables.txt for what a name may have (name.h), and a little more: l i 1, o 0, s 5, z 2, d cl, m rn,
 *              w vv, - _.
 * Use it:      if (confusable_names(name, known)) ...
 * Timing:      not secret.
 * Read next:   confusable.c; seen_names.h, which remembers the names that were seen.
 *
 * What looks alike beyond this table is not found, and a skeleton doesn't say which of the two names is the genuine
 * one.
 */
#ifndef APP_MESSAGE_CONFUSABLE_H
#define APP_MESSAGE_CONFUSABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/message/name.h"

#define CONFUSABLE_MAX_LEN (2 * NAME_MAX_LEN) /* a character's prototype has one or two */

/* Writes the skeleton of a name, which need not be a valid one but has at most NAME_MAX_LEN bytes. Public for tests:
 * others compare names. */
void confusable_skeleton(char out[static CONFUSABLE_MAX_LEN + 1], const char *name);

/* True for two different names with the same skeleton. */
bool confusable_names(const char *a, const char *b);

/* True for `you`, as the programs call their user, and for what looks like it. */
bool confusable_you(const char *name);

/* Equal for equal skeletons, and for few others: FNV-1a. */
uint32_t confusable_hash(const char *name);

#endif
