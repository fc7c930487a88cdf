/* SPDX-License-Identifier: MIT */
/* What a student handed in: a folder, of which the files that the exercises name are copied into a scratch folder of
 * the grader's, and nothing else is looked at.
 *
 * Use it:      struct submission s;
 *              if (submission_open(&s, "work", kit, cc) != 0) ...
 *              submission_link(&s, exercise, own, SUBMISSION_PLAIN, runner, why);
 *              submission_close(&s);
 * Errors:      each says in words what is wrong with what was handed in; a fault of the machine is told apart.
 * Timing:      nothing secret.
 * Read next:   grade.h, which runs what was built.
 */
#ifndef APP_WORKBENCH_GRADE_SUBMISSION_H
#define APP_WORKBENCH_GRADE_SUBMISSION_H

#include "app/workbench/exercises/exercise.h"

#define SUBMISSION_FILE_MAX (256u * 1024) /* bytes of a source file; ours have 20 kB at most */
#define SUBMISSION_FILES_MAX 32           /* of all exercises together */
#define SUBMISSION_WHY_MAX 600

/* Plain: without shared libraries, at fixed addresses. Watched: the same objects with shared libraries, where valgrind
 * puts functions of its own in the place of libc's. */
enum submission_build { SUBMISSION_PLAIN, SUBMISSION_WATCHED, SUBMISSION_SANITIZED };

enum submission_news {
    SUBMISSION_OK,
    SUBMISSION_MISSING, /* it was not handed in */
    SUBMISSION_WRONG,   /* what was handed in is no file that can be graded, or does not compile: why says it */
    SUBMISSION_FAULT    /* the machine's fault: not graded */
};

/* What came of a file: it is compiled once, and asked again it says the same. */
struct submission_object {
    const char *file;
    bool sanitized;
    enum submission_news news;
    char why[SUBMISSION_WHY_MAX];
};

struct submission {
    int folder;                      /* what was handed in */
    const char *kit, *cc;            /* headers and objects; the compiler */
    char scratch[BOX_PATH_MAX / 2];  /* ours, removed at the end: no code of the student's writes there */
    char tool[BOX_PATH_MAX / 2 + 8]; /* a folder in it, where code that a tool runs may write */
    size_t taken;
    struct submission_object object[2 * SUBMISSION_FILES_MAX];
};

/* -1, errno set, where there is no such folder, or none can be made. */
MUST_USE int submission_open(struct submission *s, const char *folder, const char *kit, const char *cc);
void submission_close(struct submission *s);

/* Removes what lies in s->tool. */
void submission_clear_tool(struct submission *s);

/* Whether this machine can build any runner at all: SUBMISSION_FAULT, and why, where not even an empty one can be. Then
 * what does not build is not the student's fault. path gets that runner's name. */
enum submission_news submission_probe(struct submission *s, enum submission_build build, char path[BOX_PATH_MAX],
                                      char *why);

/* Links a runner for the exercise, with the student's own work for what it stands on (own), or with what is given.
 * path gets the runner's name. */
enum submission_news submission_link(struct submission *s, const struct exercise *e, bool own,
                                     enum submission_build build, char path[BOX_PATH_MAX], char *why);

#endif
