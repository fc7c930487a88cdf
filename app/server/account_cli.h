/* SPDX-License-Identifier: MIT */
/* `glasschatd account ...`: what the operator does to accounts, from the command line to the exit status.
 *
 * Standard:    app/server/admin.h has the requests that come of it.
 * Use it:      if (options.account) return account_cli_main(&options);
 * Timing:      passwords are read from files or typed, never taken on the command line, and wiped.
 * Read next:   account_import.h, many accounts from a file; password_prompt.h; admin_client.h.
 */
#ifndef APP_SERVER_ACCOUNT_CLI_H
#define APP_SERVER_ACCOUNT_CLI_H

#include "app/server/options.h"

/* The exit status: 0 done, 1 failed, 2 wrong usage. */
int account_cli_main(const struct options *options);

#endif
