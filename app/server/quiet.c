/* SPDX-License-Identifier: MIT */
#include "app/server/quiet.h"

#include <stddef.h>

#include "app/server/log.h"

bool quiet_allows(struct quiet *q, enum quiet_kind kind, int64_t now)
{
    int64_t *paid_at = &q->kinds[kind].paid_at;
    if (*paid_at < now)
        *paid_at = now;
    if (*paid_at <= now + (QUIET_BURST - 1) * QUIET_EACH_MS) {
        *paid_at += QUIET_EACH_MS;
        return true;
    }
    if (q->kinds[kind].left_out++ == 0)
        q->kinds[kind].tell_at = now + QUIET_TELL_MS;
    return false;
}

static void tell(struct quiet *q, size_t kind)
{
#define LEVEL(name, level, about) level,
#define ABOUT(name, level, about) about,
    static const enum log_level levels[] = {QUIET_KINDS(LEVEL)};
    static const char *const abouts[] = {QUIET_KINDS(ABOUT)};
    char lines[LOG_NUMBER_MAX];
    log_event(levels[kind], "lines left out", "about", abouts[kind], "lines",
              log_number(lines, q->kinds[kind].left_out), NULL);
    q->kinds[kind].left_out = 0;
}

void quiet_tell(struct quiet *q, int64_t now)
{
    for (size_t kind = 0; kind < QUIET_KINDS_LEN; kind++)
        if (q->kinds[kind].left_out > 0 && q->kinds[kind].tell_at <= now)
            tell(q, kind);
}

void quiet_tell_all(struct quiet *q)
{
    quiet_tell(q, INT64_MAX);
}

int64_t quiet_wait(const struct quiet *q, int64_t now, int64_t otherwise)
{
    for (size_t kind = 0; kind < QUIET_KINDS_LEN; kind++) {
        int64_t left = q->kinds[kind].tell_at > now ? q->kinds[kind].tell_at - now : 0;
        if (q->kinds[kind].left_out > 0 && (otherwise < 0 || left < otherwise))
            otherwise = left;
    }
    return otherwise;
}
