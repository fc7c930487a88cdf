/* SPDX-License-Identifier: MIT */
/* A text for each row of the table, made when it is first asked for. */
#include "tests/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "app/workbench/figures/figure.h"
#include "tests/test.h"

#define PICTURES_MAX 64

static char *drawn[PICTURES_MAX];

const char *picture(const char *name)
{
    size_t i = 0, len;
    while (figures[i].name != NULL && strcmp(figures[i].name, name) != 0)
        i++;
    assert_true(figures[i].name != NULL && i < PICTURES_MAX);
    if (drawn[i] == NULL) {
        FILE *to = open_memstream(&drawn[i], &len);
        assert_non_null(to);
        assert_int_equal(figures_write(to, name), 0);
        assert_int_equal(fclose(to), 0);
    }
    return drawn[i];
}

int pictures_forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < PICTURES_MAX; i++)
        free(drawn[i]);
    return 0;
}
