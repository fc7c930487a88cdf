/* SPDX-License-Identifier: MIT */
/* `glasschatd account ...`: what the operator does to accounts, from the command line to the exit status.
 *
 * Standard:    app/server/admin.h has the requests that come of it.
 * Use it:      if (options.account) return operator_main(&options);
 * Timing:      passwords are read from files or typed, never taken on the command line, and wiped.
 * Read next:   roster.h, many accounts from a file; passphrase.h; admin_client.h.
 */
#ifndef SERVER_OPERATOR_H
#define SERVER_OPERATOR_H

#include "app/server/options.h"

/* The exit status: 0 done, 1 failed, 2 wrong usage. */
int operator_main(const struct options *options);

#endif
