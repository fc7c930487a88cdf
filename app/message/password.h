/* SPDX-License-Identifier: MIT */
/* Passwords and codes, as they may be typed and sent.
 *
 * Standard:    docs/protocol.md, section 10; NIST SP 800-63B, section 5.1.1 (length counts, composition rules don't).
 * Use it:      if (!password_valid(len)) ...
 * Timing:      looks at lengths alone; of a code, at whether its bytes are digits.
 * Read next:   password.c.
 */
#ifndef APP_MESSAGE_PASSWORD_H
#define APP_MESSAGE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_MIN_LEN 8
#define PASSWORD_MAX_LEN 128

/* True for a length that a password may have, in bytes. The bytes themselves are free: they are hashed as typed. */
bool password_valid(size_t len);

/* True where it begins with a byte order mark, which nobody can type. (The one that some editors put at the beginning
 * of a file is no part of its first line: net/lines.h.) A new password is refused then, with a word about its file; an
 * account that has such a one already keeps it. */
bool password_has_mark(const void *password, size_t len);
#define PASSWORD_MARK_TEXT "begins with a byte order mark, which nobody could type: save it as UTF-8 without one"

/* True for a second factor's code: nothing at all, or six digits. */
bool password_code_valid(const void *code, size_t len);

#endif
