/* SPDX-License-Identifier: MIT */
/* What came of grading, written down: for people, and for the systems that schools have. All of them write the same
 * result.
 *
 * Use it:      report_text(stdout, &result, REPORT_FULL);
 * Errors:      those of the FILE; the caller looks at it.
 * Timing:      nothing secret.
 * Read next:   grade.h, what a result is; docs/exercises/outputs.md, which school's system reads which form.
 */
#ifndef APP_WORKBENCH_GRADE_REPORT_H
#define APP_WORKBENCH_GRADE_REPORT_H

#include <stdio.h>

#include "app/workbench/grade/grade.h"

/* How much of a failure is told: the first difference, yours beside what it should be; without what it should be; that
 * there is one. */
enum report_detail { REPORT_FULL, REPORT_ACTUAL, REPORT_NONE };

/* The check number k, from 0, of an exercise: its own, then those of --ct and --sanitize. Also of an exercise that was
 * not run, or not graded, each has an outcome that says so. False after the last. */
struct report_check {
    const char *name;
    unsigned points, points_max;
    struct check_outcome outcome;
};
bool report_check(struct report_check *c, const struct grade_result *r, const struct grade_exercise *x, size_t k);

/* What is told of an outcome, in one line; empty where it passed, and where it failed and nothing is told of that. A
 * submission has a hand in it (an #error, a name): whoever writes it down escapes it. */
#define REPORT_TOLD_MAX 560
void report_told(char text[REPORT_TOLD_MAX], const struct check_outcome *o, enum report_detail detail);

/* In which way it failed: "wrong byte"; "failed" where there is no word for it. */
const char *report_kind(enum check_kind kind);

/* What the function was given, in one line: "key = 2b7e...", and how many bytes there are if those are not all. */
#define REPORT_INPUT_MAX (sizeof(struct check_input) + 2 * CHECK_INPUT_MAX + 40)
void report_input(char text[REPORT_INPUT_MAX], const struct check_input *in);

/* What the function was given, and the bytes around the first difference, as report_text has them: yours, and what they
 * should be. */
void report_bytes(FILE *f, const struct check_outcome *o);

void report_text(FILE *f, const struct grade_result *r, enum report_detail detail);
void report_json(FILE *f, const struct grade_result *r, enum report_detail detail);

/* A line of a class's table, and its head for that list of exercises. */
void report_csv_head(FILE *f, const struct exercise *const *list);
void report_csv(FILE *f, const struct grade_result *r);

/* JUnit's XML, as CI systems read it; and results.json of Gradescope. Of a result in which something was not graded
 * Gradescope gets no score at all: it would add up the rest and take that for the mark. */
void report_junit(FILE *f, const struct grade_result *r, enum report_detail detail);
void report_gradescope(FILE *f, const struct grade_result *r, enum report_detail detail);

/* The table of the exercises, as JSON: for whoever builds on it. */
void report_exercises(FILE *f);

#endif
