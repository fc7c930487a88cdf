/* SPDX-License-Identifier: MIT */
/* The time of day in what the server writes: Unix seconds, never below 0, as no file here has room for a sign.
 *
 * Use it:      account.created = clock_now();
 * Timing:      nothing secret.
 * Read next:   main.c, which starts nothing while clock_is_set says no.
 *
 * Waiting and measuring go by another clock, which nobody sets (reactor.c).
 */
#ifndef APP_SERVER_BASE_CLOCK_H
#define APP_SERVER_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_UNSET_TEXT "this machine's clock stands before 1970: set it, and start again"

/* Whether the clock is after the beginning of 1970. That of a machine whose battery is empty may not be. */
bool clock_is_set(void);

/* 0 where the clock is not set: somebody may have set it back while the server runs. */
uint64_t clock_now(void);

#endif
