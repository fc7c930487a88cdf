/* SPDX-License-Identifier: MIT */
/* What an explanation of app/workbench/explain printed: its lines, and the values in them.
 *
 * Use it:      struct explained e;
 *              explain_hmac(explained_begin(&e), key, key_len, text, text_len);
 *              explained_end(&e);
 *              size_t len = explained_value(&e, "K0", got, sizeof got);
 *              explained_free(&e);
 */
#ifndef TESTS_EXPLAINED_H
#define TESTS_EXPLAINED_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct explained {
    FILE *file;
    char *text;
    size_t len;
};

FILE *explained_begin(struct explained *e);

/* From here on the text is there. Fails where a line is wider than SHOW_WIDTH, and no command, or ends in a blank. */
void explained_end(struct explained *e);

void explained_free(struct explained *e);

/* Fails where this is no line of the text. */
void explained_has(const struct explained *e, const char *line);

/* The first value of that name, all its rows, into out: as show_value prints it. Returns its length. Fails where there
 * is none, or more than cap bytes. */
size_t explained_value(const struct explained *e, const char *name, uint8_t *out, size_t cap);

#endif
