/* SPDX-License-Identifier: MIT */
/* glass lab mutants: a file of this project with one line broken, drawn for each student, to find the bug in.
 *
 * Standard:    none.
 * Use it:      struct lab_mutants_options o = {.source = ".", .student = "alice"};
 *              return lab_mutants(&o, secret, secret_len);
 * Timing:      of no interest.
 * Read next:   mutant.h; docs/labs/mutants.md.
 *
 * It reads the source tree: the mutants are in tests/mutants, and no program has them in it.
 */
#ifndef APP_WORKBENCH_ATTACKS_LAB_MUTANTS_H
#define APP_WORKBENCH_ATTACKS_LAB_MUTANTS_H

#include <stddef.h>
#include <stdint.h>

struct lab_mutants_options {
    const char *source, *student;
    const char *check; /* the student's answer, the number of a line; NULL: print the file */
};

/* Prints the student's file on standard output and its name on standard error, or says whether the answer is right.
 * Which mutant it is comes from the secret and the student. Returns the exit status; ends the program where the tree
 * can't be read or has no mutants. */
int lab_mutants(const struct lab_mutants_options *o, const uint8_t *secret, size_t secret_len);

#endif
