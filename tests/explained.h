/* SPDX-License-Identifier: MIT */
/* What an explanation of app/workbench/explain printed, for a test to look at: the text, its lines, and the values in
 * it by their names.
 *
 *      struct explained x;
 *      explain_hmac(explained_begin(&x), key, key_len, text, text_len);
 *      const char *at = explained_end(&x);
 *      explained_check(v, "tag", &at, "HMAC");    the next value HMAC must be the field's
 *      explained_free(&x);
 */
#ifndef TESTS_EXPLAINED_H
#define TESTS_EXPLAINED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/vec.h"

struct explained {
    FILE *file;
    char *text;
    size_t len;
};

FILE *explained_begin(struct explained *x);

/* The text, until explained_free. Fails where a line is wider than SHOW_WIDTH, and no command, or ends in a blank. */
const char *explained_end(struct explained *x);

void explained_free(struct explained *x);

/* Fails where this is no line of the text; where it is no part of it. */
void explained_has_line(const char *text, const char *line);
void explained_has(const char *text, const char *part);

/* Goes from *at, the beginning of a line, to behind the next value of that name. Returns what stands there, its further
 * rows joined to it, until the next call. Fails where there is none. */
const char *explained_next(const char **at, const char *name);

/* The same as bytes, none for "(empty)"; returns how many. Fails where they are more than cap. */
size_t explained_bytes(const char **at, const char *name, uint8_t *out, size_t cap);

/* The first of that name in the text, as bytes. */
size_t explained_value(const struct explained *x, const char *name, uint8_t *out, size_t cap);

/* The next value of that name must be the field's of the record. */
void explained_check(struct vec *v, const char *field, const char **at, const char *name);

#endif
