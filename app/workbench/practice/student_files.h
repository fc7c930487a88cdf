/* SPDX-License-Identifier: MIT */
/* The files of an exercise in the student's folder: whether they changed, what they were, and a skeleton for each that
 * is not there yet.
 *
 * Use it:      int folder = open("work", O_RDONLY | O_DIRECTORY);
 *              mark = student_files_mark(folder, exercise);
 * Errors:      a folder of -1 is one that is gone: nothing is in it.
 * Timing:      nothing secret.
 * Read next:   guide.h, where skeletons come from.
 */
#ifndef APP_WORKBENCH_PRACTICE_STUDENT_FILES_H
#define APP_WORKBENCH_PRACTICE_STUDENT_FILES_H

#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"

/* A number that is another after each save, also one that renames or changes nothing; 0 where a file is missing. */
uint64_t student_files_mark(int folder, const struct exercise *e);

/* The digest of all of them, one after the other. -1 where one can't be read, or is larger than a submission may be. */
MUST_USE int student_files_digest(int folder, const struct exercise *e, uint8_t digest[SHA256_DIGEST_LEN]);

/* Whether that file is there, whatever it is. */
bool student_files_has(int folder, const char *name);

/* Copies the skeleton at that path under that name, into a file that did not exist: -1 with errno, EEXIST where it
 * does. No half of it is left. */
MUST_USE int student_files_take(int folder, const char *name, const char *skeleton);

#endif
