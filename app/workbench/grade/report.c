/* SPDX-License-Identifier: MIT */
/* What all ways of writing a result have in common: its checks one after the other, with an answer for each also where
 * the whole exercise was not run; and how much of a failure is told. */
#include "app/workbench/grade/report.h"

#include <string.h>

#include "crypto/bytes.h"

/* What became of every check of an exercise that came to nothing. */
static struct check_outcome outcome_of(const struct grade_exercise *x)
{
    struct check_outcome o = {.verdict = CHECK_FAILED, .kind = CHECK_NOTHING};
    if (x->state == GRADE_NOT_RUN)
        o.verdict = CHECK_NOT_RUN;
    if (x->state == GRADE_NOT_GRADED)
        o.verdict = CHECK_NOT_GRADED;
    snprintf(o.what, sizeof o.what, "%.300s", x->why);
    return o;
}

bool report_check(struct report_check *c, const struct grade_result *r, const struct grade_exercise *x, size_t k)
{
    const struct exercise *e = x->exercise;
    size_t own = 0;
    while (e->checks[own].name != NULL)
        own++;
    bool timing = r->ct && e->timing != NULL;
    if (k < own)
        *c = (struct report_check){e->checks[k].name, 0, e->checks[k].points, x->check[k]};
    else if (k == own && timing)
        *c = (struct report_check){GRADE_TIMING_SAYS, 0, e->timing_points, x->timing};
    else if (k == own + timing && r->sanitize)
        *c = (struct report_check){GRADE_MEMORY_SAYS, 0, e->memory_points, x->memory};
    else
        return false;
    if (x->state != GRADE_DONE)
        c->outcome = outcome_of(x);
    if (c->outcome.verdict == CHECK_NOT_GRADED)
        c->points_max = 0;
    if (c->outcome.verdict == CHECK_PASSED)
        c->points = c->points_max;
    return true;
}

void report_input(char text[REPORT_INPUT_MAX], const struct check_input *in)
{
    char hex[2 * CHECK_INPUT_MAX + 1];
    bool cut = in->len > CHECK_INPUT_MAX;
    hex_encode(hex, in->bytes, cut ? CHECK_INPUT_MAX : in->len);
    int len = snprintf(text, REPORT_INPUT_MAX, "%s = %s", in->name, hex);
    if (cut)
        snprintf(text + len, REPORT_INPUT_MAX - (size_t)len, "... (%zu bytes)", in->len);
}

const char *report_kind(enum check_kind kind)
{
    static const char *const says[] = {
        [CHECK_NOTHING] = "failed",         [CHECK_WRONG_RESULT] = "wrong result",
        [CHECK_WRONG_BYTES] = "wrong byte", [CHECK_TOUCHED] = "touched",
        [CHECK_CRASHED] = "crashed",        [CHECK_TOO_LONG] = "too long",
        [CHECK_TOO_MUCH] = "too much",      [CHECK_LEAKED] = "leaked",
        [CHECK_MEMORY] = "memory",
    };
    return says[kind];
}

void report_told(char text[REPORT_TOLD_MAX], const struct check_outcome *o, enum report_detail detail)
{
    bool expected = o->kind == CHECK_WRONG_RESULT || o->kind == CHECK_WRONG_BYTES;
    size_t len = expected && detail != REPORT_FULL ? strcspn(o->what, ",") : strlen(o->what);
    text[0] = '\0';
    if (o->verdict == CHECK_PASSED || (o->verdict == CHECK_FAILED && detail == REPORT_NONE))
        return;
    snprintf(text, REPORT_TOLD_MAX, "%s%s%.*s", o->where, o->where[0] != '\0' ? ": " : "", (int)len, o->what);
}
