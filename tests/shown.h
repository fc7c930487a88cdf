/* SPDX-License-Identifier: MIT */
/* What an explanation shows, for a test to look at: the text as a whole, and the values in it by their names.
 *
 *      FILE *to = shown_begin();
 *      explain_x(to, ...);
 *      const char *at = shown_end(to);
 *      shown_check(v, "digest", &at, "H");        the next value H must be the field's
 *      shown_free();
 */
#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "tests/test.h"

static char *shown_text;
static size_t shown_len;

static inline FILE *shown_begin(void)
{
    FILE *to = open_memstream(&shown_text, &shown_len);
    assert_non_null(to);
    return to;
}

/* Every line but a command fits its width, and none ends in a blank. */
static inline const char *shown_end(FILE *to)
{
    assert_int_equal(fclose(to), 0);
    for (const char *line = shown_text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if ((end - line > SHOW_WIDTH && strncmp(line, "  $ ", 4) != 0) || (end > line && end[-1] == ' '))
            fail_msg("too wide, or a blank at its end: %.*s", (int)(end - line), line);
    return shown_text;
}

static inline void shown_free(void)
{
    free(shown_text);
    shown_text = NULL;
}

/* Whether the row at `row` begins as rows do that have this name. */
static inline bool shown_is_row(const char *row, const char *name)
{
    char begin[2 + SHOW_NAME_WIDTH + 1];
    int len = snprintf(begin, sizeof begin, "  %-*s", SHOW_NAME_WIDTH, name);
    return strncmp(row, begin, (size_t)len) == 0 && row[len] != ' ';
}

/* Goes from *at to behind the next row of that name. Returns what stands in it, rows without a name that follow it
 * joined to it; until the next call. */
static inline const char *shown_next(const char **at, const char *name)
{
    static char value[16384];
    const char *row = *at;
    while (*row != '\0' && !shown_is_row(row, name))
        row += strcspn(row, "\n") + (strchr(row, '\n') != NULL);
    if (*row == '\0')
        fail_msg("no value '%s' in:\n%s", name, *at);
    size_t len = 0;
    do {
        row += 2 + SHOW_NAME_WIDTH;
        size_t more = strcspn(row, "\n");
        assert_true(len + more < sizeof value);
        memcpy(value + len, row, more);
        len += more;
        row += more + 1;
    } while (shown_is_row(row, ""));
    value[len] = '\0';
    *at = row;
    return value;
}

/* The same, as bytes; returns how many. */
static inline size_t shown_bytes(uint8_t *out, size_t cap, const char **at, const char *name)
{
    const char *hex = shown_next(at, name);
    size_t len = 0;
    if (strcmp(hex, "(empty)") != 0 && hex_decode(out, cap, &len, hex, strlen(hex)) != 0)
        fail_msg("the value '%s' is no hex: %s", name, hex);
    return len;
}

/* The next value of that name must be the field's of the record. */
static inline void shown_check(struct vec *v, const char *field, const char **at, const char *name)
{
    static uint8_t bytes[8192];
    size_t len = shown_bytes(bytes, sizeof bytes, at, name);
    vec_check(v, field, bytes, len);
}

#endif
