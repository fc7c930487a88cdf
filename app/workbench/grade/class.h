/* SPDX-License-Identifier: MIT */
/* A class: a folder in which each folder is one student's, graded side by side, and a table of what came of it.
 *
 *      RESULTS/options            with what it was graded
 *      RESULTS/class.csv          a line for each student
 *      RESULTS/students/ID.txt    what the student may be told; ID.json: the same for machines;
 *      RESULTS/students/ID.csv    the student's line
 *
 * Use it:      class_grade(&options, "submissions", "results", REPORT_FULL, jobs)
 * Errors:      Prints what is wrong, one line, and returns STATUS_FAILED. Who could not be graded has no line and is
 *              graded when it is run again; whoever has one is not graded again: so it can be broken off at any time.
 * Timing:      nothing secret.
 * Read next:   grade.h; report.h.
 */
#ifndef APP_WORKBENCH_GRADE_CLASS_H
#define APP_WORKBENCH_GRADE_CLASS_H

#include "app/workbench/grade/report.h"

/* Grades all that have no result yet, `jobs` at a time. Returns the exit status: done where everybody was graded,
 * whatever the marks are. */
int class_grade(const struct grade_options *options, const char *submissions, const char *results,
                enum report_detail detail, unsigned jobs);

#endif
