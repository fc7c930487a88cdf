/* SPDX-License-Identifier: MIT */
/* What came of grading, written down: for people, and for the systems that schools have. All of them write the same
 * result.
 *
 * Use it:      report_text(stdout, &result, REPORT_FULL);
 * Errors:      those of the FILE; the caller looks at it.
 * Timing:      nothing secret.
 * Read next:   grade.h, what a result is; docs/teaching.md, which school's system reads which form.
 */
#ifndef APP_WORKBENCH_GRADE_REPORT_H
#define APP_WORKBENCH_GRADE_REPORT_H

#include <stdio.h>

#include "app/workbench/grade/grade.h"

/* How much of a failure is told: the first difference, yours beside what it should be; without what it should be; that
 * there is one. */
enum report_detail { REPORT_FULL, REPORT_ACTUAL, REPORT_NONE };

void report_text(FILE *f, const struct grade_result *r, enum report_detail detail);
void report_json(FILE *f, const struct grade_result *r, enum report_detail detail);

/* The table of the exercises, as JSON: for whoever builds on it. */
void report_exercises(FILE *f);

#endif
