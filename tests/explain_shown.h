/* SPDX-License-Identifier: MIT */
/* What the tests of --explain share: an explanation as a text, and what must hold of each. */
#ifndef TESTS_EXPLAIN_SHOWN_H
#define TESTS_EXPLAIN_SHOWN_H

#include <stdio.h>
#include <stdlib.h>

#include "app/workbench/explain/show.h"
#include "tests/cmocka.h"

/* An explanation is printed to .to; explained() ends it, and gives the text, for the caller to free. */
struct explained {
    FILE *to;
    char *text;
    size_t len;
};

static inline void explained_begin(struct explained *x)
{
    x->to = open_memstream(&x->text, &x->len);
    assert_non_null(x->to);
}

/* Nothing is wider than a terminal, but a command; no row ends in a blank. */
static inline char *explained(struct explained *x)
{
    assert_int_equal(fclose(x->to), 0);
    assert_int_equal(strlen(x->text), x->len);
    for (const char *row = x->text, *end; (end = strchr(row, '\n')) != NULL; row = end + 1) {
        if (strncmp(row, "  $ ", 4) != 0)
            assert_in_range(end - row, 0, SHOW_WIDTH);
        if (end > row)
            assert_int_not_equal(end[-1], ' ');
    }
    return x->text;
}

/* That part stands in the text; where not, both are printed. */
static inline void explained_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("not there:\n%s\nin:\n%s", part, text);
}

#endif
