/* SPDX-License-Identifier: MIT */
/* The lines of a small file that people may edit: `#` begins a comment, empty lines say nothing, and what editors do to
 * a file changes no meaning.
 *
 * Use it:      lines_skip_mark(&text, &len);
 *              for (struct lines_line l = {0}; lines_next(&text, &len, &l);)
 *                  if (lines_says_something(&l)) ... l.text, lines_len(&l), l.number
 * Timing:      where lines end shows, and nothing else of what is in them: passwords are lines too.
 * Read next:   net/known.c, which reads and rewrites such a file; app/client/secret.c, which reads a password.
 */
#ifndef NET_LINES_H
#define NET_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines_line {
    const char *text;
    size_t len;    /* with its end */
    size_t number; /* from 1 */
};

/* The next line of what is left; false at the end. Begin with a line of zeros, which counts. */
bool lines_next(const char **text, size_t *text_len, struct lines_line *l);

/* Some editors put a byte order mark at the beginning of a file: it is no part of the first line, and passed over. */
void lines_skip_mark(const char **text, size_t *text_len);

/* The first line of a whole text, which may begin with such a mark: *text is set to it, and how long it is without its
 * end is returned. So each program reads the same password in a file, whatever wrote that. */
size_t lines_first(const char **text, size_t text_len);

/* How long it is without its end, which some editors write as two characters. */
size_t lines_len(const struct lines_line *l);

/* Whether it is neither empty nor a comment. */
bool lines_says_something(const struct lines_line *l);

#endif
