/* SPDX-License-Identifier: MIT */
/* One spelling for each host: the names and addresses that mean the same server to the system are made the same text,
 * so that what is remembered or certified for one of them holds for all.
 *
 *      LocalHost.                 localhost            ASCII letters small, in every locale; one dot at the end dropped
 *      127.1  0x7f.1  2130706433  127.0.0.1            whatever inet_aton takes
 *      0::1   0:0:0:0:0:0:0:1     ::1                  RFC 5952 section 4
 *      ::ffff:127.0.0.1           127.0.0.1            an IPv4 address mapped into IPv6 is that IPv4 address
 *      FE80::1%eth0               fe80::1%eth0         the zone of a link-local address, as typed
 *      ::1%1                      ::1                  another address's zone says nothing
 *
 * Standard:    RFC 4343 (no case), RFC 5952 section 4; POSIX inet_addr for the forms of IPv4; RFC 4007 section 11 for
 *              zones; docs/protocol.md section 7.4.
 * Use it:      char host[HOSTNAME_LEN];
 *              if (hostname_fold(host, typed, strlen(typed)) != 0) ...      it is no host
 * Timing:      nothing secret.
 * Read next:   net/sock.h, which folds every host that it reads.
 *
 * Nothing is looked up: localhost and 127.0.0.1 stay two, and so do an interface's name and its number in a zone, which
 * changes from one start of the machine to the next. An international name is written in its ASCII form (xn--...):
 * other bytes are refused, since two of their spellings can look and mean the same.
 */
#ifndef NET_HOSTNAME_H
#define NET_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/bytes.h"

#define HOSTNAME_MAX 255
#define HOSTNAME_LEN (HOSTNAME_MAX + 1) /* with its NUL */

/* Writes the one spelling; folding that again changes nothing. -1, and out is left alone, where the text is empty but
 * for a dot, is longer than HOSTNAME_MAX, has a byte that is not from '!' to '~', begins with '#', ends in two dots, or
 * has a colon and is no IPv6 address (without brackets) with or without a zone of 1 to 63 bytes. */
MUST_USE int hostname_fold(char out[static HOSTNAME_LEN], const char *text, size_t text_len);

/* Whether both are hosts and the same one. */
bool hostname_same(const char *one, const char *other);

#endif
