/* SPDX-License-Identifier: MIT */
/* The reason why something failed, in words: one line, without a line end, for whoever has to do something about it.
 *
 * Use it:      char why[WHY_LEN];
 *              if (sock_connect(&name, 1000, why) < 0) ... print why
 *              return why_say(why, "%s is no folder; give another --data", path);
 * Timing:      nothing secret may be in it.
 * Read next:   net/sock.h, net/trust.h, whose reasons are shown to users.
 */
#ifndef NET_WHY_H
#define NET_WHY_H

#define WHY_LEN 1536 /* bytes with the NUL: more than any reason has whose paths are no longer than usual */

/* Writes the reason, cut at WHY_LEN where it is longer. -1 always, so that it may be returned at once. None of the
 * arguments may be in why itself. */
int why_say(char why[static WHY_LEN], const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
