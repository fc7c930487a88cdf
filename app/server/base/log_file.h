/* SPDX-License-Identifier: MIT */
/* The log's file, which must be none of those that the server keeps in its data folder: lines of the log in
 * DATA/accounts would be damage that no later start accepts, and strangers would write to a key's file.
 *
 * Use it:      if (log_file_open(options->log_file, dir.fd, why) != 0)       after datadir_open ...
 * Timing:      nothing secret.
 * Read next:   log.h; datadir.h.
 */
#ifndef APP_SERVER_BASE_LOG_FILE_H
#define APP_SERVER_BASE_LOG_FILE_H

#include "crypto/bytes.h"
#include "net/why.h"

/* As log_open. The folder is the data folder, locked: nobody else makes files in it meanwhile. -1 with one line in why
 * where the file can't be opened, or is one of the folder's, under whatever path, also by a link of either kind.
 * Then nothing was written to it, and what was not there is not there. */
MUST_USE int log_file_open(const char *path, int folder_fd, char why[static WHY_LEN]);

/* As log_reopen, also in a sandboxed server. -1 with the cause in why where the file can't be opened, or where the path
 * leads now to what the folder keeps (a link may have been turned there): then lines go where they went. */
MUST_USE int log_file_reopen(const char *path, int folder_fd, char why[static WHY_LEN]);

#endif
