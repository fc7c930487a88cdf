/* SPDX-License-Identifier: MIT */
/* E-mail addresses, checked for shape: nothing is ever sent to them here.
 *
 * Standard:    RFC 5321, sections 4.1.2 (local part as Dot-string; no quoted strings) and 4.5.3.1 (lengths).
 * Use it:      if (!email_valid(email, strlen(email))) ...
 * Timing:      not secret.
 * Read next:   email.c.
 */
#ifndef APP_MESSAGE_EMAIL_H
#define APP_MESSAGE_EMAIL_H

#include <stdbool.h>
#include <stddef.h>

#define EMAIL_MAX_LEN 254 /* RFC 5321's path of 256 has the angle brackets in it */

/* True for local@domain: the local part is 1-64 bytes of RFC 5321's atext in parts joined by dots, the domain 1-255
 * bytes of labels of 1-63 letters, digits and inner hyphens. No quotes, no comments, no address literals, ASCII only.
 * So neither a control character nor a separator of the account file can be in it. */
bool email_valid(const void *email, size_t len);

#endif
