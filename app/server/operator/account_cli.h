/* SPDX-License-Identifier: MIT */
/* `glasschatd account ...`: what the operator does to accounts, from the command line to the exit status.
 *
 * Standard:    app/server/operator/admin.h has the requests that come of it.
 * Use it:      return account_cli_main(&(struct account_cli){.data = ..., .words = ..., ...});
 * Timing:      passwords are read from files or typed, never taken on the command line, and wiped.
 * Read next:   account_import.h, many accounts from a file; password_prompt.h; admin_client.h.
 */
#ifndef APP_SERVER_OPERATOR_ACCOUNT_CLI_H
#define APP_SERVER_OPERATOR_ACCOUNT_CLI_H

#include <stddef.h>
#include <stdint.h>

/* What the command line asks for. */
struct account_cli {
    const char *data;         /* the server's folder */
    const char *const *words; /* the verb and its names */
    size_t words_len;
    const char *from, *password_file; /* NULL: not given */
    uint32_t iterations;              /* of new hashes */
    size_t max_accounts;
};

/* The exit status: 0 done, 1 failed, 2 wrong usage. */
int account_cli_main(const struct account_cli *asked);

#endif
