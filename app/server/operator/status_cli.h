/* SPDX-License-Identifier: MIT */
/* `glasschatd status`: what the running server tells of itself, for the operator and for programs that watch it.
 *
 * Standard:    RFC 8259 for --json.
 * Use it:      return status_cli_main("./glasschat-data", json);
 * Read next:   status_row.h, what is told; admin_client.h, through which it is asked.
 */
#ifndef APP_SERVER_OPERATOR_STATUS_CLI_H
#define APP_SERVER_OPERATOR_STATUS_CLI_H

#include <stdbool.h>

/* The exit status: 0 it was told, whatever it is; 1 no server answered. */
int status_cli_main(const char *data, bool json);

#endif
