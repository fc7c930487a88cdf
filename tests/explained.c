/* SPDX-License-Identifier: MIT */
/* The text is kept in memory, and looked through line by line. */
#include "tests/explained.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "tests/test.h"

FILE *explained_begin(struct explained *x)
{
    *x = (struct explained){NULL, NULL, 0};
    x->file = open_memstream(&x->text, &x->len);
    assert_non_null(x->file);
    return x->file;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* The beginning of the next line, or the end of the text. */
static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

const char *explained_end(struct explained *x)
{
    assert_int_equal(fclose(x->file), 0);
    assert_int_equal(strlen(x->text), x->len);
    assert_true(x->len == 0 || x->text[x->len - 1] == '\n');
    for (const char *line = x->text; *line != '\0'; line = next_line(line)) {
        size_t len = strcspn(line, "\n");
        if ((len > SHOW_WIDTH && !begins(line, "  $ ")) || (len > 0 && line[len - 1] == ' '))
            fail_msg("too wide, or ends in a blank: %.*s", (int)len, line);
    }
    return x->text;
}

void explained_free(struct explained *x)
{
    free(x->text);
}

void explained_has_line(const char *text, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = text; *at != '\0'; at = next_line(at))
        if (strcspn(at, "\n") == len && begins(at, line))
            return;
    fail_msg("no line \"%s\" in:\n%s", line, text);
}

void explained_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("not there:\n%s\nin:\n%s", part, text);
}

/* Where the value begins in a row as show_value prints it; NULL where it is no row of that name. "" names a further row
 * of the value before it. */
static const char *value_in(const char *row, const char *name)
{
    char columns[64];
    int len = snprintf(columns, sizeof columns, "  %-*s", SHOW_NAME_WIDTH, name);
    assert_true(len > 0 && (size_t)len < sizeof columns);
    return begins(row, columns) && row[len] != ' ' && row[len] != '\n' ? row + len : NULL;
}

const char *explained_next(const char **at, const char *name)
{
    static char value[16384];
    const char *row = *at, *from;
    while (*row != '\0' && value_in(row, name) == NULL)
        row = next_line(row);
    if (*row == '\0')
        fail_msg("no value %s in:\n%s", name, *at);
    size_t len = 0;
    for (from = value_in(row, name); from != NULL; from = value_in(row, "")) {
        size_t more = strcspn(from, "\n");
        assert_true(len + more < sizeof value);
        memcpy(value + len, from, more);
        len += more;
        row = next_line(from);
    }
    value[len] = '\0';
    *at = row;
    return value;
}

size_t explained_bytes(const char **at, const char *name, uint8_t *out, size_t cap)
{
    const char *hex = explained_next(at, name);
    size_t len = 0;
    if (strcmp(hex, "(empty)") != 0 && hex_decode(out, cap, &len, hex, strlen(hex)) != 0)
        fail_msg("the value %s is no hex, or too long: %s", name, hex);
    return len;
}

size_t explained_value(const struct explained *x, const char *name, uint8_t *out, size_t cap)
{
    const char *at = x->text;
    return explained_bytes(&at, name, out, cap);
}

void explained_check(struct vec *v, const char *field, const char **at, const char *name)
{
    static uint8_t bytes[8192];
    size_t len = explained_bytes(at, name, bytes, sizeof bytes);
    vec_check(v, field, bytes, len);
}
