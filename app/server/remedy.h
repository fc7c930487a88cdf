/* SPDX-License-Identifier: MIT */
/* What to do about a call of the system's that failed: errors end in its cause and in this.
 *
 * Use it:      char what[REMEDY_LEN];
 *              remedy_print(what, errno);      "No space left on device; make room on the disk"
 * Timing:      nothing secret.
 * Read next:   journal.c, worker.h: what fails for such causes.
 */
#ifndef SERVER_REMEDY_H
#define SERVER_REMEDY_H

#define REMEDY_LEN 200

/* The cause as the system words it, and behind a semicolon what to do, where that is known. why is an errno. */
void remedy_print(char out[static REMEDY_LEN], int why);

#endif
