/* SPDX-License-Identifier: MIT */
/* What to do about a system call that failed: error messages end in its cause and this advice.
 *
 * Use it:      char what[ERRNO_ADVICE_LEN];
 *              errno_advice_print(what, errno);      "No space left on device; make room on the disk"
 * Timing:      nothing secret.
 * Read next:   journal.c, worker.h: which fail for such causes.
 */
#ifndef APP_SERVER_BASE_ERRNO_ADVICE_H
#define APP_SERVER_BASE_ERRNO_ADVICE_H

#define ERRNO_ADVICE_LEN 200

/* The cause as the system words it, and after a semicolon what to do, where that is known. error is an errno. */
void errno_advice_print(char out[static ERRNO_ADVICE_LEN], int error);

#endif
