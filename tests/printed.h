/* SPDX-License-Identifier: MIT */
/* What is printed on both standard outputs, read back.
 *
 * Use it:      printed_begin(); ...; assert_string_equal(printed(), "* you joined den\n")
 */
#ifndef TESTS_PRINTED_H
#define TESTS_PRINTED_H

#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

static FILE *printed_file;
static int printed_standard[2]; /* what they were */

/* From here on everything goes to a file. */
static inline void printed_begin(void)
{
    printed_file = tmpfile();
    assert_non_null(printed_file);
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        printed_standard[i] = dup(STDOUT_FILENO + i);
        dup2(fileno(printed_file), STDOUT_FILENO + i);
    }
}

/* The first 20 kB of it, valid until the next call; both are what they were. */
static inline const char *printed(void)
{
    static char text[20000];
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        dup2(printed_standard[i], STDOUT_FILENO + i);
        close(printed_standard[i]);
    }
    rewind(printed_file);
    text[fread(text, 1, sizeof text - 1, printed_file)] = '\0';
    fclose(printed_file);
    return text;
}

#endif
