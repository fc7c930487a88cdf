/* SPDX-License-Identifier: MIT */
/* The text is kept in memory, and looked through line by line. */
#include "tests/explained.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "tests/test.h"

FILE *explained_begin(struct explained *e)
{
    *e = (struct explained){NULL, NULL, 0};
    e->file = open_memstream(&e->text, &e->len);
    assert_non_null(e->file);
    return e->file;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

void explained_end(struct explained *e)
{
    assert_int_equal(fclose(e->file), 0);
    assert_true(e->len > 0 && e->text[e->len - 1] == '\n');
    for (const char *line = e->text; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t len = strcspn(line, "\n");
        if ((len > SHOW_WIDTH && !begins(line, "  $ ")) || (len > 0 && line[len - 1] == ' '))
            fail_msg("too wide, or ends in a blank: %.*s", (int)len, line);
    }
}

void explained_free(struct explained *e)
{
    free(e->text);
}

void explained_has(const struct explained *e, const char *line)
{
    size_t len = strlen(line);
    for (const char *at = e->text; *at != '\0'; at = strchr(at, '\n') + 1)
        if (strcspn(at, "\n") == len && begins(at, line))
            return;
    fail_msg("no line \"%s\" in:\n%s", line, e->text);
}

/* The bytes of the row at `line`, whose first columns are these; returns how many, 0 for "(empty)" or another row. */
static size_t row(const char *line, const char *columns, uint8_t *out, size_t cap)
{
    size_t len = 0, digits = strcspn(line, "\n") - strlen(columns);
    if (!begins(line, columns))
        return 0;
    line += strlen(columns);
    if (!begins(line, "(empty)\n"))
        assert_int_equal(hex_decode(out, cap, &len, line, digits), 0);
    return len;
}

size_t explained_value(const struct explained *e, const char *name, uint8_t *out, size_t cap)
{
    char first[64], further[64];
    snprintf(first, sizeof first, "  %-*s", SHOW_NAME_WIDTH, name);
    snprintf(further, sizeof further, "  %-*s", SHOW_NAME_WIDTH, "");
    const char *line = e->text;
    while (*line != '\0' && !begins(line, first))
        line = strchr(line, '\n') + 1;
    if (*line == '\0')
        fail_msg("no value %s in:\n%s", name, e->text);
    size_t len = row(line, first, out, cap), more = len;
    while (more > 0) {
        line = strchr(line, '\n') + 1;
        more = row(line, further, out + len, cap - len);
        len += more;
    }
    return len;
}
