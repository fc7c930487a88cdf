/* SPDX-License-Identifier: MIT */
/* Lines that are no command but look as if one had been meant.
 *
 * Standard:    Unicode 15: what has no width or is blank; the characters that UTS 39 calls confusable with a slash.
 * Use it:      if (mistyped_slash(line, len)) ... it is not said
 * Timing:      a line's bytes may show: what is looked at is no answer to a question, or it would not be here.
 * Read next:   command.c
 *
 * After a command may come what it asks for. Where ` /password`, or one with a byte order mark or a no-break space
 * before it, or with a slash of another script, were said as a text, the next lines would be said too, and they are
 * passwords. So whoever is in doubt refuses.
 */
#ifndef APP_CLIENT_MISTYPED_H
#define APP_CLIENT_MISTYPED_H

#include <stdbool.h>
#include <stddef.h>

/* It is this word, in whatever case, or has one letter that is wrong, left out, too many, or changed places with the
 * next. */
bool mistyped_letter(const char *typed, size_t len, const char *word);

/* A slash, or what looks like one, is the first thing in the line that can be seen; or the line can't be a text at all,
 * being no UTF-8 or having control characters, and there is a slash anywhere in it. */
bool mistyped_slash(const char *line, size_t len);

/* The first word is this one, in whatever case, and after a key that is next to the slash's, or is the slash's of
 * another keyboard: `.password`, `\password`, `7password`. */
bool mistyped_key(const char *line, size_t len, const char *word);

/* The line is this word, in whatever case, and nothing else that can be seen. A word of eight letters or more may have
 * one that is wrong, left out, too many, or changed places with the next: `pasword`. */
bool mistyped_bare(const char *line, size_t len, const char *word);

/* The same after one slash or more and what was copied with it, a prompt or quotes, and with one word more or none:
 * `lobby> /password`, `"/2fa on"`, `//password`. */
bool mistyped_copied(const char *line, size_t len, const char *word);

/* The first word is this one, in whatever case, after nothing or after signs that are no letters, and two more follow:
 * `msg bob hello`, `./msg bob hello`. copied: also after a prompt, `lobby> /msg bob hello`. */
bool mistyped_with_text(const char *line, size_t len, const char *word, bool copied);

#endif
