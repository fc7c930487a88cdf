/* SPDX-License-Identifier: MIT */
/* The leak is the `return` inside the loop. */
#include "app/workbench/labs/equal_early.h"

#include <stdint.h>

int lab_equal_early(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < len; i++)
        if (x[i] != y[i])
            return 0;
    return 1;
}
