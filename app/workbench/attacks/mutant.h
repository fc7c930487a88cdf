/* SPDX-License-Identifier: MIT */
/* Mutants: files of this project with one line broken, of those that tests/mutants/list.txt has.
 *
 *      name  = padding of 0 is taken             what breaks
 *      file  = crypto/pkcs7.c                    where
 *      from  = the whole line, blanks at its ends apart, which stands there once
 *      to    = what stands in its place
 *      what  = a check is removed
 *      tests = test_pkcs7                        of which one notices
 *
 * Standard:    none. The idea is R. A. DeMillo's, R. J. Lipton's and F. G. Sayward's, 1978.
 * Use it:      struct mutant m;
 *              for (size_t at = 0; mutant_next(&m, list, list_len, &at);) if (mutant_fits(&m)) n++;
 *              if (mutant_apply(&m, &line, out, &out_len, text, text_len) == 0) ...     out is the broken file
 * Timing:      of no interest.
 * Read next:   lab_mutants.h; tests/mutants/run.sh, which builds each and demands that a test notices.
 */
#ifndef APP_WORKBENCH_ATTACKS_MUTANT_H
#define APP_WORKBENCH_ATTACKS_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/bytes.h"

#define MUTANT_FIELD_MAX 160 /* with a NUL */

struct mutant {
    char name[MUTANT_FIELD_MAX], file[MUTANT_FIELD_MAX], from[MUTANT_FIELD_MAX], to[MUTANT_FIELD_MAX];
    char what[MUTANT_FIELD_MAX], tests[MUTANT_FIELD_MAX];
};

/* The mutant that begins at or after *at; *at is behind it then. False where none is left. */
bool mutant_next(struct mutant *m, const char *list, size_t list_len, size_t *at);

/* Whether it is in crypto/ or net/, and whole, with no field that was too long to be kept. */
bool mutant_fits(const struct mutant *m);

/* Breaks a file: out gets text_len + MUTANT_FIELD_MAX bytes at most, *out_len of them, and *line is the number of the
 * broken line, from 1. The line keeps its indentation. -1 where the text has not exactly one line that is m->from. */
MUST_USE int mutant_apply(const struct mutant *m, size_t *line, char *out, size_t *out_len, const char *text,
                          size_t text_len);

#endif
