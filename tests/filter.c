/* SPDX-License-Identifier: MIT */
/* TEST_FILTER=PATTERN build/tests/test_x: runs only the test functions whose names the pattern matches, with * for any
 * characters and ? for one. It is taken before main, as not every program's main is ours. */
#include "tests/cmocka.h"

__attribute__((constructor)) static void take_filter(void)
{
    const char *pattern = getenv("TEST_FILTER");
    if (pattern != NULL)
        cmocka_set_test_filter(pattern);
}
