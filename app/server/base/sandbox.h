/* SPDX-License-Identifier: MIT */
/* What the server gives up once it has all that it needs, so that an attacker who takes it over gains little.
 *
 * Use it:      struct sandbox box;
 *              sandbox_drop(&box, data, log_file, key, sizeof key);
 *                                          files are open, the port is bound; no thread has started yet
 *              sandbox_seal(&box);         everything is set up; strangers come next
 *              ... box.says ...            for the log: "memory-locked,no-new-privs,..." (key-locked: see
 *                                          sandbox_drop), or "unavailable"
 * Timing:      nothing secret.
 * Read next:   sandbox_linux.c; server_calls.c; docs/threat-model.md, which names the tests.
 *
 * What the kernel does not have, or a container forbids, is left out of box.says, and is no reason not to start.
 * Core dumps are not dealt with here: main.c switches them off in any case.
 */
#ifndef APP_SERVER_BASE_SANDBOX_H
#define APP_SERVER_BASE_SANDBOX_H

#include <stddef.h>

struct sandbox {
    char says[160];
};

/* From now on this thread, and those that it starts, can't open any file but those in the folder data and in that of
 * log_file (NULL: none), have no privileges that root has, never get new ones, and can't be looked into by
 * other processes of the same user. All memory, present and future, is kept out of the swap, or only the secret where
 * the limit on locked memory is too low for that. */
void sandbox_drop(struct sandbox *box, const char *data, const char *log_file, const void *secret, size_t len);

/* From now on all threads may make only the system calls of the list in server_calls.c. */
void sandbox_seal(struct sandbox *box);

#endif
