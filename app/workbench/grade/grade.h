/* SPDX-License-Identifier: MIT */
/* Grading: every check of every exercise that was asked for, on one submission, and what came of it.
 *
 * Use it:      struct grade_result r;
 *              if (grade_submission(&r, &options, "work") != 0) ...
 *              report_text(stdout, &r, ...);
 * Errors:      -1, errno set, where the folder can't be opened. Everything else is in the result: a fault of the
 *              grader's or of the machine's own is GRADE_NOT_GRADED, and never a mark.
 * Timing:      nothing secret.
 * Read next:   report.h, the ways to write it down.
 */
#ifndef APP_WORKBENCH_GRADE_GRADE_H
#define APP_WORKBENCH_GRADE_GRADE_H

#include "app/workbench/exercises/exercise.h"
#include "app/workbench/grade/submission.h"

#define GRADE_EXERCISES_MAX 24
#define GRADE_CHECKS_MAX 16

struct grade_options {
    const char *kit; /* the folder of headers and objects, absolute */
    const char *cc;
    bool own;              /* what an exercise stands on is the student's own work; else it is given */
    bool trusts;           /* with own: what is not among `only` works, as was seen before */
    bool ct, sanitize;     /* look for leaks; for errors of memory */
    const char *student;   /* whose values are drawn; "0" for nobody's */
    const uint8_t *secret; /* the teacher's, so that nobody else can draw them; NULL: none */
    size_t secret_len;
    const struct exercise *only[GRADE_EXERCISES_MAX + 1]; /* in their order, NULL after the last; only[0] NULL: all */
    void (*progress)(const struct exercise *e, size_t done, size_t of); /* or NULL */
};

/* What the two checks that every exercise may have besides its own are called. */
#define GRADE_TIMING_SAYS "nothing depends on a secret but the results"
#define GRADE_MEMORY_SAYS "no error of memory"

enum grade_state {
    GRADE_DONE,      /* its checks were run */
    GRADE_MISSING,   /* nothing was handed in */
    GRADE_WRONG,     /* what was handed in can't be built; why says it */
    GRADE_NOT_RUN,   /* an exercise that it stands on failed; why names it */
    GRADE_NOT_GRADED /* a fault of the grader or of the machine; why says it */
};

struct grade_exercise {
    const struct exercise *exercise;
    enum grade_state state;
    char why[SUBMISSION_WHY_MAX];
    size_t checks;
    struct check_outcome check[GRADE_CHECKS_MAX];
    struct check_outcome timing, memory; /* where they were asked for */
    unsigned points, points_max;         /* points_max is 0 where it was not graded */
    bool sound;                          /* all its checks passed: others may stand on it */
    bool passed;                         /* all its points */
};

struct grade_result {
    const char *student;
    const char *box;   /* what kept the student's code in (box_says) */
    bool ct, sanitize; /* what was asked for */
    bool steps;        /* instructions can be counted here; where not, only valgrind looks at the timing */
    size_t exercises, passed;
    unsigned points, points_max;
    bool not_graded; /* something was not */
    struct grade_exercise exercise[GRADE_EXERCISES_MAX];
};

MUST_USE int grade_submission(struct grade_result *r, const struct grade_options *options, const char *folder);

#endif
