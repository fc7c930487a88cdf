/* SPDX-License-Identifier: MIT */
/* Exercises stand on one another in the table's order, so the first one that is not passed has all that it stands on.
 * What was passed stays so until the grader has said otherwise of code that it could build: a slip of the pen in a file
 * that several exercises share takes nothing away. */
#include "app/workbench/practice/practice.h"

#include <assert.h>
#include <string.h>

#define CTRL_D 4

void practice_init(struct practice *p, const struct exercise *const *list)
{
    *p = (struct practice){.due = -1};
    for (; list[p->count] != NULL; p->count++) {
        assert(p->count < GRADE_EXERCISES_MAX);
        p->work[p->count].exercise = list[p->count];
    }
}

size_t practice_find(const struct practice *p, const char *word)
{
    size_t i = 0;
    while (i < p->count && !exercise_is(p->work[i].exercise, word))
        i++;
    return i;
}

/* The first one after `from`, and then from the beginning, that is not passed. */
static size_t next_open(const struct practice *p, size_t from)
{
    for (size_t i = 0; i < p->count; i++) {
        size_t at = (from + i) % p->count;
        if (!p->work[at].passed)
            return at;
    }
    return p->count;
}

/* At another exercise: nothing is known of it yet. */
static enum practice_act go(struct practice *p, size_t at, int64_t now)
{
    p->at = at;
    p->failed = false;
    p->hint = 0;
    p->check[0] = '\0';
    if (at < p->count && p->work[at].mark != 0)
        p->due = now;
    return PRACTICE_GO;
}

void practice_begin(struct practice *p, const uint64_t *marks, size_t wanted, int64_t now)
{
    for (size_t i = 0; i < p->count; i++) {
        p->work[i].mark = marks[i];
        if (p->work[i].stale && marks[i] != 0)
            p->due = now;
    }
    (void)go(p, wanted < p->count ? wanted : next_open(p, 0), now);
}

void practice_look(struct practice *p, const uint64_t *marks, int64_t now)
{
    for (size_t i = 0; i < p->count; i++) {
        struct practice_work *w = &p->work[i];
        if (w->mark == marks[i])
            continue;
        w->mark = marks[i];
        w->stale = w->passed;
        if (i == p->at || w->passed)
            p->due = now + PRACTICE_SETTLE_MS;
    }
}

/* --- What to grade ------------------------------------------------------------------------------------------------ */

static bool stands_on(const struct exercise *e, const struct exercise *other)
{
    for (size_t i = 0; e->needs[i] != NULL; i++)
        if (strcmp(e->needs[i], other->stem) == 0)
            return true;
    return false;
}

size_t practice_list(const struct practice *p, const struct exercise *list[GRADE_EXERCISES_MAX + 1])
{
    size_t n = 0;
    bool here = p->at < p->count && p->work[p->at].mark != 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct practice_work *w = &p->work[i];
        bool ground = here && !p->given && stands_on(p->work[p->at].exercise, w->exercise) && (!w->passed || w->stale);
        bool changed = w->passed && w->stale && w->mark != 0;
        if ((here && i == p->at) || ground || changed)
            list[n++] = w->exercise;
    }
    list[n] = NULL;
    return n;
}

/* --- What came of it ---------------------------------------------------------------------------------------------- */

const struct grade_exercise *practice_first_failure(const struct grade_result *r, struct report_check *check)
{
    for (size_t i = 0; i < r->exercises; i++) {
        const struct grade_exercise *x = &r->exercise[i];
        for (size_t k = 0; !x->passed && report_check(check, r, x, k); k++)
            if (check->outcome.verdict != CHECK_PASSED)
                return x;
    }
    return NULL;
}

static void remember(struct practice_work *w, const struct grade_exercise *x, const uint8_t digest[SHA256_DIGEST_LEN])
{
    if (x->state != GRADE_DONE)
        return;
    w->passed = x->passed;
    w->stale = false;
    memcpy(w->digest, digest, SHA256_DIGEST_LEN);
}

/* Keeps what failed. The hints of the same failure go on where they were. */
static void keep_failure(struct practice *p, const struct grade_exercise *x, const struct report_check *check)
{
    char now[sizeof p->check];
    snprintf(now, sizeof now, "%s/%.60s/%.150s", x->exercise->stem, check->name, check->outcome.where);
    if (!p->failed || strcmp(now, p->check) != 0)
        p->hint = 0;
    p->failed = true;
    p->failure = practice_find(p, x->exercise->stem);
    memcpy(p->check, now, sizeof now);
}

enum practice_act practice_graded(struct practice *p, const struct grade_result *r,
                                  uint8_t (*digests)[SHA256_DIGEST_LEN], int64_t now)
{
    struct report_check check;
    bool before[GRADE_EXERCISES_MAX];
    for (size_t i = 0; i < p->count; i++)
        before[i] = p->work[i].passed;
    for (size_t i = 0; digests != NULL && i < r->exercises; i++) {
        size_t at = practice_find(p, r->exercise[i].exercise->stem);
        remember(&p->work[at], &r->exercise[i], digests[at]);
    }
    const struct grade_exercise *x = practice_first_failure(r, &check);
    if (x != NULL) {
        keep_failure(p, x, &check);
        bool lost = before[p->failure] && !p->work[p->failure].passed;
        if (lost && p->failure < p->at)
            p->at = p->failure; /* the rest can wait; what failed stays on the screen, with its hints */
        return PRACTICE_WAIT;
    }
    p->failed = false;
    if (p->at < p->count && p->work[p->at].passed && !p->work[p->at].stale && !before[p->at])
        return go(p, next_open(p, p->at), now);
    return PRACTICE_WAIT;
}

/* --- Keys, and the time ------------------------------------------------------------------------------------------- */

static enum practice_act hint(struct practice *p)
{
    if (!p->failed)
        return p->hint = 0, PRACTICE_HINT;
    if (p->hint == PRACTICE_HINTS)
        return PRACTICE_NO_HINT;
    p->hint++;
    p->work[p->failure].hints++;
    return PRACTICE_HINT;
}

static bool is_missing(const struct practice *p)
{
    return p->at < p->count && p->work[p->at].mark == 0;
}

enum practice_act practice_key(struct practice *p, int key, int64_t now)
{
    switch (key) {
    case '\n':
        p->due = now;
        return PRACTICE_WAIT;
    case 'h':
        return hint(p);
    case 'n':
        return go(p, p->at + 1 < p->count ? p->at + 1 : 0, now);
    case 'p':
        return go(p, p->at > 0 ? p->at - 1 : p->count - 1, now);
    case 's':
        return is_missing(p) ? PRACTICE_TAKE : PRACTICE_WAIT;
    case 'q':
    case CTRL_D:
        return PRACTICE_END;
    default:
        return PRACTICE_WAIT;
    }
}

enum practice_act practice_tick(struct practice *p, int64_t now)
{
    const struct exercise *list[GRADE_EXERCISES_MAX + 1];
    if (p->due < 0 || now < p->due)
        return PRACTICE_WAIT;
    p->due = -1;
    if (is_missing(p))
        p->failed = false;
    if (practice_list(p, list) > 0)
        return PRACTICE_GRADE;
    return is_missing(p) ? PRACTICE_MISSING : PRACTICE_WAIT;
}

int practice_left(const struct practice *p, int64_t now, int most)
{
    if (p->due < 0 || p->due - now > most)
        return most;
    return p->due > now ? (int)(p->due - now) : 0;
}
