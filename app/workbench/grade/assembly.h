/* SPDX-License-Identifier: MIT */
/* Inline assembly in what was handed in: by it a file could be taken in that the compiler never names (.incbin), and
 * valgrind be told to look away.
 *
 * Use it:      if (assembly_is_there(text, len)) ...     text is what the preprocessor wrote
 * Timing:      nothing secret.
 * Read next:   submission.c, which compiles that very text.
 */
#ifndef APP_WORKBENCH_GRADE_ASSEMBLY_H
#define APP_WORKBENCH_GRADE_ASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is an asm of more than one word. Without any it is a barrier for the optimizer, as in crypto/ct.h; with
 * one it gives a function its name, as libc's headers do. */
bool assembly_is_there(const char *text, size_t len);

#endif
