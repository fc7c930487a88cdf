/* SPDX-License-Identifier: MIT */
/* Practice in one folder: does what the machine of practice.h says, tells the student, and remembers.
 *
 * Use it:      static struct practice_session s;
 *              practice_session_open(&s, &options, "work", wanted, now);
 *              for (;;) { practice_session_look(&s, now); practice_session_do(&s, practice_tick(&s.p, now), now); ... }
 *              practice_session_close(&s);
 * Errors:      what is wrong with the folder or with the file that remembers is told on standard output, like all else.
 * Timing:      nothing secret.
 * Read next:   practice_view.c, on a terminal; cmd_practice.c, once.
 */
#ifndef APP_WORKBENCH_PRACTICE_PRACTICE_SESSION_H
#define APP_WORKBENCH_PRACTICE_PRACTICE_SESSION_H

#include "app/workbench/practice/guide.h"
#include "app/workbench/practice/practice.h"

struct practice_session {
    struct practice p;
    struct grade_options options;
    struct grade_result result; /* of the last time */
    struct guide guide;
    const char *folder;
    int fd;         /* the folder; -1 while it is gone */
    bool keys;      /* the student has keys to press, and is told which */
    bool remembers; /* false once it was told that it can't */
};

/* wanted is a stem, a number or NULL. folder and what options has are borrowed. -1 where the folder can't be opened,
 * errno set, or errno 0: there is no such exercise, or none at all in this kit. */
MUST_USE int practice_session_open(struct practice_session *s, const struct grade_options *options, const char *folder,
                                   const char *wanted, bool keys, int64_t now);

/* Looks at the folder, which may be another one by now. */
void practice_session_look(struct practice_session *s, int64_t now);

/* Does it, and tells of it. True where something was told. */
bool practice_session_do(struct practice_session *s, enum practice_act act, int64_t now);

/* Tells what may be pressed. */
void practice_session_tell_keys(const struct practice_session *s);

void practice_session_close(struct practice_session *s);

#endif
