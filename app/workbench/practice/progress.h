/* SPDX-License-Identifier: MIT */
/* What `glass practice` remembers, in a small text file in the student's folder: where one is, what was passed with
 * which files, and how many hints were taken.
 *
 *     at hmac
 *     passed sha256 <SHA-256 of its files, one after the other: cat sha256_ref.c sha256.c | sha256sum>
 *     hints sha256 2
 *
 * Use it:      progress_read(&p, folder, &at, why); ... progress_write(&p, folder, why);
 * Errors:      a file that makes no sense, or is none, is told in why; what does make sense in it counts, and the next
 *              progress_write puts a whole one in its place. Nobody's marks depend on it.
 * Timing:      nothing secret.
 * Read next:   practice.h, whose work this is.
 */
#ifndef APP_WORKBENCH_PRACTICE_PROGRESS_H
#define APP_WORKBENCH_PRACTICE_PROGRESS_H

#include "app/workbench/practice/practice.h"

#define PROGRESS_FILE ".practice"
#define PROGRESS_MAX 65536 /* bytes that it may have; ours has less than 4,000 */
#define PROGRESS_WHY_MAX 200

/* Fills in passed, digest and hints of p->work. *at is the exercise that one was at, p->count where none is named. why
 * is "" where nothing is wrong; there may be no such file yet. */
void progress_read(struct practice *p, int folder, size_t *at, char why[PROGRESS_WHY_MAX]);

/* The same of a text that is there. Returns the number of the first line that makes no sense, from 1; 0: all do. */
size_t progress_parse(struct practice *p, const char *text, size_t len, size_t *at);

/* -1, and why, where it can't be written. */
MUST_USE int progress_write(const struct practice *p, int folder, char why[PROGRESS_WHY_MAX]);

#endif
