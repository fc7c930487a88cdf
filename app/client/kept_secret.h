/* SPDX-License-Identifier: MIT */
/* The password for as long as the program runs, where --reconnect asks for that: in memory that is not swapped to the
 * disk. (A machine that is suspended to its disk writes all memory there.)
 *
 * Standard:    POSIX mmap, mlock; MADV_DONTDUMP where there is that.
 * Use it:      struct kept_secret k = {0};
 *              if (!kept_secret_keep(&k, &secret)) ... it can't be kept, and must be asked for again
 *              const struct secret *s = kept_secret_get(&k);
 *              kept_secret_wipe(&k);
 * Timing:      whoever reads this process's memory reads it.
 * Read next:   reconnect.h, which logs in with it.
 */
#ifndef APP_CLIENT_KEPT_SECRET_H
#define APP_CLIENT_KEPT_SECRET_H

#include <stdbool.h>

#include "app/client/secret.h"

/* All zero: none. */
struct kept_secret {
    struct secret *page; /* a page of its own; NULL: none */
};

/* Keeps a copy of the password in the place of what was kept before. A code is not kept, as it counts once. False where
 * the system doesn't lock memory for us (RLIMIT_MEMLOCK): then nothing is kept. */
bool kept_secret_keep(struct kept_secret *k, const struct secret *secret);

/* NULL: none is kept. */
const struct secret *kept_secret_get(const struct kept_secret *k);

void kept_secret_wipe(struct kept_secret *k);

#endif
