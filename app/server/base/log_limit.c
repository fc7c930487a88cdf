/* SPDX-License-Identifier: MIT */
/* Each kind has a time up to which its lines are paid for: a line moves it forward by what one costs, and the clock
 * catches up with it. A line that would move it further ahead than a burst is left out, and counted. */
#include "app/server/base/log_limit.h"

#include <stddef.h>

#include "app/server/base/log.h"

bool log_limit_allows(struct log_limit *l, enum log_limit_kind kind, int64_t now)
{
    int64_t *paid_at = &l->kinds[kind].paid_at;
    if (*paid_at < now)
        *paid_at = now;
    if (*paid_at <= now + (LOG_LIMIT_BURST - 1) * LOG_LIMIT_EACH_MS) {
        *paid_at += LOG_LIMIT_EACH_MS;
        return true;
    }
    if (l->kinds[kind].left_out++ == 0)
        l->kinds[kind].tell_at = now + LOG_LIMIT_TELL_MS;
    return false;
}

static void tell(struct log_limit *l, size_t kind)
{
#define LEVEL(name, level, about) level,
#define ABOUT(name, level, about) about,
    static const enum log_level levels[] = {LOG_LIMIT_KINDS(LEVEL)};
    static const char *const abouts[] = {LOG_LIMIT_KINDS(ABOUT)};
    char lines[LOG_NUMBER_MAX];
    log_event(levels[kind], "lines left out", "about", abouts[kind], "lines",
              log_number(lines, l->kinds[kind].left_out), NULL);
    l->kinds[kind].left_out = 0;
}

void log_limit_tell(struct log_limit *l, int64_t now)
{
    for (size_t kind = 0; kind < LOG_LIMIT_KINDS_LEN; kind++)
        if (l->kinds[kind].left_out > 0 && l->kinds[kind].tell_at <= now)
            tell(l, kind);
}

void log_limit_tell_all(struct log_limit *l)
{
    log_limit_tell(l, INT64_MAX);
}

int64_t log_limit_wait(const struct log_limit *l, int64_t now, int64_t otherwise)
{
    for (size_t kind = 0; kind < LOG_LIMIT_KINDS_LEN; kind++) {
        int64_t left = l->kinds[kind].tell_at > now ? l->kinds[kind].tell_at - now : 0;
        if (l->kinds[kind].left_out > 0 && (otherwise < 0 || left < otherwise))
            otherwise = left;
    }
    return otherwise;
}
