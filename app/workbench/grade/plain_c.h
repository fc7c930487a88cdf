/* SPDX-License-Identifier: MIT */
/* What goes beyond C in what was handed in, and could get round the grader: by assembly a file is taken in that the
 * compiler never names (.incbin), and valgrind is told to look away; a sanitizer can be switched off by a word.
 *
 * Use it:      const char *what = not_plain_c(text, len, place);     text is what the preprocessor wrote
 * Timing:      nothing secret.
 * Read next:   submission.c, which compiles that very text.
 */
#ifndef APP_WORKBENCH_GRADE_PLAIN_C_H
#define APP_WORKBENCH_GRADE_PLAIN_C_H

#include <stddef.h>

#define PLAIN_C_PLACE_MAX 120

/* What it is, for people, and in which file and line: "pkcs7.c:12". NULL where there is nothing. An asm of no word is
 * none, being a barrier for the optimizer, as in crypto/ct.h, nor is one of a single word outside of functions, which
 * gives one its name, as in libc's headers. */
const char *not_plain_c(const char *text, size_t len, char place[static PLAIN_C_PLACE_MAX]);

#endif
