/* SPDX-License-Identifier: MIT */
/* What the tree has for a student beside the grader: the page of each exercise, skeletons, and our own source, where it
 * is. A handout has no source of ours.
 *
 * Use it:      struct guide g;
 *              guide_find(&g, kit);
 *              char *page = guide_page(&g, exercise);
 *              for (size_t i = 0; guide_part(page, "## What goes wrong", i, text, sizeof text); i++) ...
 * Timing:      nothing secret.
 * Read next:   docs/exercises, what is read here.
 */
#ifndef APP_WORKBENCH_PRACTICE_GUIDE_H
#define APP_WORKBENCH_PRACTICE_GUIDE_H

#include <limits.h>

#include "app/workbench/exercises/exercise.h"

struct guide {
    char tree[PATH_MAX]; /* the top of the tree; "" where it was not found: then there is nothing of all this */
};

/* The tree that the kit lies in, at whatever depth, or else the one that this program was started in. */
void guide_find(struct guide *g, const char *kit);

/* The page's name in the tree. */
void guide_page_name(const struct exercise *e, char name[static 128]);

/* The page's text, for the caller to free; NULL where there is none. */
char *guide_page(const struct guide *g, const struct exercise *e);

/* Paragraph or list item number i, from 0, below that line of the page, up to the next heading; heading NULL: below the
 * title. On one line, without the marks of Markdown that stand around words. False where there is none, and for a page
 * of NULL. */
bool guide_part(const char *page, const char *heading, size_t i, char *text, size_t cap);

/* The path of a file's skeleton, in the exercise's folder or in that of one before it. False where there is none. */
bool guide_skeleton(const struct guide *g, const struct exercise *e, const char *file, char path[PATH_MAX]);

/* The path of our own source of that file. False where there is none: also where what stands under its name is the
 * skeleton, or is in the folder of the student's (a descriptor, or -1). */
bool guide_reference(const struct guide *g, const struct exercise *e, const char *file, int folder,
                     char path[PATH_MAX]);

#endif
