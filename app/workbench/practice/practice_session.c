/* SPDX-License-Identifier: MIT */
/* The folder is opened anew for each look: editors and students put other folders in its place. */
#define _GNU_SOURCE /* O_DIRECTORY */
#include "app/workbench/practice/practice_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/workbench/practice/progress.h"
#include "app/workbench/practice/student_files.h"

/* --- Telling ------------------------------------------------------------------------------------------------------ */

static const struct exercise *current(const struct practice_session *s)
{
    return s->p.at < s->p.count ? s->p.work[s->p.at].exercise : NULL;
}

/* As it may be typed from where the program was started. */
static const char *short_path(const char *path)
{
    char here[PATH_MAX];
    size_t len = getcwd(here, sizeof here) != NULL ? strlen(here) : 0;
    return len > 0 && strncmp(path, here, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

static void say_missing(const struct practice_session *s)
{
    const struct exercise *e = current(s);
    char path[PATH_MAX];
    if (s->fd < 0) {
        display_line(stdout, "%s is gone, or can't be read; this goes on once it is back", s->folder);
        return;
    }
    for (size_t i = 0; e->files[i] != NULL; i++) {
        if (student_files_has(s->fd, e->files[i]))
            continue;
        if (!guide_skeleton(&s->guide, e, e->files[i], path))
            display_line(stdout, "%s is not in %s yet", e->files[i], s->folder);
        else if (s->keys)
            display_line(stdout, "%s is not in %s yet; s copies its skeleton there", e->files[i], s->folder);
        else
            display_line(stdout, "%s is not in %s yet; its skeleton: cp %s %s", e->files[i], s->folder,
                         short_path(path), s->folder);
    }
}

/* Which exercise it is, and what is missing for it. */
static void say_where(const struct practice_session *s)
{
    const struct exercise *e = current(s);
    char page[128];
    if (e == NULL) {
        display_line(stdout, "all %zu exercises are passed", s->p.count);
        return;
    }
    guide_page_name(e, page);
    display_line(stdout, "next: %s %s, %s: %s%s%s; %s", e->number, e->stem, e->title, e->files[0],
                 e->files[1] != NULL ? " and " : "", e->files[1] != NULL ? e->files[1] : "", page);
    if (s->p.work[s->p.at].mark == 0)
        say_missing(s);
}

static void say_reference(const struct practice_session *s, const struct exercise *e)
{
    char path[PATH_MAX];
    for (size_t i = 0; e->files[i] != NULL; i++)
        if (guide_reference(&s->guide, e, e->files[i], s->fd, path))
            display_line(stdout, "  how we wrote it: %s", short_path(path));
        else
            display_line(stdout, "  how we wrote %s: your teacher has it", e->files[i]);
}

static void say_passed(const struct practice_session *s, const struct grade_exercise *x, bool again)
{
    const struct exercise *e = x->exercise;
    unsigned more = exercise_points(e, true, true) - exercise_points(e, s->options.ct, s->options.sanitize);
    unsigned hints = s->p.work[practice_find(&s->p, e->stem)].hints;
    display_line(stdout, "%s %s: passed%s, %u of %u points", e->number, e->stem, again ? " as before" : "", x->points,
                 x->points_max);
    if (again)
        return;
    if (hints > 0)
        display_line(stdout, "  with %u hint%s", hints, hints == 1 ? "" : "s");
    say_reference(s, e);
    if (more > 0)
        display_line(stdout, "  %u more point%s: glass grade --ct --sanitize%s --exercise %s %s", more,
                     more == 1 ? "" : "s", s->options.own ? "" : " --given", e->stem, s->folder);
}

static void say_failure(const struct grade_exercise *x, const struct report_check *check)
{
    static const char *const states[] = {[GRADE_DONE] = "",
                                         [GRADE_MISSING] = "",
                                         [GRADE_WRONG] = ", can't be built",
                                         [GRADE_NOT_RUN] = ", not run",
                                         [GRADE_NOT_GRADED] = ", not graded"};
    char told[REPORT_TOLD_MAX];
    display_line(stdout, "%s %s: %u of %u points%s", x->exercise->number, x->exercise->stem, x->points, x->points_max,
                 states[x->state]);
    report_told(told, &check->outcome, REPORT_FULL);
    if (x->state == GRADE_DONE)
        display_line(stdout, "  FAILED  %s", check->name);
    display_line(stdout, "          %s", told);
}

/* --- Hints -------------------------------------------------------------------------------------------------------- */

static void hint_where(const struct grade_exercise *x, const struct report_check *check, const char *page)
{
    char text[1024];
    display_line(stdout, "hint 1 of 3, where: the check is \"%s\"", check->name);
    if (guide_part(page, NULL, 0, text, sizeof text))
        display_line(stdout, "  %s", text);
    guide_page_name(x->exercise, text);
    display_line(stdout, "  %s says which steps there are", text);
}

static void hint_difference(const struct report_check *check)
{
    const struct check_outcome *o = &check->outcome;
    char told[REPORT_TOLD_MAX];
    report_told(told, o, REPORT_FULL);
    display_line(stdout, "hint 2 of 3, the difference: %s", told);
    if (o->call[0] != '\0')
        display_line(stdout, "  in %s", o->call);
    report_bytes(stdout, o);
    fflush(stdout);
}

static void hint_cause(const struct report_check *check, const char *page)
{
    char text[1024];
    display_line(stdout, "hint 3 of 3, what it may be: %s",
                 check->outcome.hint[0] != '\0' ? check->outcome.hint : "the grader knows no more");
    for (size_t i = 0; guide_part(page, "## What goes wrong", i, text, sizeof text); i++)
        display_line(stdout, "  - %s", text);
}

static void say_hint(const struct practice_session *s)
{
    struct report_check check;
    const struct grade_exercise *x = practice_first_failure(&s->result, &check);
    if (s->p.hint == 0 || x == NULL) {
        display_line(stdout, "there is a hint once something has failed");
        return;
    }
    char *page = guide_page(&s->guide, x->exercise);
    if (s->p.hint == 1)
        hint_where(x, &check, page);
    else if (s->p.hint == 2)
        hint_difference(&check);
    else
        hint_cause(&check, page);
    free(page);
}

/* --- Remembering -------------------------------------------------------------------------------------------------- */

static void remember(struct practice_session *s)
{
    char why[PROGRESS_WHY_MAX];
    bool written = s->fd < 0 || progress_write(&s->p, s->fd, why) == 0;
    if (!written && s->remembers)
        display_line(stdout, "%s", why);
    s->remembers = written;
}

static void recall(struct practice_session *s, size_t *at)
{
    char why[PROGRESS_WHY_MAX];
    progress_read(&s->p, s->fd, at, why);
    if (why[0] != '\0')
        display_line(stdout, "%s", why);
    for (size_t i = 0; i < s->p.count; i++) {
        struct practice_work *w = &s->p.work[i];
        uint8_t digest[SHA256_DIGEST_LEN];
        w->stale = w->passed && (student_files_digest(s->fd, w->exercise, digest) != 0 ||
                                 memcmp(digest, w->digest, sizeof digest) != 0);
    }
    if (*at < s->p.count && s->p.work[*at].passed)
        *at = s->p.count;
}

/* --- Grading ------------------------------------------------------------------------------------------------------ */

static void take_digests(const struct practice_session *s, uint8_t (*digests)[SHA256_DIGEST_LEN])
{
    for (size_t i = 0; i < s->p.count; i++)
        if (student_files_digest(s->fd, s->p.work[i].exercise, digests[i]) != 0)
            memset(digests[i], 0, SHA256_DIGEST_LEN); /* which passes nothing */
}

static void say_result(const struct practice_session *s, const struct practice *before)
{
    struct report_check check;
    const struct grade_exercise *failure = practice_first_failure(&s->result, &check);
    for (size_t i = 0; i < s->result.exercises; i++) {
        const struct grade_exercise *x = &s->result.exercise[i];
        if (x->passed)
            say_passed(s, x, before->work[practice_find(before, x->exercise->stem)].passed);
    }
    if (failure != NULL)
        say_failure(failure, &check);
}

/* What is being graded, in a row that goes when it is done. */
static void say_grading(const struct exercise *e, size_t done, size_t of)
{
    char text[64];
    (void)done;
    (void)of;
    if (display_obeys(STDOUT_FILENO))
        display_erase_row(stdout);
    snprintf(text, sizeof text, "grading %s %s ...", e->number, e->stem);
    display_ask(stdout, text);
}

static void grade(struct practice_session *s, int64_t now)
{
    uint8_t before[GRADE_EXERCISES_MAX][SHA256_DIGEST_LEN], after[GRADE_EXERCISES_MAX][SHA256_DIGEST_LEN];
    struct practice was = s->p;
    (void)practice_list(&s->p, s->options.only);
    s->options.progress = s->keys ? say_grading : NULL;
    s->options.trusts = true; /* what was passed before is remembered */
    take_digests(s, before);
    int failed = grade_submission(&s->result, &s->options, s->folder), error = errno;
    take_digests(s, after);
    if (s->keys)
        display_erase_row(stdout);
    if (child_interrupted())
        return;
    if (failed) {
        display_line(stdout, "%s can't be graded: %s", s->folder, strerror(error));
        return;
    }
    bool same = memcmp(before, after, s->p.count * sizeof *before) == 0;
    enum practice_act act = practice_graded(&s->p, &s->result, same ? before : NULL, now);
    say_result(s, &was);
    if (act == PRACTICE_GO)
        say_where(s);
    remember(s);
}

/* --- Its whole ---------------------------------------------------------------------------------------------------- */

/* What this kit can grade: a handout may have some of the exercises. */
static void choose(struct practice_session *s)
{
    const struct exercise *list[GRADE_EXERCISES_MAX + 1];
    char runner[PATH_MAX];
    size_t n = 0;
    for (size_t i = 0; exercises[i] != NULL; i++) {
        snprintf(runner, sizeof runner, "%s/plain/run_%s.o", s->options.kit, exercises[i]->stem);
        if (access(runner, R_OK) == 0)
            list[n++] = exercises[i];
    }
    list[n] = NULL;
    practice_init(&s->p, list);
    s->p.given = !s->options.own;
}

static void marks_of(const struct practice_session *s, uint64_t *marks)
{
    for (size_t i = 0; i < s->p.count; i++)
        marks[i] = s->fd >= 0 ? student_files_mark(s->fd, s->p.work[i].exercise) : 0;
}

int practice_session_open(struct practice_session *s, const struct grade_options *options, const char *folder,
                          const char *wanted, bool keys, int64_t now)
{
    uint64_t marks[GRADE_EXERCISES_MAX];
    size_t at;
    *s = (struct practice_session){.options = *options, .folder = folder, .keys = keys, .remembers = true};
    choose(s);
    s->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->fd < 0)
        return -1;
    if (s->p.count == 0 || (wanted != NULL && practice_find(&s->p, wanted) == s->p.count)) {
        practice_session_close(s);
        errno = 0;
        return -1;
    }
    guide_find(&s->guide, options->kit);
    recall(s, &at);
    marks_of(s, marks);
    practice_begin(&s->p, marks, wanted != NULL ? practice_find(&s->p, wanted) : at, now);
    say_where(s);
    return 0;
}

void practice_session_look(struct practice_session *s, int64_t now)
{
    uint64_t marks[GRADE_EXERCISES_MAX];
    practice_session_close(s);
    s->fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    marks_of(s, marks);
    practice_look(&s->p, marks, now);
}

static void take_skeletons(struct practice_session *s)
{
    const struct exercise *e = current(s);
    char path[PATH_MAX];
    for (size_t i = 0; e->files[i] != NULL; i++) {
        if (s->fd < 0 || student_files_has(s->fd, e->files[i]))
            continue;
        if (!guide_skeleton(&s->guide, e, e->files[i], path))
            display_line(stdout, "there is no skeleton of %s here; write it anew", e->files[i]);
        else if (student_files_take(s->fd, e->files[i], path) != 0)
            display_line(stdout, "%s can't be written: %s", e->files[i], strerror(errno));
        else
            display_line(stdout, "%s/%s is yours now: write it, and save", s->folder, e->files[i]);
    }
}

bool practice_session_do(struct practice_session *s, enum practice_act act, int64_t now)
{
    switch (act) {
    case PRACTICE_GRADE:
        grade(s, now);
        return true;
    case PRACTICE_GO:
        say_where(s);
        remember(s);
        return true;
    case PRACTICE_MISSING:
        say_missing(s);
        return true;
    case PRACTICE_TAKE:
        take_skeletons(s);
        return true;
    case PRACTICE_HINT:
        say_hint(s);
        remember(s);
        return true;
    case PRACTICE_NO_HINT:
        display_line(stdout, "those were all hints; the page and whoever teaches you know more");
        return true;
    default:
        return false;
    }
}

void practice_session_tell_keys(const struct practice_session *s)
{
    char hint[32] = "";
    if (s->p.failed && s->p.hint < PRACTICE_HINTS)
        snprintf(hint, sizeof hint, "h hint %u of %u  ", s->p.hint + 1, PRACTICE_HINTS);
    bool missing = s->p.at < s->p.count && s->p.work[s->p.at].mark == 0;
    display_line(stdout, "Enter grade  %s%sn next  p previous  q end", hint, missing ? "s skeleton  " : "");
}

void practice_session_close(struct practice_session *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
