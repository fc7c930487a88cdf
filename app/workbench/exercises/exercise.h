/* SPDX-License-Identifier: MIT */
/* The exercises: what is handed in, what it stands on, and what is asked of it, for how many points.
 *
 * Use it:      for (size_t i = 0; exercises[i] != NULL; i++)
 *                  for (const struct check *k = exercises[i]->checks; k->name != NULL; k++)
 *                      ... k->run(&checking) ...
 * Timing:      nothing secret: test values. What the checks expect is computed by crypto/ and net/ of this very
 *              program, which is why it never runs in the process that they are asked of.
 * Read next:   table.c; exercise_pkcs7.c, a short one; docs/exercises, their pages and skeletons.
 */
#ifndef APP_WORKBENCH_EXERCISES_EXERCISE_H
#define APP_WORKBENCH_EXERCISES_EXERCISE_H

#include "app/workbench/check/checking.h"

#define EXERCISE_FILES_MAX 2
#define EXERCISE_NEEDS_MAX 8

struct exercise {
    const char *number, *stem, *title;         /* "06", "pkcs7", "PKCS#7 padding" */
    const char *files[EXERCISE_FILES_MAX + 1]; /* what is handed in: "pkcs7.c" */
    const char *needs[EXERCISE_NEEDS_MAX + 1]; /* stems of the exercises that it stands on, directly or not */
    const char *given;                         /* what else it is linked with: objects of the kit, by blanks; "a/b" is
                                                  * a where its needs are given and b where they are the student's */
    const struct check *checks;                /* until a NULL name */
    void (*timing)(struct checking *c);        /* calls with secrets, for CHECK_VALGRIND and CHECK_STEPS; or NULL */
    bool count_steps;                          /* timing is short enough for CHECK_STEPS */
    unsigned timing_points, memory_points;     /* with --ct; with --sanitize */
};

/* In the order of their numbers, NULL after the last. */
extern const struct exercise *const exercises[];

/* Whether a person means that one: by its stem, its number, or both as its folder has them, "06-pkcs7". */
bool exercise_is(const struct exercise *e, const char *word);

/* The one that a person means; NULL where there is none. */
const struct exercise *exercise_find(const char *word);

/* The points of its checks, and with --ct and --sanitize those too. */
unsigned exercise_points(const struct exercise *e, bool ct, bool sanitize);

#endif
