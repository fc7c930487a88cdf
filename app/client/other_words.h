/* SPDX-License-Identifier: MIT */
/* Commands of other chats, for people who come from there: what each of them is called here, or why it is not there.
 *
 * Use it:      if ((words = other_words_find("/names", 6)) != NULL) ...     "/who lists who is in a room"
 * Timing:      not secret.
 * Read next:   command.c, which has the commands of this one.
 */
#ifndef APP_CLIENT_OTHER_WORDS_H
#define APP_CLIENT_OTHER_WORDS_H

#include <stddef.h>

/* The words to say where the first word of a line is a command of irssi or weechat, or an option that one would like to
 * change, and none of this program; NULL: it is not. */
const char *other_words_find(const char *line, size_t len);

/* The ith of those commands, without its slash, or NULL where there are no more. */
const char *other_words_at(size_t i);

#endif
