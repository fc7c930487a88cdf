/* SPDX-License-Identifier: MIT */
/* TEST_FILTER=PATTERN build/tests/test_x: runs only the test functions whose names the pattern matches, with * for any
 * letters and ? for one. Before main, as some programs have a main of another kind. */
#include "tests/cmocka.h"

__attribute__((constructor)) static void take_filter(void)
{
    const char *pattern = getenv("TEST_FILTER");
    if (pattern != NULL)
        cmocka_set_test_filter(pattern);
}
