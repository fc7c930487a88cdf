/* SPDX-License-Identifier: MIT */
/* What `glass practice` does next: a machine that is told of saves, keys, results and the time, and says what to do. It
 * knows no terminal, no folder and no clock, so that a test plays all of them.
 *
 * Use it:      struct practice p;
 *              practice_init(&p, list);  ... what was remembered goes into p.work ...
 *              practice_begin(&p, marks, wanted, now);
 *              for (;;)   one of practice_look, practice_key, practice_tick; do what it says;
 *                         after PRACTICE_GRADE, practice_graded
 * Times:       milliseconds of any clock that only goes forward.
 * Timing:      nothing secret.
 * Read next:   practice_session.h, which does what this says; practice_view.h, where keys and saves come from.
 */
#ifndef APP_WORKBENCH_PRACTICE_PRACTICE_H
#define APP_WORKBENCH_PRACTICE_PRACTICE_H

#include "app/workbench/grade/grade.h"
#include "app/workbench/grade/report.h"
#include "crypto/sha256.h"

#define PRACTICE_SETTLE_MS 200 /* an editor saves in several steps: this long after the last of them it is done */
#define PRACTICE_HINTS 3

enum practice_act {
    PRACTICE_WAIT,    /* nothing to do now */
    PRACTICE_GRADE,   /* what practice_list says; then practice_graded */
    PRACTICE_GO,      /* p->at is another exercise: say which */
    PRACTICE_MISSING, /* a file of the exercise is not there: say so, and offer the skeleton */
    PRACTICE_TAKE,    /* copy the skeleton */
    PRACTICE_HINT,    /* the hint of level p->hint, 1 to PRACTICE_HINTS; 0: there is nothing to give one for */
    PRACTICE_NO_HINT, /* all levels were told */
    PRACTICE_END
};

struct practice_work {
    const struct exercise *exercise;
    uint64_t mark;  /* of its files as they lie there: another after each save; 0 where one is missing */
    bool passed;    /* and digest is what its files were then */
    bool stale;     /* passed, but its files have changed since */
    unsigned hints; /* that were taken, ever */
    uint8_t digest[SHA256_DIGEST_LEN];
};

struct practice {
    size_t count, at; /* at == count: all are passed */
    struct practice_work work[GRADE_EXERCISES_MAX];
    bool given;      /* what an exercise stands on is: no other is graded before it */
    int64_t due;     /* when to grade; -1: not at all */
    bool failed;     /* something did, and failure and check say what */
    size_t failure;  /* whose it is, an index of work */
    char check[240]; /* what failed, to see whether the next time it is the same */
    unsigned hint;   /* the level that was told of it */
};

/* Nothing is passed yet. list ends in NULL. */
void practice_init(struct practice *p, const struct exercise *const *list);

/* Index of the exercise that a person means (exercise_is); p->count where there is none. */
size_t practice_find(const struct practice *p, const char *word);

/* Starts at that exercise; p->count: at the first that is not passed. There is a mark for each. What is there is graded
 * at once. */
void practice_begin(struct practice *p, const uint64_t *marks, size_t wanted, int64_t now);

/* The marks as they are now: after each event of the folder, and now and then. */
void practice_look(struct practice *p, const uint64_t *marks, int64_t now);

/* Enter grades, h is a hint, n and p go on and back, s takes the skeleton, q (or Ctrl-D) ends. */
enum practice_act practice_key(struct practice *p, int key, int64_t now);

/* What the time says. practice_left is how long it may be waited for: at most `most`. */
enum practice_act practice_tick(struct practice *p, int64_t now);
int practice_left(const struct practice *p, int64_t now, int most);

/* What to grade, in the table's order and NULL after the last: the exercise itself, passed ones that have changed, and
 * what it stands on where that is not passed. Returns how many. */
size_t practice_list(const struct practice *p, const struct exercise *list[GRADE_EXERCISES_MAX + 1]);

/* What came of it. PRACTICE_GO where that moves to another exercise. digests has the index of work, and is of the
 * files as they were graded; NULL where they changed meanwhile: then nothing counts as passed. */
enum practice_act practice_graded(struct practice *p, const struct grade_result *r,
                                  uint8_t (*digests)[SHA256_DIGEST_LEN], int64_t now);

/* The first check that was not passed, and whose it is; NULL where there is none. */
const struct grade_exercise *practice_first_failure(const struct grade_result *r, struct report_check *check);

#endif
