/* SPDX-License-Identifier: MIT */
/* A clock that is before 1970, or that time() can't read (-1), counts as not set. */
#include "app/server/base/clock.h"

#include <time.h>

bool clock_is_set(void)
{
    return time(NULL) > 0;
}

uint64_t clock_now(void)
{
    time_t now = time(NULL);
    return now > 0 ? (uint64_t)now : 0;
}
