/* SPDX-License-Identifier: MIT */
/* The first failure is the one that is told: what comes after it is, as a rule, its consequence. */
#include "app/workbench/check/checking.h"

#include <stdarg.h>
#include <stdio.h>

bool check_compares(const struct checking *c)
{
    return c->mode == CHECK_PLAIN || c->mode == CHECK_SANITIZED;
}

bool check_failed(struct checking *c, enum check_kind kind, const char *where, const char *format, ...)
{
    va_list values;
    if (c->outcome.verdict != CHECK_PASSED)
        return false;
    c->outcome.verdict = CHECK_FAILED;
    c->outcome.kind = kind;
    snprintf(c->outcome.where, sizeof c->outcome.where, "%s", where);
    va_start(values, format);
    vsnprintf(c->outcome.what, sizeof c->outcome.what, format, values);
    va_end(values);
    return false;
}

void check_hint(struct checking *c, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(c->outcome.hint, sizeof c->outcome.hint, format, values);
    va_end(values);
}

bool check_not_run(struct checking *c, const char *why)
{
    if (c->outcome.verdict != CHECK_FAILED)
        return false;
    c->outcome = (struct check_outcome){.verdict = CHECK_NOT_RUN};
    snprintf(c->outcome.what, sizeof c->outcome.what, "%s", why);
    return false;
}

bool check_not_graded(struct checking *c, const char *format, ...)
{
    va_list values;
    if (c->outcome.verdict == CHECK_NOT_GRADED)
        return false;
    c->outcome = (struct check_outcome){.verdict = CHECK_NOT_GRADED};
    va_start(values, format);
    vsnprintf(c->outcome.what, sizeof c->outcome.what, format, values);
    va_end(values);
    return false;
}
