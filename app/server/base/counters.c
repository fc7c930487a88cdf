/* SPDX-License-Identifier: MIT */
/* The numbers count themselves; only the causes of ends are looked up, as there are few of them. */
#include "app/server/base/counters.h"

#include <stddef.h>
#include <string.h>

void counters_ended(struct counters *counters, const char *cause)
{
    size_t i = 0;
    while (i < COUNTERS_CAUSES - 1 && counters->ends[i].cause != NULL && strcmp(counters->ends[i].cause, cause) != 0)
        i++;
    if (counters->ends[i].cause == NULL)
        counters->ends[i].cause = i < COUNTERS_CAUSES - 1 ? cause : "others";
    counters->ends[i].connections++;
    counters->ended++;
}
