/* SPDX-License-Identifier: MIT */
/* What a submission is built with: the folder that `make kit` makes, and the compiler that made it.
 *
 * Use it:      static struct kit kit;
 *              kit_find(&kit, NULL, NULL);
 *              options.kit = kit.folder, options.cc = kit.cc;
 * Errors:      where there is no such folder the program ends with status 1 and one line.
 * Timing:      nothing secret.
 * Read next:   grade.h, whose options want both.
 */
#ifndef APP_WORKBENCH_GRADE_KIT_H
#define APP_WORKBENCH_GRADE_KIT_H

#include <limits.h>

#define KIT_COMPILER_MAX 256

struct kit {
    char folder[PATH_MAX]; /* absolute */
    char cc[KIT_COMPILER_MAX];
};

/* folder NULL: the one beside this program; cc NULL: the compiler that made it, which says so in a file. */
void kit_find(struct kit *k, const char *folder, const char *cc);

#endif
