/* SPDX-License-Identifier: MIT */
/* The time of day in what the server writes: Unix seconds, which no file here has room for below 0.
 *
 * Use it:      account.created = clock_now();
 * Timing:      nothing secret.
 * Read next:   main.c, which starts nothing while clock_is_set says no.
 *
 * What waits and what is measured goes by another clock, which nobody sets (reactor.c).
 */
#ifndef APP_SERVER_BASE_CLOCK_H
#define APP_SERVER_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_UNSET_TEXT "this machine's clock stands before 1970: set it, and start again"

/* Whether the clock stands after the beginning of 1970. That of a machine whose battery is empty may not. */
bool clock_is_set(void);

/* 0 where the clock is not set, as by somebody who did so while the server runs. */
uint64_t clock_now(void);

#endif
